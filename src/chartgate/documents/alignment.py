"""Which items of two lists belong together, in a time that is not the product of their lengths."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

Opcode = tuple[str, int, int, int, int]
"""As difflib has it: what to do, and the places from and to in either list."""

_MOST = 1_000_000
"""Pairs of items that are compared with each other."""


def opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[Opcode]:
    """Give what turns one list into the other, as `difflib.SequenceMatcher`; of very long ones, only where they begin
    and end alike, and what is between as replaced.
    """  # noqa: D205 - one sentence
    if len(before) * len(after) <= _MOST:
        yield from difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return
    shorter = min(len(before), len(after))
    first = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    alike = range(1, shorter - first + 1)
    last = next((back - 1 for back in alike if before[-back] != after[-back]), shorter - first)
    if first:
        yield "equal", 0, first, 0, first
    if first < max(len(before), len(after)) - last:
        yield "replace", first, len(before) - last, first, len(after) - last
    if last:
        yield "equal", len(before) - last, len(before), len(after) - last, len(after)
