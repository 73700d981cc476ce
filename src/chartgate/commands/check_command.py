"""`chartgate check`: the gate without pytest."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from chartgate.commands.baseline_options import Acceptance, baseline_options
from chartgate.commands.grouped_commands import GateCommand, warn
from chartgate.commands.progress import Progress
from chartgate.commands.shared_options import (
    cache_option,
    choice_of,
    infrastructure_option,
    input_options,
    is_read,
    more_reports_option,
    policies_option,
    report_options,
    reports_of,
)
from chartgate.commands.streams import Report, write_reports
from chartgate.commands.told_again import keep_reports
from chartgate.errors import InputError
from chartgate.system.answers import noting

if TYPE_CHECKING:
    from chartgate.gate.gate import Gate
    from chartgate.gate.gate_from import RulesFrom
    from chartgate.gate.results.outcome import Outcome, Problem
    from chartgate.gate.rules.settings import Settings
    from chartgate.matrix.choice import Choice
    from chartgate.model import Severity

FAIL_ON = ("error", "warning")
"""The severities; written out, since importing them takes a while."""


@click.command(cls=GateCommand, epilog="Exit code: 0 nothing is wrong, 1 something is, 2 the input cannot be used.")
@click.argument("names", nargs=-1, metavar="[POLICY]...")
@click.option(
    "--scenario",
    multiple=True,
    metavar="NAME",
    show_default="all cases",
    help="Judge this case only: a scenario, or a pair `a..b`, as reports name it. May be given several times.",
)
@input_options
@policies_option("Judge by these policies only.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="POLICY",
    show_default="none",
    help="Leave this policy out. May be given several times.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=None,
    show_default="error, or what the settings say",
    help="The lowest severity of a finding for which the exit code is 1; findings below it are told.",
)
@baseline_options
@click.option("--all", "everything", is_flag=True, help="Show all causes in full, not only those that fit on a screen.")
@click.option(
    "--gate-from",
    default="",
    metavar="REFERENCE",
    show_default="the work tree",
    help="Judge the chart of the work tree by the settings, matrix, ci/ files, policies and baseline of this commit.",
)
@click.option(
    "--since",
    default="",
    metavar="REFERENCE",
    show_default="the last commit; on a CI server what the change started from",
    help="Tell first what is about lines and templates that differ from this commit.",
)
@click.option(
    "--durations",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    show_default="none",
    help="Tell the N policies that took longest to judge.",
)
@click.option("--proofs", is_flag=True, help="Prove as well that each policy can fail.")
@infrastructure_option
@click.option(
    "--secret-payload",
    multiple=True,
    metavar="[SECRET=]FILE",
    show_default="SECRET.json beside the file of --infrastructure",
    help="The JSON document of a secret that placeholders name. May be given several times.",
)
@cache_option
@report_options(["terminal", "json"])
@more_reports_option
def check(
    names: tuple[str, ...],
    scenario: tuple[str, ...],
    policies: tuple[str, ...],
    exclude: tuple[str, ...],
    fail_on: Severity | None,
    everything: bool,
    gate_from: str,
    since: str,
    durations: int,
    proofs: bool,
    infrastructure: str,
    secret_payload: tuple[str, ...],
    no_cache: bool,
    form: str,
    output: str,
    reports: Sequence[tuple[str, Path]],
    **others: Any,
) -> int:
    """Judge a chart over its matrix, without pytest.

    Every scenario renders, refused ones are refused in the words that the matrix gives, every policy holds in every
    case, no waiver is unused or expired, no policy examines nothing. These are the verdicts of pytest, but for the
    proofs that each policy can fail (its counterexamples), which --proofs adds.

    Each POLICY is the exact name of one: then only these are judged by. What a project always wants is in its
    settings, [tool.chartgate] in pyproject.toml or chartgate.toml.

    Findings that --accept has put into the baseline are counted, and make nothing red; what does not render, and a
    policy that fails itself, cannot be accepted.

    With --gate-from=main, nothing that a pull request says of the gate counts, and none of its policies is run: only
    its chart is judged.

    With --infrastructure it also judges that targetRevision means the chart's version, and that each placeholder is
    documented.
    """
    if others["renderer"] == "inprocess":
        from chartgate.rendering.library import begin

        begin()  # while all that follows is imported
    from chartgate.gate.gate import open_gate
    from chartgate.gate.run import Selection, run
    from chartgate.reports.check_json import json_report
    from chartgate.reports.check_terminal import full_terminal_report, terminal_report, with_durations
    from chartgate.system.files import check_apart
    from chartgate.system.scratch import make_private, scratch_folder
    from chartgate.system.store import run_store

    acceptance = Acceptance(**{field.name: others.pop(field.name) for field in dataclasses.fields(Acceptance)})
    narrowing = {
        "POLICY": names,
        "--scenario": scenario,
        "--policies": policies,
        "--exclude": exclude,
        "--infrastructure": infrastructure,
        "--kube-version": others["kube_version"],
    }
    acceptance.check([name for name, given in narrowing.items() if given])
    acceptance.check_source(gate_from)
    if secret_payload and not infrastructure:
        raise InputError("--secret-payload documents the placeholders of --infrastructure=FILE: name that file as well")
    progress = Progress(sys.stderr)
    with (
        noting() as answers,
        scratch_folder() as scratch,
        contextlib.closing(run_store(is_wanted=not no_cache)) as store,
    ):
        rules = _rules(gate_from, policies, acceptance, scratch, {"infrastructure": infrastructure, **others})
        written = [rules.baseline] * acceptance.writes + [output] * bool(output)
        check_apart([*map(Path, written), *(file for _, file in reports)])
        gate = open_gate(
            rules.choice,
            rules.policies,
            scratch,
            copied_chart=rules.copied_chart,
            options=(),
            is_selection=bool(policies),
            named_policies=policies,
            settings=dataclasses.replace(rules.settings, fail_on=fail_on or rules.settings.fail_on),
            exclude=exclude,
            baseline="" if acceptance.no_baseline else rules.baseline,
            store=store,
            since=since,
            is_shared=False,
        )
        gate = rules.told_by(gate)
        if reports or is_read(form, output):
            gate = dataclasses.replace(gate, finds_lines_of="all")
        make_private(scratch)
        tools = gate.renderings.tools
        warn(tools.warning and f"helm {tools.helm_version}")
        is_named = bool(acceptance.baseline or rules.settings.baseline) and not acceptance.accept
        if is_missed := is_named and gate.baseline is not None and not gate.baseline.is_there:
            warn(f"{rules.baseline} is not there: nothing is accepted yet (`chartgate check --accept` writes it)")
        problems: Sequence[Problem] = ()
        if infrastructure:
            from chartgate.gate.deployment import deployment_problems

            problems = deployment_problems(infrastructure, gate.chart, secret_payload)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what a policy prints is in no report
                outcome = run(
                    gate, Selection(names, scenario, proofs), progress, problems, recorded=_are_recorded(reports)
                )
            outcome = acceptance.carry_out(outcome, gate)
            terminal: Callable[[Outcome], str] = full_terminal_report if everything else terminal_report
            if durations:
                terminal = with_durations(terminal, durations)
            told = reports_of(form, output, {"terminal": terminal, "json": json_report}, outcome)
            told += _reports(reports, outcome)
            if not (durations or acceptance.writes or gate_from or since or tools.warning or is_missed):
                keep_reports(click.get_current_context().obj, gate, outcome, answers, told)
        finally:
            progress.clear()
            gate.memory.close()
        warn(store.note)
        write_reports(told)
    return 1 if outcome.is_red else 0


class _Rules(NamedTuple):
    """What a run judges by, of the work tree; of a commit it is a `RulesFrom`."""

    settings: Settings
    choice: Choice
    policies: Sequence[str]
    baseline: str
    copied_chart: Path

    def told_by(self, gate: Gate) -> Gate:
        """Give the gate as it is."""
        return gate


def _rules(
    gate_from: str, policies: Sequence[str], acceptance: Acceptance, scratch: Path, options: Mapping[str, Any]
) -> _Rules | RulesFrom:
    from chartgate.gate.rules.settings import Settings, baseline_file, policy_sources
    from chartgate.gate.rules.settings_file import read_settings
    from chartgate.matrix.choice import copy_for_run

    if gate_from:
        from chartgate.gate.gate_from import rules_from

        choice = choice_of(settings=Settings(), **options)
        return rules_from(gate_from, choice, scratch, policies=policies, baseline=acceptance.baseline)
    settings = read_settings(Path.cwd())
    choice = choice_of(settings=settings, **options)
    sources = tuple(policy_sources(policies, settings, Path.cwd()))
    baseline = baseline_file(acceptance.baseline, settings, Path.cwd())
    acceptance.check_file(baseline)
    return _Rules(settings, choice, sources, baseline, copy_for_run(choice, scratch))


def _reports(reports: Sequence[tuple[str, Path]], outcome: Outcome) -> list[Report]:
    if not reports:
        return []
    from chartgate.reports.check_formats import FORMATS

    return [Report(str(file), FORMATS[name](outcome), is_of_terminal=False) for name, file in reports]


def _are_recorded(reports: Sequence[tuple[str, Path]]) -> bool:
    """Tell whether one of these reports tells all that was judged."""
    if not reports:
        return False
    from chartgate.reports.check_formats import RECORDED

    return any(name in RECORDED for name, _ in reports)
