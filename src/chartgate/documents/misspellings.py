"""Which of two names was probably meant: another case, other dashes, a letter too many, too few, wrong or swapped."""

from __future__ import annotations

import functools
from collections.abc import Iterable

_LONGEST = 60
"""Characters; nobody mistypes a longer name, and chance makes more of them alike."""


def nearly(name: str, known: Iterable[str]) -> list[str]:
    """Give the known names that differ from a name as a slip of the hand does, the likeliest first."""
    plain = _plain(name)
    others = [(other, _plain(other)) for other in known if other != name]
    alike = [other for other, its in others if its == plain]
    return alike + [other for other, its in others if its != plain and _is_slip(plain, its)]


def lost_a_letter(name: str, other: str) -> bool:
    """Tell whether one of two names, however short, is the other without a letter; a plural is another word."""
    long, short = sorted((name, other), key=len, reverse=True)
    is_shorter = len(long) == len(short) + 1 and len(long) <= _LONGEST and long != f"{short}s"
    return is_shorter and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


@functools.lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _is_slip(name: str, other: str) -> bool:
    """Tell whether two names are one slip apart, long ones two; short ones differ on purpose (`host`, `port`)."""
    longest = max(len(name), len(other))
    allowed = 0 if min(len(name), len(other)) < 5 or longest > _LONGEST else 1 if longest < 10 else 2
    if not allowed or abs(len(name) - len(other)) > allowed:
        return False
    # Each slip adds a letter at most, and takes one.
    return len(_letters(name) - _letters(other)) <= allowed and _are_within(allowed, name, other)


@functools.lru_cache(maxsize=4096)
def _letters(name: str) -> frozenset[tuple[str, int]]:
    """Give the letters of a name, equal ones numbered: what one of two names has more is what they differ in."""
    return frozenset((letter, name.count(letter, 0, place)) for place, letter in enumerate(name))


def _are_within(most: int, one: str, two: str) -> bool:
    """Tell whether so many letters at most are to add, to take, to replace or to swap with the next.

    Once they differ, what is left of both tells it of itself, so that names with little in common cost a few steps.
    """
    same = 0
    for letter, other in zip(one, two, strict=False):
        if letter != other:
            break
        same += 1
    one, two = one[same:], two[same:]
    if not one or not two or not most:
        return len(one) + len(two) <= most
    less = most - 1
    if _are_within(less, one[1:], two[1:]) or _are_within(less, one[1:], two) or _are_within(less, one, two[1:]):
        return True
    return len(one) > 1 and one[:2] == two[1::-1] and _are_within(less, one[2:], two[2:])
