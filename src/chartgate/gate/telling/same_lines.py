"""Which findings of a policy come from one line of the chart, or one key of its values: the first says it for all."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence

from chartgate.documents.addresses import is_address, steps
from chartgate.gate.results.outcome import Finding


def of_one_line(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give findings, in their order; those that one line makes as well name the first of them."""
    first: dict[Hashable, str] = {}
    return tuple(
        finding
        if (cause := _cause(finding)) is None or first.setdefault(cause, finding.fingerprint) == finding.fingerprint
        else dataclasses.replace(finding, follows=first[cause])
        for finding in findings
    )


def _cause(finding: Finding) -> Hashable:
    """Give what is the same for findings of one line; None for what is told by itself.

    Each image is, which mostly one named template prints for all containers.
    """
    written, path = finding.written, finding.path
    *_, last = ["", *(steps(path) if is_address(path) else [path])]
    if written is None or written.is_around or not written.by.line or finding.follows or finding.baseline:
        return None
    place = written.key or (written.by.file, written.by.line, written.by.last)
    name = finding.subject.partition(" (")[0].rpartition("/")[2].rpartition(" ")[2]
    expected = str(finding.expected).replace(name, "") if name else str(finding.expected)
    return None if last == "image" else (finding.policy.name, finding.is_tolerated, last, expected, place)
