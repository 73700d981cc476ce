"""`chartgate check`: the gate without pytest."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import add_inputs, add_report, choice_of, report
from chartgate.errors import InputError
from chartgate.gate.deployment import deployment_problems
from chartgate.gate.gate import open_gate
from chartgate.gate.outcome import Selection
from chartgate.gate.run import run
from chartgate.matrix.choice import copy_for_run
from chartgate.policy.loading import default_sources
from chartgate.reports.check_json import json_report
from chartgate.reports.check_terminal import terminal_report

OWN_POLICIES = Path("policies")
_REPORTS = {"terminal": terminal_report, "json": json_report}

_DESCRIPTION = """\
Judge a chart over its matrix: every scenario renders, refused ones are refused in the words that the matrix gives,
every policy holds in every case, no waiver is unused or expired, no policy examines nothing. These are the verdicts of
`pytest tests/test_policies.py`, but for the proofs that each policy can fail (its counterexamples), which only pytest
runs."""
_END = "exit code: 0 nothing is wrong, 1 something is, 2 the input cannot be used"


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser], default_matrix: str) -> None:
    """Add the command and its options."""
    check = commands.add_parser(
        "check",
        help="judge a chart over its matrix, without pytest",
        description=_DESCRIPTION,
        epilog=_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("names", nargs="*", metavar="POLICY", help="judge by these policies only, by their exact names")
    check.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="NAME",
        help="judge this case only: a scenario, or a pair `a..b`, as reports name it; may be given again",
    )
    add_inputs(check, default_matrix)
    check.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="FOLDER_OR_PACK",
        help=f"judge by these policies only; may be given again (every pack, and {OWN_POLICIES}/ where there is one)",
    )
    check.add_argument(
        "--infrastructure",
        default="",
        metavar="FILE",
        help="judge exactly what this Argo-style file deploys of the chart, instead of the scenarios of the matrix: its"
        " values, its namespace, that targetRevision means the chart's version, that each placeholder is documented",
    )
    check.add_argument(
        "--secret-payload",
        action="append",
        default=[],
        metavar="[SECRET=]FILE",
        help="the JSON document of a secret that placeholders name (default: beside that file); may be given again",
    )
    add_report(check, _REPORTS)
    check.set_defaults(run=_check)


def _check(given: argparse.Namespace) -> int:
    choice = choice_of(given, given.infrastructure)
    if given.secret_payload and not given.infrastructure:
        raise InputError("--secret-payload documents the placeholders of --infrastructure=FILE: name that file as well")
    progress = Progress(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="chartgate-") as scratch:
        gate = open_gate(
            choice,
            given.policies or default_sources(OWN_POLICIES),
            Path(scratch),
            copied_chart=copy_for_run(choice, Path(scratch)),
            options=(),
            is_selection=bool(given.policies),
        )
        problems = (
            deployment_problems(given.infrastructure, gate.session.chart, given.secret_payload)
            if given.infrastructure
            else ()
        )
        try:
            outcome = run(gate, Selection(tuple(given.names), tuple(given.scenario)), progress, problems)
        finally:
            progress.clear()
        report(given, _REPORTS, outcome)
    return 1 if outcome.is_red else 0
