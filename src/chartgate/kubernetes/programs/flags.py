"""The flags that a program is started with: `--level=debug`, or `--level` with its value in the next word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

FLAG = re.compile(r"--?[A-Za-z][\w.-]*+")
"""The name of one, with its dashes."""
_WORD = re.compile(rf"({FLAG.pattern})(?:=(.*+))?+", re.DOTALL)


class Flag(NamedTuple):
    """One flag."""

    place: int
    """Of its word among the others, from 0."""
    name: str
    """With its dashes."""
    value: str
    """Empty for none: a following word that begins with a dash is a flag of its own."""


def are_single_words(words: Sequence[str]) -> bool:
    """Tell whether a program is given its flags as `--level=3`, none with its value in the next word."""
    found = list(flags(words))
    return any("=" in words[flag.place] for flag in found) and all(
        "=" in words[flag.place] or not flag.value for flag in found
    )


def flags(words: Sequence[str]) -> Iterator[Flag]:
    """Give the flags among the words that a program is started with."""
    for place, (word, following) in enumerate(zip(words, [*words, ""][1:], strict=True)):
        if flag := _WORD.fullmatch(word):
            beside = "" if following.startswith("-") else following
            yield Flag(place, flag[1], beside if flag[2] is None else flag[2])
