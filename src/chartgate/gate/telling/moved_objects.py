"""Which findings only say once more that an object is missing, too much, or in another namespace, as one says itself.

A Secret without its namespace is missing where it is read, by each reader and each policy that looks for it there. Of
what must not be there at all it is no matter what else is wrong with it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from chartgate.documents.addresses import ABSENT
from chartgate.gate.results.outcome import Finding
from chartgate.gate.telling.printed_places import templates_of

_AT = "metadata.namespace"
_MAKING_PODS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
_RENDERED = ("rendered once", "rendered")
"""What is expected of an object that is not there, where nothing refers to it."""


def with_causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give findings, those first from which most follow; those that follow from another one name it.

    What makes a run red follows only from what does so, too, and nothing from what somebody accepted.
    """
    moved = [one for one in findings if one.path == _AT and one.template and not one.baseline]
    moved.sort(key=_weight, reverse=True)
    causes: list[Finding | None] = [_moved(finding, moved) for finding in findings]
    missing = _missing([one for one, cause in zip(findings, causes, strict=True) if cause is None])
    unwanted = [one for one in findings if _is_unwanted(one)]
    if not (moved or missing or unwanted):
        return tuple(findings)
    told = [
        dataclasses.replace(one, follows=cause.fingerprint)
        if (cause := of_moved or missing.get(_lost(one)) or _too_much(one, unwanted)) and _may_follow(one, cause)
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
            found[label] = max(found.get(label, one), one, key=_weight)
    return found


def _weight(finding: Finding) -> tuple[bool, bool, bool, int]:
    return not finding.is_tolerated, finding.severity == "error", finding.path in ("", _AT), len(finding.cases)


def _is_unwanted(finding: Finding) -> bool:
    """Tell whether a finding says of a whole object that it must not be there."""
    is_told = (str(finding.expected), finding.actual) == (str(ABSENT), "rendered")
    return is_told and bool(finding.template) and not (finding.path or finding.baseline)


def _too_much(finding: Finding, unwanted: Sequence[Finding]) -> Finding | None:
    """Give the finding that what a template prints or patches must not be there, wherever another one is of it."""
    wrote = templates_of(finding.template)
    is_other = finding.template and not _is_unwanted(finding)
    cases = set(finding.cases)
    return next((one for one in unwanted if is_other and one.template in wrote and cases <= set(one.cases)), None)


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
