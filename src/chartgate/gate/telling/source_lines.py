"""From a finding back to the line of the chart's source that wrote what it is about; only of a run that is red.

A few scenarios in which most findings are get rendered once more, with stamps in what the templates print. A line is
told only where the object that was judged is found among what is printed then, with the same value at the same place.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import StampedText, TemplateLine
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.charts.template_texts.template_pieces import begin_of_conditions, end_of_block, pieces
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.charts.template_texts.template_sources import TemplateLines
from chartgate.documents.addresses import ABSENT, is_address, join, lookup, steps
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.addresses_beside import address_in_other, addresses_beside
from chartgate.gate.telling.flawed_documents import flawed_place
from chartgate.gate.telling.line_parts import LineParts, put_by, with_others
from chartgate.gate.telling.missing_objects import MissingObjects
from chartgate.gate.telling.named_objects import NamedObjects
from chartgate.gate.telling.narrowed_places import (
    begin_of_text,
    line_of_text,
    made_of_text,
    of_key,
    of_one_call,
    of_too_much,
    printing_line,
)
from chartgate.gate.telling.printed_files import in_file
from chartgate.gate.telling.printed_places import PrintedPlace, printed_place, templates_of
from chartgate.gate.telling.said_lines import SaidLines
from chartgate.gate.telling.said_values import writers_of_values
from chartgate.gate.telling.unparsed_lines import UnparsedLines
from chartgate.model import Scenario

MOST_STARTS = 8
"""Of helm, some 0.3 s each, or 0.05 s of its library; most findings are in one or two scenarios."""
_TRIES = 3
"""Scenarios in which one finding is looked for."""
_LINE_OF_TEXT = re.compile(r"(?:[\w./-]++: )?line ([0-9]{1,6}+)\b")
"""With which policies begin that tell of a line of a text, which may be a file of that name."""
_TEMPLATES = re.compile(r"(?:charts/(?P<subchart>[^/]++)/)?templates/")
"""Of the chart itself, or of a subchart that has the name of its folder in the values."""


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
        self._parts = LineParts(paths)
        self._named = NamedObjects(judgement)
        self._said = SaidLines(judgement.gate.chart, paths)
        self._missing = MissingObjects(self._named, self._said, paths)
        self._unparsed = UnparsedLines(judgement, paths)

    def lines(self, findings: Sequence[Finding]) -> dict[int, Written]:
        """Give what is known, by the number of the finding."""
        scenarios = self._scenarios(findings)
        found: dict[int, Written] = {}
        open_: dict[int, list[str]] = {}
        templates: set[str] = set()
        printed_somewhere: set[int] = set()
        often = {name for name, _ in Counter(finding.scenario for finding in findings).most_common(MOST_STARTS)}
        for number, finding in enumerate(findings):
            elsewhere = self._named.elsewhere(finding)
            scenario = scenarios.get(finding.scenario) if finding.scenario in often else None
            others = self._missing.others(finding, scenario)
            template = elsewhere[0].template if elsewhere else finding.template
            path = self._paths.of(templates_of(template)[0])
            known = self._said.of(finding, path, has_scenario=bool(elsewhere or finding.scenario))
            known = known or (self._missing.of_kind(finding, scenario) if scenario and not others else None)
            if known:
                found[number] = self._unparsed.added(known, finding, scenario)
            is_printed = bool(path) and "templates/" in path
            if others or is_printed:
                names = [self._masked.name(elsewhere[1].name)] if elsewhere else _names_of_cases(finding)
                open_[number] = list(dict.fromkeys(names))
                printed_somewhere |= {number} if is_printed else set()
                templates |= {*templates_of(template), *(one for r in others for one in templates_of(r.template))}
        if not open_:
            return found
        renderings = self._judgement.gate.renderings
        stamped = renderings.stamped(templates - {""})
        tries: Counter[int] = Counter()
        for _ in range(MOST_STARTS):
            # What was found in no scenario yet must not keep the others from being looked for.
            least = min((tries[number] for number, names in open_.items() if scenarios.keys() & names), default=_TRIES)
            if least >= _TRIES:
                break
            waiting = [names for number, names in open_.items() if tries[number] == least]
            name = Counter(name for names in waiting for name in names if name in scenarios).most_common(1)[0][0]
            printed = stamped.printed(scenarios[name], renderings.tools)
            for number in [number for number, names in open_.items() if name in names]:
                open_[number].remove(name)
                tries[number] += 1
                if written := self._written(findings[number], scenarios[name], printed, found.get(number)):
                    found[number] = written
                    # What it is about may be there in another of its scenarios.
                    if written.by.line or number not in printed_somewhere:
                        del open_[number]
        return found

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
        if written is None:
            return None
        ends = [
            *self._line_beside(finding, scenario, printed),
            *self._missing.lines(finding, written, scenario, printed),
            *self._lines_of_values(finding, printed),
        ]
        more = [*self._missing.switched_on(finding, written, scenario), *(known.also if known else ())]
        return with_others(written, ends, more, others)

    def _found(self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]) -> Written | None:
        elsewhere = self._named.elsewhere(finding)
        resource = elsewhere[0] if elsewhere else self._named.own(finding, scenario)
        if resource is None and (flawed := flawed_place(finding, printed)):
            by, *calls = map(self._lines, self._told(flawed, is_whole=False))
            return Written(by, tuple(calls), flawed.is_around)
        if resource is None or self._judgement.gate.masker_for([scenario]).text(finding.path) != finding.path:
            return None
        by_chance = calls_of(self._judgement.gate.chart).may_differ_in(templates_of(resource.template)[0])
        address = "" if elsewhere or not is_address(finding.path) else finding.path
        address = self._missing.wrong_half(finding, address, resource, scenario)
        place = printed_place(resource, address, printed, by_chance=by_chance)
        if place is None:
            return None
        whole = place if place.is_text else None
        if in_text := _LINE_OF_TEXT.match(str(finding.actual)):
            place = line_of_text(place, int(in_text[1]))
        elif place.is_text and (number := self._missing.line_in(finding, str(place.node.data))):
            place = line_of_text(place, number)
        place = self._through_data(place)
        if finding.is_of_key:
            place = of_key(place)
        elif not place.is_around or place.steps == tuple(steps(address)):
            place = of_too_much(place, finding.expected, finding.actual)
        if place.is_around or place.is_block or (place.is_text and len(place.writers) > 1):
            place = of_one_call(place)
        printing = printing_line(place)
        key, key_at = self._key(printing, finding.path, scenario) if printing else ("", None)
        if finding.is_of_key and (own := self._said.only_key(steps(finding.path)[-1])):
            is_given = lookup(scenario.overrides, own[0]) is not ABSENT
            key, key_at = own[0], None if is_given else own[1].by.moved(0)
        if key_at and key_at.last > key_at.line:
            key_at = self._said.in_block(key, key_at, finding) or key_at
        told = self._told(place, is_whole=not address)
        at = told[0]
        if address and not place.is_around:
            told = self._parts.narrowed(told, put_by(finding, place.steps, place.first.line.file))
        scenario_name = self._masked.name(scenario.name)
        scenario_name = scenario_name if elsewhere and scenario_name != finding.scenario else ""
        is_presence = str(ABSENT) in (str(finding.expected), "" if address else str(finding.actual)) or told[0] != at
        # What is missing at the top of an object is no matter of who wrote parts of all the rest.
        is_whole = not address or (place.is_around and not place.steps)
        wrote = place.parts if place.steps or not place.is_around else ()
        missing = steps(address)[len(place.steps) :][:1] if place.is_around else [str(finding.expected)]
        left_out = self._parts.left_out(told[0], place.parts, *missing) if place.is_block and missing else []
        parts = [*left_out, *self._parts.of(told, wrote, is_whole=is_whole, is_presence=is_presence)]
        if finding.asked:  # as likely as what it asks for, it is itself there by a mistake
            parts = [*self._parts.outer(told[-1]), *parts]
        by, *calls = map(self._lines, told)
        told_parts = tuple(map(self._lines, dict.fromkeys(parts)))
        written = Written(by, tuple(calls), place.is_around, key, key_at, parts=told_parts, scenario=scenario_name)
        return in_file(written, whole, finding, self._paths)

    def _through_data(self, place: PrintedPlace) -> PrintedPlace:
        """Give who wrote the text that a place was made of, with the line that printed it among the calls."""
        at = place.first.line
        read = self._parts.read_by(TemplateLines(at.file, at.line, place.last))
        return made_of_text(place, lambda line: any(_has(one, line) for one in read))

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

    def _lines_of_others(
        self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]
    ) -> Iterator[SourceLine]:
        """Give who wrote others, what is at the same address of them where they have that; what several share first."""
        ways: list[list[TemplateLines]] = []
        said = f"{finding.expected} {finding.actual}"
        for resource in self._missing.others(finding, scenario):
            is_called_alike = str(resource.identity) == finding.subject
            address = address_in_other(finding.path, resource, said, is_called_alike=is_called_alike)
            address = "metadata.name" if self._missing.is_missing(finding) else address
            place = printed_place(resource, address, printed) if address else None
            is_there = place is not None and not place.is_around
            if place := place if is_there else printed_place(resource, "", printed):
                told = self._told(place, is_whole=not is_there)
                read = self._parts.of(told, place.parts, is_whole=False, is_presence=False) if is_there else []
                ways.append([told[0], *read])
        counts = Counter(line for way in ways for line in dict.fromkeys(way))
        shared = [line for line, count in counts.items() if count > 1]
        yield from map(self._lines, [*shared, *(line for way in ways for line in way[:2])])

    def _line_beside(
        self, finding: Finding, scenario: Scenario, printed: Mapping[str, StampedText]
    ) -> Iterator[SourceLine]:
        """Give who wrote what only together with the place of a finding means something."""
        said = f"{finding.expected} {finding.actual}"
        resource = self._named.own(finding, scenario)
        for address in addresses_beside(finding.path, resource, said) if resource else ():
            if resource and (place := printed_place(resource, address, printed)):
                place = of_key(place) if finding.path.startswith(f"{address}.") else place
                yield from [self._lines(self._told(place, is_whole=False)[0])] * (not place.is_around)
        own = printed_place(resource, finding.path, printed) if resource and is_address(finding.path) else None
        if own and not own.is_around and (begin := begin_of_text(own)):
            yield self._lines(TemplateLines(begin.file, begin.line, begin.line))

    def _lines_of_values(self, finding: Finding, printed: Mapping[str, StampedText]) -> Iterator[SourceLine]:
        said = " ".join(words for words in (finding.expected, finding.actual) if isinstance(words, str))
        for text in (printed[template] for template in templates_of(finding.template) if template in printed):
            for writer in writers_of_values(said, text):
                yield self._lines(TemplateLines(writer.line.file, writer.line.line, writer.line.line))

    def _lines(self, lines: TemplateLines) -> SourceLine:
        return SourceLine(self._paths.shown(lines.file), lines.first, lines.last)

    def _key(self, line: TemplateLine, path: str, scenario: Scenario) -> tuple[str, SourceLine | None]:
        """Give the one key of the values that a line reads, or that of a place's name, and where it is set."""
        if not (place := _TEMPLATES.match(line.file)):
            return "", None
        here = (piece for piece in pieces(self._paths.text(line.file)) if piece.line == line.line)
        read = {path for piece in here if piece.kind == "action" for path in paths_in(piece.inside)}
        if len(read) > 1 and is_address(path):
            read = {key for key in read if key[-1] in steps(path)}
        if len(read) != 1:
            return "", None
        [key] = read
        found = self._said.of_values(place["subchart"] or "", key)
        address = found[0] if found else join(*filter(None, [place["subchart"]]), *key)
        is_given = lookup(scenario.overrides, address) is not ABSENT
        return address, found[1].by if found and not is_given else None


def _has(lines: TemplateLines, one: TemplateLine) -> bool:
    return lines.file == one.file and lines.first <= one.line <= lines.last


def _names_of_cases(finding: Finding) -> list[str]:
    """Give the scenarios of a finding, its own first; of a pair, `off..on`, both."""
    return [finding.scenario, *finding.cases, *(name for case in finding.cases for name in case.split(".."))]
