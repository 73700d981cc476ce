"""Assignments that end with their block: `:=` makes a new variable, where `=` would have changed the outer one.

Source: https://pkg.go.dev/text/template#hdr-Variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.model import Chart, folder_of

_DECLARES = re.compile(r"\s*+\$(\w++)\s*+:=")
_IN_PLACE = re.compile(r"\s*+\$\w++\s*+:=\s*+(?:set|unset)\s++\$?+\.Values\b")
"""What changes a map of the values, as whatever else is that map sees: `$web := set .Values.web "a" "b"`."""
_CHANGES = re.compile(r"\s*+\$(\w++)\s*+:=\s*+(?:set|unset|merge\w*+|mustMerge\w*+)\s++\$(\w++)")
"""What changes the map itself, whatever it is assigned to."""
_NOTHING = re.compile(r"""\s*+(?:\(?dict\)?|\(?list\)?|""|nil|false|0)\s*+""")
_HEAD = re.compile(r"\$(\w++)(?=\s*+(?:,\s*+\$\w++\s*+)?:=)")
_SETS = re.compile(r"\s*+\$(\w++)\s*+=")
_NAME = re.compile(r"\$(\w++)")
_OPENS = ("if", "with", "range", "define", "block")


class LostAssignment(NamedTuple):
    """A variable that a block makes anew, under the name of one outside that is read after the block."""

    template: str
    line: int
    name: str


@dataclass
class _Scope:
    word: str
    names: set[str] = field(default_factory=set)
    hiding: dict[str, int] = field(default_factory=dict)
    """The variables of this scope that hide an outer one and were not read yet, with their lines."""
    read: dict[str, int] = field(default_factory=dict)
    """Those that were read, with their lines."""
    empty: set[str] = field(default_factory=set)
    """The variables of this scope that begin with nothing, and that only another assignment can fill."""
    given: set[str] = field(default_factory=set)
    """The variables of outside that this scope has given another value, by `=`."""
    lost: dict[str, int] = field(default_factory=dict)
    """The variables of this scope that an inner block hid for nothing, with the lines of that."""


def lost_assignments(chart: Chart) -> Iterator[LostAssignment]:
    """Give the assignments of a chart and its subcharts that were meant for a variable outside of their block.

    It is hidden by the new one, which the block does not read itself, and it is read after the block. Where it begins
    with nothing (`dict`, `""`, `false`) and nothing else fills it, the block may read the new one.
    """
    for names, one in chart.with_subcharts():
        for name, text in sorted(one.templates.items()):
            for line, variable in _lost(actions(text)):
                yield LostAssignment(f"{folder_of(names)}{name}", line, variable)


def _lost(found: tuple[Action, ...]) -> Iterator[tuple[int, str]]:
    scopes, filled = [_Scope("")], {it[1] for action in found if (it := _SETS.match(action.text))}
    for action in found:
        set_here = _SETS.match(action.text)
        read = [*_NAME.findall(action.text)]
        if set_here or _DECLARES.match(action.text):
            read = read[1:]
        for name in read:
            for scope in reversed(scopes):
                if name in scope.hiding:
                    scope.read[name] = scope.hiding.pop(name)
                    break
                if name in scope.names or name in scope.given:
                    if name in scope.lost:
                        yield scope.lost.pop(name), name
                    break
        if set_here and set_here[1] in scopes[-1].names:
            scopes[-1].lost.pop(set_here[1], None)
        elif set_here:
            scopes[-1].given.add(set_here[1])
        if action.word in ("else", "end") and len(scopes) > 1:
            closed = scopes.pop()
            for name, line in [*closed.hiding.items(), *closed.read.items()]:
                outer = next((scope for scope in reversed(scopes) if name in scope.names), None)
                if outer is not None and (name in closed.hiding or name in outer.empty):
                    outer.lost.setdefault(name, line)
        if action.word in (*_OPENS, "else"):
            scopes.append(_Scope(action.word, set(_HEAD.findall(action.text))))
        elif (declared := _DECLARES.match(action.text)) and not _is_changed_itself(action.text):
            _declare(scopes, declared[1], action.line)
            if declared[1] not in filled and _NOTHING.fullmatch(action.text, declared.end()):
                scopes[-1].empty.add(declared[1])


def _declare(scopes: list[_Scope], name: str, line: int) -> None:
    here = scopes[-1]
    visible = scopes[
        max((place for place, scope in enumerate(scopes) if scope.word in ("define", "block")), default=0) :
    ]
    if name not in here.names and any(name in scope.names for scope in visible[:-1]):
        here.hiding[name] = line
    here.names.add(name)
    here.lost.pop(name, None)


def _is_changed_itself(text: str) -> bool:
    changed = _CHANGES.match(text)
    return (changed is not None and changed[1] == changed[2]) or _IN_PLACE.match(text) is not None
