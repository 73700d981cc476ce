"""What templates refuse in words, by `fail` and `required`, and which switches lead there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.expressions import is_true
from chartgate.charts.template_texts.key_readers import uses_below
from chartgate.charts.template_texts.template_actions import TEXT, Action, actions
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart, Values, folder_of

_FAILS = re.compile(r"(?:\A-?|\()\s*+fail\s")
_WORDS = r'\brequired\s++(?:"(?:[^"\\]|\\.)*+"|`[^`]*+`|\([^()]*+\))'
_REQUIRED = re.compile(rf"{_WORDS}\s++\(?\$?\.Values\.([\w.]++)|(?<![\w.])\.Values\.([\w.]++)\s*+\|\s*+{_WORDS}")
_INCLUDED = re.compile(r'\b(?:include|template)\s++"([^"]++)"')
_FILE = re.compile(r'\btpl\s++\(\$?\.Files\.Get\s++"([^"]++)"')
_ASKED = re.compile(r"\$?\.Values\.([\w.]++)")
_OWN = re.compile(r"existing|external", re.IGNORECASE)
_GIVEN = "given"
EXAMPLES = (
    (re.compile(r"(?:size|storage|capacity)\Z", re.IGNORECASE), "1Gi"),
    (re.compile(r"host(?:name)?\Z|domain\Z", re.IGNORECASE), "given.example.com"),
    (re.compile(r"prefix_?ur[il]\Z", re.IGNORECASE), "/given"),
    (re.compile(r"url\Z|uri\Z|endpoint\Z", re.IGNORECASE), "https://given.example.com"),
    (
        re.compile(r"(?:name|secret|claim|issuer|account|user|client|id|token|password|key)\Z", re.IGNORECASE),
        _GIVEN,
    ),
)
"""What is given for a key of such a name."""
_OTHERS = re.compile(r"[^a-z0-9]")
_PLACE = re.compile(r"execution error at \(([^():\s]++):(\d++):\d++\)")
_NAMED = re.compile(r"(?<![\w.])[A-Za-z]\w*+(?:\.\w++)++")
_LONG = 12
"""Characters of a text that is found again in what helm says."""


class TemplateRefusal(NamedTuple):
    """An action that ends the rendering."""

    conditions: tuple[str, ...]
    required: str
    """The value that it requires; empty for a `fail`."""


@once_for(16)
def refusals(chart: Chart) -> tuple[TemplateRefusal, ...]:
    """Give what refuses values, in the chart's own templates; notes do not count."""
    return tuple(_read(chart))


def _read(chart: Chart) -> Iterator[TemplateRefusal]:
    for name, text in sorted(chart.templates.items()):
        if not name.endswith("NOTES.txt") and ("required" in text or "fail" in text):
            for action in actions(text):
                yield from _of(action)


def _of(action: Action) -> Iterator[TemplateRefusal]:
    if _FAILS.search(action.text):
        yield TemplateRefusal(action.conditions, "")
    for found in _REQUIRED.finditer(action.text):
        yield TemplateRefusal(action.conditions, found[1] or found[2])


def demanded(switches: Sequence[str], chart: Chart, values: Values) -> dict[str, str]:
    """Give what refusals about these switches, which are on, ask for: names and sizes that the values leave empty."""
    given: dict[str, str] = {}
    for refusal in refusals(chart):
        if not _about(refusal).isdisjoint(switches) and _is_met(refusal, known := overlay(values, nested(given))):
            for key in _asked_for(refusal, known):
                example = next((value for pattern, value in EXAMPLES if pattern.search(key)), "")
                if example and lookup(known, key) in ("", None):
                    given[key] = example
    return given


def demanded_at_all(chart: Chart, values: Values) -> dict[str, str]:
    """Give examples of the texts without which a chart surely does not render by itself; nothing where one has none.

    What no template includes, or only under a condition that is not certain, is demanded of nobody.
    """
    given: dict[str, str] = {}
    below = uses_below(chart)
    for refusal in _reached(chart, values):
        known = overlay(values, nested(given))
        for key in _asked_for(refusal, known) if _is_met(refusal, known) else ():
            path = tuple(key.split("."))
            if lookup(known, key) not in (ABSENT, "", None) or any(use.path != path for use in below.get(path, ())):
                return {}
            example = next((value for pattern, value in EXAMPLES if pattern.search(key)), _GIVEN)
            given[key] = f"{example}-{_OTHERS.sub('', path[-1].lower())}" if example == _GIVEN else example
    return given if Rules(chart).accept(overlay(values, nested(given))) else {}


