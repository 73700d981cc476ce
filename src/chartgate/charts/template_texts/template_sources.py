"""Which other lines of templates have a part in what a line prints: conditions, variables, named templates it reads.

Found in the texts, not by running them. A named template whose text is only printed is not among them: who printed a
text knows that already, and who called it.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chartgate.charts.template_texts.template_pieces import pieces

_OPENER = re.compile(r"\s*+(if|with|range|define|block)\b")
_ELSE = re.compile(r"\s*+else\b")
_END = re.compile(r"\s*+end\b")
_DEFINE = re.compile(r'\s*+(?:define|block)\s++"([^"\\\n]++)"')
_NAMED = re.compile(r'\b(?:include|template)\s++"([^"\\\n]++)"')
_VARIABLE = re.compile(r"\$\w++")
_SETS = re.compile(r"(?:^|\s)(\$\w++)(?:\s*+,\s*+(\$\w++))?+\s*+:?=(?!=)")
_CHANGES = re.compile(r"\b(?:set|unset|merge|mergeOverwrite|mustMerge|mustMergeOverwrite)\s++\(?(\$\w++)")
_TEXT = re.compile(r""" "(?:\\.|[^"\\\n])*+" | `[^`]*+` """, re.VERBOSE)
# A dot by itself, or what it has: not `.Values` and its like, which are the same everywhere outside of a `define`.
_DOT = re.compile(r"(?<![\w.)\"$\]])\.(?!(?:Values|Release|Chart|Files|Capabilities|Template|Subcharts)\b)")
_DEEPEST = 6
"""How often what a line reads is set by what others set."""


class TemplateLines(NamedTuple):
    """Lines of a file of a chart, counted from 1."""

    file: str
    first: int
    last: int

    def cover(self, other: TemplateLines) -> bool:
        """Tell whether others are among them."""
        return self.file == other.file and self.first <= other.first and other.last <= self.last


@dataclass(frozen=True)
class _Block:
    """From an `if`, `with`, `range` or `define` to its `end`."""

    kind: str
    first: int
    inside: str
    name: str
    """Of a `define`."""
    turn: int = 0
    """The line of the `else` that one is behind."""


@dataclass(frozen=True)
class _Action:
    first: int
    last: int
    inside: str
    around: tuple[_Block, ...]
    """The blocks that it is in, from the outside in; its own where it begins one."""

    @functools.cached_property
    def scope(self) -> tuple[str, int]:
        """Where its variables are known: one `define`, or the file outside of them."""
        return next(((block.name, block.first) for block in reversed(self.around) if block.name), ("", 0))

    @functools.cached_property
    def variables(self) -> frozenset[str]:
        """Those that it sets, or changes."""
        plain = _TEXT.sub('""', self.inside)
        found = {name for pair in _SETS.findall(plain) for name in pair if name}
        return frozenset(found.union(_CHANGES.findall(plain)) - {"$_"})


