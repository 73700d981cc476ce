"""The line of a template in what helm says when it does not render a scenario, as a line of the chart's source."""

from __future__ import annotations

import dataclasses
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.charts.template_texts.template_pieces import pieces
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.charts.template_texts.template_sources import TemplateLines
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.words import near
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import HOOK_FAILS, Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.printed_places import printed_place
from chartgate.gate.telling.said_lines import SaidLines
from chartgate.gate.telling.stopped_lines import StoppedLines
from chartgate.gate.telling.unparsed_lines import UnparsedLines
from chartgate.model import Resource, Scenario

_PLACE = re.compile(r"(?<![\w./ -])(?P<words>[\w./ -]++):(?P<line>[0-9]{1,6})\b")
_MOST_WORDS = 20
"""In the name of a template, and in front of it."""
_BROKEN_YAML = re.compile(
    r"^Error: YAML parse error on (?P<template>.+?): error (?:converting YAML to JSON"
    r"|unmarshaling JSON: (?:while decoding JSON: )?+json: cannot unmarshal (?P<kind>\w++) into Go"
    r" (?:value|struct field \w*+\.(?P<key>\S++)))",
    re.MULTILINE,
)
_HOOK = re.compile(
    rf"^{HOOK_FAILS}(?P<job>.+?) from (?P<template>[^\s:]++):"
    r" (?:(?P<variable>\w++)=|no container sets (?P<missing>\w++),)"
)
"""As rendering/hooks.py says it of a variable that the matrix names."""
_NEAREST = re.compile(r"; Deployment (?P<name>\S++) from \S++ has (?:no \S++|(?P<label>[^\s=]++)=')")
"""And of the labels by which it should find one."""
_KEY = re.compile(r"(?<![\w.-])[A-Za-z][\w-]*+(?:\.[A-Za-z][\w-]*+)++(?![\w-])")
_MOST_KEYS = 6
"""Lines of keys that a chart names, and of who reads them."""
_LIKE = 0.8
"""How alike a key is that was meant."""
_REFUSED_VALUE = re.compile(r"^(?P<chart>[\w.-]++):\n- at '(?P<pointer>(?:/[^/'\n]++)*+)': ", re.MULTILINE)
"""As helm says first which value does not fit which schema."""
_UNKNOWN_KEY = re.compile(r"^- at '(?P<pointer>[^'\n]*+)': additional properties '(?P<key>[^'\n]++)'", re.MULTILINE)
"""As helm says which key a schema does not know: a name that is missing besides may be what was meant by it."""

_REFUSED_VERSION = re.compile(r"^Error: chart requires kubeVersion: (?P<range>.+?) which is incompatible", re.MULTILINE)


def with_lines(problems: Iterable[Problem], judgement: Judgement) -> Iterator[Problem]:
    """Give problems; those in which helm names a line of a template, or prints what is no YAML, with that line."""
    gate = judgement.gate
    try:
        paths = ChartPaths(gate.chart)
    except InputError:
        yield from problems
        return
    scenarios = {gate.masker.name(scenario.name): scenario for scenario in gate.matrix.rendering}
    said, stopped, unparsed = SaidLines(gate.chart, paths), StoppedLines(paths), UnparsedLines(judgement, paths)
    for problem in problems:
        written = _named_line(problem.message, paths, stopped) if problem.kind in ("renders", "refused") else None
        scenario = next((scenarios[case] for case in problem.cases if case in scenarios), None)
        if hook := _HOOK.search(problem.message):
            written = _variable_line(hook["template"], hook["variable"] or "", paths)
            if hook["missing"] and scenario:
                written = _variables_lines(hook["job"], scenario, judgement, paths) or written
            if written and scenario and (nearest := _NEAREST.search(problem.message)):
                written = dataclasses.replace(written, also=_label_lines(nearest, scenario, judgement, paths))
        elif written and scenario:
            also = (*written.also, *_lines_of_keys(problem.message, written, paths, said))
            written = _misspelt(dataclasses.replace(written, also=also), scenario, paths, said)
        broken = _BROKEN_YAML.search(problem.message) if problem.kind == "renders" else None
        if problem.kind == "renders" and scenario and (value := _REFUSED_VALUE.search(problem.message)):
            unknown = _UNKNOWN_KEY.search(problem.message)
            pointer = f"{unknown['pointer']}/{unknown['key']}" if unknown else value["pointer"]
            keys = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
            written = _value_line(value["chart"], keys, scenario, said) if keys else None
        if broken and scenario:
            written = unparsed.line(broken["template"], scenario, broken["kind"] or "", broken["key"] or "")
        if problem.kind == "renders" and (refused := _REFUSED_VERSION.search(problem.message)):
            written = _version_line(refused["range"], said)
        yield dataclasses.replace(problem, written=written or problem.written)


