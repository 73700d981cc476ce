"""Which of two names was probably meant: another case, other dashes, a letter too many, too few, wrong or swapped."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 60
"""Characters; nobody mistypes a longer name, and the comparison takes the product of both lengths."""


def nearly(name: str, known: Iterable[str]) -> list[str]:
    """Give the known names that differ from a name as a slip of the hand does, the likeliest first."""
    others = [other for other in known if other != name]
    alike = [other for other in others if _plain(other) == _plain(name)]
    mistyped = [other for other in others if other not in alike and _is_slip(_plain(name), _plain(other))]
    return alike + mistyped


def lost_a_letter(name: str, other: str) -> bool:
    """Tell whether one of two names, however short, is the other without a letter; a plural is another word."""
    long, short = sorted((name, other), key=len, reverse=True)
    is_shorter = len(long) == len(short) + 1 and len(long) <= _LONGEST and long != f"{short}s"
    return is_shorter and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _is_slip(name: str, other: str) -> bool:
    """Tell whether two names are one slip apart, long ones two; short ones differ on purpose (`host`, `port`)."""
    longest = max(len(name), len(other))
    allowed = 0 if min(len(name), len(other)) < 5 or longest > _LONGEST else 1 if longest < 10 else 2
    return allowed > 0 and abs(len(name) - len(other)) <= allowed and _distance(name, other) <= allowed


def _distance(one: str, two: str) -> int:
    """Count the letters to add, to take, to replace or to swap with the next (optimal string alignment)."""
    rows = [list(range(len(two) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, other in enumerate(two, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
