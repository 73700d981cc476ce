"""`chartgate review`: what changes between two versions of a chart, for whom, and what is dangerous about it."""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
import textwrap
from pathlib import Path

from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import add_inputs, add_report, choice_of, report
from chartgate.errors import InputError
from chartgate.gate.inputs import tools_for
from chartgate.matrix.choice import check_kube_version
from chartgate.reports.review_json import json_report
from chartgate.reports.review_markdown import markdown_report
from chartgate.reports.review_terminal import terminal_report
from chartgate.review.comparison import compare
from chartgate.review.levels import LEVELS
from chartgate.review.plan import viewpoint
from chartgate.review.review import Review
from chartgate.review.risks.risk_classes import CLASSES
from chartgate.review.sides import open_side

_REPORTS = {"terminal": terminal_report, "markdown": markdown_report, "json": json_report}
_NEVER = "never"

_DESCRIPTION = """\
Compare two versions of a chart over the whole matrix: what becomes of every resource and value, in which scenarios,
which of it is dangerous, and whether the version number says so. Each side is a git reference of the chart's
repository, a chart folder or a .tgz; the work tree is never touched."""
_END = "exit code: 0 nothing at or above --fail-on, 1 something is, 2 the input cannot be used"


def add_review(commands: argparse._SubParsersAction[argparse.ArgumentParser], default_matrix: str) -> None:
    """Add the command and its options."""
    review = commands.add_parser(
        "review",
        help="compare two versions of a chart over its matrix",
        description=_DESCRIPTION,
        epilog=_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    review.add_argument("base", nargs="?", default="", metavar="BASE", help="the older version")
    review.add_argument("head", nargs="?", default="", metavar="HEAD", help="the newer version (the work tree)")
    add_inputs(review, default_matrix)
    review.add_argument(
        "--values",
        action="append",
        default=[],
        metavar="FILE",
        help="compare with these values too, and tell whether they still render; may be given again",
    )
    add_report(review, _REPORTS)
    review.add_argument(
        "--fail-on",
        choices=[*LEVELS, _NEVER],
        default="danger",
        help="the level from which on the exit code is 1 (danger)",
    )
    review.add_argument("--explain", choices=sorted(CLASSES), metavar="CLASS", help="tell about a class of risk")
    review.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    if given.explain:
        sys.stdout.write(explanation(given.explain))
        return 0
    if not given.base:
        raise InputError("name what to compare with: `chartgate review v1.2.3`, a chart folder or a .tgz")
    review = _reviewed(given)
    report(given, _REPORTS, review)
    if given.fail_on == _NEVER or review.level is None:
        return 0
    return 1 if LEVELS.index(review.level) >= LEVELS.index(given.fail_on) else 0


def _reviewed(given: argparse.Namespace) -> Review:
    choice = choice_of(given)
    check_kube_version(choice)
    progress = Progress(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="chartgate-") as scratch:
        folder = Path(scratch)
        base, head = (
            open_side(given.base, choice, folder / "of-base"),
            open_side(given.head, choice, folder / "of-head"),
        )
        if base.chart.name != head.chart.name:
            raise InputError(
                f"{base.label} is the chart {base.chart.name!r} and {head.label} the chart {head.chart.name!r}:"
                " a review compares two versions of one chart"
            )
        seen_from = viewpoint(base, head, given.values, datetime.datetime.now(datetime.UTC).date())
        try:
            return compare(
                base, head, seen_from, tools_for(choice), folder, lambda done, of: progress("compared", done, of)
            )
        finally:
            progress.clear()


def explanation(name: str) -> str:
    """Tell about a class of risk: its title, level, the version it demands, why, and the source of the rule."""
    found = CLASSES[name]
    title, _, rest = found.documentation.partition("\n")
    lines = [f"{name}: {title}", "", f"level:   {found.level}", f"version: {found.bump}", f"source:  {found.source}"]
    paragraphs = [textwrap.fill(part, 100) for part in rest.strip().split("\n\n") if part]
    return "\n".join([*lines, *(["", *paragraphs] if paragraphs else [])]) + "\n"
