"""Which findings have one cause: a line of the chart, or a key of its values, or what several policies say alike.

The first says it for all.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Hashable, Sequence

from chartgate.documents.addresses import is_address, steps
from chartgate.gate.results.outcome import Finding
from chartgate.policy.checks import asker, without_asker

_NUMBER = re.compile(r"\d++")


def of_one_line(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give findings, in their order; those that have the cause of one before them name that."""
    first: dict[Hashable, str] = {}
    by_itself = {_place(one): one for one in findings if not (one.follows or one.baseline or asker(one.expected))}
    told = []
    for finding in findings:
        words = _words(finding)
        if finding.follows or finding.baseline:
            told.append(finding)
            continue
        own = [(words, finding.is_tolerated), *filter(None, [_line(finding)])]
        known = next(
            (first[cause] for cause in ((words, False), *own) if cause in first), ""
        )  # no error from a warning
        same = by_itself.get(_place(finding)) if asker(finding.expected) else None
        known = known or (same.fingerprint if same and _may_be_one(finding, same) else "")
        told.append(dataclasses.replace(finding, follows=known) if known else finding)
        first.update(dict.fromkeys(own, finding.fingerprint) if not known else {})
    return tuple(told)


def _place(finding: Finding) -> Hashable:
    """Give what a policy asks of the objects of one template, whoever asks, and whatever a scenario calls them."""
    kind, _, _ = finding.subject.partition(" ")
    return asker(finding.expected) or finding.policy.name, finding.template, kind, finding.path


def _may_be_one(asked: Finding, known: Finding) -> bool:
    is_weaker = known.is_tolerated and not asked.is_tolerated
    lines = {one.written.by for one in (asked, known) if one.written}
    return bool(asked.template and asked.path) and not is_weaker and len(lines) <= 1


def _words(finding: Finding) -> Hashable:
    """Give what policies say alike of one place, such as a pod template that is not there, on whichever line it is."""
    actual = _NUMBER.sub("0", str(finding.actual))
    return finding.subject, finding.path, without_asker(str(finding.expected)), actual


def _line(finding: Finding) -> Hashable:
    """Give what is the same for findings of one policy and line; None for what is told by itself.

    Each image is, which mostly one named template prints for all containers.
    """
    written, path = finding.written, finding.path
    *_, last = ["", *(steps(path) if is_address(path) else [path])]
    if written is None or written.is_around or not written.by.line:
        return None
    place = written.key or (written.by.file, written.by.line, written.by.last)
    name = finding.subject.partition(" (")[0].rpartition("/")[2].rpartition(" ")[2]
    expected = str(finding.expected).replace(name, "") if name else str(finding.expected)
    return None if last == "image" else (finding.policy.name, finding.is_tolerated, last, expected, place)
