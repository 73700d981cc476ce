"""Stamps: signs in what a template prints that say which of its lines printed it, as a copy of a chart has them.

The copy's templates stay as they are. Beside each is a second one in which every piece of text, and every action that
prints, is followed by a stamp; a call of a named template whose text is only printed leads to the second form of that
one, and has a stamp in front of it, too. Conditions, and whatever reads a text, get what they get without stamps: so
both forms take the same way through the templates, and the text without stamps is the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chartgate.charts.template_texts.template_pieces import Piece, pieces

# Syllables of Yi: letters without upper case, which quote, indent and toJson of helm's functions leave alone.
_BASE, _ZERO = 1000, 0xA000
_TEXT, _CALL, _RETURN = "\ua400", "\ua401", "\ua402"
_STAMP = re.compile("([\ua400-\ua402])([\ua000-\ua3e7])([\ua000-\ua3e7])")
_OF_STAMPS = re.compile("[\ua000-\ua4cf]")
PREFIX = "stamped:"
"""What the name of the second form of a named template begins with."""

_DEFINES = re.compile(r'^(\s*+(?:define|block)\s++")([^"\\\n]*+)(")')
# A call whose text is printed, at most indented, quoted or trimmed: no other function may meet a stamp.
_PRINTING_CALL = re.compile(
    r'^(\s*+(?:include|template)\s++")([^"\\\n]*+)("(?:[^"`|]|"(?:\\.|[^"\\\n])*+"|`[^`]*+`)*+'
    r"(?:\|\s*+(?:n?indent\s++[0-9]++|trim|quote|squote|toString)\s*+)*+)$"
)
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
            writers.append(Writer(line, tuple(reversed(calls))))
            if kind == _CALL:
                calls.append(line)
            elif kind == _RETURN and calls:
                calls.pop()
        return [place for place, _, _ in self.stamps], writers


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
        text, stamps, end = [], [], 0
        length = 0
        for found in _STAMP.finditer(printed):
            text.append(printed[end : found.start()])
            length += found.start() - end
            end = found.end()
            number = (ord(found[2]) - _ZERO) * _BASE + ord(found[3]) - _ZERO
            if number < len(lines):
                stamps.append((length, found[1], lines[number]))
        return StampedText("".join([*text, printed[end:]]), tuple(stamps))

    def _pieces(self, file: str, text: str) -> Iterator[str]:
        for piece in pieces(text):
            if piece.kind == "text":
                yield self._text(file, piece)
            elif piece.kind == "comment":
                yield piece.text
            else:
                yield self._action(TemplateLine(file, piece.line), piece)

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

    def _action(self, line: TemplateLine, piece: Piece) -> str:
        if found := _DEFINES.match(piece.inside):
            return piece.text.replace(found[0], f"{found[1]}{PREFIX}{found[2]}{found[3]}", 1)
        if _SILENT.match(piece.inside):
            return piece.text
        left, right = "- " * piece.trims_left, " -" * piece.trims_right
        call = _PRINTING_CALL.match(piece.inside)
        if not call or call[2] not in self._named:
            return f"{{{{{left}{piece.inside}}}}}{self._stamp(_TEXT, line, right=right)}"
        before, after = self._stamp(_CALL, line, left=left), self._stamp(_RETURN, line, right=right)
        return f"{before}{{{{{call[1]}{PREFIX}{call[2]}{call[3]}}}}}{after}"

    def _stamp(self, kind: str, line: TemplateLine, left: str = "", right: str = "", printing: str = "") -> str:
        """Give an action that prints a stamp, behind a text; it trims where the action beside it did."""
        number = self._lines.setdefault(line, len(self._lines))
        stamp = f"{kind}{chr(_ZERO + number // _BASE % _BASE)}{chr(_ZERO + number % _BASE)}"
        return f'{{{{{left}"{printing}{stamp}"{right}}}}}'


def named_templates(text: str) -> Iterator[str]:
    """Give the names of the templates that a file defines."""
    for piece in pieces(text):
        if piece.kind == "action" and (found := _DEFINES.match(piece.inside)):
            yield found[2]
