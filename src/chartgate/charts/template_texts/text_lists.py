"""What the lists of the values hold, as far as templates tell: texts that they print, maps that they take apart."""

from __future__ import annotations

import re
from collections import defaultdict

from chartgate.charts.template_texts.template_actions import actions
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart

_KEY = r"\$?\.Values\.([\w.]++)"
_JOINED = re.compile(rf"\bjoin\s++(?:\"[^\"]*+\"|'[^']*+'|\$\w++)\s++\(?+{_KEY}|(?<![\w.$]){_KEY}\s*+\|\s*+join\b")
_JOINS_THE_DOT = re.compile(r"(?<![\w.$)])\.\s*+\|\s*+join\b|\bjoin\s++\S++\s++\.(?!\w)")
_NAMES_THE_DOT = re.compile(r"(?<![\w.$)\"])\.(?!Values\b|Release\b|Chart\b|Capabilities\b)")
_SAME_ITEMS = r"(?:(?:uniq|mustUniq|sortAlpha|compact|mustCompact)\s++)?+"
_OPENED = re.compile(
    rf"(with|range)\s++(?:(?:\$\w++\s*+,\s*+)?+(\$\w++)\s*+:=\s*+)?+{_SAME_ITEMS}{_KEY}\s*+\Z",
)
_OVER_MAP = re.compile(r"range\s++\$\w++\s*+,\s*+(\$\w++)\s*+:=\s*+(\$?\.Values\.[\w.]++|\.)\s*+\Z")
_IS_NO_TEXT = re.compile(r"^-?\s*+(?:range|with)\b|\b(?:toYaml|toJson|include|template|kindIs|typeIs|kindOf)\b")
_PRINTED = re.compile(r"-?\s*+(?:quote\s++)?+(\.|\$\w++)\s*+(?:\|\s*+(?:quote|squote|toString|trim)\s*+)*+-?\s*+\Z")
_VARIABLE = re.compile(r"\$\w++")
_FIELD = re.compile(r"(\$\w++)\.(\w++)")


@once_for(4)
def text_lists(chart: Chart) -> frozenset[str]:
    """Give the addresses of the lists that templates of the chart, not its subcharts', join or print text by text."""
    printed: set[str] = set()
    otherwise: set[str] = set()
    for template in chart.templates.values():
        for action in actions(template):
            printed.update(found for groups in _JOINED.findall(action.text) for found in groups if found)
            inside = _opened(action.conditions[-1]) if action.conditions and not action.word else None
            if inside is None:
                continue
            kind, item, key = inside.groups()
            if kind == "range":
                found = _PRINTED.match(action.text)
                if found and found[1] in (".", item):
                    printed.add(key)
                elif _NAMES_THE_DOT.search(action.text) or any(
                    map(action.text.__contains__, _loop_variables(inside[0]))
                ):
                    otherwise.add(key)
            elif _JOINS_THE_DOT.search(action.text):
                printed.add(key)
    return frozenset(printed - otherwise)


def joined_lists(chart: Chart) -> frozenset[str]:
    """Give the addresses of the lists that templates of the chart join to one text, and go through nowhere."""
    joined: set[str] = set()
    gone_through: set[str] = set()
    for template in chart.templates.values():
        for action in actions(template):
            joined.update(found for groups in _JOINED.findall(action.text) for found in groups if found)
            opened = (_opened(condition) for condition in action.conditions[-1:])
            gone_through.update(loop[3] for loop in opened if loop and loop[1] == "range")
    return frozenset(joined - gone_through)


@once_for(4)
def text_maps(chart: Chart) -> frozenset[str]:
    """Give the addresses of the maps whose values templates print one by one, and read nothing of."""
    found: set[str] = set()
    taken_apart: set[str] = set()
    for template in chart.templates.values():
        for action in actions(template):
            for around, condition in zip(("", *action.conditions), action.conditions, strict=False):
                loop = _OVER_MAP.match(condition.strip("- "))
                opened = _opened(around) if loop and loop[2] == "." else None
                key = opened[3] if opened else loop[2].partition(".Values.")[2] if loop else ""
                if loop and key:
                    found.add(key)
                    is_named = loop[1] in action.text or _NAMES_THE_DOT.search(action.text)
                    if f"{loop[1]}." in action.text or (is_named and _IS_NO_TEXT.search(action.text)):
                        taken_apart.add(key)
    return frozenset(found - taken_apart)


def item_fields(chart: Chart) -> dict[str, frozenset[str]]:
    """Give the keys that templates read of the items of a list, by the address of the list."""
    found: dict[str, set[str]] = defaultdict(set)
    for template in chart.templates.values():
        for action in actions(template):
            for condition in action.conditions:
                opened = _opened(condition)
                if opened and opened[1] == "range" and opened[2]:
                    fields = (name for item, name in _FIELD.findall(action.text) if item == opened[2])
                    found[opened[3]].update(fields)
    return {key: frozenset(fields) for key, fields in found.items()}


def _loop_variables(opening: str) -> list[str]:
    return _VARIABLE.findall(opening.partition(":=")[0]) if ":=" in opening else []


def _opened(condition: str) -> re.Match[str] | None:
    """Read what opens a block: `with` or `range`, the variable of an item, and the key of the values."""
    return _OPENED.match(condition.strip("- "))
