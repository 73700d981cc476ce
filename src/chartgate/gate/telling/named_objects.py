"""Which objects of a rendering a finding is about, and which others it names: those that are missing, nearly so called.

Looked up by the names that findings give them, in which no secret value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.words import near
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.telling.printed_places import templates_of
from chartgate.model import Resource, Scenario

_MOST_LOOKED_INTO = 3
"""Scenarios, for an object that is missing."""
_GOES_ON = re.compile(r"[.-]*+\w")
"""Where a name does not end."""
_MOST_OTHERS = 2
"""Objects that a finding names besides its own."""


class _Named(NamedTuple):
    """A resource, and what findings call it."""

    identity: str
    labels: tuple[str, ...]
    """With its namespace and without."""
    resource: Resource


class NamedObjects:
    """Finds them in the renderings of a judgement; each rendering is read once."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        self._masked = judgement.gate.masker
        self._elsewhere: dict[tuple[str, str], tuple[Resource, Scenario] | None] = {}
        self._labels: dict[str, list[_Named]] = {}
        # A large chart has thousands of findings, each about one of its thousands of objects or values.
        self._own: dict[str, dict[tuple[str, str], list[Resource]]] = {}

    def own(self, finding: Finding, scenario: Scenario) -> Resource | None:
        """Give the resource that a finding is about; None where it is not there, or what names it is not sure."""
        if scenario.name not in self._own:
            masker = self._judgement.gate.masker_for([scenario])
            named: dict[tuple[str, str], list[Resource]] = {}
            self._own[scenario.name] = named
            for resource in self._judgement.rendering(scenario).forms:
                named.setdefault((resource.template, masker.text(resource.subject)), []).append(resource)
        found = self._own[scenario.name].get((finding.template, finding.subject), [])
        return found[0] if len(found) == 1 else None

    def elsewhere(self, finding: Finding) -> tuple[Resource, Scenario] | None:
        """Give a resource that is named without its template, or missing: then as it is where much is turned on."""
        if finding.template or not finding.scenario:
            return None
        if (finding.subject, finding.scenario) not in self._elsewhere:
            label = finding.subject.partition(" (")[0]
            every = sorted(self._judgement.gate.matrix.rendering, key=lambda each: -len(each.traits))
            own = [each for each in every if self._masked.name(each.name) == finding.scenario]
            here = self._labelled(label, own, with_namespace=True)
            found = next(here, None) or next(self._labelled(label, every[:_MOST_LOOKED_INTO]), None)
            self._elsewhere[finding.subject, finding.scenario] = found
        return self._elsewhere[finding.subject, finding.scenario]

    def others(self, finding: Finding, scenario: Scenario) -> list[Resource]:
        """Give other objects that a finding names, the first few, and those that have the very name of its own.

        All of them where its template prints several of that name.
        """
        said = f"{finding.expected} {finding.actual}"
        own = templates_of(finding.template)[0]
        has_twins = self.own(finding, scenario) is None
        return [
            named.resource
            for named in self._in(scenario)
            if (
                own and (has_twins or named.resource.template != own)
                if named.identity == finding.subject
                else _names(said, named.labels)
            )
        ][:_MOST_OTHERS]

    def nearly(self, label: str, scenario: Scenario) -> Resource | None:
        """Give the object of its kind that is nearly called like a missing one, `Secret token`; None for none."""
        kind, _, called = label.partition(" ")
        name = called.rpartition("/")[2]
        there = {n.resource.name: n.resource for n in self._in(scenario) if n.resource.kind == kind}
        return None if name in there else next((there[one] for one in near(name, list(there), most=1)), None)

    def called(self, kind: str, name: str, scenario: Scenario) -> list[Resource]:
        """Give the objects of a kind that have a name, the first few."""
        wanted = f"{kind} {name}"
        return [named.resource for named in self._in(scenario) if named.labels[1] == wanted][:_MOST_OTHERS]

    def kinds(self, scenario: Scenario) -> list[tuple[str, str]]:
        """Give template and kind of each object of a rendering."""
        return [(named.resource.template, named.resource.kind) for named in self._in(scenario)]

    def _in(self, scenario: Scenario) -> list[_Named]:
        if scenario.name not in self._labels:
            masker = self._judgement.gate.masker_for([scenario])
            self._labels[scenario.name] = [
                _Named(masker.text(str(resource.identity)), _labels(resource, masker), resource)
                for resource in self._judgement.rendering(scenario).resources
            ]
        return self._labels[scenario.name]

    def _labelled(
        self, label: str, scenarios: Sequence[Scenario], *, with_namespace: bool = False
    ) -> Iterator[tuple[Resource, Scenario]]:
        """Give what has a kind and a name, `Secret shop/token`, whatever its namespace unless that counts too."""
        kind, _, name = label.partition(" ")
        for scenario in scenarios:
            for resource in self._judgement.rendering(scenario).resources:
                is_named = (resource.kind, resource.name) == (kind, name.rpartition("/")[2])
                if is_named and (not with_namespace or resource.identity.label == label):
                    yield resource, scenario


def _labels(resource: Resource, masker: Masker) -> tuple[str, ...]:
    """Give what findings call an object, with its namespace and without."""
    return masker.text(resource.identity.label), masker.text(f"{resource.kind} {resource.name}")


def _names(text: str, labels: Sequence[str]) -> bool:
    """Tell whether a text names an object: `Secret shop/token`, and not `Secret shop/token-2`."""
    for label in labels:
        place = text.find(label)
        while place >= 0:
            before = text[place - 1 : place]
            if not (before.isalnum() or _GOES_ON.match(text, place + len(label))):
                return True
            place = text.find(label, place + 1)
    return False
