"""Keys with which templates fail since this version: those of an older version that nobody may set any longer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.charts.template_texts.template_reads import Path, Use, at_the_top, paths_in
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart
from chartgate.review.contract.changed_keys import written_defaults

_FAIL = re.compile(
    r"""(?<![\w."$-])fail\s++(?:\(?\s*+(?:printf|print)\s++)?["`](?P<words>[^"`]*+)|(?<![\w."$-])fail\b"""
)
_ASKS = re.compile(r"(?:else\s++)?if\b")
_WORDS = re.compile(r"\b(?:else|if|or|hasKey|get|index|not|empty)\b")
_OTHER = re.compile(r"(?<![\w.\"$-])[A-Za-z]\w*+")
_NONE = re.compile(r"\bnot\b(?!\s++\(?\s*+empty\b)|(?<!not )(?<!not \()\bempty\b")
_UNSET: tuple[Any, ...] = (ABSENT, None, "", False, 0, [], {})
_TEXT = re.compile(r'"[^"]*+"')
_PATH = r"\$?\.Values\.(?P<path>[\w.]++)"
_CHOICE = re.compile(
    rf"""\(?\beq\s++(?:{_PATH}\s++"(?P<text>[^"]*+)"|"(?P<first>[^"]*+)"\s++\$?\.Values\.(?P<second>[\w.]++))\)?"""
)
_CHOICES = re.compile(rf"""not\s++\(has\s++{_PATH}\s++\(list\s++(?P<texts>"[^()]*+)\)\)""")
_BOUND = re.compile(
    rf"""(?P<word>[gl][te])\s++(?:\(int(?:64)?\s++)?{_PATH}\)?\s++\(?(?:int\s++)?(?P<number>[0-9]++)\)?"""
)
_CLAUSE = re.compile(
    r"""\(?(?:(?P<word>not|eq|ne)\s++)?+\$?\.Values\.(?P<path>[\w.]++)(?:\s++(?P<text>"[^"]*+"))?+\)?"""
)
_BOTH = re.compile(r"(?:else\s++)?if\s++and\s++(\([^()]++\)|\S++)\s++(\([^()]++\)|\S++)")
_LACKS = re.compile(rf"""(?:else\s++)?if\s++not\s++\(hasKey\s++{_PATH}\s++"(?P<key>[^"]++)"\)""")
_SAID = {None: "set", "not": "not set", "eq": "", "ne": "not "}
_BOUNDS = {"gt": "more than {}", "ge": "{} or more", "lt": "less than {}", "le": "{} or less"}
_REQUIRED = re.compile(
    r"""\brequired\s++"(?P<words>[^"]*+)"\s++\$?+\.Values\.(?P<path>[\w.]++)"""
    r"""|(?<![\w.])\$?+\.Values\.(?P<piped>[\w.]++)\s*+\|\s*+required\s++"(?P<said>[^"]*+)\""""
)
_WORD = re.compile(r"^(?:(?:else\s++)?if|with|range)\b")
_SET, _LACKING = "set", "not there"
_LEFT = re.compile(r"\b(?:else|if|or)\b|[()\s]")


@dataclass(frozen=True)
class RefusedKey:
    """A key with which the older version rendered."""

    address: str
    words: str
    """What the templates say of it; empty where that is computed."""
    subchart: str = ""
    when: str = "set"
    """With which values the templates fail: where it *is set*, or *is "a"*."""


def refused_keys(before: Chart, after: Chart) -> list[RefusedKey]:
    """Give the keys that the older version reads, and with some values of which the newer one fails."""
    fails = {(path, when): words for path, when, words in _failing(after)}
    required = list(_required(after))
    if not fails and not required:
        return []
    known, used, defaults = {found[:2] for found in _failing(before)}, all_uses(before), written_defaults(after)
    was_required = {need.path for need in _required(before)}
    found = {
        (path, when): words
        for (path, when), words in fails.items()
        if (path, when) not in known
        and _is_read(path[:-1] if when == _LACKING else path, used)
        and (when == _LACKING) <= (lookup(defaults, join(*path)) in _UNSET)
        and (not when.startswith(_SET) or lookup(defaults, join(*path)) in _UNSET)
    }
    for need in required:
        is_reached = need.deciding and all(_is_read(path, used) for path in need.deciding)
        if need.path not in was_required and is_reached and lookup(defaults, join(*need.path)) in _UNSET:
            found.setdefault((need.path, f"not set, under `{need.condition}`"), need.words)
    return [RefusedKey(join(*path), words, subchart_of(path, after), when) for (path, when), words in found.items()]


class _NeededKey(NamedTuple):
    """A key that a template needs where something else is set."""

    path: Path
    words: str
    condition: str = ""
    deciding: tuple[Path, ...] = ()
    """What the conditions read."""


def _required(chart: Chart) -> Iterator[_NeededKey]:
    """Give what templates need; what they need always, or in a named template, with no condition."""
    for names, part in chart.with_subcharts():
        for text in part.templates.values():
            for definition, action in actions_by_definition(text) if "required" in text else ():
                for found in _REQUIRED.finditer(action.text):
                    conditions = () if definition else action.conditions
                    paths = [path for condition in conditions for path in paths_in(condition)]
                    yield _NeededKey(
                        at_the_top(names, _steps(found["path"] or found["piped"])),
                        found["words"] or found["said"] or "",
                        _WORD.sub("", conditions[-1]).strip(" -") if conditions else "",
                        tuple(at_the_top(names, path) for path in paths),
                    )


def subchart_of(path: Path, chart: Chart) -> str:
    """Give the subchart of a chart that a key is for, by its first step; empty for the chart's own."""
    return path[0] if path[0] in {subchart.name for subchart in chart.subcharts} else ""


def _is_read(path: Path, used: Collection[Use]) -> bool:
    return any(use.path[: len(path)] == path for use in used)


def _failing(chart: Chart) -> Iterator[tuple[Path, str, str]]:
    """Give each key with which a template fails, with which values, and what it says."""
    for names, part in chart.with_subcharts():
        for text in part.templates.values():
            for action in actions(text):
                found = _FAIL.search(action.text)
                if found and action.conditions:
                    for path, when in _refusals(action.conditions[-1]):
                        yield at_the_top(names, path), when, found["words"] or ""


def _refusals(condition: str) -> Iterator[tuple[Path, str]]:
    """Give the keys that make a condition hold by themselves, each with its values."""
    if _only_asks_whether_it_is_set(condition):
        yield from ((path, _SET) for path in paths_in(condition))
    elif found := _LACKS.fullmatch(condition.strip(" -")):
        yield (*_steps(found["path"]), found["key"]), _LACKING
    elif found := _BOTH.fullmatch(condition.strip()):
        clauses = [clause for text in found.groups() if (clause := _CLAUSE.fullmatch(text))]
        clauses.sort(key=lambda clause: clause["word"] in ("not", "ne"))
        if len(clauses) == 2 and clauses[0]["word"] in (None, "eq"):
            said = [_SAID[clause["word"]] + (clause["text"] or "") for clause in clauses]
            yield _steps(clauses[0]["path"]), f"{said[0]} and {clauses[1]['path']} is {said[1]}"
    elif found := _CHOICES.search(condition):
        if not _LEFT.sub("", condition.replace(found[0], "")):
            yield _steps(found["path"]), f"none of {', '.join(_TEXT.findall(found['texts']))}"
    elif found := _BOUND.search(condition):
        if not _LEFT.sub("", condition.replace(found[0], "")):
            yield _steps(found["path"]), _BOUNDS[found["word"]].format(found["number"])
    elif not _LEFT.sub("", _CHOICE.sub("", condition)):
        for choice in _CHOICE.finditer(condition):
            text = choice["first"] if choice["text"] is None else choice["text"]
            yield _steps(choice["path"] or choice["second"]), f'"{text}"'


def _steps(path: str) -> Path:
    return tuple(path.split("."))


def _only_asks_whether_it_is_set(condition: str) -> bool:
    """Tell whether a condition holds as soon as one of the keys that it names is set."""
    plain = _TEXT.sub("", condition)
    return bool(_ASKS.match(plain)) and not _NONE.search(plain) and not _OTHER.search(_WORDS.sub("", plain))
