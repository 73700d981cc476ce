"""From a finding back to the line of the chart's source that wrote what it is about; only of a run that is red.

A few scenarios in which most findings are get rendered once more, with stamps in what the templates print. A line is
told only where the object that was judged is found among what is printed then, with the same value at the same place.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from chartgate.charts.chart_paths import ChartPaths
from chartgate.charts.stamps import StampedText, TemplateLine
from chartgate.charts.template_pieces import begin_of_conditions, end_of_block, pieces
from chartgate.charts.template_reads import paths_in
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.written_places import nearest, written_documents
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.outcome import Finding, SourceLine, Written
from chartgate.gate.printed_places import printed_place, templates_of
from chartgate.model import Resource, Scenario

MOST_STARTS = 5
"""Of helm, some 0.3 s each."""


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

    def lines(self, findings: Sequence[Finding]) -> dict[int, Written]:
        """Give what is known, by the number of the finding."""
        found: dict[int, Written] = {}
        open_: dict[int, list[str]] = {}
        templates: set[str] = set()
        for number, finding in enumerate(findings):
            path = self._paths.of(templates_of(finding.template)[0])
            if not path:
                continue
            found[number] = Written(SourceLine(self._paths.shown(path)))
            if "templates/" not in path:
                found[number] = self._in_file(path, finding.path) or found[number]
            elif finding.scenario:
                open_[number] = list(dict.fromkeys([finding.scenario, *finding.cases]))
                templates |= {*templates_of(finding.template)}
        if not open_:
            return found
        scenarios = self._scenarios(findings, open_)
        renderings = self._judgement.gate.renderings
        stamped = renderings.stamped(templates)
        for _ in range(MOST_STARTS):
            counts = Counter(name for number, names in open_.items() for name in names if name in scenarios)
            if not counts:
                break
            name = counts.most_common(1)[0][0]
            printed = stamped.printed(scenarios[name], renderings.tools)
            for number in [number for number, names in open_.items() if name in names]:
                open_[number].remove(name)
                if written := self._written(findings[number], scenarios[name], printed):
                    found[number] = written
                    del open_[number]
        return found

    def _scenarios(self, findings: Sequence[Finding], numbers: Mapping[int, object]) -> dict[str, Scenario]:
        """Give scenarios by the names that findings give them: those of the matrix, and those that policies derived."""
        gate = self._judgement.gate
        known = {self._masked.name(scenario.name): scenario for scenario in gate.matrix.rendering}
        wanted = {findings[number].policy.name for number in numbers if findings[number].scenario not in known}
        for policy in gate.policies:
            if policy.name in wanted:
                for case in self._judgement.cases(policy):
                    known |= {self._masked.name(s.name): s for s in case.scenarios if s.name not in known}
        return known

    def _written(self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]) -> Written | None:
        resource = self._resource(finding, scenario)
        if resource is None or self._judgement.gate.masker_for([scenario]).text(finding.path) != finding.path:
            return None
        place = printed_place(resource, finding.path, printed)
        if place is None:
            return None
        line, calls = place.first
        key, key_at = ("", None) if place.is_around or place.is_block else self._key(line, scenario)
        text = self._paths.text(line.file)
        last = end_of_block(text, line.line, place.last) if place.is_block else place.last
        lines = [self._shown(line, last), *(self._shown(call) for call in calls)]
        if not finding.path:
            # What lets a whole object be there, or not, is above it in the file that prints it.
            outer = calls[-1] if calls else line
            first = begin_of_conditions(self._paths.text(outer.file), outer.line)
            lines[-1] = dataclasses.replace(lines[-1], line=first)
        return Written(lines[0], tuple(lines[1:]), place.is_around, key, key_at)

    def _resource(self, finding: Finding, scenario: Scenario) -> Resource | None:
        """Give the resource that a finding is about; None where it is not there, or what names it is not sure."""
        masker = self._judgement.gate.masker_for([scenario])
        named = [
            resource
            for resource in self._judgement.rendering(scenario).forms
            if resource.template == finding.template and masker.text(str(resource.identity)) == finding.subject
        ]
        return named[0] if len(named) == 1 else None

    def _shown(self, line: TemplateLine, last: int = 0) -> SourceLine:
        return SourceLine(self._paths.shown(line.file), line.line, max(last, line.line))

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
        text = self._paths.text(path)
        try:
            documents = list(written_documents(text))
            node, left = nearest(documents[0], address) if len(documents) == 1 else (None, [])
        except ValueError:
            return None
        if node is None or (left and node is documents[0]):
            return None
        line = text.count("\n", 0, node.start + (node.key or node.node).start_mark.index) + 1
        return Written(SourceLine(self._paths.shown(path), line, line), is_around=bool(left))
