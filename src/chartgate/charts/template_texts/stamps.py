"""Stamps: signs in what a template prints that say which of its lines printed it, as a copy of a chart has them.

The copy's templates stay as they are. Beside each is a second one in which every piece of text, and every action that
prints, is followed by a stamp; a call of a named template whose text is only printed leads to the second form of that
one, and has a stamp in front of it, too. A variable that keeps such a text only to print it has a second form as well.
Conditions, and whatever reads a text, get what they get without stamps: so both forms take the same way through the
templates, and the text without stamps is the same. A text that is made data (`include "a" . | fromYaml`) is printed
with stamps in front of the action that does so, set aside between signs of its own.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from chartgate.charts.template_texts.template_pieces import Piece, pieces

# Syllables of Yi: letters without upper case, which quote, indent and toJson of helm's functions leave alone.
_BASE, _ZERO = 1000, 0xA000
_TEXT, _CALL, _RETURN, _ASIDE, _BACK = "\ua400", "\ua401", "\ua402", "\ua403", "\ua404"
_STAMP = re.compile("([\ua400-\ua404])([\ua000-\ua3e7])([\ua000-\ua3e7])")
_OF_STAMPS = re.compile("[\ua000-\ua4cf]")
PREFIX = "stamped:"
"""What the name of the second form of a named template begins with."""
_KEPT = "stamped_"
"""What that of a variable begins with."""

_DEFINES = re.compile(r'^(\s*+(?:define|block)\s++")([^"\\\n]*+)(")')
# A text is printed, at most indented, quoted or trimmed: no other function may meet a stamp.
_PRINTS = r"(?:\|\s*+(?:n?indent\s++[0-9]++|trim|quote|squote|toString)\s*+)*+"
_PLAIN = r'[^"`|()]|"(?:\\.|[^"\\\n])*+"|`[^`]*+`'
_DEEPEST = 6
"""Parentheses in each other, with pipes in them, in what is given to a named template."""
_GIVEN = functools.reduce(lambda inner, _: rf"{_PLAIN}|\((?:\||{inner})*+\)", range(_DEEPEST), _PLAIN)
_CALL_OF = rf'((?:include|template)\s++")([^"\\\n]*+)("(?:{_GIVEN})*+{_PRINTS})$'
_PRINTING_CALL = re.compile(rf"^\s*+{_CALL_OF}")
_KEEPING_CALL = re.compile(rf"^\s*+\$(\w++)\s*+:=\s*+{_CALL_OF}")
_PRINTING_VARIABLE = re.compile(rf"^\s*+\$(\w++)(\s*+{_PRINTS})$")
_IN_PARENTHESES = re.compile(rf"^\s*+\(((?:\||{_GIVEN})*+)\)(\s*+{_PRINTS})$")
_VARIABLES = re.compile(r"(?:^|\s)\$(\w++)(?:\s*+,\s*+\$(\w++))?+\s*+:?=(?!=)")
_MAKES_DATA = re.compile(
    r'\b(include\s++")([^"\\\n]++)("\s++(?:\$?+[\w.]++|\$|\((?:[^()"`]|"[^"\\\n]*+")*+\))\s*+)\|\s*+from(?:Yaml|Json)'
)
_NOT_IN_FRONT = re.compile(r"^\s*+(?:else|end|define|block)\b")
"""Actions in front of which something would be printed elsewhere."""
_NO_VALUE = "<no value>"
"""What Go prints for nothing, and helm takes out of all that is printed.

