"""What makes no item red and must not be hidden: findings below `fail_on` or accepted, policies without work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from chartgate.documents.escaping import one_line
from chartgate.documents.words import counted
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import ItemResult
from chartgate.reports.finding_words import in_baseline, mended_lines, not_judged, tolerated
from chartgate.reports.pytest_failure import tolerated_lines

_WAIVED = "waived_findings"
"""The property of a test's report that counts them; the workers of xdist hand it on."""
_ACCEPTED = "accepted_finding"
"""The property that names one that is in the baseline."""
_TOLERATED = "tolerated_finding"
"""The property that tells one, as one line."""


def properties_of(result: ItemResult) -> Iterator[tuple[str, object]]:
    """Give what a test's report is to carry of an item."""
    if result.waived:
        yield _WAIVED, len(result.waived)
    yield from ((_ACCEPTED, finding.fingerprint) for finding in result.accepted)
    yield from ((_TOLERATED, line) for line in tolerated_lines(result))


def tell_what_is_green(terminal: pytest.TerminalReporter, judgement: Judgement) -> None:
    """Write it at the end of a run."""
    gate = judgement.gate
    reports = [report for group in ("passed", "failed", "xfailed") for report in terminal.getreports(group)]
    properties = [(name, str(value)) for report in reports for name, value in report.user_properties]
    if told := Counter(value for name, value in properties if name == _TOLERATED):
        terminal.section("below", sep="=")
        terminal.line(f"{tolerated(len(told), gate.settings.fail_on)}, which make no item red:")
        for line, count in told.items():
            terminal.line(f"  {line}{f' ({count} items)' * (count > 1)}")
    option = terminal.config.option
    # A part of the items does not show which policies find nothing.
    if idle := () if gate.settings.guard_packs or option.keyword or option.markexpr else judgement.idle():
        terminal.line(f"{counted(len(idle), 'policy', 'policies')} had nothing to examine")
    if things := judgement.unjudged():
        terminal.line(not_judged(things))
    for note in judgement.unread_scripts():
        terminal.line(f"note: {note}")
    for policy, why in gate.left_out.items():
        terminal.line(one_line(f"left out: {policy}: {why}"))
    if accepted := Counter(value for name, value in properties if name == _ACCEPTED):
        items = counted(accepted.total(), "item")
        terminal.line(f"{in_baseline(len(accepted))}, in {items}; -rx shows since when")
    if gate.baseline:
        for line in mended_lines(gate.baseline.file, judgement.mended()):
            terminal.line(line)
    if counts := [int(value) for name, value in properties if name == _WAIVED]:
        terminal.section("waived", sep="=")
        what = f"{counted(sum(counts), 'finding')} in {counted(len(counts), 'item')}"
        terminal.line(f"{what}; the waivers are in {gate.matrix.source}, -rx shows their reasons")
