"""The line of a file that a template prints as it is, by `.Files.Get`, in place of the template's own line."""

from __future__ import annotations

import dataclasses
import re

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.printed_places import PrintedPlace

_READ = re.compile(r"\.Files\.Get\s++\(?[\"`]([^\"`]++)[\"`]")
_LINE = re.compile(r"(?:[\w./-]++: )?line ([0-9]{1,6}+)\b")
_ITEM = re.compile(r"\[([^\[\]]++)\]$")
_LEAST = 8
"""Characters of words that are looked for: fewer are anywhere."""


def in_file(written: Written, place: PrintedPlace | None, finding: Finding, paths: ChartPaths) -> Written:
    """Give the line of the file that a text comes from, called from the template; else what is known.

    Args:
        written: who printed it.
        place: the text; None for what is no text of several lines.
        finding: which tells of a line of it, or has words that one of its lines has; else all of the file is meant.
        paths: of the chart.
    """
    if place is None:
        return written
    writers = {line for line in place.parts if paths.text(line.file)}
    found = [(line, path) for line in writers if (path := _path(line.file, line.line, paths))]
    if len(found) != 1 or not isinstance(place.node.data, str):
        return written
    [(line, path)] = found
    text, content = place.node.data.strip("\n"), paths.text(path)
    if not text or content.count(text) != 1:
        return written
    before = content[: content.index(text)].count("\n")
    lines = text.split("\n")
    number = _number(finding, lines)
    first, last = (number, number) if number else (1, len(lines))
    template = SourceLine(paths.shown(line.file), line.line, line.line)
    calls = tuple(dict.fromkeys([template, *written.calls]))
    by = SourceLine(paths.shown(path), before + first, before + last)
    return dataclasses.replace(written, by=by, calls=calls, is_around=not number and written.is_around)


def _path(template: str, number: int, paths: ChartPaths) -> str:
    """Give the file that a line of a template prints; empty where that is not sure."""
    lines = paths.text(template).split("\n")
    read = _READ.findall(lines[number - 1]) if number <= len(lines) else []
    folder = template.rpartition("templates/")[0]
    path = f"{folder}{read[0]}" if len(read) == 1 else ""
    return path if path in paths.contents else ""


def _number(finding: Finding, lines: list[str]) -> int:
    """Give the number of the line that a finding is about, counted from 1; 0 where that is not known."""
    said = str(finding.actual) if isinstance(finding.actual, str) else ""
    if named := _LINE.match(said):
        return int(named[1]) if int(named[1]) <= len(lines) else 0
    item = _ITEM.search(finding.path)
    words = [
        said,
        said.partition(": ")[0],
        said.partition("...")[0],
        item[1] if item and "data[" not in item[0] else "",
    ]
    for word in dict.fromkeys(words):
        having = [number for number, line in enumerate(lines, 1) if word in line] if len(word) >= _LEAST else []
        if len(having) == 1:
            return having[0]
    return 0
