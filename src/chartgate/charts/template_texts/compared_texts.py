"""With which texts the templates of a chart compare its values, found in their text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.charts.template_texts.template_reads import Path, actions_and_variables, paths_in, uses
from chartgate.documents.addresses import join
from chartgate.model import Chart

_VALUE = r"(?P<value>[.$][\w.]*+)"
_TEXT = r'"(?P<text>[^"\\]++)"'
_VALUE_FIRST = re.compile(rf"\b(?:eq|ne)\s++{_VALUE}\s++{_TEXT}")
_TEXT_FIRST = re.compile(rf"\b(?:eq|ne)\s++{_TEXT}\s++{_VALUE}")
_ITEM = re.compile(rf"\bhas\s++{_TEXT}\s++{_VALUE}")


class Comparison(NamedTuple):
    """One `eq` or `ne` of a value, as it is, and a text."""

    template: str
    line: int
    path: Path
    """The keys below `.Values`."""
    text: str
    action: str
    """All of the action that it is in."""


def comparisons(chart: Chart) -> Iterator[Comparison]:
    """Give what the templates of one chart compare its values with; not its subcharts' templates."""
    for name, text in sorted(chart.templates.items()):
        for together, variables in actions_and_variables(text):
            for action in together:
                for found in (*_VALUE_FIRST.finditer(action.text), *_TEXT_FIRST.finditer(action.text)):
                    for path in paths_in(found["value"], variables):
                        yield Comparison(name, action.line, path, found["text"], action.text)


def words_around(paths: Collection[Path], chart: Chart) -> dict[str, str]:
    """Give the words, by address, that values must be for the templates of a chart to print others of its values.

    Of conditions around them, `if eq .Values.service.type "NodePort"`, the first ones found; not of what must not be.
    """
    found: dict[str, str] = {}
    for use in uses(chart):
        decides = (*use.action.conditions, use.action.text.strip("- ")) if use.path in paths else ()
        for condition in (one for one in decides if one.startswith(("if ", "else if ", "with "))):
            for asked in (*_VALUE_FIRST.finditer(condition), *_TEXT_FIRST.finditer(condition)):
                is_asked = asked[0].startswith("eq") and not condition[: asked.start()].rstrip("( ").endswith("not")
                for path in paths_in(asked["value"]) if is_asked else ():
                    found.setdefault(join(*path), asked["text"])
    return found


def below_items(chart: Chart) -> dict[tuple[Path, str], str]:
    """Give the items that templates of one chart look for in its lists, `has "ingress" .Values.sources`, by the list.

    Each with the lines that are only written where it is there.
    """
    below: dict[tuple[Path, str], str] = {}
    for _, text in sorted(chart.templates.items()):
        lines = without_comments(text).splitlines()
        for together, variables in actions_and_variables(text) if _ITEM.search(text) else ():
            for action, after in pairwise(together):
                conditions = (*action.conditions, action.text) if action.word == "if" else action.conditions
                for found in (found for condition in conditions for found in _ITEM.finditer(condition)):
                    for path in paths_in(found["value"], variables):
                        key = path, found["text"]
                        below[key] = below.get(key, "") + "\n".join(lines[action.line - 1 : after.line])
    return below