def _reached(chart: Chart, values: Values) -> list[TemplateRefusal]:
    """Give the refusals of a chart's templates, and of what they include, that these values surely come to."""
    definitions: dict[str, list[Action]] = {}
    for name, text in sorted(chart.templates.items()):
        for definition, action in actions_by_definition(text) if not name.endswith("NOTES.txt") else ():
            definitions.setdefault(definition, []).append(action)
    found: list[TemplateRefusal] = []
    names = [""]
    for name in names:
        texts = chart.files.get(name.removeprefix("/"), b"").decode("utf-8", "replace") if name[:1] == "/" else ""
        for action in definitions.get(name, actions(texts)):
            if all(is_true(condition, values) for condition in action.conditions):
                found += _of(action)
                files = (f"/{file}" for file in _FILE.findall(action.text))
                names += [other for other in (*_INCLUDED.findall(action.text), *files) if other not in names]
    return found


def _asked_for(refusal: TemplateRefusal, values: Values) -> list[str]:
    """Give what a refusal requires; of the empty ones in its conditions one that is enough, no existing object's."""
    asked = dict.fromkeys(path for condition in refusal.conditions for path in _ASKED.findall(condition))
    empty = sorted((key for key in asked if lookup(values, key) in ("", None)), key=lambda key: bool(_OWN.search(key)))
    enough = [key for key in empty if not _is_met(refusal, overlay(values, nested({key: _GIVEN})))]
    return [refusal.required] if refusal.required else enough[:1]


def _is_met(refusal: TemplateRefusal, values: Values) -> bool:
    is_there = all(is_true(condition, values) for condition in refusal.conditions)
    return is_there and (not refusal.required or lookup(values, refusal.required) in (ABSENT, None, ""))


def _about(refusal: TemplateRefusal) -> set[str]:
    return {path for condition in refusal.conditions for path in _ASKED.findall(condition)}


def refused_by(switches: Sequence[str], chart: Chart, values: Values) -> str:
    """Give the last of these switches that a refusal is about which values lead to; empty where none certainly is."""
    for refusal in refusals(chart):
        about = _about(refusal)
        found = [switch for switch in switches if switch in about]
        if found and _is_met(refusal, values):
            return found[-1]
    return ""


def refused_in(words: str, switches: Sequence[str], chart: Chart) -> list[str]:
    """Give those of these switches that helm's words are about, where a template refuses values; none where none is.

    Those that the words name, else those of the sections of the keys that they name; else the innermost one in the
    conditions around what refuses, or around what wrote its words.
    """
    place = _PLACE.search(words)
    for names, one in chart.with_subcharts():
        file = place[1].removeprefix(f"{chart.name}/{folder_of(names)}") if place else ""
        if place and file in one.templates:
            of_all = [_NAMED.findall(words[place.end() :]), *_around(file, int(place[2]), words, one)]
            named, *around = (_closest([join(*names, *key.split(".")) for key in keys], switches) for keys in of_all)
            return named or next(filter(None, around), [])[-1:]
    return []


def _around(file: str, line: int, words: str, chart: Chart) -> Iterator[list[str]]:
    """Give the keys of what writes texts that are in these words, then of what stands in a line, with its conditions.

    Of what is only under variables, those above it in its definition.
    """
    every = [(name, action) for name, text in sorted(chart.templates.items()) for action in actions(text)]
    writers = [o for o in every if any(t[1:-1] in words for t in TEXT.findall(o[1].text) if len(t) > _LONG)]
    for name, action in (*writers, *(one for one in every if (one[0], one[1].line) == (file, line))):
        own = [key for text in (*action.conditions, action.text) for key in _ASKED.findall(text)]
        above = (o for n, o in every if (n, o.definition) == (name, action.definition) and o.line < action.line)
        yield own or [key for other in above for key in _ASKED.findall(other.text)]


def _closest(keys: Sequence[str], switches: Sequence[str]) -> list[str]:
    """Give the switches that are among keys, in their order; else for each key the one of the innermost section."""
    if exact := [key for key in dict.fromkeys(keys) if key in switches]:
        return exact
    sections = {tuple(steps(switch)[:-1]): switch for switch in switches}
    above = ([tuple(steps(key)[:depth]) for depth in range(len(steps(key)), 0, -1)] for key in dict.fromkeys(keys))
    found = (next((sections[section] for section in each if section in sections), "") for each in above)
    return list(dict.fromkeys(filter(None, found)))
