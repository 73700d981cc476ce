"""`chartgate review`: what changes between two versions of a chart, for whom, and what is dangerous about it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartgate.commands.grouped_commands import GateCommand, OptionOfNone, warn
from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import (
    cache_option,
    choice_of,
    input_options,
    policies_option,
    report_options,
    reports_of,
)
from chartgate.commands.streams import write_out, write_reports
from chartgate.errors import InputError

if TYPE_CHECKING:
    from chartgate.matrix.choice import Choice
    from chartgate.review.review import Review
    from chartgate.review.side_gates import Judges
    from chartgate.system.store import Store

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
@click.option(
    "--base-helm",
    type=click.Path(),
    default="",
    metavar="PATH_OR_VERSION",
    show_default="that of HEAD",
    help="Render BASE with this helm. Without BASE, it is the work tree: what another helm makes of the same chart.",
)
@click.option(
    "--base-kube-version",
    default="",
    metavar="VERSION",
    show_default="that of HEAD",
    help="Render BASE for this version of Kubernetes.",
)
@click.option(
    "--base-api-versions",
    cls=OptionOfNone,
    multiple=True,
    metavar="VERSION",
    show_default="those of HEAD",
    help="Render BASE for a cluster that serves these besides Kubernetes' own, instead of what the matrix says. May be"
    " given several times, and once as an empty text for none.",
)
@policies_option("Judge both sides by these policies only.")
@click.option("--no-policies", is_flag=True, help="Judge by no policies: only compare.")
@click.option("--renamed", is_flag=True, help="Compare charts of two names: HEAD is BASE under another name.")
@cache_option
@report_options(["terminal", "markdown", "html", "json"])
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
    base_helm: str,
    base_kube_version: str,
    base_api_versions: tuple[str, ...],
    policies: tuple[str, ...],
    no_policies: bool,
    renamed: bool,
    no_cache: bool,
    form: str,
    output: str,
    fail_on: str,
    explain: str,
    **inputs: str,
) -> int:
    """Compare two versions of a chart over its matrix.

    What becomes of every resource and value, in which scenarios, which of it is dangerous, and whether the version
    number says so. HEAD's policies judge both sides: what they find in HEAD and not in BASE is told, too.

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

    others = ToolOptions(base_helm, base_kube_version, base_api_versions)
    if not base and not others.is_any:
        raise InputError("name what to compare with: `chartgate review v1.2.3`, a chart folder or a .tgz")
    if policies and no_policies:
        raise InputError("--policies and --no-policies exclude each other: name the policies, or want none")
    judges = None if no_policies else policies
    found = _reviewed(
        base, head, values, choice_of(settings=None, **inputs), others, judges, is_renamed=renamed, no_cache=no_cache
    )
    formats = {"terminal": terminal_report, "markdown": markdown_report, "json": json_report, "html": _page_report}
    write_reports(reports_of(form, output, formats, found))
    return 1 if found.level is not None and FAIL_ON.index(found.level) >= FAIL_ON.index(fail_on) else 0


def _page_report(review: Review) -> str:
    from chartgate.reports.review_page import page_report  # its templates take a while to import

    return page_report(review)


@dataclass(frozen=True)
class ToolOptions:
    """What the options say of the tools that BASE is rendered with."""

    helm: str
    kube_version: str
    api_versions: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Whether they say anything."""
        return bool(self.helm or self.kube_version or self.api_versions)


def _reviewed(
    older: str,
    newer: str,
    values: Sequence[str],
    choice: Choice,
    others: ToolOptions,
    policies: Sequence[str] | None,
    *,
    is_renamed: bool,
    no_cache: bool,
) -> Review:
    from chartgate.matrix.choice import check_kube_version, tools_for
    from chartgate.review.comparison import NOBODY, compare
    from chartgate.review.means import Means
    from chartgate.review.other_tools import OtherTools
    from chartgate.review.plan import plan_review
    from chartgate.review.sides import open_side
    from chartgate.review.weakening.gate_change import gate_change
    from chartgate.system.scratch import make_private, scratch_folder
    from chartgate.system.store import run_store

    check_kube_version(choice)
    check_kube_version(dataclasses.replace(choice, kube_version=others.kube_version))
    progress = Progress(sys.stderr)
    store = run_store(is_wanted=not no_cache)
    with scratch_folder() as folder:
        base, head = open_side(older, choice, folder / "of-base"), open_side(newer, choice, folder / "of-head")
        make_private(folder)
        if base.chart.name != head.chart.name and not is_renamed:
            raise InputError(
                f"{base.label} is the chart {base.chart.name!r} and {head.label} the chart {head.chart.name!r}:"
                " a review compares two versions of one chart; --renamed says that they are that under two names"
            )
        plan = plan_review(base, head, values, datetime.datetime.now(datetime.UTC).date())
        try:
            tools = tools_for(choice, plan.matrix)
            warn(tools.warning and f"helm {tools.helm_version}")
            before = OtherTools(
                tools=tools_for(dataclasses.replace(choice, helm=others.helm, renderer="helm"), plan.matrix)
                if others.helm
                else None,
                kube_version=others.kube_version,
                api_versions=tuple(filter(None, others.api_versions)) if others.api_versions else None,
            )
            with contextlib.redirect_stdout(sys.stderr):  # what a policy prints is in no report
                return compare(
                    base,
                    head,
                    before.planned(plan),
                    Means(tools, folder, store, before.tools, lambda done, of: progress("compared", done, of)),
                    judges=NOBODY if policies is None else _judges(policies, store),
                    gate=gate_change(base, head, choice),
                    tool_change=before.told(tools, choice.kube_version),
                )
        finally:
            progress.clear()
            store.close()
            warn(store.note)


def _judges(given: Sequence[str], store: Store) -> Judges:
    """Give the policies that `chartgate check` would judge by here."""
    from chartgate.gate.rules.own_policies import OwnPolicies
    from chartgate.gate.rules.settings import policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.policy.loading import load_policies
    from chartgate.review.side_gates import Judges

    settings = read_settings(Path.cwd())
    sources = policy_sources(given, settings, Path.cwd())
    own = OwnPolicies(sources, store)
    every = load_policies(sources)
    return Judges(tuple(policy for policy in every if policy.name not in settings.disable), settings, own)
