"""No secret value in anything that pytest says: reports of tests and of collecting them, and warnings."""

from __future__ import annotations

import warnings
from collections.abc import Generator

import pytest

from chartgate.documents.secret_texts.masking import Masker
from chartgate.gate.gate import Gate


def says_something(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Tell whether there is anything in a report to be masked; in most there is not, three for each item."""
    more = vars(report)
    return bool(report.sections or report.longrepr is not None or more.get("user_properties") or "wasxfail" in more)


def mask_report(report: pytest.TestReport | pytest.CollectReport, masker: Masker) -> None:
    """Take the secrets out of all that a report says: why it failed or was skipped, what it printed, its properties."""
    report.sections = [(title, masker.text(content)) for title, content in report.sections]
    if isinstance(report.longrepr, tuple):  # of a skip: file, line and reason
        file, line, reason = report.longrepr
        report.longrepr = (file, line, masker.text(reason))
    elif report.longrepr is not None and (masked := masker.text(report.longreprtext)) != report.longreprtext:
        report.longrepr = masked
    if isinstance(report, pytest.TestReport):
        report.user_properties = [(name, masker.document(value)) for name, value in report.user_properties]
        if hasattr(report, "wasxfail"):
            report.wasxfail = masker.text(report.wasxfail)


class MaskedOutput:
    """A plugin of the runs that have a gate: what is said besides the reports of tests."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Show no secret value where a test file or a policy cannot be collected."""
        report = yield
        if says_something(report):
            mask_report(report, self._gate.masker)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Change the message in place, before whoever shows it: the summary of warnings comes later."""
        shown = str(warning_message.message)
        if (masked := self._gate.masker.text(shown)) != shown:
            warning_message.message = masked
