"""Which Kubernetes versions a chart admits: the constraint in Chart.yaml, read as helm reads it.

Source: https://github.com/Masterminds/semver/blob/v3.4.0/README.md#checking-version-constraints
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

Version = tuple[int, int, int, bool]
"""Major, minor, patch, and whether it is a release: 1.27.0-0 comes before 1.27.0."""

# Without a way back into what was read (`++`, `?+`): the time to read a constraint is then linear in its length.
_PART = r"([0-9]++|[xX*])"
_NUMBER = rf"v?{_PART}(?:\.{_PART})?+(?:\.{_PART})?+(-[0-9A-Za-z.-]++)?+(?:\+[0-9A-Za-z.-]++)?+"
_TERM = re.compile(rf"(?:(=|==|!=|>|<|>=|=>|<=|=<|~|~>|\^)\s*+)?{_NUMBER}[,\s]*+")
_VERSION_NUMBER = re.compile(_NUMBER)
_RANGE = re.compile(r"(?<![^\s,])([^\s,]++)\s++-\s++([^\s,]++)")
_PATCH = re.compile(r"(?<![0-9])([0-9]++)\.([0-9]++)\.([0-9]++)")
_LARGEST = 2**64 - 1
"""The largest number that the library reads (`strconv.ParseUint`)."""
_MOST_PATCHES = 100
"""Patch versions of one minor version that are tried; constraints name one or two."""
_OPERATORS: dict[str, Callable[[Version, Version, Version], bool]] = {
    # A version, the lowest that the term names, and the lowest that it no longer names.
    "=": lambda version, low, above: low <= version < above,
    "!=": lambda version, low, above: not low <= version < above,
    ">": lambda version, _, above: version >= above,
    "<": lambda version, low, _: version < low,
    ">=": lambda version, low, _: version >= low,
    "<=": lambda version, _, above: version < above,
}
_ALIASES = {"": "=", "==": "=", "=>": ">=", "=<": "<=", "~>": "~"}


def admitted(constraint: str, minors: Sequence[str]) -> list[str]:
    """Give the minor versions (`1.31`) that a chart with this constraint admits.

    Raises:
        ValueError: it is not a constraint.
    """
    alternatives = _parsed(constraint)
    named: dict[tuple[int, int], set[int]] = {}
    for major, minor, patch in (tuple(map(_number, found.groups())) for found in _PATCH.finditer(constraint)):
        named.setdefault((major, minor), set()).update((patch, patch + 1))
    return [
        minor
        for minor in minors
        if any(
            _admits(alternatives, (*_pair(minor), patch, True))
            for patch in itertools.islice(sorted({0, 99} | named.get(_pair(minor), set())), _MOST_PATCHES)
        )
    ]


def admits(constraint: str, version: Version) -> bool:
    """Tell whether a version fits: alternatives parted by `||`, each of terms that all must hold.

    Raises:
        ValueError: it is not a constraint.
    """
    return _admits(_parsed(constraint), version)


class _Term(NamedTuple):
    """One term of a constraint: `>=1.27.0-0`."""

    operator: str
    numbers: list[int]
    is_release: bool


def _admits(alternatives: list[list[_Term]], version: Version) -> bool:
    return any(all(_holds(term, version) for term in terms) for terms in alternatives)


def _parsed(constraint: str) -> list[list[_Term]]:
    """Give the terms of each alternative; all are read before any of them counts, so that a broken one is noticed."""
    return [_terms(alternative.strip()) for alternative in constraint.split("||")]


def _terms(alternative: str) -> list[_Term]:
    text = _RANGE.sub(_limits, alternative)
    position, terms = 0, []
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise ValueError(f"{alternative!r} is not a constraint of versions")
        numbers = [_number(part) for part in (found[2], found[3], found[4]) if part and part not in "xX*"]
        terms.append(_Term(_ALIASES.get(found[1] or "", found[1]), numbers, not found[5]))
        position = found.end()
    if not terms:
        raise ValueError("an empty alternative is not a constraint of versions")
    return terms


def _limits(found: re.Match[str]) -> str:
    """Write a range (`1.26 - 1.28`) as its two limits; what is not one stays as it is."""
    is_range = all(_VERSION_NUMBER.fullmatch(limit) for limit in found.groups())
    return f">={found[1]} <={found[2]}" if is_range else found[0]


def _number(digits: str) -> int:
    if len(digits) > 20 or int(digits) > _LARGEST:
        raise ValueError(f"{digits[:20]}... is too large a number for a constraint of versions")
    return int(digits)


def _holds(term: _Term, version: Version) -> bool:
    operator, numbers = term.operator, term.numbers
    low = _version(numbers, is_release=term.is_release)
    if not numbers:
        return operator != "!="
    if operator == "~":
        return low <= version < _above(numbers[:2])
    if operator == "^":
        significant = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return low <= version < _above(numbers[: significant + 1])
    above = _above(numbers) if len(numbers) < 3 else ((low[0], low[1], low[2] + 1, False) if term.is_release else low)
    if not term.is_release and operator in ("=", "!=", ">", "<="):
        # A pre-release names itself only; every release is on one side of it.
        return {"=": False, "!=": True, ">": version > low, "<=": version < low}[operator]
    return _OPERATORS[operator](version, low, above)


def _above(numbers: Sequence[int]) -> Version:
    """Give the first version (a pre-release included) that does not begin with these numbers."""
    return _version([*numbers[:-1], numbers[-1] + 1], is_release=False)


def _version(numbers: Sequence[int], *, is_release: bool) -> Version:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch, is_release


def _pair(minor: str) -> tuple[int, int]:
    major, _, rest = minor.partition(".")
    return int(major), int(rest)
