"""The red items of a run told together, each cause once, in place of a block for each; all else stays pytest's.

Exit code, `5 failed`, `--lf`, `-x`, JUnit and the failures of other tests are pytest's own. A single red item, and all
of them with `-vv`, have their own text, as pytest shows it.
"""

from __future__ import annotations

import dataclasses
import shlex
import shutil
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import get_args

import pytest

from chartgate.documents.escaping import one_line
from chartgate.gate.item import Kind
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import ItemResult, Outcome
from chartgate.gate.run import outcome_of
from chartgate.gate.telling.carried_results import brought, carried
from chartgate.gate.telling.causes import JudgedItem
from chartgate.pytest_plugin.stash import GATE
from chartgate.reports.check_formats import FORMATS, RECORDED
from chartgate.reports.finding_words import place_words, source_words
from chartgate.reports.fitted_lines import fitted_line
from chartgate.reports.grouped_causes import grouped_lines
from chartgate.system.files import write_whole

_CARRIED = "chartgate_item"
"""What a report of an item of ours has; text, so that the workers of xdist hand it on."""
_FOLLOWS = "chartgate_follows"
"""What the report of an item has that could not be judged since a scenario did not render."""
FOLLOWERS = "not judged"
"""The category of these among `passed` and `failed`; they fail the run all the same."""
_OWN_TEXTS = 2
"""As many -v ask for each item's own text."""
CARRIED = pytest.StashKey[JudgedItem]()
"""What an item of ours was judged to be."""


def carry(item: pytest.Item, report: pytest.TestReport) -> None:
    """Let the report of a call, where it is an item of ours, say what was judged, wherever it is read."""
    judged = item.stash.get(CARRIED, None)
    if judged is None:
        return
    if judged.result.findings or judged.result.problems:
        judged = dataclasses.replace(judged, result=_with_command(judged.result, f"pytest {again(item)}"))
    setattr(report, _CARRIED, carried(judged))
    if report.failed and judged.result.unjudged:
        setattr(report, _FOLLOWS, True)


def _with_command(result: ItemResult, command: str) -> ItemResult:
    return dataclasses.replace(
        result,
        findings=tuple(dataclasses.replace(found, again=(command, *found.again)) for found in result.findings),
        problems=tuple(dataclasses.replace(found, again=(command, *found.again)) for found in result.problems),
    )


def again(item: pytest.Item) -> str:
    """Give what follows `pytest` in the command that runs an item again."""
    return " ".join(filter(None, [shlex.quote(item.nodeid), item.config.stash[GATE].options]))


