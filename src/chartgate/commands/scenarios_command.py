"""`chartgate scenarios`: what a matrix consists of, and what helm gets and makes of one scenario."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import (
    chart_option,
    choice_of,
    infrastructure_option,
    input_options,
    matrix_option,
    policies_option,
)
from chartgate.commands.streams import write_out
from chartgate.errors import InputError, ToolError

if TYPE_CHECKING:
    from chartgate.matrix.choice import Choice
    from chartgate.matrix.matrix import Matrix
    from chartgate.model import Chart, Scenario


_policies_option = policies_option("The policies that derive SCENARIO.")


@click.command(
    cls=GateCommand, epilog="Exit code: 0, 1 where helm refuses what --render asks for, 2 for unusable input."
)
@click.argument("scenario", default="")
@infrastructure_option
@input_options
@click.option("--count", is_flag=True, help="Only count them.")
@click.option(
    "--values", "shows_values", is_flag=True, help="Print the values of SCENARIO, for `helm template --values -`."
)
@click.option("--render", "renders", is_flag=True, help="Print what helm makes of SCENARIO.")
@_policies_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "terminal"]),
    default="terminal",
    show_default=True,
    help="The form of the list.",
)
def scenarios(
    scenario: str,
    count: bool,
    shows_values: bool,
    renders: bool,
    form: str,
    infrastructure: str,
    policies: tuple[str, ...],
    **inputs: str,
) -> int:
    """List the scenarios of a matrix, each with why it is there.

    SCENARIO is the name of one of them [default: all]; with --values and --render also that of one that a policy
    derives, as reports show it. Values and what helm makes of them are printed as they are, secret ones too.
    """
    from chartgate.catalogs.scenario_list import scenario_counts, scenario_json, scenario_list

    chosen = [
        name for name, is_given in (("--count", count), ("--values", shows_values), ("--render", renders)) if is_given
    ]
    if len(chosen) > 1:
        raise InputError(f"{' and '.join(chosen)} say two things: use one of them")
    if (shows_values or renders) and not (scenario or infrastructure):
        raise InputError(f"{chosen[0]} needs the name of a scenario")
    if count and (scenario or form == "json"):
        raise InputError("--count counts all scenarios, as text: leave the rest out")
    if policies and not (shows_values or renders):
        raise InputError("--policies finds what policies derive: add --values or --render")
    choice = choice_of(infrastructure=infrastructure, settings=None, **inputs)
    if renders:
        return _render(choice, scenario, policies)
    if shows_values:
        print_values(choice, scenario, policies)
        return 0
    matrix = _matrix_of(choice)
    if count:
        write_out(scenario_counts(matrix))
        return 0
    if scenario and scenario not in matrix.scenarios:
        raise _unknown(matrix, scenario, "and no list has it: add --values or --render")
    write_out((scenario_json if form == "json" else scenario_list)(matrix, [scenario] * bool(scenario)))
    return 0


@click.command(cls=GateCommand)
@click.argument("scenario", default="")
@infrastructure_option
@chart_option
@matrix_option
@_policies_option
def values(scenario: str, infrastructure: str, chart: str, matrix: str, policies: tuple[str, ...]) -> None:
    """Print the values of one scenario, as `chartgate scenarios SCENARIO --values` does.

    SCENARIO is its name in the matrix, or that of one that a policy derives, as reports show it; with --infrastructure
    it is left out. The values are printed as they are, secret ones too: this is what helm gets.
    """
    print_values(choice_of(chart, matrix, infrastructure=infrastructure), scenario, policies)


def print_values(choice: Choice, name: str, policies: Sequence[str]) -> None:
    """Print the values of a scenario; without a name, of what an Argo-style file deploys.

    Raises:
        InputError: there is no such scenario, or neither of the two is chosen.
    """
    from chartgate.documents.escaping import flow_text, is_visible
    from chartgate.documents.yaml_texts import go_yaml
    from chartgate.matrix.choice import copy_for_run, read_inputs
    from chartgate.system.scratch import scratch_folder

    _check_that_one_is_chosen(choice, name)
    with scratch_folder() as scratch:
        inputs = read_inputs(choice, copy_for_run(choice, scratch))
        found = _scenario_of(choice, scratch, inputs, name, policies)
    text = go_yaml.dump(found.overrides)
    write_out(text if is_visible(text) else flow_text(found.overrides))


def _render(choice: Choice, name: str, policies: Sequence[str]) -> int:
    """Print what helm writes for a scenario; its refusal goes to stderr, and makes the exit code 1."""
    from chartgate.matrix.choice import copy_for_run, read_inputs, tools_for
    from chartgate.rendering.helm_template import helm_input, template
    from chartgate.system.scratch import scratch_folder

    _check_that_one_is_chosen(choice, name)
    with scratch_folder() as scratch:
        chart, matrix = read_inputs(choice, copy_for_run(choice, scratch))
        found = _scenario_of(choice, scratch, (chart, matrix), name, policies)
        output = template(helm_input(chart, found, tools_for(choice, matrix)))
    sys.stderr.write(output.stderr)
    write_out(output.stdout)
    return 1 if output.exit_code else 0


def _matrix_of(choice: Choice) -> Matrix:
    from chartgate.matrix.choice import copy_for_run, read_inputs
    from chartgate.system.scratch import scratch_folder

    with scratch_folder() as scratch:
        return read_inputs(choice, copy_for_run(choice, scratch))[1]


def _check_that_one_is_chosen(choice: Choice, name: str) -> None:
    if bool(name) == bool(choice.infrastructure):
        raise InputError("name a scenario, or a file with --infrastructure=FILE: one of the two")


def _scenario_of(
    choice: Choice, scratch: Path, inputs: tuple[Chart, Matrix], name: str, policies: Sequence[str]
) -> Scenario:
    """Give a scenario by its name; without one, what an Argo-style file deploys.

    Raises:
        InputError: neither the matrix nor a policy has such a scenario.
    """
    matrix = inputs[1]
    if choice.infrastructure:
        return next(iter(matrix.scenarios.values()))
    if name in matrix.scenarios:
        return matrix.scenarios[name]
    found = _derived(choice, scratch, inputs, name, policies) if _origin(matrix, name) else None
    if found is None:
        raise _unknown(matrix, name, "which no policy does that is read: name its policies with --policies")
    return found


def _origin(matrix: Matrix, name: str) -> str:
    """Give the scenario of the matrix from which a policy derives one of this name."""
    return next((known for known in sorted(matrix.scenarios, key=len)[::-1] if name.startswith(f"{known}.")), "")


def _derived(
    choice: Choice, scratch: Path, inputs: tuple[Chart, Matrix], name: str, given: Sequence[str]
) -> Scenario | None:
    from chartgate.gate.declared import answers_of, demanding
    from chartgate.gate.named_scenarios import derived_scenario
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.matrix.choice import tools_for
    from chartgate.policy.loading import load_policies
    from chartgate.rendering.renderings import Renderings

    chart, matrix = inputs
    answers: dict[str, str] = {}
    with contextlib.suppress(ToolError):  # values are told without helm as well
        renderings = Renderings(chart, tools_for(choice, matrix), matrix.hooks, scratch / "runs")
        answers = answers_of(matrix, renderings.refusal_of)
    settings = read_settings(Path.cwd())
    policies = load_policies(policy_sources(given, settings, Path.cwd()))
    return derived_scenario(name, demanding(matrix, settings, answers), policies)


def _unknown(matrix: Matrix, name: str, derived: str) -> InputError:
    """Say what may have been meant: a name like that, a side of a pair, or one that is derived, and then what to do."""
    from chartgate.documents.words import listed, near

    sides = [side for side in name.split("..") if side in matrix.scenarios]
    if ".." in name and sides:
        hint = f"{name} is a pair: name one of its sides, {' or '.join(dict.fromkeys(sides))}"
    elif origin := _origin(matrix, name):
        hint = f"it would be derived from {origin}, {derived}"
    else:
        similar = near(name, list(matrix.scenarios), 5)
        known = f"there is {listed(list(matrix.scenarios), 5)}; `chartgate scenarios` lists them"
        hint = f"did you mean {' or '.join(similar)}?" if similar else known
    return InputError(f"no scenario {name!r} in {matrix.source}: {hint}")
