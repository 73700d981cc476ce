"""`chartgate scenarios`: what a matrix consists of, and what helm gets and makes of one scenario."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import (
    chart_option,
    choice_of,
    infrastructure_option,
    input_options,
    matrix_option,
)
from chartgate.commands.streams import write_out
from chartgate.errors import InputError

if TYPE_CHECKING:
    from chartgate.matrix.choice import Choice
    from chartgate.matrix.matrix import Matrix
    from chartgate.model import Scenario


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
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "terminal"]),
    default="terminal",
    show_default=True,
    help="The form of the list.",
)
def scenarios(
    scenario: str, count: bool, shows_values: bool, renders: bool, form: str, infrastructure: str, **inputs: str
) -> int:
    """List the scenarios of a matrix, each with why it is there.

    SCENARIO is the name of one of them [default: all]. Its values and what helm makes of it are printed as they are,
    secret ones too.
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
    choice = choice_of(infrastructure=infrastructure, settings=None, **inputs)
    if renders:
        return _render(choice, scenario)
    if shows_values:
        print_values(choice, scenario)
        return 0
    matrix = _matrix_of(choice)
    if count:
        write_out(scenario_counts(matrix))
        return 0
    if scenario and scenario not in matrix.scenarios:
        raise _unknown(matrix, scenario)
    write_out((scenario_json if form == "json" else scenario_list)(matrix, [scenario] * bool(scenario)))
    return 0


@click.command(cls=GateCommand)
@click.argument("scenario", default="")
@infrastructure_option
@chart_option
@matrix_option
def values(scenario: str, infrastructure: str, chart: str, matrix: str) -> None:
    """Print the values of one scenario, as `chartgate scenarios SCENARIO --values` does.

    SCENARIO is its name in the matrix, or that of a derived one with canaries under its secrets, as reports name it;
    with --infrastructure it is left out. The values are printed as they are, secret ones too: this is what helm gets.
    """
    print_values(choice_of(chart, matrix, infrastructure=infrastructure), scenario)


def print_values(choice: Choice, name: str) -> None:
    """Print the values of a scenario; without a name, of what an Argo-style file deploys.

    Raises:
        InputError: there is no such scenario, or neither of the two is chosen.
    """
    from chartgate.documents.escaping import flow_text, is_visible
    from chartgate.documents.yaml_texts import go_yaml

    _check_that_one_is_chosen(choice, name)
    found = _scenario_of(choice, _matrix_of(choice), name)
    text = go_yaml.dump(found.overrides)
    write_out(text if is_visible(text) else flow_text(found.overrides))


def _render(choice: Choice, name: str) -> int:
    """Print what helm writes for a scenario; its refusal goes to stderr, and makes the exit code 1."""
    from chartgate.matrix.choice import copy_for_run, read_inputs, tools_for
    from chartgate.rendering.helm_template import helm_input, template
    from chartgate.system.scratch import scratch_folder

    _check_that_one_is_chosen(choice, name)
    with scratch_folder() as scratch:
        chart, matrix = read_inputs(choice, copy_for_run(choice, scratch))
        output = template(helm_input(chart, _scenario_of(choice, matrix, name), tools_for(choice, matrix)))
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


def _scenario_of(choice: Choice, matrix: Matrix, name: str) -> Scenario:
    """Give a scenario by its name, one with canaries included; without a name, what an Argo-style file deploys."""
    from chartgate.matrix.derivations.canary_values import canary_scenarios

    if choice.infrastructure:
        return next(iter(matrix.scenarios.values()))
    if name in matrix.scenarios:
        return matrix.scenarios[name]
    planted = (s for start in matrix.rendering if name.startswith(f"{start.name}.") for s in canary_scenarios(start))
    found = next((derived for derived in planted if derived.name == name), None)
    if found is None:
        raise _unknown(matrix, name)
    return found


def _unknown(matrix: Matrix, name: str) -> InputError:
    """Say what may have been meant: a name like that, a side of a pair, what a derived one comes from."""
    from chartgate.documents.words import listed, near

    sides = [side for side in name.split("..") if side in matrix.scenarios]
    if ".." in name and sides:
        hint = f"{name} is a pair: name one of its sides, {' or '.join(dict.fromkeys(sides))}"
    elif origin := next((n for n in sorted(matrix.scenarios, key=len, reverse=True) if name.startswith(f"{n}.")), ""):
        hint = f"a policy derives {name} from {origin}: the report shows the command that renders it"
    else:
        similar = near(name, list(matrix.scenarios), 5)
        known = f"there is {listed(list(matrix.scenarios), 5)}; `chartgate scenarios` lists them"
        hint = f"did you mean {' or '.join(similar)}?" if similar else known
    return InputError(f"no scenario {name!r} in {matrix.source}: {hint}")
