"""The baseline: the findings that were there when the gate was introduced; only new ones make a run red."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Collection
from dataclasses import dataclass

from chartgate.gate.results.outcome import AcceptedFinding, BaselineReport, Finding, Outcome


@dataclass(frozen=True)
class Baseline:
    """The accepted findings of one chart, and the file that they are in."""

    file: str
    """As a person here would write it."""
    chart: str
    """The name of the chart that they are of."""
    entries: tuple[AcceptedFinding, ...] = ()
    is_there: bool = False
    """Whether the file exists."""

    def of(self, fingerprint: str, severity: str) -> AcceptedFinding | None:
        """Give the entry that accepts a finding; that of a warning accepts no error."""
        entry = self._by_fingerprint.get(fingerprint)
        return None if entry and entry.severity == "warning" and severity == "error" else entry

    def with_findings(self, findings: Collection[Finding], today: datetime.date, who: str, why: str) -> Baseline:
        """Add findings; entries that are there stay as they are, but one of a warning becomes that of an error."""
        entries = dict(self._by_fingerprint)
        for finding in findings:
            if self.of(finding.fingerprint, finding.severity):
                continue
            old = self._by_fingerprint.get(finding.fingerprint)
            entry = AcceptedFinding(finding.fingerprint, finding.severity, today, who, why)
            if old:
                entry = dataclasses.replace(entry, who=who or old.who, why=why or old.why)
            known = entries.get(finding.fingerprint)
            if known in (None, old) or finding.severity == "error":
                entries[finding.fingerprint] = entry
        return dataclasses.replace(self, entries=tuple(entries.values()))

    def without(self, entries: Collection[AcceptedFinding]) -> Baseline:
        """Take entries out."""
        return dataclasses.replace(self, entries=tuple(entry for entry in self.entries if entry not in entries))

    @functools.cached_property
    def _by_fingerprint(self) -> dict[str, AcceptedFinding]:
        return {entry.fingerprint: entry for entry in self.entries}


def rebased(outcome: Outcome, before: Baseline, after: Baseline, *, is_added_to: bool, is_pruned: bool) -> Outcome:
    """Give the outcome of a run as it is with the baseline that the run has made of the one it had."""
    added = [entry for entry in after.entries if entry not in before.entries]
    kept = {entry.fingerprint for entry in after.entries}
    removed = tuple(entry for entry in before.entries if entry.fingerprint not in kept)
    mended = outcome.baseline.mended if outcome.baseline else ()
    return dataclasses.replace(
        outcome,
        findings=tuple(
            dataclasses.replace(finding, baseline=after.of(finding.fingerprint, finding.severity))
            for finding in outcome.findings
        ),
        baseline=BaselineReport(
            file=after.file,
            mended=tuple(entry for entry in mended if entry not in removed),
            added=tuple(sorted(added, key=lambda entry: (entry.severity, entry.fingerprint))) if is_added_to else None,
            removed=removed if is_pruned else None,
        ),
    )
