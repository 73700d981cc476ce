"""The resources that findings are about, as masked text with the lines in question, beside those of a green scenario.

Only for a run whose report shows them: each is written as YAML, and compared with the same resource of the scenario
that has most in common with its own among those in which the policy found nothing of the kind.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from chartgate.documents.walking import leaves
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_lines import MarkedLines, marked_lines
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.record import RecordedCase, ShownResource
from chartgate.gate.telling.printed_places import templates_of
from chartgate.model import Resource, Scenario

MOST_SHOWN = 500
"""Findings with their resource: nobody reads more, and each takes a few milliseconds."""
_MOST_LINES = 1_200
"""Of one resource; of a longer one, those around what is marked."""
_AROUND = 200
_MOST_COMPARED = 3_000
"""Lines of either side of a difference: comparing takes a time that grows with their product."""


def shown_resources(
    findings: Iterable[Finding], cases: Sequence[RecordedCase], judgement: Judgement
) -> dict[str, ShownResource]:
    """Give the resources by the fingerprints of the findings; those that are about none have none.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    shown = _ShownResources(cases, judgement)
    found: dict[str, ShownResource] = {}
    for finding in findings:
        if len(found) >= MOST_SHOWN:
            break
        if finding.fingerprint not in found and (resource := shown.of(finding)):
            found[finding.fingerprint] = resource
    return found


class _ShownResources:
    """Looks resources up in the scenarios of a run, and writes each once."""

    def __init__(self, cases: Sequence[RecordedCase], judgement: Judgement) -> None:
        self._judgement = judgement
        masker = judgement.gate.masker
        self._scenarios = {masker.name(scenario.name): scenario for scenario in judgement.gate.matrix.rendering}
        self._judged: dict[str, dict[str, None]] = defaultdict(dict)
        self._places: dict[str, dict[str, str]] = defaultdict(dict)
        for case in cases:
            if case.scenario and case.state != "unjudged":
                self._judged[case.policy][case.scenario] = None
            self._places[case.policy][case.case] = case.scenario
        self._derived: set[str] = set()
        self._texts: dict[tuple[str, int], tuple[str, object]] = {}
        self._facts: dict[str, frozenset[str]] = {}

    def of(self, finding: Finding) -> ShownResource | None:
        """Give the resource of a finding, as it is in the first of its scenarios."""
        scenario = self._scenario(finding)
        resource = self._resource(scenario, finding.subject, finding.template) if scenario else None
        if scenario is None or resource is None:
            return None
        text, document = self._written(scenario, resource)
        lines = marked_lines(text, document, finding.path) if finding.path else None
        nearest = self._nearest(finding, scenario)
        other = self._same(resource, nearest) if nearest else None
        difference = _difference(document, self._written(nearest, other)[1]) if nearest and other else ()
        name = self._judgement.gate.masker.name
        part, first = _part(text, lines)
        return ShownResource(
            scenario=name(scenario.name),
            text=part,
            first=first,
            marked=(lines.first, lines.last) if lines else (0, 0),
            is_around=bool(lines and lines.is_around),
            nearest=name(nearest.name) if nearest else "",
            traits=tuple(map(name, _differing(scenario, nearest))) if nearest else (),
            difference=tuple(difference),
            is_there=bool(other),
        )

    def _scenario(self, finding: Finding) -> Scenario | None:
        """Give the scenario in which a finding is; one that its policy has derived is among the policy's cases."""
        name = finding.scenario
        if name and name not in self._scenarios and finding.policy.name not in self._derived:
            self._derived.add(finding.policy.name)
            masker = self._judgement.gate.masker
            policies = [p for p in self._judgement.gate.policies if p.name == finding.policy.name]
            for case in [case for policy in policies for case in self._judgement.cases(policy)]:
                self._scenarios |= {masker.name(other.name): other for other in case if other.origin}
        return self._scenarios.get(name)

    def _resource(self, scenario: Scenario, subject: str, template: str) -> Resource | None:
        """Give the one resource of that name; None where there is none, or several look alike."""
        masker = self._judgement.gate.masker_for([scenario])
        named = [
            resource
            for resource in self._judgement.rendering(scenario).forms
            if resource.template == template and masker.text(str(resource.identity)) == subject
        ]
        return named[0] if len(named) == 1 else None

    def _same(self, resource: Resource, scenario: Scenario) -> Resource | None:
        """Give the same resource as another scenario has it, before or after hooks as here, whatever it is called."""
        [template, *hooks] = templates_of(resource.template)
        rendering = self._judgement.rendering(scenario)
        there = rendering.after_hooks if hooks else rendering.resources
        alike = [r for r in there if r.kind == resource.kind and templates_of(r.template)[0] == template]
        return next((r for r in alike if r.name == resource.name), alike[0] if len(alike) == 1 else None)

    def _written(self, scenario: Scenario, resource: Resource) -> tuple[str, object]:
        """Give a resource as text, and what the text means."""
        key = (scenario.name, id(resource))
        if key not in self._texts:
            document = self._judgement.gate.masker_for([scenario]).document(resource.manifest)
            self._texts[key] = (go_yaml.dump(document), document)
        return self._texts[key]

    def _nearest(self, finding: Finding, scenario: Scenario) -> Scenario | None:
        """Give the scenario that has most in common with one, among those in which the policy says nothing of it."""
        policy = finding.policy.name
        places = self._places[policy]
        red = {places.get(case, case) for case in finding.cases} | {scenario.origin or scenario.name}
        green = [self._scenarios[name] for name in self._judged[policy] if name not in red and name in self._scenarios]
        return min(green, key=lambda other: len(self._known(other) ^ self._known(scenario)), default=None)

    def _known(self, scenario: Scenario) -> frozenset[str]:
        """Give what there is to compare of a scenario: what it has in terms of the matrix, and what it sets."""
        if scenario.name not in self._facts:
            values = (f"{address}: {value!r}" for address, value in leaves(scenario.overrides))
            self._facts[scenario.name] = scenario.traits.union(values, map(str, scenario.installed_as))
        return self._facts[scenario.name]


def _differing(one: Scenario, other: Scenario) -> Iterator[str]:
    yield from (f"-{trait}" for trait in sorted(one.traits - other.traits))
    yield from (f"+{trait}" for trait in sorted(other.traits - one.traits))


def _part(text: str, lines: MarkedLines | None) -> tuple[str, int]:
    """Give a text, or of a long one the lines around those that are marked, and the number of the first of them."""
    every = text.removesuffix("\n").split("\n")
    if len(every) <= _MOST_LINES:
        return "\n".join(every), 1
    begin = max(0, lines.first - 1 - _AROUND) if lines else 0
    return "\n".join(every[begin : begin + _MOST_LINES]), begin + 1


def _difference(document: object, there: object) -> Iterator[str]:
    """Give what differs, whatever the order of keys is: kubectl sorts those of what a hook patches."""
    before, after = (go_yaml.dump(side, sort_keys=True).removesuffix("\n").split("\n") for side in (document, there))
    if max(len(before), len(after)) <= _MOST_COMPARED:
        yield from list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
