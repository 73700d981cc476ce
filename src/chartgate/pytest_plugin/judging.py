"""The hooks of a run that judges a chart: they translate between pytest and the engine, and decide nothing."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.reading.read import notes_on
from chartgate.documents.escaping import message_text, one_line
from chartgate.documents.words import counted
from chartgate.errors import InputError, ToolError
from chartgate.gate.item import Item
from chartgate.gate.judgement import Judgement
from chartgate.pytest_plugin import fixtures
from chartgate.pytest_plugin.chosen_gate import gate_of_run, run_folder, wanted_reports
from chartgate.pytest_plugin.collecting import (
    families,
    is_ours,
    is_snapshot,
    matrix_tests,
    parametrize,
    without_placeholders,
)
from chartgate.pytest_plugin.green_summary import tell_what_is_green
from chartgate.pytest_plugin.grouped_output import GroupedOutput, ReportsForOthers, carry
from chartgate.pytest_plugin.judging_items import judge
from chartgate.pytest_plugin.masked_output import MaskedOutput, mask_report, says_something
from chartgate.pytest_plugin.stash import GATE, JUDGEMENT

_NOTES = "chartgate_judged"
"""What a worker of xdist hands on at its end."""
_WORDS = "chartgate: helm or kubectl cannot be used, so nothing more is judged"
_RARELY = (100_000, 50, 100)
"""As `chartgate check` does: by Python's own numbers that was a quarter of what collecting 28,000 items takes."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read chart, matrix and policies; nothing is rendered here."""
    try:
        gate, reports = gate_of_run(config), wanted_reports(config)
        gate = dataclasses.replace(gate, finds_lines_of="all") if reports else gate
        config.stash[GATE], config.stash[JUDGEMENT] = gate, Judgement(gate)
        grouped = GroupedOutput(config.stash[JUDGEMENT], reports)
    except InputError as error:
        raise pytest.UsageError(message_text(str(error))) from error
    config.pluginmanager.register(MaskedOutput(gate), "chartgate_masking")
    config.pluginmanager.register(grouped, "chartgate_grouped")
    config.pluginmanager.register(ReportsForOthers(grouped), "chartgate_others")
    if gate.renderings.tools.warning and not hasattr(config, "workerinput"):
        sys.stderr.write(f"chartgate: warning: helm {gate.renderings.tools.helm_version}\n")
    config.pluginmanager.register(fixtures, "chartgate_fixtures")
    for policy in gate.policies:
        for marker in families(policy):
            config.addinivalue_line("markers", f"{marker}: policies of {'/'.join(policy.packages)}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, with what, and over how much."""
    gate = config.stash[GATE]
    chart, matrix = gate.chart, gate.matrix
    count = f"{len(matrix.rendering)} scenarios that render, {len(matrix.refused)} that helm refuses"
    lines = [
        f"chart: {chart.name} {chart.version} at {chart.source}; helm {gate.renderings.tools.helm_version}",
        f"matrix: {matrix.source}: {count}; {len(gate.policies)} policies",
        *(f"note: {note}" for note in notes_on(chart)),
    ]
    if gate.baseline and gate.baseline.is_there:
        lines.append(f"baseline: {gate.baseline.file}: {counted(len(gate.baseline.entries), 'finding')}")
    return [one_line(line) for line in lines]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let xdist's workers judge the very copy of the chart that the controller took."""
    node.workerinput["chartgate_copy"] = str(node.config.stash[GATE].chart.folder)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - the signature of the hook
    """Take in what a worker of xdist has judged, once it ends; one that crashed hands on nothing."""
    notes = getattr(node, "workeroutput", {}).get(_NOTES)
    if notes:
        node.config.stash[JUDGEMENT].add(notes)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the configured matrix: a project with one copies no test file."""
    return matrix_tests(file_path, parent)


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make the items, and one test for each scenario of those that ask for `rendering`."""
    parametrize(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what this run has nothing for."""
    items[:] = without_placeholders(items, config)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge an item of ours; its test has nothing to do."""
    item = pyfuncitem.callspec.params["item"] if is_ours(pyfuncitem) else None
    if not isinstance(item, Item):
        return None
    judge(pyfuncitem, item)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show input that cannot be used as its message, without a traceback, and no secret value anywhere."""
    says_all = call.excinfo is not None and isinstance(call.excinfo.value, (pytest.fail.Exception, InputError))
    if call.excinfo is not None and says_all and is_ours(item):
        # Pytest would look for the file of each frame, for each item that is red.
        call.excinfo.traceback = call.excinfo.traceback[-1:]
    report = yield
    if says_something(report):
        _make_sayable(item, call, report)
    if report.when == "call":
        carry(item, report)
    return report


def _make_sayable(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    gate = item.config.stash[GATE]
    if report.failed and call.excinfo is not None and isinstance(call.excinfo.value, InputError):
        report.longrepr = message_text(gate.masker.text(str(call.excinfo.value)))
        # A test that judges nothing may have a tool of its own, whose failure is its own.
        if isinstance(call.excinfo.value, ToolError) and (is_ours(item) or "gate" in getattr(item, "fixturenames", ())):
            _end_run(item, report)
    mask_report(report, gate.masker)
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and is_snapshot(item):
        # In CI, the summary at the end would repeat the difference.
        crash.message = crash.message.partition("\n")[0]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Hand on what this worker has judged; give the exit code of a usage error to a run that a tool has ended.

    The first before xdist sends its worker's output, the second after all who add to the code (syrupy does).
    """
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[_NOTES] = config.stash[JUDGEMENT].notes()
    yield
    config.stash[GATE].memory.close()
    if _has_ended(config):
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what makes no item red, and must not be hidden."""
    tell_what_is_green(terminalreporter, config.stash[JUDGEMENT])
    if note := config.stash[GATE].renderings.store.note:
        terminalreporter.write_line(one_line(f"chartgate: {note}"), yellow=True)


def _end_run(item: pytest.Item, report: pytest.TestReport) -> None:
    """End the session of this process after this item; the first process to do so tells why, and the others are still.

    `pytest.exit` is no way to do it: it crashes the workers of xdist.
    """
    item.session.shouldfail = _WORDS
    try:
        _mark(item.config).touch(exist_ok=False)
    except FileExistsError:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {_WORDS}")


def _has_ended(config: pytest.Config) -> bool:
    """Tell whether a tool has ended the run."""
    return _mark(config).exists()


def _mark(config: pytest.Config) -> Path:
    return run_folder(config) / "ended-by-a-tool"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect, and leave alone from then on what there is by then; a run inside of another one keeps out of that."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        return (yield)
    finally:
        gc.set_threshold(*before)
        if not gc.get_freeze_count():
            gc.freeze()
