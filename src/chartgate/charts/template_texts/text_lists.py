"""What the lists of the values hold, as far as templates tell: texts that they print, maps that they take apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.model import Chart

_KEY = r"\$?\.Values\.([\w.]++)"
_JOINED = re.compile(rf"\bjoin\s++(?:\"[^\"]*+\"|'[^']*+'|\$\w++)\s++\(?+{_KEY}|(?<![\w.$]){_KEY}\s*+\|\s*+join\b")
_JOINS_THE_DOT = re.compile(r"(?<![\w.$)])\.\s*+\|\s*+join\b|\bjoin\s++\S++\s++\.(?!\w)")
_OPENED = re.compile(rf"(with|range)\s++(?:(?:\$\w++\s*+,\s*+)?+(\$\w++)\s*+:=\s*+)?+{_KEY}\s*+\Z")
_PRINTED = re.compile(r"-?\s*+(?:quote\s++)?+(\.|\$\w++)\s*+(?:\|\s*+(?:quote|squote|toString|trim)\s*+)*+-?\s*+\Z")
_FIELD = re.compile(r"(\$\w++)\.(\w++)")


def text_lists(chart: Chart) -> frozenset[str]:
    """Give the addresses of the lists that templates of the chart, not its subcharts', join or print text by text."""
    printed: set[str] = set()
    otherwise: set[str] = set()
    for template in chart.templates.values():
        for action in actions(template):
            printed.update(found for groups in _JOINED.findall(action.text) for found in groups if found)
            for kind, key, is_text in _inside(action):
                if kind == "with":
                    printed.update([key] if _JOINS_THE_DOT.search(action.text) else [])
                else:
                    (printed if is_text else otherwise).add(key)
    return frozenset(printed - otherwise)


def _inside(action: Action) -> Iterator[tuple[str, str, bool]]:
    """Give the `with` or `range` that an action is right inside of, its list, and whether the item is printed."""
    if not action.conditions or action.word:
        return
    if opened := _OPENED.match(action.conditions[-1].strip("- ")):
        kind, item, key = opened.groups()
        printed = _PRINTED.match(action.text)
        yield kind, key, printed is not None and printed[1] in (".", item)


def item_fields(chart: Chart) -> dict[str, frozenset[str]]:
    """Give the keys that templates read of the items of a list, by the address of the list."""
    found: dict[str, set[str]] = defaultdict(set)
    for template in chart.templates.values():
        for action in actions(template):
            for condition in action.conditions:
                opened = _OPENED.match(condition.strip("- "))
                if opened and opened[1] == "range" and opened[2]:
                    fields = (name for item, name in _FIELD.findall(action.text) if item == opened[2])
                    found[opened[3]].update(fields)
    return {key: frozenset(fields) for key, fields in found.items()}