def _value_line(chart: str, keys: list[str], scenario: Scenario, said: SaidLines) -> Written | None:
    """Give the line of values.yaml that gives a value which the schema of a chart refuses; None where none does."""
    own = said.of_values("" if chart == said.chart.name else chart, keys)
    is_given = own is not None and lookup(scenario.overrides, own[0]) is not ABSENT
    return own[1] if own and not is_given else None


def _version_line(versions: str, said: SaidLines) -> Written | None:
    """Give the line of Chart.yaml that says which versions of Kubernetes it is for; of a subchart, nothing is known."""
    is_own = said.chart.metadata.get("kubeVersion") == versions
    return said.in_file("Chart.yaml", "kubeVersion") if is_own else None


def _named_line(message: str, paths: ChartPaths, stopped: StoppedLines) -> Written | None:
    """Give the last line that a message names, where it went wrong, and before that those that led there.

    Of what a template refuses in its own words, the line that has them; of a variable, the lines that set it as well.
    """
    found: list[TemplateLines] = []
    for place in _PLACE.finditer(message):
        if path := _template_at_the_end(place["words"], paths):
            number = int(place["line"])
            line = TemplateLines(path, number, number)
            found = [line, *(other for other in found if other != line)]
    if not found:
        return None
    parts, also = stopped.setting(message, found), stopped.meant(message)
    if unparsed := stopped.unparsed(message, found[0]):
        found, parts = unparsed[:1], unparsed[1:]
    refusing = stopped.refusing(message, found[0])
    if len(refusing) == 1:
        found = [*refusing, *(one for one in found if one not in refusing)]
        under = [*stopped.refusing_under(*refusing), *paths.sources.conditions(found[-1].file, found[-1].first)[:2]]
        parts = [one for one in dict.fromkeys(under) if one not in found]
    else:
        also = [*also, *(one for one in refusing if one not in found)]
    lines, told, others = (
        tuple(SourceLine(paths.shown(one.file), one.first, one.last) for one in some) for some in (found, parts, also)
    )
    return Written(lines[0], lines[1:], parts=told, also=others)


def _misspelt(written: Written, scenario: Scenario, paths: ChartPaths, said: SaidLines) -> Written:
    """Give the line first that reads a key which is not in the values, but for a letter or two, with the one it means.

    Where helm stops is where what it gave is used: nothing.
    """
    for lines in (written.by, *written.parts):
        path = next((path for path in paths.templates if paths.shown(path) == lines.file), "")
        folder = path.split("/")[1] if path.startswith("charts/") else ""
        acts = (one for one in pieces(paths.text(path)) if one.kind == "action" and lines.has(one.line))
        for key in (key for piece in acts for key in paths_in(piece.inside)):
            place = [folder] * bool(folder and key[0] != "global") + [*key]
            known: Any = scenario.values
            while place[0] in known and len(place) > 1 and isinstance(known[place[0]], dict):
                known, place = known[place[0]], place[1:]
            alike = [name for name in known if place[0] not in known and place[0] not in name]
            if meant := near(place[0], alike, 1, _LIKE):
                own = said.of_values(folder, [*key[: len(key) - len(place)], meant[0]])
                parts = tuple(one for one in (written.by, *written.parts) if one != lines)
                key_at = own[1].by.moved(0) if own else None
                return dataclasses.replace(
                    written, by=lines, parts=parts, key=own[0] if own else meant[0], key_at=key_at
                )
    return written