@dataclass
class TemplateSources:
    """Answers for the templates of a chart and its subcharts, given as their texts by path; each is read once."""

    texts: Mapping[str, str]
    _actions: dict[str, list[_Action]] = field(default_factory=dict)
    _defined: dict[str, list[TemplateLines]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the named templates."""
        for file in self.texts:
            for lines, name in self._definitions(file):
                self._defined.setdefault(name, []).append(lines)

    def conditions(self, file: str, line: int) -> list[TemplateLines]:
        """Give the lines of the `if`, `with` and `range` that a line is in, and of their `else`, inner first."""
        above = [action for action in self._read(file) if action.first <= line]
        around = above[-1].around if above else ()
        if above and _END.match(above[-1].inside):
            around = around[:-1]
        lines = [line for block in reversed(around) if not block.name for line in (block.turn, block.first) if line]
        return [TemplateLines(file, line, line) for line in lines]

    def choice(self, file: str, line: int) -> list[TemplateLines]:
        """Give the line of the `if` of which a line is on one side, where that has an `else`; of two, the inner one."""
        chosen = {
            action.around[-1].first for action in self._read(file) if action.around and _ELSE.match(action.inside)
        }
        return [lines for lines in self.conditions(file, line)[:2] if lines.first in chosen][:1]

    def uncalled(self) -> dict[str, TemplateLines]:
        """Give the lines of the named templates that nothing calls by their names."""
        called = {name for text in self.texts.values() for name in named_in(text)}
        return {name: lines[-1] for name, lines in self._defined.items() if name not in called}

    def calling(self, lines: TemplateLines) -> list[TemplateLines]:
        """Give the lines that call the named template which some lines are in."""
        around = self.definition(lines.file, lines.first)
        names = {name for name, defined in self._defined.items() if around in defined}
        actions = ((file, action) for file in self.texts for action in self._read(file))
        return [TemplateLines(file, one.first, one.last) for file, one in actions if names & {*named_in(one.inside)}]

    def end_of(self, file: str, line: int) -> int:
        """Give the line of the `end` of the block that begins in a line; that line itself where none does."""
        ends = (
            action.last
            for action in self._read(file)
            if _END.match(action.inside) and action.around and action.around[-1].first == line
        )
        return max(ends, default=line)

    def outer(self, file: str) -> list[int]:
        """Give the lines of the conditions that are in no other, and of their `else`."""
        found = (
            line
            for action in self._read(file)
            if len(action.around) == 1 and not action.around[0].name
            for line in (action.around[0].first, action.around[0].turn)
            if line
        )
        return list(dict.fromkeys(found))

    def definition(self, file: str, line: int) -> TemplateLines | None:
        """Give the lines of the named template that a line is in; None outside of all."""
        found = [lines for lines, _ in self._definitions(file) if lines.first <= line <= lines.last]
        return found[-1] if found else None

    def read_by(self, file: str, first: int, last: int, *, with_called: bool = True) -> list[TemplateLines]:
        """Give the lines that set what some lines read, and the named templates that they read, near ones first.

        Args:
            file: of the lines.
            first: of them.
            last: of them.
            with_called: whether the named templates count that these lines call themselves.
        """
        found: dict[TemplateLines, None] = {}
        pending = [
            (file, action)
            for action in self._read(file)
            if action.first <= last and action.last >= first and not _END.match(action.inside)
        ]
        done: set[tuple[str, int, str]] = set()
        for reached_by in range(_DEEPEST):
            reached: list[tuple[str, _Action]] = []
            for place, action in pending:
                if (place, action.first, action.inside) in done:
                    continue
                done.add((place, action.first, action.inside))
                for setter in self._setters(place, action):
                    found[TemplateLines(place, setter.first, setter.last)] = None
                    reached.append((place, setter))
                for lines in self.called_in(action.inside) if with_called or reached_by else ():
                    found[lines] = None
                    reached += [(lines.file, a) for a in self._read(lines.file) if lines.first < a.first <= lines.last]
            pending = reached
        return list(found)

    def set_in(self, file: str, first: int, last: int) -> frozenset[str]:
        """Give the variables that some lines set, or change."""
        inside = (action for action in self._read(file) if first <= action.first and action.last <= last)
        return frozenset().union(*(action.variables for action in inside))

    def called_in(self, expression: str) -> Iterator[TemplateLines]:
        """Give the lines of the named templates that an expression calls."""
        for name in named_in(expression):
            # Of several, helm takes the one that it reads last.
            if len(self._defined.get(name, ())) == 1:
                yield self._defined[name][0]

    def _setters(self, file: str, reader: _Action) -> Iterator[_Action]:
        """Give the actions that set the variables and the dot that another reads, and what these are under."""
        names = set(_VARIABLE.findall(_TEXT.sub('""', reader.inside))) - {"$_"}
        needs_dot = bool(_DOT.search(_TEXT.sub('""', reader.inside)))
        for block in reversed(reader.around):
            if needs_dot and block.kind in ("with", "range") and block.first < reader.first:
                yield _Action(block.first, block.first, block.inside, ())
                needs_dot = False
        if not names:
            return
        for action in self._read(file):
            if action.first >= reader.first:
                break
            if names & action.variables and action.scope == reader.scope:
                yield action
                for block in action.around:
                    if not block.name and block.first not in (other.first for other in reader.around):
                        yield _Action(block.first, block.first, block.inside, reader.around[:1])

    def _read(self, file: str) -> list[_Action]:
        if file not in self._actions:
            self._actions[file] = list(_actions(self.texts.get(file, "")))
        return self._actions[file]

    def _definitions(self, file: str) -> Iterator[tuple[TemplateLines, str]]:
        text = self.texts.get(file, "")
        for action in self._read(file) if "define" in text or "block" in text else ():  # most files define nothing
            if action.around and action.around[-1].name and _END.match(action.inside):
                yield TemplateLines(file, action.around[-1].first, action.last), action.around[-1].name


def _actions(text: str) -> Iterator[_Action]:
    around: list[_Block] = []
    for piece in pieces(text):
        if piece.kind != "action":
            continue
        last = piece.line + piece.text.count("\n")
        if opener := _OPENER.match(piece.inside):
            name = _DEFINE.match(piece.inside)
            around.append(_Block(opener[1], piece.line, piece.inside, name[1] if name else ""))
        if _ELSE.match(piece.inside) and around:
            around[-1] = dataclasses.replace(around[-1], turn=piece.line)
        yield _Action(piece.line, last, piece.inside, tuple(around))
        if _END.match(piece.inside) and around:
            around.pop()


def named_in(text: str) -> list[str]:
    """Give the names of the templates that a text calls."""
    return _NAMED.findall(text)


def merged(lines: list[TemplateLines], texts: Mapping[str, str]) -> list[TemplateLines]:
    """Put lines together that follow each other, with what else only acts between them; in their order."""
    found: list[TemplateLines] = []
    for one in lines:
        for number, other in enumerate(found):
            if other.file == one.file and _touch(other, one, texts[one.file].split("\n")):
                found[number] = TemplateLines(one.file, min(other.first, one.first), max(other.last, one.last))
                break
        else:
            found.append(one)
    return merged(found, texts) if len(found) < len(lines) else found


_ACTS = re.compile(r"\s*+\{\{-?\s*+(?:/\*.*\*/|\$|end\b|else\b|if\b|with\b|range\b).*\}\}\s*+$")
"""A line that prints nothing: a comment, or an action that sets or decides something."""


def _touch(one: TemplateLines, other: TemplateLines, lines: list[str]) -> bool:
    upper, lower = sorted((one, other), key=lambda each: each.first)
    return all(_ACTS.match(line) for line in lines[upper.last : lower.first - 1])