https://github.com/helm/helm/blob/v4.0.0/pkg/engine/engine.go
"""
_SILENT = re.compile(
    r"^\s*+(?:(?:if|with|range|define|block|else|end|break|continue)\b|\$\w*+(?:\s*+,\s*+\$\w++)?+\s*+:?=)"
)
"""Actions that print nothing themselves."""


class TemplateLine(NamedTuple):
    """A line of a file of a chart, counted from 1."""

    file: str
    line: int


class Writer(NamedTuple):
    """Who printed a piece of text: a line, and the lines that called the named template which it is in, inner first."""

    line: TemplateLine
    calls: tuple[TemplateLine, ...]


@dataclass(frozen=True)
class StampedText:
    """What stamped templates printed, without the stamps, and who printed what."""

    text: str
    stamps: tuple[tuple[int, str, TemplateLine], ...]
    """Where in the text each stamp was, its kind and its line."""
    asides: tuple[tuple[TemplateLine, StampedText], ...] = ()
    """The texts that lines made data of."""

    def writer(self, position: int) -> Writer | None:
        """Give who printed the character at a position; None where nothing says so."""
        places, writers = self._writers
        number = bisect_right(places, position)
        return writers[number] if number < len(writers) else None

    def writers(self, first: int, last: int) -> Iterator[Writer]:
        """Give who printed the characters from one position to another, in their order."""
        places, writers = self._writers
        for number in range(bisect_right(places, first), len(places)):
            # A stamp where another one is printed nothing.
            if not number or places[number] > places[number - 1]:
                yield writers[number]
            if places[number] > last:
                return

    @cached_property
    def _writers(self) -> tuple[list[int], list[Writer]]:
        """Where each stamp was, and who printed what is in front of it."""
        calls: list[TemplateLine] = []
        writers = []
        for _, kind, line in self.stamps:
            if kind == _RETURN and calls:
                calls.pop()  # what a call prints behind the text is its own: a quote
            writers.append(Writer(line, tuple(reversed(calls))))
            if kind == _CALL:
                calls.append(line)
        return [place for place, _, _ in self.stamps], writers


@dataclass
class _ReadText:
    """A text as far as it is read."""

    stamps: list[tuple[int, str, TemplateLine]]
    calls: list[TemplateLine]
    """Those that are not back yet, outer first."""
    parts: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        """Take what is printed, as helm does."""
        self.parts.append(text.replace(_NO_VALUE, ""))
        self.length += len(self.parts[-1])

    def stamp(self, kind: str, line: TemplateLine) -> None:
        """Take a stamp."""
        self.stamps.append((self.length, kind, line))
        if kind == _CALL:
            self.calls.append(line)
        elif kind == _RETURN and self.calls:
            self.calls.pop()

    def stamped(self, asides: tuple[tuple[TemplateLine, StampedText], ...] = ()) -> StampedText:
        """Give what was read."""
        return StampedText("".join(self.parts), tuple(self.stamps), asides)


class Stamps:
    """The stamps of one copy of a chart: each line that prints something has a number."""

    def __init__(self, named: Collection[str]) -> None:
        """Begin without a line; `named` are the named templates of the chart and its subcharts."""
        self._named = named
        self._lines: dict[TemplateLine, int] = {}

    def stamped(self, file: str, text: str) -> str:
        """Give the second form of a template's text; empty where it has letters that stamps are made of."""
        return "" if _OF_STAMPS.search(text) else "".join(self._pieces(file, text))

    def read(self, printed: str) -> StampedText:
        """Take the stamps out of a text that stamped templates printed."""
        lines = list(self._lines)
        asides: list[tuple[TemplateLine, StampedText]] = []
        # One in another: the text itself, what it set aside, what that did.
        texts = [_ReadText([], [])]
        end = 0
        for found in _STAMP.finditer(printed):
            texts[-1].add(printed[end : found.start()])
            end = found.end()
            number = (ord(found[2]) - _ZERO) * _BASE + ord(found[3]) - _ZERO
            line = lines[number] if number < len(lines) else None
            if line and found[1] == _ASIDE:
                calls = [*texts[-1].calls, line]
                texts.append(_ReadText([(0, _CALL, call) for call in calls], calls))
            elif line and found[1] == _BACK and len(texts) > 1:
                asides.append((line, texts.pop().stamped()))
            elif line:
                texts[-1].stamp(found[1], line)
        texts[-1].add(printed[end:])
        return texts[0].stamped(tuple(asides))

    def _pieces(self, file: str, text: str) -> Iterator[str]:
        kept = self._kept(text)
        for piece in pieces(text):
            if piece.kind == "text":
                yield self._text(file, piece)
            elif piece.kind == "comment":
                yield piece.text
            else:
                yield from self._actions(TemplateLine(file, piece.line), piece, kept)

    def _kept(self, text: str) -> frozenset[str]:
        """Give the variables of a file that keep what a call prints, and are set nowhere else in it."""
        inside = [piece.inside for piece in pieces(text) if piece.kind == "action"]
        calls = {found[1] for one in inside if (found := _KEEPING_CALL.match(one)) and found[3] in self._named}
        set_ = Counter(name for one in inside for pair in _VARIABLES.findall(one) for name in pair)
        return frozenset(name for name in calls if set_[name] == 1)

    def _text(self, file: str, piece: Piece) -> str:
        """Stamp the end of each line, before the white space there: that may be trimmed."""
        stamped = []
        for number, part in enumerate(piece.text.split("\n"), piece.line):
            shown = part.rstrip()
            if shown:
                plain = shown.rstrip("{")  # in front of an action, a brace would be taken for a part of it
                stamp = self._stamp(_TEXT, TemplateLine(file, number), printing=shown[len(plain) :])
                stamped.append(f"{plain}{stamp}{part[len(shown) :]}")
            else:
                stamped.append(part)
        return "\n".join(stamped)

    def _actions(self, line: TemplateLine, piece: Piece, kept: frozenset[str]) -> Iterator[str]:
        """Give the second form of an action: itself with a stamp, its stamped call, and what is to be read besides."""
        if found := _DEFINES.match(piece.inside):
            yield piece.text.replace(found[0], f"{found[1]}{PREFIX}{found[2]}{found[3]}", 1)
            return
        left, right = "- " * piece.trims_left, " -" * piece.trims_right
        if not _NOT_IN_FRONT.match(piece.inside):
            yield from self._asides(line, piece.inside, left)
        if (found := _KEEPING_CALL.match(piece.inside)) and found[1] in kept:
            yield f"{piece.text}{{{{ ${_KEPT}{found[1]} := {found[2]}{PREFIX}{found[3]}{found[4]}{right}}}}}"
        elif _SILENT.match(piece.inside):
            yield piece.text
        elif second := self._second_form(piece.inside, kept):
            before, after = self._stamp(_CALL, line, left=left), self._stamp(_RETURN, line, right=right)
            yield f"{before}{{{{ {second} }}}}{after}"
        else:
            yield f"{{{{{left}{piece.inside}}}}}{self._stamp(_TEXT, line, right=right)}"

    def _second_form(self, inside: str, kept: frozenset[str]) -> str:
        """Give the stamped form of an action that only prints what a call gives; empty for all else."""
        inside = _IN_PARENTHESES.sub(r"\1\2", inside)
        if (found := _PRINTING_CALL.match(inside)) and found[2] in self._named:
            return f"{found[1]}{PREFIX}{found[2]}{found[3]}"
        found = _PRINTING_VARIABLE.match(inside)
        return f"${_KEPT}{found[1]}{found[2]}" if found and found[1] in kept else ""

    def _asides(self, line: TemplateLine, inside: str, left: str) -> Iterator[str]:
        """Print the texts that an action makes data of, each from the begin of a line, so that it may be indented."""
        for call, name, behind in _MAKES_DATA.findall(inside):
            if name in self._named:
                begin, end = self._stamp(_ASIDE, line, left=left, behind="\\n"), self._stamp(_BACK, line)
                yield f"{begin}{{{{ {call}{PREFIX}{name}{behind}}}}}{end}"

    def _stamp(
        self, kind: str, line: TemplateLine, left: str = "", right: str = "", printing: str = "", behind: str = ""
    ) -> str:
        """Give an action that prints a stamp, behind a text; it trims where the action beside it did."""
        number = self._lines.setdefault(line, len(self._lines))
        stamp = f"{kind}{chr(_ZERO + number // _BASE % _BASE)}{chr(_ZERO + number % _BASE)}"
        return f'{{{{{left}"{printing}{stamp}{behind}"{right}}}}}'


def named_templates(text: str) -> Iterator[str]:
    """Give the names of the templates that a file defines."""
    for piece in pieces(text):
        if piece.kind == "action" and (found := _DEFINES.match(piece.inside)):
            yield found[2]
