"""What makes findings of both sides the same, though versions, objects or the chart itself have other names now."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from chartgate.documents.words import with_word
from chartgate.gate.results.outcome import Finding
from chartgate.kubernetes.version_labels import versions_of
from chartgate.model import Chart
from chartgate.review.versioned_names import without_versions

_SOURCES = ("Secret", "ConfigMap")
_FAILING = re.compile(r"[^\s/]++/(?:charts/[^\s/]++/)*+templates/\S++")
"""The template that what is found begins with."""
_TOGETHER = re.compile(r"(\S++ .*?) with .++(?<= filled)", re.DOTALL)


@dataclass(frozen=True)
class SameFindings:
    """How findings of two charts compare."""

    base: Chart
    head: Chart
    renames: Collection[tuple[str, str]] = ()
    """The old and new names of objects that are the same, as fingerprints have them."""

    def new(self, found: Collection[Finding], before: Collection[Finding]) -> set[str]:
        """Give the fingerprints of what is found now, and was not before."""
        return self._without_moved(self._new(found, before), self._gone(before, found))[0]

    def gone(self, found: Collection[Finding], now: Collection[Finding]) -> set[str]:
        """Give the fingerprints of what was found, and is not now."""
        return self._without_moved(self._new(now, found), self._gone(found, now))[1]

    def _new(self, found: Collection[Finding], before: Collection[Finding]) -> list[Finding]:
        was = {form for finding in before for form in self._as_before(_told_of(finding))}
        asked = set(filter(None, map(_asking, before)))
        return [f for f in found if was.isdisjoint(self._as_now(_told_of(f))) and _asking(f) not in asked]

    def _gone(self, found: Collection[Finding], now: Collection[Finding]) -> list[Finding]:
        still = {form for finding in now for form in self._as_now(_told_of(finding))}
        asked = set(filter(None, map(_asking, now)))
        return [f for f in found if still.isdisjoint(self._as_before(_told_of(f))) and _asking(f) not in asked]

    def _without_moved(self, new: Collection[Finding], gone: Collection[Finding]) -> tuple[set[str], set[str]]:
        """Leave out what is found of an object of another kind now: the other of two that one cause is about, say."""
        came = {f.fingerprint: {_of_any_kind(f, form) for form in self._as_now(_told_of(f))} for f in new}
        went = {f.fingerprint: {_of_any_kind(f, form) for form in self._as_before(_told_of(f))} for f in gone}
        return (
            {text for text, forms in came.items() if all(map(forms.isdisjoint, went.values()))},
            {text for text, forms in went.items() if all(map(forms.isdisjoint, came.values()))},
        )

    def _as_before(self, text: str) -> Iterator[str]:
        """Give the ways in which HEAD may call what BASE's finding is about.

        A name is that of several objects, and one of them alone may have another one now.
        """
        own = without_versions(text, frozenset(versions_of(self.base)))
        renamed = own
        for old, new in self._names:
            renamed = with_word(renamed, old, new)
        for form in (own, renamed):
            yield form
            if self.base.name != self.head.name:
                yield from self._of_another_chart(form)

    def _of_another_chart(self, text: str) -> Iterator[str]:
        """Give the same of a chart that has another name now, whose objects may have kept theirs."""
        yield with_word(text, self.base.name, self.head.name)
        yield text.replace("<fullname>", f"<release>-{self.base.name}")

    def _as_now(self, text: str) -> Iterator[str]:
        yield without_versions(text, frozenset(versions_of(self.head)))

    @functools.cached_property
    def _names(self) -> list[tuple[str, str]]:
        """Give the renames; a name that carries a version is the same without it, whatever else of it is another."""
        of_base, of_head = (frozenset(versions_of(chart)) for chart in (self.base, self.head))
        return [(without_versions(old, of_base), without_versions(new, of_head)) for old, new in self.renames]


def _of_any_kind(finding: Finding, text: str) -> str:
    """Give what makes a finding the same, without the kind of its object."""
    return text.replace(f" {finding.subject.partition(' ')[0]} ", " ", 1)


def _asking(finding: Finding) -> tuple[str, str, str] | None:
    """Give where a Secret or a ConfigMap is asked for that is not there: that it is another one now, a class says."""
    is_source = finding.asked is not None and finding.asked.kind in _SOURCES
    return (finding.policy.name, finding.subject, finding.path) if is_source else None


def _told_of(finding: Finding) -> str:
    """Give what makes it the same finding: its fingerprint.

    One of values that are tried together names all of them, and of another version these are others: the same template
    fails with them.
    """
    together = _TOGETHER.fullmatch(finding.fingerprint)
    failing = _FAILING.match(str(finding.actual)) if ", " in finding.path else None
    if failing:
        return f"{finding.policy.name} {finding.subject} {failing[0]}"
    return f"{together[1]} {finding.subject}" if together else finding.fingerprint
