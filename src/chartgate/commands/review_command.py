"""`chartgate review`: what changes between two versions of a chart, for whom, and what is dangerous about it."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from chartgate.commands.grouped_commands import GateCommand, warn
from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import cache_option, choice_of, input_options, report, report_options
from chartgate.commands.streams import write_out
from chartgate.errors import InputError

if TYPE_CHECKING:
    from chartgate.matrix.choice import Choice
    from chartgate.review.review import Review

FAIL_ON = ("note", "caution", "danger", "never")
"""The levels of a review from low to high, and above all of them; written out, since importing them takes a while."""


def _known_class(context: click.Context, option: click.Parameter, name: str) -> str:
    from chartgate.review.risks.risk_classes import CLASSES

    if name and name not in CLASSES:
        raise click.BadParameter(f"'{name}' is not one of {', '.join(map(repr, sorted(CLASSES)))}.", context, option)
    return name


def _classes_like(_context: click.Context, _option: click.Parameter, beginning: str) -> list[str]:
    from chartgate.review.risks.risk_classes import CLASSES

    return [name for name in sorted(CLASSES) if name.startswith(beginning)]


@click.command(
    cls=GateCommand, epilog="Exit code: 0 nothing at or above --fail-on, 1 something is, 2 the input cannot be used."
)
@click.argument("base", default="", type=click.Path())
@click.argument("head", default="", type=click.Path())
@input_options
@click.option(
    "--values",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    show_default="none",
    help="Compare with these values too, and tell whether they still render. May be given several times.",
)
@cache_option
@report_options(["terminal", "markdown", "json"])
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="danger",
    show_default=True,
    help="The lowest level that makes the exit code 1.",
)
@click.option(
    "--explain",
    callback=_known_class,
    shell_complete=_classes_like,
    default="",
    metavar="CLASS",
    show_default="none",
    help="Tell about a class of risk instead, as `chartgate explain` does; `chartgate risks` lists them.",
)
def review(
    base: str,
    head: str,
    values: tuple[str, ...],
    no_cache: bool,
    form: str,
    output: str,
    fail_on: str,
    explain: str,
    **inputs: str,
) -> int:
    """Compare two versions of a chart over its matrix.

    What becomes of every resource and value, in which scenarios, which of it is dangerous, and whether the version
    number says so.

    BASE is the older version, HEAD the newer one [default: the work tree]. Each is a git reference of the chart's
    repository, a chart folder or a .tgz; the work tree is never touched.
    """
    if explain:
        from chartgate.catalogs.explained_texts import terminal_explanation
        from chartgate.catalogs.explanation import explained_risk
        from chartgate.review.risks.risk_classes import CLASSES

        write_out(terminal_explanation(explained_risk(CLASSES[explain], datetime.datetime.now(datetime.UTC).date())))
        return 0
    from chartgate.reports.review_json import json_report
    from chartgate.reports.review_markdown import markdown_report
    from chartgate.reports.review_terminal import terminal_report

    if not base:
        raise InputError("name what to compare with: `chartgate review v1.2.3`, a chart folder or a .tgz")
    found = _reviewed(base, head, values, choice_of(settings=None, **inputs), no_cache=no_cache)
    formats = {"terminal": terminal_report, "markdown": markdown_report, "json": json_report}
    report(form, output, formats, found)
    return 1 if found.level is not None and FAIL_ON.index(found.level) >= FAIL_ON.index(fail_on) else 0


def _reviewed(older: str, newer: str, values: Sequence[str], choice: Choice, *, no_cache: bool) -> Review:
    from chartgate.matrix.choice import check_kube_version, tools_for
    from chartgate.review.comparison import compare
    from chartgate.review.plan import plan_review
    from chartgate.review.sides import open_side
    from chartgate.review.weakening.gate_change import gate_change
    from chartgate.system.scratch import make_private, scratch_folder
    from chartgate.system.store import run_store

    check_kube_version(choice)
    progress = Progress(sys.stderr)
    store = run_store(is_wanted=not no_cache)
    with scratch_folder() as folder:
        base, head = open_side(older, choice, folder / "of-base"), open_side(newer, choice, folder / "of-head")
        make_private(folder)
        if base.chart.name != head.chart.name:
            raise InputError(
                f"{base.label} is the chart {base.chart.name!r} and {head.label} the chart {head.chart.name!r}:"
                " a review compares two versions of one chart"
            )
        plan = plan_review(base, head, values, datetime.datetime.now(datetime.UTC).date())
        try:
            tools = tools_for(choice, plan.matrix)
            warn(tools.warning and f"helm {tools.helm_version}")
            return compare(
                base,
                head,
                plan,
                tools,
                folder,
                lambda done, of: progress("compared", done, of),
                gate=gate_change(base, head, choice),
                store=store,
            )
        finally:
            progress.clear()
            store.close()
            warn(store.note)