def _variable_line(template: str, variable: str, paths: ChartPaths) -> Written | None:
    """Give the one line of a template that names a variable of a container, or else the file."""
    path = paths.of(template)
    names = re.compile(rf"^[\s-]*+name:\s++[\"']?{variable}[\"']?\s*+$")
    lines = [number for number, line in enumerate(paths.text(path).split("\n"), 1) if names.match(line)]
    place = lines[:1] if len(lines) == 1 else []
    return Written(SourceLine(paths.shown(path), *place, *place)) if path else None


def _variables_lines(job: str, scenario: Scenario, judgement: Judgement, paths: ChartPaths) -> Written | None:
    """Give the lines that write the variables of a Job's first container, in which one is missing."""
    jobs = [one for one in judgement.rendering(scenario).resources if str(one.identity) == job]
    lines = _lines_of(jobs, "spec.template.spec.containers[0].env", scenario, judgement, paths)
    return Written(lines[0], is_around=True) if lines else None


def _label_lines(
    nearest: re.Match[str], scenario: Scenario, judgement: Judgement, paths: ChartPaths
) -> tuple[SourceLine, ...]:
    """Give the lines that write the label, or the labels, by which a hook does not find its Deployment."""
    deployments = judgement.rendering(scenario).resources.of_kind("Deployment")
    named = [one for one in deployments if one.name == nearest["name"]]
    address = join("metadata", "labels", *[nearest["label"]] * bool(nearest["label"]))
    return _lines_of(named, address, scenario, judgement, paths)


def _lines_of(
    resources: Sequence[Resource], address: str, scenario: Scenario, judgement: Judgement, paths: ChartPaths
) -> tuple[SourceLine, ...]:
    """Give who wrote a place of the only one of some resources, and the lines that called it."""
    if len(resources) != 1:
        return ()
    renderings = judgement.gate.renderings
    try:
        printed = renderings.stamped([resources[0].template]).printed(scenario, renderings.tools)
    except InputError:
        return ()
    place = printed_place(resources[0], address, printed)
    if place is None:
        return ()
    at, calls = place.first
    return (
        SourceLine(paths.shown(at.file), at.line, place.last),
        *(SourceLine(paths.shown(call.file), call.line, call.line) for call in calls),
    )


def _lines_of_keys(message: str, written: Written, paths: ChartPaths, said: SaidLines) -> Iterator[SourceLine]:
    """Give the lines of the keys of the values that a chart's own words name, and of who reads them."""
    words = message.partition("execution error at (")[2].partition("): ")[2]
    inside = posixpath.relpath(written.by.file, paths.shown("."))
    folder = inside.split("/")[1] if inside.startswith("charts/") else ""
    known = [own for name in dict.fromkeys(_KEY.findall(words)) if (own := said.of_values(folder, steps(name)))]
    # A switch decides more often than what a map holds.
    known.sort(key=lambda own: own[1].by.last > own[1].by.line)
    found = dict.fromkeys(line for address, own in known for line in (own.by, *said.reading(address)))
    told = (written.by, *written.calls, *written.parts)
    yield from [line for line in found if line not in told][:_MOST_KEYS]


def _template_at_the_end(words: str, paths: ChartPaths) -> str:
    """Give the path of the template whose name ends some words: a name may have spaces in it."""
    apart = words.split(" ")
    ends = (" ".join(apart[start:]) for start in range(max(0, len(apart) - _MOST_WORDS), len(apart)))
    return next(filter(None, (paths.of(end) for end in ends if "/templates/" in end)), "")
