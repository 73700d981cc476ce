"""What templates refuse in words, by `fail` and `required`, and which switches lead there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.template_texts.expressions import is_true
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart, Values

_FAILS = re.compile(r"(?:\A-?|\()\s*+fail\s")
_REQUIRED = re.compile(r'\brequired\s++(?:"[^"\\]*+"|`[^`]*+`)\s++\(?\$?\.Values\.([\w.]++)')
_ASKED = re.compile(r"\$?\.Values\.([\w.]++)")
_UNLESS = re.compile(r"if\s++not\s++\$?\.Values\.([\w.]++)\s*+")
_EXAMPLES = (
    (re.compile(r"(?:size|storage|capacity)\Z", re.IGNORECASE), "1Gi"),
    (re.compile(r"host(?:name)?\Z|domain\Z", re.IGNORECASE), "given.example.com"),
    (re.compile(r"url\Z|uri\Z|endpoint\Z", re.IGNORECASE), "https://given.example.com"),
    (
        re.compile(r"(?:name|secret|claim|issuer|account|user|client|id|token|password|key)\Z", re.IGNORECASE),
        "given",
    ),
)
"""What is given for a key of such a name."""


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
    yield from (TemplateRefusal(action.conditions, found[1]) for found in _REQUIRED.finditer(action.text))


def demanded(switches: Sequence[str], chart: Chart, values: Values) -> dict[str, str]:
    """Give what refusals about these switches, which are on, ask for: names and sizes that the values leave empty."""
    given: dict[str, str] = {}
    for refusal in refusals(chart):
        if not _about(refusal).isdisjoint(switches) and _is_met(refusal, known := overlay(values, nested(given))):
            unless = [found[1] for condition in refusal.conditions if (found := _UNLESS.fullmatch(condition))]
            for key in [refusal.required] if refusal.required else unless:
                example = next((value for pattern, value in _EXAMPLES if pattern.search(key)), "")
                if example and lookup(known, key) in ("", None):
                    given[key] = example
    return given


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
