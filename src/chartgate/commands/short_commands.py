"""The commands that print or write one thing each, and the one that sets up the tools."""

from __future__ import annotations

from pathlib import Path

import click

from chartgate.commands.grouped_commands import GateCommand
from chartgate.commands.shared_options import (
    DEFAULT_MATRIX,
    OWN_POLICIES,
    chart_option,
    choice_of,
    infrastructure_option,
    matrix_option,
)
from chartgate.commands.streams import write_out
from chartgate.errors import InputError


@click.command(cls=GateCommand)
@click.option("--all", "everything", is_flag=True, help="The oldest supported helm as well, which the tests compare.")
def provision(everything: bool) -> None:
    """Install the pinned helm and kubectl into the cache folder."""
    from chartgate.system import provisioning
    from chartgate.system.toolchain import OLDEST, PINNED

    for release in (PINNED, OLDEST) if everything else (PINNED,):
        provisioning.provision(release)


@click.command(cls=GateCommand)
@click.argument("scenario", default="")
@infrastructure_option
@chart_option
@matrix_option
def values(scenario: str, infrastructure: str, chart: str, matrix: str) -> None:
    """Print the values of one scenario, for `helm template --values -`.

    SCENARIO is its name in the matrix, or that of a derived one with canaries under its secrets, as reports name it;
    with --infrastructure it is left out. The values are printed as they are, secret ones too: this is what helm gets.
    """
    from chartgate.documents import go_yaml
    from chartgate.documents.escaping import flow_text, is_visible
    from chartgate.matrix.canary_values import canary_scenarios
    from chartgate.matrix.choice import copy_for_run, read_inputs
    from chartgate.system.scratch import scratch_folder

    if bool(scenario) == bool(infrastructure):
        raise InputError("name a scenario, or a file with --infrastructure=FILE: one of the two")
    choice = choice_of(chart, matrix, infrastructure=infrastructure)
    with scratch_folder() as scratch:
        _, known = read_inputs(choice, copy_for_run(choice, scratch))
    found = next(iter(known.scenarios.values())) if infrastructure else known.scenarios.get(scenario)
    if found is None:
        planted = (
            s for start in known.rendering if scenario.startswith(f"{start.name}.") for s in canary_scenarios(start)
        )
        found = next((derived for derived in planted if derived.name == scenario), None)
    if found is None:
        raise InputError(f"no scenario {scenario!r} in {known.source}: {', '.join(known.scenarios)}")
    text = go_yaml.dump(found.overrides)
    write_out(text if is_visible(text) else flow_text(found.overrides))


@click.command(cls=GateCommand)
@click.argument("sources", nargs=-1, metavar="[FOLDER_OR_PACK]...", type=click.Path())
def policies(sources: tuple[str, ...]) -> None:
    """Print a table of all policies as Markdown.

    Each FOLDER_OR_PACK is a package of policies [default: every pack, and policies/ where there is one].
    """
    from chartgate.catalogs.policy_catalog import policy_table
    from chartgate.policy.loading import default_sources, load_policies

    write_out(policy_table(load_policies(sources or default_sources(OWN_POLICIES))))


@click.command(cls=GateCommand)
def risks() -> None:
    """Print a table of all classes of risk as Markdown."""
    from chartgate.catalogs.risk_catalog import risk_table
    from chartgate.review.risks.risk_classes import CLASSES

    write_out(risk_table(CLASSES.values()))


@click.command(cls=GateCommand)
@click.argument("matrix", default=DEFAULT_MATRIX, type=click.Path())
def pairwise(matrix: str) -> None:
    """Write the pairwise rows of a matrix into its file.

    MATRIX is that file [default: tests/matrix.yaml].
    """
    from chartgate.matrix.pairwise import write_rows

    write_rows(Path(matrix))


@click.command(cls=GateCommand)
@click.argument("chart", default="chart", type=click.Path())
def document(chart: str) -> None:
    """Write the table of values into a chart's README.md.

    CHART is the chart's folder [default: chart].
    """
    from chartgate.catalogs.values_table import write_values_table

    write_values_table(Path(chart))
