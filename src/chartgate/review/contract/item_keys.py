"""Keys that the items of a user's list, or of a map of names, need since this version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.charts.template_texts.template_reads import Path
from chartgate.documents.addresses import join
from chartgate.model import Chart
from chartgate.review.contract.refused_keys import RefusedKey, subchart_of

_RANGE = re.compile(
    r"range\s++(?:(?:\$\w++\s*+,\s*+)?+(?P<variable>\$\w++)\s*+:=\s*+)?+\$?+\.Values\.(?P<list>[\w.]++)\s*+-?+"
)
_FIELD = re.compile(r"(?<![\w.$)])(?P<variable>\$\w*+)?+\.(?P<field>[a-z]\w*+)(?P<below>\.[A-Za-z_]\w*+)?+")
_FIELD_TEXT = r"\$?+\w*+\.\w[\w.]*+"
_REQUIRED = re.compile(
    rf"""\brequired\s++(?:"(?P<words>[^"]*+)"|\([^()]*+\))\s++(?P<field>{_FIELD_TEXT})"""
    rf"""|(?P<piped>(?<![\w.$]){_FIELD_TEXT})\s*+\|\s*+required\s++"(?P<said>[^"]*+)" """.rstrip()
)
_OF_TEXTS = "tpl|trunc|trimSuffix|trimPrefix|replace|upper|lower|title|b64enc|sha256sum|indent|nindent|splitList"
"""Functions that fail where there is nothing."""
_NEEDS = re.compile(
    rf"\b(?:tpl|upper|lower|title|b64enc|sha256sum)\s++(?P<field>{_FIELD_TEXT})"
    rf"|(?P<piped>(?<![\w.$]){_FIELD_TEXT})\s*+\|\s*+(?:{_OF_TEXTS})\b"
)
_ABSENT = re.compile(rf"if\s++(?:not|empty)\s++(?P<field>{_FIELD_TEXT})\s*+-?+")
_FAIL = re.compile(r"""(?<![\w."$-])fail\s++["`](?P<words>[^"`]*+)|(?<![\w."$-])fail\b""")
_ASKING = re.compile(r"\b(?:default|coalesce|hasKey|dig|get|empty|ternary|and|or|not|kindIs|typeIs|dict|merge)\b|\(\.")
_TEXT = re.compile(r'"[^"]*+"')


class _Read(NamedTuple):
    """What a template reads of each item."""

    path: Path
    """The list."""
    field: str
    below: str
    """The key below it; empty where it is read as a whole."""
    words: str | None = None
    """What helm says where it is not there; None where it says nothing, or the template asks first."""


def refused_items(before: Chart, after: Chart) -> list[RefusedKey]:
    """Give the keys of items that BASE rendered without, and without which the templates of HEAD fail."""
    had = list(_reads(before))
    lists, known = {read.path for read in had}, {(read.path, read.field, read.below) for read in had}
    needed = {(read.path, read.field, read.below) for read in had if read.words is not None}
    found: dict[tuple[Path, str], RefusedKey] = {}
    for read in _reads(after):
        what = (read.path, read.field, read.below)
        is_new = what not in (known if read.below or not read.words else needed)
        if read.words is not None and read.path in lists and is_new:
            when = f"no map with {read.below}" if read.below else "not there"
            subchart = subchart_of(read.path, after)
            found.setdefault(
                (read.path, read.field), RefusedKey(join(*read.path, "*", read.field), read.words, subchart, when)
            )
    return list(found.values())


def _reads(chart: Chart) -> Iterator[_Read]:
    for names, part in chart.with_subcharts():
        for text in part.templates.values():
            for action in actions(text):
                for number, condition in enumerate(action.conditions):
                    if loop := _RANGE.fullmatch(condition.strip()):
                        path = (*names, *loop["list"].split("."))
                        inside = action.conditions[number + 1 :]
                        yield from (read._replace(path=path) for read in _of_items(action, inside, loop["variable"]))


def _of_items(action: Action, inside: Sequence[str], variable: str | None) -> Iterator[_Read]:
    """Give what one action reads of an item, which a variable stands for, or the dot where no block moves it."""
    text = _TEXT.sub('""', action.text)
    has_dot = not any(condition.startswith(("with", "range")) for condition in inside)
    is_sure = not inside and action.word == ""

    def fields(text: str | None) -> Iterator[re.Match[str]]:
        for found in _FIELD.finditer(text or ""):
            if found["variable"] == variable is not None or (found["variable"] is None and has_dot):
                yield found

    for found in fields(text):
        is_needed = is_sure and found["below"] and not _ASKING.search(text)
        yield _Read((), found["field"], (found["below"] or "")[1:], "" if is_needed else None)
    for needs in _NEEDS.finditer(text) if is_sure and not _ASKING.search(text) else ():
        named = fields(needs["field"] or needs["piped"])
        yield from (_Read((), found["field"], "", "") for found in named if not found["below"])
    for asked in _REQUIRED.finditer(action.text) if not inside else ():
        words = asked["words"] or asked["said"] or "required"
        yield from (_Read((), found["field"], "", words) for found in fields(asked["field"] or asked["piped"]))
    if (fail := _FAIL.search(action.text)) and len(inside) == 1 and (absent := _ABSENT.fullmatch(inside[0].strip())):
        yield from (_Read((), found["field"], "", fail["words"] or "fail") for found in fields(absent["field"]))