class GroupedOutput:
    """The outer plugin: tells what is red, and keeps the reports of red items from pytest while it tells its own."""

    def __init__(self, judgement: Judgement, reports: Sequence[tuple[str, Path]]) -> None:
        self._judgement = judgement
        self._reports = reports
        self._told: list[Outcome] = []
        self.hidden: list[pytest.TestReport] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Count what could not be judged apart from what is wrong."""
        return (FOLLOWERS, "n", "NOT JUDGED") if getattr(report, _FOLLOWS, False) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Tell each cause once."""
        option = terminalreporter.config.option
        for form, file in self._reports:
            write_whole(file, FORMATS[form](self._outcome(terminalreporter)).encode())
        followers = _ours(terminalreporter, FOLLOWERS)
        ours = _ours(terminalreporter, "failed")
        if option.tbstyle == "no" or terminalreporter.no_summary or len(ours) + len(followers) == 0:
            return (yield)
        if option.verbose >= _OWN_TEXTS:
            self._tell_each(terminalreporter, followers)
            return (yield)
        if len(ours) == 1 and not followers:
            self._tell_lines(terminalreporter)
            return (yield)
        terminalreporter.section("red", sep="=")
        outcome = self._outcome(terminalreporter)
        # What is below `fail_on` has its own section.
        red = dataclasses.replace(outcome, findings=outcome.failing)
        columns = shutil.get_terminal_size().columns if terminalreporter.isatty else sys.maxsize
        for line in grouped_lines(red, more="-vv shows each item")[:-1]:  # the last is empty
            for part in fitted_line(one_line(line), columns):
                terminalreporter.line(part)
        self.hidden = ours
        hide(terminalreporter, ours)
        try:
            return (yield)
        finally:
            show(terminalreporter, ours)

    def _outcome(self, terminal: pytest.TerminalReporter) -> Outcome:
        """Give what the run has found, put together once."""
        if not self._told:
            judged = sorted(_judged(terminal), key=self._place)
            names = {item.policy for item in judged}
            policies = [policy for policy in self._judgement.gate.policies if policy.name in names]
            recorded = policies if any(form in RECORDED for form, _ in self._reports) else None
            self._told.append(outcome_of(judged, self._judgement, len(policies), recorded=recorded))
        return self._told[0]

    def _place(self, item: JudgedItem) -> tuple[int, int, int, str]:
        """Give where `check` would judge an item: workers tell theirs in any order."""
        gate = self._judgement.gate
        names, scenarios = [policy.name for policy in gate.policies], list(gate.matrix.scenarios)
        of_policy = names.index(item.policy) if item.policy in names else -1
        of_scenario = scenarios.index(item.scenario) if item.scenario in scenarios else len(scenarios)
        return get_args(Kind).index(item.kind), of_policy, of_scenario, item.case

    def _tell_lines(self, terminal: pytest.TerminalReporter) -> None:
        """Say where in the chart a single red item comes from, which its own text does not know."""
        outcome = self._outcome(terminal)
        lines = [place_words(problem.written) for problem in outcome.problems]
        lines += [source_words(finding.written) for finding in outcome.failing]
        for line in dict.fromkeys(filter(None, lines)):
            terminal.line(one_line(line))

    def _tell_each(self, terminal: pytest.TerminalReporter, followers: Sequence[pytest.TestReport]) -> None:
        """Say in one line each why they were not judged: pytest tells of what failed only."""
        if followers:
            terminal.section(FOLLOWERS, sep="=")
        for report in followers:
            terminal.line(one_line(f"{report.nodeid}: {report.longreprtext}"))


class ReportsForOthers:
    """The inner plugin: others who tell something at the end see all reports."""

    def __init__(self, outer: GroupedOutput) -> None:
        self._outer = outer

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Give them back until pytest lists what failed; to that as well where an option asks for the list."""
        hidden = self._outer.hidden
        show(terminalreporter, hidden)
        try:
            return (yield)
        finally:
            if not _asks_for_list(terminalreporter.config):
                hide(terminalreporter, hidden)


def hide(terminal: pytest.TerminalReporter, reports: Sequence[pytest.TestReport]) -> None:
    """Keep reports of what failed from whoever asks next."""
    gone = set(map(id, reports))
    rest = [report for report in terminal.stats.get("failed", []) if id(report) not in gone]
    if rest:
        terminal.stats["failed"] = rest
    else:
        terminal.stats.pop("failed", None)


def show(terminal: pytest.TerminalReporter, reports: Sequence[pytest.TestReport]) -> None:
    """Put them back, once."""
    if reports:
        hide(terminal, reports)
        terminal.stats["failed"] = [*reports, *terminal.stats.get("failed", [])]


def _asks_for_list(config: pytest.Config) -> bool:
    """Tell whether somebody has typed -r: the list of what failed is pytest's default too, and may be long."""
    return any(argument.startswith("-r") for argument in config.invocation_params.args)


def _ours(terminal: pytest.TerminalReporter, category: str) -> list[pytest.TestReport]:
    return [report for report in terminal.stats.get(category, []) if hasattr(report, _CARRIED)]


def _judged(terminal: pytest.TerminalReporter) -> list[JudgedItem]:
    """Give all that was judged, in the order of the run; where somebody repeats items, the last time."""
    categories = ("passed", "failed", "xfailed", "skipped", FOLLOWERS)
    found = [report for category in categories for report in _ours(terminal, category)]
    return [brought(getattr(report, _CARRIED)) for report in {report.nodeid: report for report in found}.values()]
