"""Keys of the `dict` that a named template gets which it reads by nearly that name: found in the templates' text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import TEXT, Action
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.documents.misspellings import lost_a_letter, nearly
from chartgate.model import Chart, folder_of

# Nothing here goes back into what it has read (`++`).
_CALL = re.compile(r'\b(?:include|template)\s++"([^"]++)"\s++(?:([$.]|\$\w++)(?![\w.(])|\(\s*+dict\s)')
_SET = re.compile(r"^-?\s*+(\$\w++)\s*+:=\s*+dict\s")
_CHANGED = re.compile(r"(?:^-?\s*+|\b(?:set|unset|merge\w*+|mustMerge\w*+)\s++)(\$\w++)(?=\s)")
_READ = re.compile(r"(?<![\w.$)\]])\.([A-Za-z]\w*+)|(?<![\w$])\$\.([A-Za-z]\w*+)")
_WHOLE = re.compile(r"(?<![\w.$)\]])\.(?![\w.])|\$(?![\w.])")
_TOKEN = re.compile(r'"((?:\\.|[^"\\\n])*+)"|`[^`]*+`|[()]|[^\s()"`]++')
_REBINDS = re.compile(r"-?\s*+(?:else\s++)?+(?:range|with)\b")


class MisspeltArgument(NamedTuple):
    """A line that gives a named template a key, or reads one, whose name the other side has otherwise."""

    template: str
    line: int
    what: str
    why: str


@dataclass
class _TakenMap:
    """A named template, as far as its text tells what it is given and what it reads of that."""

    reads: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Keys of its dot, with the first place that reads each."""
    passes_to: set[str] = field(default_factory=set)
    is_whole: bool = False
    """Whether it does with its dot what its text does not tell."""


class _Call(NamedTuple):
    template: str
    line: int
    name: str
    keys: frozenset[str]


def misspelt_arguments(chart: Chart) -> Iterator[MisspeltArgument]:
    """Give the keys that named templates of a chart and its subcharts get by nearly the name by which they read them.

    The two are one where a call gives what is not read, and not what is read. What a template hands on as a whole
    counts with all that is read of it there.
    """
    named, calls = _found(chart)
    given = {call.name: [other for other in calls if other.name == call.name] for call in calls}
    told = set()
    for call in calls:
        reads = _reads(call.name, named)
        if reads is None:
            continue
        for key in sorted(call.keys - reads.keys()):
            missing = sorted(reads.keys() - call.keys)
            near = nearly(key, missing) or [other for other in missing if lost_a_letter(key, other)]
            if not near:
                continue
            others = given[call.name]
            # Of several that agree, the one that reads is the likelier to be wrong.
            is_reader = len(others) > 1 and all(key in one.keys and near[0] not in one.keys for one in others)
            place = reads[near[0]] if is_reader else (call.template, call.line)
            what = f".{near[0]}" if is_reader else f'"{key}"'
            why = f"{call.name} reads `.{near[0]}`, and is given `{key}`"
            if (*place, what) not in told:
                told.add((*place, what))
                yield MisspeltArgument(*place, what, why)


def _reads(name: str, named: Mapping[str, _TakenMap]) -> dict[str, tuple[str, int]] | None:
    """Give what a named template, and what it hands its dot on to, reads of it; None where that cannot be told."""
    found: dict[str, tuple[str, int]] = {}
    names = [name]
    for each in names:
        one = named.get(each)
        if one is None or one.is_whole:
            return None
        found = {**one.reads, **found}
        names += sorted(one.passes_to - set(names))
    return found


def _found(chart: Chart) -> tuple[dict[str, _TakenMap], list[_Call]]:
    named: dict[str, _TakenMap] = {}
    calls: list[_Call] = []
    for names, one in chart.with_subcharts():
        for file, text in sorted(one.templates.items()):
            template, every = f"{folder_of(names)}{file}", list(actions_by_definition(text))
            maps = _maps(action for _, action in every)
            for definition, action in every:
                calls += _calls(template, action, maps)
                if definition:
                    _note(named.setdefault(definition, _TakenMap()), template, action)
    return named, calls


def _note(named: _TakenMap, template: str, action: Action) -> None:
    """Note what an action of a named template does with its dot."""
    if action.word == "define":
        return
    is_rebound = any(map(_REBINDS.match, action.conditions))
    for found in _CALL.finditer(action.text):
        if found[2] == "$" or (found[2] == "." and not is_rebound):
            named.passes_to.add(found[1])
    plain = TEXT.sub('""', _CALL.sub("include ", action.text))
    for of_dot, of_root in _READ.findall(plain):
        if of_root or not is_rebound:
            named.reads.setdefault(of_root or of_dot, (template, action.line))
    named.is_whole |= any(found[0] == "$" or not is_rebound for found in _WHOLE.finditer(plain))


def _calls(template: str, action: Action, maps: Mapping[str, frozenset[str]]) -> Iterator[_Call]:
    """Give the calls whose map the text tells."""
    for found in _CALL.finditer(action.text):
        keys = maps.get(found[2]) if found[2] else _keys(action.text[found.end() :])
        if keys is not None:
            yield _Call(template, action.line, found[1], keys)


def _maps(every: Iterable[Action]) -> dict[str, frozenset[str]]:
    """Give the keys of the variables of a file that are a `dict` and stay as they are."""
    found: dict[str, frozenset[str] | None] = {}
    for action in every:
        made = _SET.match(action.text)
        keys = _keys(action.text[made.end() :]) if made else None
        for name in {*_CHANGED.findall(action.text), *([made[1]] if made else [])}:
            found[name] = keys if name not in found and made and name == made[1] else None
    return {name: keys for name, keys in found.items() if keys is not None}


def _keys(text: str) -> frozenset[str] | None:
    """Give the keys of a `dict` by what follows the word, up to its end; None where one is no plain text."""
    depth, place = 0, 0
    keys: set[str] = set()
    for token in _TOKEN.finditer(text):
        if token[0] == ")":
            depth -= 1
            if depth < 0:
                break
            continue
        if not depth:
            if place % 2 == 0:
                if token[0] in ("|", "-"):
                    return None if token[0] == "|" else frozenset(keys)
                if token[1] is None:
                    return None
                keys.add(token[1])
            place += 1
        depth += token[0] == "("
    return frozenset(keys) if place % 2 == 0 else None
