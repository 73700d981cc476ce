"""From a finding back to the line of the chart's source that wrote what it is about; only of a run that is red.

A few scenarios in which most findings are get rendered once more, with stamps in what the templates print. A line is
told only where the object that was judged is found among what is printed then, with the same value at the same place.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chartgate.charts.chart_paths import ChartPaths
from chartgate.charts.stamps import StampedText, TemplateLine
from chartgate.charts.template_calls import calls_of
from chartgate.charts.template_pieces import begin_of_conditions, end_of_block, pieces
from chartgate.charts.template_reads import paths_in
from chartgate.charts.template_sources import TemplateLines
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.masking import Masker
from chartgate.documents.written_places import WrittenNode, nearest, written_documents
from chartgate.errors import InputError
from chartgate.gate.also_lines import MOST_ALSO, AlsoLines
from chartgate.gate.judgement import Judgement
from chartgate.gate.outcome import Finding, SourceLine, Written
from chartgate.gate.printed_places import PrintedPlace, printed_place, templates_of
from chartgate.model import Resource, Scenario

MOST_STARTS = 5
"""Of helm, some 0.3 s each."""
_MOST_LOOKED_INTO = 3
"""Scenarios, for an object that is missing."""
_GOES_ON = re.compile(r"[.-]*+\w")
"""Where a name does not end."""
_MOST_OTHERS = 2
"""Objects that a finding names besides its own."""


def located(findings: Sequence[Finding], judgement: Judgement) -> list[Finding]:
    """Give findings with the line that wrote each, or its file only; as they are where the copy cannot be rendered.

    Args:
        findings: of a run, the important ones first.
        judgement: of the run.
    """
    try:
        lines = _Search(judgement, ChartPaths(judgement.gate.chart)).lines(findings)
    except InputError:  # no copy can be made, or helm hangs: without lines, the report is still one
        return list(findings)
    return [dataclasses.replace(finding, written=lines.get(number)) for number, finding in enumerate(findings)]


class _Search:
    """Looks for the lines of findings, scenario by scenario."""

    def __init__(self, judgement: Judgement, paths: ChartPaths) -> None:
        self._judgement = judgement
        self._paths = paths
        self._masked = judgement.gate.masker
        self._also = AlsoLines(paths)
        self._elsewhere: dict[tuple[str, str], tuple[Resource, Scenario] | None] = {}
        self._labels: dict[str, list[tuple[str, tuple[str, ...], Resource]]] = {}
        # A large chart has thousands of findings, each about one of its thousands of objects or values.
        self._named: dict[str, dict[tuple[str, str], list[Resource]]] = {}
        self._files: dict[str, list[WrittenNode]] = {}

    def lines(self, findings: Sequence[Finding]) -> dict[int, Written]:
        """Give what is known, by the number of the finding."""
        scenarios = self._scenarios(findings)
        found: dict[int, Written] = {}
        open_: dict[int, list[str]] = {}
        templates: set[str] = set()
        often = {name for name, _ in Counter(finding.scenario for finding in findings).most_common(MOST_STARTS)}
        for number, finding in enumerate(findings):
            elsewhere = self._resource_elsewhere(finding)
            others = self._others(finding, scenarios.get(finding.scenario)) if finding.scenario in often else []
            template = elsewhere[0].template if elsewhere else finding.template
            path = self._paths.of(templates_of(template)[0])
            if path:
                found[number] = self._in_its_file(path, finding, has_scenario=bool(elsewhere or finding.scenario))
            if others or (path and "templates/" in path):
                names = [self._masked.name(elsewhere[1].name)] if elsewhere else [finding.scenario, *finding.cases]
                open_[number] = list(dict.fromkeys(names))
                templates |= {*templates_of(template), *(one for r in others for one in templates_of(r.template))}
        if not open_:
            return found
        renderings = self._judgement.gate.renderings
        stamped = renderings.stamped(templates - {""})
        for _ in range(MOST_STARTS):
            counts = Counter(name for number, names in open_.items() for name in names if name in scenarios)
            if not counts:
                break
            name = counts.most_common(1)[0][0]
            printed = stamped.printed(scenarios[name], renderings.tools)
            for number in [number for number, names in open_.items() if name in names]:
                open_[number].remove(name)
                if written := self._written(findings[number], scenarios[name], printed, found.get(number)):
                    found[number] = written
                    del open_[number]
        return found

    def _in_its_file(self, path: str, finding: Finding, *, has_scenario: bool) -> Written:
        """Give what is known without rendering: a place in a file that is no template, or else the file alone."""
        known = None
        if "templates/" not in path:
            known = self._in_file(path, finding.path)
        elif not has_scenario:
            known = self._reading(path, finding.path)
        return known or Written(SourceLine(self._paths.shown(path)))

    def _scenarios(self, findings: Sequence[Finding]) -> dict[str, Scenario]:
        """Give scenarios by the names that findings give them: those of the matrix, and those that policies derived."""
        gate = self._judgement.gate
        known = {self._masked.name(scenario.name): scenario for scenario in gate.matrix.rendering}
        wanted = {finding.policy.name for finding in findings if finding.scenario and finding.scenario not in known}
        for policy in gate.policies:
            if policy.name in wanted:
                for case in self._judgement.cases(policy):
                    known |= {self._masked.name(s.name): s for s in case.scenarios if s.name not in known}
        return known

    def _written(
        self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText], known: Written | None
    ) -> Written | None:
        """Give what a scenario shows of a finding: who wrote it, or at least who wrote others that it names."""
        written = self._found(finding, scenario, printed)
        others = list(self._lines_of_others(finding, scenario, printed))
        if written is None and others:
            written = known or Written(SourceLine(others[0].file))
        if written is None or not others:
            return written
        also = [*written.also[: MOST_ALSO - len(others)], *(other for other in others if other not in written.also)]
        return dataclasses.replace(written, also=tuple(also))

    def _found(self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]) -> Written | None:
        elsewhere = self._resource_elsewhere(finding)
        resource = elsewhere[0] if elsewhere else self._resource(finding, scenario)
        if resource is None or self._judgement.gate.masker_for([scenario]).text(finding.path) != finding.path:
            return None
        by_chance = calls_of(self._judgement.gate.chart).may_differ_in(templates_of(resource.template)[0])
        address = "" if elsewhere else finding.path
        place = printed_place(resource, address, printed, by_chance=by_chance)
        if place is None:
            return None
        key, key_at = ("", None) if place.is_around or place.is_block else self._key(place.first.line, scenario)
        told = self._told(place, is_whole=not address)
        scenario_name = self._masked.name(scenario.name)
        scenario_name = scenario_name if elsewhere and scenario_name != finding.scenario else ""
        is_presence = str(ABSENT) in (str(finding.expected), "" if address else str(finding.actual))
        also = self._also.of(told, place.parts, is_whole=not address, is_presence=is_presence)
        return Written(
            self._lines(told[0]),
            tuple(map(self._lines, told[1:])),
            place.is_around,
            key,
            key_at,
            also=tuple(map(self._lines, also)),
            scenario=scenario_name,
        )

    def _told(self, place: PrintedPlace, *, is_whole: bool) -> list[TemplateLines]:
        """Give the lines that wrote something, and those that called them."""
        line, calls = place.first
        last = end_of_block(self._paths.text(line.file), line.line, place.last) if place.is_block else place.last
        told = [TemplateLines(line.file, line.line, last), *(TemplateLines(c.file, c.line, c.line) for c in calls)]
        if is_whole:
            # What lets a whole object be there, or not, is above it in the file that prints it.
            outer = told[-1]
            first = begin_of_conditions(self._paths.text(outer.file), outer.first)
            told[-1] = TemplateLines(outer.file, first, outer.last)
        return told

    def _others(self, finding: Finding, scenario: Scenario | None) -> list[Resource]:
        """Give other objects that a finding names, the first few, and those that have the very name of its own."""
        if scenario is None:
            return []
        if scenario.name not in self._labels:
            masker = self._judgement.gate.masker_for([scenario])
            self._labels[scenario.name] = [
                (masker.text(str(resource.identity)), _labels(resource, masker), resource)
                for resource in self._judgement.rendering(scenario).resources
            ]
        said = f"{finding.expected} {finding.actual}"
        own = templates_of(finding.template)[0]
        return [
            resource
            for identity, labels, resource in self._labels[scenario.name]
            if (own and resource.template != own if identity == finding.subject else _names(said, labels))
        ][:_MOST_OTHERS]

    def _lines_of_others(
        self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]
    ) -> Iterator[SourceLine]:
        for resource in self._others(finding, scenario):
            if place := printed_place(resource, "", printed):
                yield self._lines(self._told(place, is_whole=True)[0])

    def _resource(self, finding: Finding, scenario: Scenario) -> Resource | None:
        """Give the resource that a finding is about; None where it is not there, or what names it is not sure."""
        if scenario.name not in self._named:
            masker = self._judgement.gate.masker_for([scenario])
            named: dict[tuple[str, str], list[Resource]] = {}
            self._named[scenario.name] = named
            for resource in self._judgement.rendering(scenario).forms:
                named.setdefault((resource.template, masker.text(resource.subject)), []).append(resource)
        found = self._named[scenario.name].get((finding.template, finding.subject), [])
        return found[0] if len(found) == 1 else None

    def _resource_elsewhere(self, finding: Finding) -> tuple[Resource, Scenario] | None:
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

    def _reading(self, path: str, address: str) -> Written | None:
        """Give the one line of a template that reads a key of the values, which a subchart's folder may come before."""
        try:
            key = tuple(steps(address.rpartition("/")[2]))
        except ValueError:
            return None
        acts = (piece for piece in pieces(self._paths.text(path)) if piece.kind == "action")
        lines = {piece.line for piece in acts if key in paths_in(piece.inside)}
        return Written(SourceLine(self._paths.shown(path), *lines, *lines)) if len(lines) == 1 else None

    def _lines(self, lines: TemplateLines) -> SourceLine:
        return SourceLine(self._paths.shown(lines.file), lines.first, lines.last)

    def _key(self, line: TemplateLine, scenario: Scenario) -> tuple[str, SourceLine | None]:
        """Give the one key of the values that a line of the chart's own templates reads, and where it is set."""
        if not line.file.startswith("templates/"):
            return "", None
        actions = [p for p in pieces(self._paths.text(line.file)) if p.kind == "action" and p.line == line.line]
        read = {path for piece in actions for path in paths_in(piece.inside)}
        if len(read) != 1:
            return "", None
        [path] = read
        address = join(*path)
        is_given = lookup(scenario.overrides, address) is not ABSENT
        written = None if is_given else self._in_file("values.yaml", address)
        return address, written.by if written and not written.is_around else None

    def _in_file(self, path: str, address: str) -> Written | None:
        """Give where a YAML file of the chart says what is at an address."""
        if path not in self._files:
            self._files[path] = list(written_documents(self._paths.text(path)))
        documents = self._files[path]
        try:
            node, left = nearest(documents[0], address) if len(documents) == 1 else (None, [])
        except ValueError:
            return None
        if node is None or (left and node is documents[0]):
            return None
        line = node.text.count("\n", 0, node.start) + (node.key or node.node).start_mark.line + 1
        return Written(SourceLine(self._paths.shown(path), line, line), is_around=bool(left))


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
