"""Who printed the line at which what a template prints is no YAML any more."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.stamps import Writer
from chartgate.charts.template_texts.template_sources import TemplateLines
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.go_yaml import other_depth
from chartgate.documents.yaml_texts.written_places import WrittenNode, nearest, written_documents
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.stopped_lines import StoppedLines
from chartgate.model import Scenario

_NEXT_DOCUMENT = re.compile(r"^(?=---)", re.MULTILINE)
_MOST_STARTS = 3
"""Of helm, for as many templates that print no YAML."""
_NEAR = 3
"""Lines that are told as one block; between others there may be much that prints nothing."""
_OPENED = re.compile(r"\s*+(?:- ++)*+(?:[\w./-]++:\s++)?(?P<quote>[\"'])(?P<rest>.*+)$")
"""A line with a text in quotes, as far as it begins there."""
_BROKEN_BY_A_VALUE = re.compile(r"(?<!\S)(?P<template>\S++) no longer renders: error converting YAML to JSON")
"""As policies say it that try what users may set."""

_KINDS: dict[str, Any] = {"array": list, "object": dict, "string": str, "number": (int, float), "bool": bool}
"""What JSON has, as Go calls it."""


class UnparsedLines:
    """Finds them, for the first few templates that anybody asks for."""

    def __init__(self, judgement: Judgement, paths: ChartPaths) -> None:
        self._judgement = judgement
        self._paths = paths
        self._starts = 0

    def line(self, template: str, scenario: Scenario, kind: str = "", key: str = "") -> Written | None:
        """Give who printed that line in a scenario, and who called it; None where that is not known.

        Args:
            template: that printed it.
            scenario: in which it did.
            kind: what YAML has there and helm does not take, as JSON calls it; empty where it is no YAML.
            key: where in a document that is; empty for all of it.
        """
        if self._starts >= _MOST_STARTS:
            return None
        self._starts += 1
        renderings = self._judgement.gate.renderings
        try:
            printed = renderings.stamped([template], without=template).printed(scenario, renderings.tools)
        except InputError:
            return None
        if template not in printed:
            return None
        text, start = printed[template], 0
        if kind:
            of_kind = (node for node in _nodes(text.text, key) if isinstance(node.data, _KINDS.get(kind, ())))
            return self._written([writer for node in of_kind if (writer := text.writer(node.place))][:1])
        for part in _NEXT_DOCUMENT.split(text.text):
            try:
                go_yaml.load(part, "", repeats=[])
            except go_yaml.BrokenYaml as error:
                found = [text.writer(start + place) for place in _suspects(part, error.line)]
                return self._written([writer for writer in found if writer])
            start += len(part)
        return None

    def _written(self, writers: Sequence[Writer]) -> Written | None:
        """Give the line of the last of these; with that of the first, and its conditions, where one file has both."""
        if not writers:
            return None
        at, calls = writers[-1].line, writers[-1].calls
        beside = [line.line for line in (writers[0].line, *writers[0].calls) if line.file == at.file]
        first = min([at.line, *beside[:1]])
        is_near = at.line - first <= _NEAR
        conditions = (
            StoppedLines(self._paths).conditions(TemplateLines(at.file, first, first)) if first < at.line else []
        )
        file = self._paths.shown(at.file)
        return Written(
            SourceLine(file, first if is_near else at.line, at.line),
            tuple(SourceLine(self._paths.shown(call.file), call.line) for call in calls),
            parts=(
                *[SourceLine(file, first, first)] * (not is_near),
                *(SourceLine(file, one.first, one.last) for one in conditions),
            ),
        )

    def added(self, known: Written, finding: Finding, scenario: Scenario | None) -> Written:
        """Give what is known of a finding, with that line in front of who reads the value that breaks it.

        Of several values no line is known: then it is that line.
        """
        broken = _BROKEN_BY_A_VALUE.search(str(finding.actual))
        line = self.line(broken["template"], scenario) if broken and scenario else None
        if line is None or not known.by.line:
            return line or known
        return dataclasses.replace(known, parts=(line.by, *line.parts, *line.calls))


def _nodes(text: str, key: str) -> Iterator[WrittenNode]:
    """Give what documents have at a key, and the values of it where it is a map: helm wants texts of annotations."""
    for document in written_documents(text):
        node, left = nearest(document, key)
        if not left:
            below = (node.below(name) for name in node.data) if key and isinstance(node.data, dict) else ()
            yield from filter(None, (node, *below))


def _suspects(text: str, number: int) -> list[int]:
    """Give where the line begins at which a text is no YAML any more, and that above it which may be the wrong one."""
    lines = text.split("\n")
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    numbers = [other_depth(text, number), number] if 0 < number <= len(lines) else []
    if unclosed := _unclosed(lines[:number], is_end=number >= len(lines)):
        numbers = [unclosed]
    return [begins[n - 1] + len(lines[n - 1]) - len(lines[n - 1].lstrip()) for n in numbers if n]


def _unclosed(lines: Sequence[str], *, is_end: bool) -> int:
    """Give the last line that opens a quote which the next of its kind closes, or nothing to the end; 0 for none."""
    for number in range(len(lines), 0, -1):
        opened = _OPENED.match(lines[number - 1])
        if opened and opened["rest"].replace(f"\\{opened['quote']}", "").count(opened["quote"]) == 0:
            is_closed = any(opened["quote"] in line for line in lines[number:])
            return number if is_closed or is_end else 0
    return 0
