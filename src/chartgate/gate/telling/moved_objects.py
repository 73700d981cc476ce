"""Which findings only say once more that an object is missing, or in another namespace, of which one says so itself.

A Secret without its namespace is missing where it is read, by each reader and each policy that looks for it there.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from chartgate.gate.results.outcome import Finding

_AT = "metadata.namespace"
_MAKING_PODS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
_RENDERED = ("rendered once", "rendered")
"""What is expected of an object that is not there, where nothing refers to it."""


def with_causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give findings, those first from which most follow; those that follow from another one name it.

    What makes a run red follows only from what does so, too, and nothing from what somebody accepted.
    """
    moved = [one for one in findings if one.path == _AT and one.template and not one.baseline]
    causes: list[Finding | None] = [_moved(finding, moved) for finding in findings]
    missing = _missing([one for one, cause in zip(findings, causes, strict=True) if cause is None])
    if not (moved or missing):
        return tuple(findings)
    told = [
        dataclasses.replace(one, follows=cause.fingerprint)
        if (cause := of_moved or missing.get(_lost(one))) and _may_follow(one, cause)
        else one
        for one, of_moved in zip(findings, causes, strict=True)
    ]
    counts = Counter(finding.follows for finding in told)
    return tuple(sorted(told, key=lambda finding: -counts[finding.fingerprint]))


def _may_follow(finding: Finding, cause: Finding) -> bool:
    is_weaker = cause.is_tolerated and not finding.is_tolerated
    return not (finding.baseline or is_weaker or finding.fingerprint == cause.fingerprint)


def _missing(findings: Sequence[Finding]) -> Mapping[str, Finding]:
    """Give the finding that tells best of each object that is not rendered: of the object itself, in most cases."""
    found: dict[str, Finding] = {}
    for one in findings:
        label = "" if one.asked or one.baseline else _lost(one)
        if label:
            found[label] = max(found.get(label, one), one, key=lambda f: (not f.is_tolerated, not f.path, len(f.cases)))
    return found


def _lost(finding: Finding) -> str:
    """Name the object that a finding misses; empty for one that is about something else."""
    if finding.asked:
        kind, name, namespace = finding.asked
        return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
    return _label(finding) if not finding.template and finding.expected in _RENDERED else ""


def _moved(finding: Finding, moved: Sequence[Finding]) -> Finding | None:
    """Give the finding of an object in another namespace from which one follows."""
    label = _label(finding)
    for one in moved if finding.path != _AT else ():
        there = _label(one)
        is_elsewhere = finding.elsewhere and (finding.subject == one.subject or finding.elsewhere == there)
        if (is_elsewhere or (not finding.template and _is_missed(label, there))) and _may_follow(finding, one):
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
