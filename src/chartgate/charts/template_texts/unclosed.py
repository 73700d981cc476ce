"""Which line of a template to mend where Go cannot parse it: it names the one at which it noticed.

An action without its braces or quotes is noticed at the next one, a block without its `end` at the end of the file, and
an `end` too many at the last. Which it is tells the column: what begins a line is as far in as what ends its block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from chartgate.charts.template_texts.template_pieces import Piece, pieces

_WORD = re.compile(r"\s*+(else\s++if|if|with|range|define|block|else|end)\b")
_OF_BLOCKS = re.compile(r"unexpected (?:EOF|<define> in command|\{\{e)|found \{\{else\}\}|undefined variable")
"""What Go says of blocks that do not fit together."""
_SAYS = re.compile(r"(?<![\w.])(?:if|else|end|with|range|define|include|template|toYaml|[.$][A-Za-z]\w*+)(?!\w)")
"""What is in an action."""
_BEGINS = ("if", "with", "range", "define", "block")
_MOST_MARKS = 1000
_MOST = 3
_WORSE = 100
"""What does not fit together is worse than what is not as far in."""


class _Mark(NamedTuple):
    """The begin, the `else` or the `end` of a block."""

    word: str
    line: int
    column: int
    """-1 for one that has something in front of it in its line."""


def broken_lines(text: str, line: int, said: str) -> list[int]:
    """Give the line to mend, and others that it may be as well.

    Args:
        text: of the template.
        line: at which Go says that it cannot parse it.
        said: in which words.
    """
    cut = list(pieces(text))
    behind = cut[-1] if cut and cut[-1].kind == "text" else None
    if behind and "{{" in behind.text:
        return [min(behind.line + behind.text.partition("{{")[0].count("\n"), line)]
    marks = list(_marks(cut))
    if not _OF_BLOCKS.search(said) or len(marks) > _MOST_MARKS:
        return [line]
    if lost := [number for number in _without_begin(cut) if number <= line]:
        return lost[-1:]
    if _misfit(marks) < _WORSE:
        return [line]
    missing, too_much = _without_end(marks), _without_one(marks)
    best = min([*missing.values(), *too_much.values()])
    found = sorted(number for number, misfit in missing.items() if misfit == best)
    ends = sorted((number for number, misfit in too_much.items() if misfit == best and number <= line), reverse=True)
    return [*found[:1], *found[1:][1 - _MOST :], *ends][:_MOST] or [line]


def _without_end(marks: Sequence[_Mark]) -> dict[int, int]:
    """Give how badly all fits together where one block more has an end, by the line where that begins."""
    found: dict[int, int] = {}
    for place in range(len(marks) + 1):
        if opened := _open_blocks(marks[:place]):
            misfit = _misfit([*marks[:place], opened[-1]._replace(word="end"), *marks[place:]])
            found[opened[-1].line] = min(misfit, found.get(opened[-1].line, misfit))
    return found


def _without_one(marks: Sequence[_Mark]) -> dict[int, int]:
    """Give how badly all fits together without one `else` or `end`, by the line of that."""
    return {
        mark.line: _misfit([*marks[:place], *marks[place + 1 :]])
        for place, mark in enumerate(marks)
        if mark.word in ("else", "end")
    }


def _marks(cut: Sequence[Piece]) -> Iterator[_Mark]:
    before = ""
    for piece in cut:
        if piece.kind == "action" and (word := _WORD.match(piece.inside)):
            yield _Mark(word[1], piece.line, -1 if before.strip() else len(before))
        before = (before + piece.text).rpartition("\n")[2]


def _without_begin(cut: Sequence[Piece]) -> Iterator[int]:
    """Give the lines of actions that lost their `{{`, or one of the two braces; one that is printed lost nothing."""
    for before, piece in pairwise([Piece("text", "", 0), *cut]):
        is_it = piece.kind == "text" and "}}" in piece.text and "{{" not in before.inside
        lines = piece.text.split("\n") if is_it else ()
        for number, line in enumerate(lines, piece.line):
            inside, braces, _ = line.partition("}}")
            if braces and inside.count("{") < 2 and _SAYS.search(inside.rpartition("{")[2]):
                yield number


def _misfit(marks: Sequence[_Mark]) -> int:
    """Tell how badly blocks fit together, and how often what begins a line is not as far in as the block's begin."""
    open_: list[_Mark] = []
    with_else: set[_Mark] = set()
    misfit = 0
    for mark in marks:
        if mark.word in _BEGINS:
            misfit += _WORSE * (mark.word == "define" and bool(open_))
            open_.append(mark)
        elif not open_:
            misfit += _WORSE
        else:
            misfit += mark.column != open_[-1].column and mark.line != open_[-1].line
            misfit += _WORSE * (mark.word != "end" and open_[-1] in with_else)
            with_else |= {open_[-1]} if mark.word == "else" else set()
            if mark.word == "end":
                open_.pop()
    return misfit + _WORSE * len(open_)


def _open_blocks(marks: Sequence[_Mark]) -> list[_Mark]:
    open_: list[_Mark] = []
    for mark in marks:
        if mark.word in _BEGINS:
            open_.append(mark)
        elif mark.word == "end" and open_:
            open_.pop()
    return open_
