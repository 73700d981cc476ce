"""Which findings only say once more that an object is in another namespace, of which one says so itself.

A Secret without its namespace is missing where it is read, by each reader and each policy that looks for it there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from chartgate.gate.results.outcome import Finding

_AT = "metadata.namespace"
_MAKING_PODS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def with_causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give findings, in their order; those that follow from another one name it.

    What makes a run red follows only from what does so, too, and nothing from what somebody accepted.
    """
    moved = [one for one in findings if one.path == _AT and one.template and not one.baseline]
    return tuple(_with_cause(finding, moved) for finding in findings) if moved else tuple(findings)


def _with_cause(finding: Finding, moved: Sequence[Finding]) -> Finding:
    if finding.path == _AT or finding.baseline:
        return finding
    cause = _cause(finding, [one for one in moved if finding.is_tolerated or not one.is_tolerated])
    return dataclasses.replace(finding, follows=cause.fingerprint) if cause else finding


def _cause(finding: Finding, moved: Sequence[Finding]) -> Finding | None:
    for one in moved:
        label = _label(one)
        if finding.elsewhere and (finding.subject == one.subject or finding.elsewhere == label):
            return one
        if not finding.template and _is_missed(_label(finding), label):
            return one
    return None


def _label(finding: Finding) -> str:
    return finding.subject.partition(" (")[0]


def _is_missed(missing: str, there: str) -> bool:
    """Tell whether one is looked for in a namespace that it is not in: `Secret a/token` and `Secret b/token`."""
    kind, _, called = missing.partition(" ")
    other, _, named = there.partition(" ")
    is_same_kind = kind == other or (kind == "Pod" and other in _MAKING_PODS)
    return is_same_kind and "/" in called and called.partition("/")[2] == named.partition("/")[2] and called != named
