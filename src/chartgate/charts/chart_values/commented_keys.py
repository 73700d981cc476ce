"""The keys that a values.yaml names in its comments only: examples to uncomment, and words of explanation."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.documents.addresses import join
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart

_KEY_LINE = re.compile(r"( *+)(?:- ++)?+[\"']?+([A-Za-z_][\w.-]*+)[\"']?+ *+:(?= |$)")
_COMMENT = re.compile(r"( *+)#++(.*+)")
_TRAILING = re.compile(r"(?<= )#++ (.*+)")
_WORD = re.compile(r"[A-Za-z_][\w.-]*+([\"'`]?+:|[\"'`])?+")
_FOLLOWING = 40
"""Lines after a key in a comment that may show what is below it."""


class _Line(NamedTuple):
    indent: int
    key: str
    words: frozenset[str]
    """Those of its comment, whether it is the whole line or the end of it."""
    shown: frozenset[str]
    """Those of them that are written as keys: in front of a colon or inside quotes."""
    comment: str
    is_comment: bool
    """Whether the whole line is one, be it of no words (`##`)."""


@once_for(16)
def comments_of(chart: Chart) -> CommentedKeys:
    """Give what the comments of a chart's values.yaml name."""
    return CommentedKeys(chart.files.get("values.yaml", b"").decode("utf-8", "replace"))


class CommentedKeys:
    """What the comments of one values.yaml name."""

    def __init__(self, text: str) -> None:
        self._lines = [_line(line) for line in text.splitlines()]
        self._words = frozenset().union(*(line.words for line in self._lines))

    def name(self, path: Sequence[str]) -> bool:
        """Tell whether a comment names a key.

        By its whole address anywhere (`## @param image.digest`), as a key in front of a colon or by a word among the
        lines that belong to the key above it. A word of small letters alone may be one of a sentence: `# Size of it`.
        """
        *above, last = path
        if above and join(*path) in self._words:
            return True
        is_of_speech = not above or (last.isalpha() and last.islower())
        return any(last in (line.shown if is_of_speech else line.words) for line in self._block(above))

    def said_of(self, key: str) -> str:
        """Give what the comments right in front of a key, wherever it is, say of it; empty for nothing.

        Of one that is nowhere else, what is said where a comment shows it.
        """
        lines = [*enumerate(self._lines)]
        there = [each for each in lines if each[1].key == key]
        for number, line in there or [each for each in lines if each[1].comment.startswith(f"{key}:")]:
            above = [*itertools.takewhile(_is_comment, reversed(self._lines[:number]))]
            if said := " ".join(other.comment for other in [*reversed(above), line] if other.comment):
                return said
        return ""

    def said_at(self, path: Sequence[str]) -> str:
        """Give what the comments right in front of the key at an address say of it; empty for nothing."""
        number = self._numbers.get(tuple(path))
        if number is None:
            return ""
        line = self._lines[number]
        said = [*itertools.takewhile(_is_comment, reversed(self._lines[:number]))]
        return " ".join(other.comment for other in [*reversed(said), line] if other.comment)

    def shows_inside(self, path: Sequence[str]) -> bool:
        """Tell whether comments show what the section at an address may hold: behind it, or in front by name."""
        number = self._numbers.get(tuple(path))
        if number is None:
            return False
        behind = itertools.takewhile(_is_comment, self._lines[number + 1 :])
        front = itertools.takewhile(_is_comment, reversed(self._lines[:number]))
        return any(line.shown for line in behind) or any(path[-1] in line.shown for line in front)

    @functools.cached_property
    def _numbers(self) -> dict[tuple[str, ...], int]:
        """The first line of each key that is at an address, by the address as indentation tells it."""
        numbers: dict[tuple[str, ...], int] = {}
        inside: list[_Line] = []
        for number, line in enumerate(self._lines):
            if line.key:
                inside = [*(above for above in inside if above.indent < line.indent), line]
                numbers.setdefault(tuple(above.key for above in inside), number)
        return numbers

    def _block(self, above: Sequence[str]) -> Iterator[_Line]:
        """Give the lines below a key, as far as indentation tells; of a key in a comment, those that follow it."""
        if not above:
            yield from self._lines
            return
        key = above[-1]
        for number, line in enumerate(self._lines):
            if line.key == key:
                yield from itertools.takewhile(_is_comment, reversed(self._lines[:number]))  # said in front of it
                yield line
                for other in self._lines[number + 1 :]:
                    if other.key and other.indent <= line.indent:
                        break
                    yield other
            elif key in line.shown:
                yield from self._lines[number : number + _FOLLOWING]


def _is_comment(line: _Line) -> bool:
    return line.is_comment


def _line(text: str) -> _Line:
    if found := _COMMENT.match(text):
        indent, key, comment = len(found[1]), "", found[2]
    else:
        start, trailing = _KEY_LINE.match(text), _TRAILING.search(text)
        indent, key = (len(start[1]), start[2]) if start else (0, "")
        comment = trailing[1] if trailing else ""
    words = [(word[0].rstrip(":\"'`").rstrip(".-"), bool(word[1])) for word in _WORD.finditer(comment)]
    shown = frozenset(word for word, is_key in words if is_key)
    return _Line(indent, key, frozenset(word for word, _ in words), shown, comment.strip(" -"), bool(found))
