"""Two values beside each other, line by line, for a report that has two columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.alignment import opcodes
from chartgate.reports.review_words import lines_of_value

_AROUND = 3
"""Lines that are shown before and after a change."""
_MOST = 200
_LONGEST = 400
"""Characters of a line."""


@dataclass(frozen=True)
class Row:
    """A line of each side; empty on the side that does not have it."""

    what: Literal["same", "changed", "removed", "added", "left_out"]
    before: str = ""
    after: str = ""


def rows(before: Any, after: Any) -> list[Row]:
    """Align two values as YAML; equal lines far from a change, and what is too much, are left out and counted."""
    found = list(_aligned(lines_of_value(before), lines_of_value(after)))
    more = len(found) - _MOST
    text = f"... and {more} more lines"
    return [*found[:_MOST], *([Row("left_out", text, text)] if more > 0 else [])]


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    steps = [*opcodes(old, new)]
    for number, (what, start, end, start_new, end_new) in enumerate(steps):
        if what == "equal":
            yield from _same(old[start:end], number > 0, number < len(steps) - 1)
            continue
        gone, come = old[start:end], new[start_new:end_new]
        for place in range(max(len(gone), len(come))):
            was, now = (_cut(side[place]) if place < len(side) else "" for side in (gone, come))
            is_both = place < min(len(gone), len(come))
            yield Row("changed" if is_both else "removed" if place < len(gone) else "added", was, now)


def _same(lines: Sequence[str], is_after_a_change: bool, is_before_one: bool) -> Iterator[Row]:
    first, last = _AROUND * is_after_a_change, _AROUND * is_before_one
    if len(lines) > first + last + 1:
        text = f"... {len(lines) - first - last} equal lines"
        yield from (Row("same", _cut(line), _cut(line)) for line in lines[:first])
        yield Row("left_out", text, text)
        lines = lines[len(lines) - last :]
    yield from (Row("same", _cut(line), _cut(line)) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)"
