"""Which line of a template to mend where Go cannot parse it: it names the one at which it noticed.

An action without its braces or quotes is noticed at the next one, a block without its `end` at the end of the file, and
an `end` too many at the last. Which it is tells the column: what begins a line is as far in as what ends its block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
_MOST_MARKS_OF_TWO = 300
_MOST_PLACES = 200
MOST_LINES = 3
"""That are told one by one."""
_WORSE = 100
"""What does not fit together is worse than what is not as far in."""


class _Mark(NamedTuple):
    """The begin, the `else` or the `end` of a block."""

    word: str
    line: int
    column: int
    """-1 for one that has something in front of it in its line."""


def broken_lines(text: str, line: int, said: str) -> list[int]:
    """Give the line to mend, and others that it may be as well; more than three where all of these are as likely.

    Args:
        text: of the template.
        line: at which Go says that it cannot parse it.
        said: in which words.
    """
    cut = list(pieces(text))
    if "comment ends" in said:
        ends = (one.line + one.text.rstrip().count("\n") for one in cut if one.kind == "comment" and one.line >= line)
        return [*dict.fromkeys([next(ends, line), line])]
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
    least = min([one.misfit for one in missing] + list(too_much.values()))
    if least >= _WORSE and len(marks) <= _MOST_MARKS_OF_TWO:
        likely = {one.lines: one for one in reversed(missing) if one.misfit == least}
        missing = [
            two._replace(lines=tuple(sorted({*one.lines, *two.lines})))
            for one in list(likely.values())[:MOST_LINES]
            for two in _without_end(one.marks)
        ]
    best = min([one.misfit for one in missing] + list(too_much.values()))
    depths = _depths(cut)
    found: dict[tuple[int, ...], int] = {}
    for one in [one for one in missing if one.misfit == best][:_MOST_PLACES]:
        found[one.lines] = min(_less_far_in(one.marks, depths), found.get(one.lines, len(marks)))
    # What a file ends with is likely the end of what it begins with.
    is_whole = marks[0].word != "define" and marks[-1].word == "end" and marks[-1].line >= max(depths, default=0)
    rank = {lines: (count, is_whole and marks[0].line in lines) for lines, count in found.items()}
    order = sorted(rank, key=lambda each: (rank[each], each))
    likely_ends = (number for number, misfit in too_much.items() if misfit == best and number <= line)
    order += [(number,) for number in sorted(likely_ends, reverse=True)]
    alike = dict.fromkeys(number for lines in order if rank.get(lines) == rank.get(order[0]) for number in lines)
    numbers = dict.fromkeys(number for lines in order for number in lines)
    return [*numbers][: max(MOST_LINES, len(alike))] or [line]


class _Mended(NamedTuple):
    """Where one block more has an end."""

    misfit: int
    lines: tuple[int, ...]
    """At which these blocks begin."""
    marks: list[_Mark]


def _without_end(marks: Sequence[_Mark]) -> list[_Mended]:
    """Give how badly all fits together where one block more has an end, at each place where it may be."""
    found = []
    for place in range(len(marks) + 1):
        if opened := _open_blocks(marks[:place]):
            end = opened[-1]._replace(word="end", line=marks[place - 1].line)
            mended = [*marks[:place], end, *marks[place:]]
            found.append(_Mended(_misfit(mended), (opened[-1].line,), mended))
    return found


def _depths(cut: Sequence[Piece]) -> dict[int, int]:
    """Give how far in the lines of text begin."""
    lines = "".join(piece.text if piece.kind == "text" else re.sub(r"[^\n]", "\0", piece.text) for piece in cut).split(
        "\n"
    )
    words = (
        (number, line.replace("\0", " ")) for number, line in enumerate(lines, 1) if line.replace("\0", "").strip()
    )
    return {number: len(line) - len(line.lstrip()) for number, line in words}


def _less_far_in(marks: Sequence[_Mark], depths: Mapping[int, int]) -> int:
    """Tell how many blocks have a line that is less far in than their first one."""
    open_: list[_Mark] = []
    found = 0
    for mark in marks:
        if mark.word in _BEGINS:
            open_.append(mark)
        elif mark.word == "end" and open_:
            begin = open_.pop()
            inside = [depths[number] for number in range(begin.line + 1, mark.line) if number in depths]
            found += bool(inside) and min(inside) < inside[0]
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
