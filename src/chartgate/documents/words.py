"""The small words of messages: how many, which ones, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_LONGEST = 200
"""Characters of a name that is compared with others; nobody mistypes more."""


def counted(number: int, one: str, several: str = "") -> str:
    """Write a number with the noun that it counts: `1 finding`, `2 policies`."""
    return f"{number} {one}" if number == 1 else f"{number} {several or one + 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """List names, and say how many more there are than that."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def cut(text: str, most: int) -> str:
    """Give a text, or its first so many characters and three dots."""
    return text if len(text) <= most else f"{text[:most]}..."


def with_word(text: str, name: str, word: str = "*") -> str:
    """Put a word for a name where that is no part of a longer word."""
    first, *rest = text.split(name) if name else [text]
    found = [first]
    for before, after in zip([first, *rest], rest, strict=False):
        is_whole = not before[-1:].isalnum() and not after[:1].isalnum()
        found += [word if is_whole else name, after]
    return "".join(found)


def near(name: str, known: Sequence[str], most: int = 3, alike: float = 0.6) -> list[str]:
    """Give the known names that a name that is not known probably means: those that hold it, or look like it.

    Args:
        name: what is not known.
        known: what it may mean.
        most: how many to give.
        alike: how much of both is the same, from 0 to 1, where none holds it.
    """
    holding = [other for other in known if name and name in other]
    # The comparison takes the product of both lengths.
    return (holding or difflib.get_close_matches(name[:_LONGEST], known, most, alike))[:most]
