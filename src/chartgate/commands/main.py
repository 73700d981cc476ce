"""The command line: translates between a shell and the engine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from chartgate.catalogs.policy_catalog import policy_table
from chartgate.catalogs.risk_catalog import risk_table
from chartgate.catalogs.values_table import write_values_table
from chartgate.commands.check_command import OWN_POLICIES, add_check
from chartgate.commands.review_command import add_review
from chartgate.documents import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.choice import Choice, copy_for_run, read_inputs
from chartgate.matrix.pairwise import write_rows
from chartgate.policy.loading import default_sources, load_policies
from chartgate.review.risks.risk_classes import CLASSES
from chartgate.system import toolchain

DEFAULT_MATRIX = "tests/matrix.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit code (0 unless it has one), or 2 with a message on stderr for unusable input."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return given.run(given) or 0
    except InputError as error:
        print(f"chartgate: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chartgate", description="A policy-as-code gate for Helm charts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    provision = commands.add_parser("provision", help="install the pinned helm and kubectl into the cache folder")
    provision.add_argument(
        "--all", action="store_true", help="the oldest supported helm as well, which the tests compare"
    )
    provision.set_defaults(run=_provision)

    add_check(commands, DEFAULT_MATRIX)
    add_review(commands, DEFAULT_MATRIX)

    values = commands.add_parser("values", help="print the values of one scenario, for `helm template --values -`")
    values.add_argument("scenario", nargs="?")
    values.add_argument("--infrastructure", default="", metavar="FILE", help="what this file deploys, not a scenario")
    values.add_argument("--chart", default="", metavar="PATH")
    values.add_argument("--matrix", default="", metavar="FILE")
    values.set_defaults(run=_values)

    pairwise = commands.add_parser("pairwise", help="write the pairwise rows of a matrix into its file")
    pairwise.add_argument("matrix", nargs="?", default=DEFAULT_MATRIX)
    pairwise.set_defaults(run=lambda given: write_rows(Path(given.matrix)))

    policies = commands.add_parser("policies", help="print a table of all policies as Markdown")
    policies.add_argument("sources", nargs="*", metavar="FOLDER_OR_PACK")
    policies.set_defaults(run=_policies)

    risks = commands.add_parser("risks", help="print a table of all classes of risk as Markdown")
    risks.set_defaults(run=_risks)

    document = commands.add_parser("document", help="write the table of values into a chart's README.md")
    document.add_argument("chart", nargs="?", default="chart")
    document.set_defaults(run=lambda given: write_values_table(Path(given.chart)))
    return parser


def _provision(given: argparse.Namespace) -> None:
    for release in (toolchain.PINNED, toolchain.OLDEST) if given.all else (toolchain.PINNED,):
        toolchain.provision(release)


def _policies(given: argparse.Namespace) -> None:
    sys.stdout.write(policy_table(load_policies(given.sources or default_sources(OWN_POLICIES))))


def _risks(_: argparse.Namespace) -> None:
    sys.stdout.write(risk_table(CLASSES.values()))


def _values(given: argparse.Namespace) -> None:
    default = DEFAULT_MATRIX if Path(DEFAULT_MATRIX).is_file() else ""
    if (given.scenario is None) != bool(given.infrastructure):
        raise InputError("name a scenario, or a file with --infrastructure=FILE: one of the two")
    choice = Choice(chart=given.chart, matrix=given.matrix, default_matrix=default, infrastructure=given.infrastructure)
    with tempfile.TemporaryDirectory(prefix="chartgate-") as scratch:
        _, matrix = read_inputs(choice, copy_for_run(choice, Path(scratch)))
    scenario = next(iter(matrix.scenarios.values())) if given.infrastructure else matrix.scenarios.get(given.scenario)
    if scenario is None:
        raise InputError(f"no scenario {given.scenario!r} in {matrix.source}: {', '.join(matrix.scenarios)}")
    sys.stdout.write(go_yaml.dump(scenario.overrides))
