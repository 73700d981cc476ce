"""Severities in words, alike in every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chartgate.documents.words import counted
from chartgate.gate.outcome import Finding
from chartgate.model import Severity


def severity_words(findings: Iterable[Finding]) -> str:
    """Give the severity of findings, or how many have which: `error`, `1 error, 2 warnings`."""
    counts = Counter(finding.severity for finding in findings)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(counted(counts[severity], severity) for severity in sorted(counts))


def tolerated(number: int, fail_on: Severity) -> str:
    """Say how many findings make no run red: `2 findings below error`."""
    return f"{counted(number, 'finding')} below {fail_on}"
