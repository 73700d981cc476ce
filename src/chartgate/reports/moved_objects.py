"""Which findings only say once more that an object is in another namespace, of which one says so itself.

A Secret without its namespace is missing where it is read, by each reader and each policy that looks for it there.
"""

from __future__ import annotations

from collections.abc import Sequence

from chartgate.gate.results.outcome import Finding

_ELSEWHERE = (" is in another namespace", " are in another namespace")
_AT = "metadata.namespace"
_MAKING_PODS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def following(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Give what follows from findings, by the fingerprint of each.

    Args:
        findings: all that are told together.
    """
    moved = [finding for finding in findings if finding.path == _AT and finding.template]
    follows: dict[str, list[Finding]] = {}
    for finding in findings if moved else ():
        cause = None if finding.path == _AT else _cause(finding, moved)
        if cause:
            follows.setdefault(cause.fingerprint, []).append(finding)
    return follows


def _cause(finding: Finding, moved: Sequence[Finding]) -> Finding | None:
    said = f"{finding.expected} {finding.actual}"
    is_about_it = any(words in said for words in _ELSEWHERE)
    for one in moved:
        label = _label(one)
        if is_about_it and (finding.subject == one.subject or any(f"{label}{words}" in said for words in _ELSEWHERE)):
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
