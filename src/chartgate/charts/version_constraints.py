"""Which Kubernetes versions a chart admits: the constraint in Chart.yaml, read as helm reads it.

Source: https://github.com/Masterminds/semver/blob/v3.4.0/README.md#checking-version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Version = tuple[int, int, int, bool]
"""Major, minor, patch, and whether it is a release: 1.27.0-0 comes before 1.27.0."""

_NUMBER = r"v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_TERM = re.compile(rf"(=|==|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*{_NUMBER}")
_RANGE = re.compile(rf"({_NUMBER})\s+-\s+({_NUMBER})")
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
    patches = {0, 99, *(int(patch) for patch in re.findall(r"\d+\.\d+\.(\d+)", constraint))}
    return [
        minor for minor in minors if any(admits(constraint, (*_pair(minor), patch, True)) for patch in sorted(patches))
    ]


def admits(constraint: str, version: Version) -> bool:
    """Tell whether a version fits: alternatives parted by `||`, each of terms that all must hold.

    Raises:
        ValueError: it is not a constraint.
    """
    # All of them are read before any of them counts, so that a broken one is always noticed.
    results = [_fits(alternative.strip(), version) for alternative in constraint.split("||")]
    return any(results)


def _fits(alternative: str, version: Version) -> bool:
    text = _RANGE.sub(lambda found: f">={found[1]} <={found[6]}", alternative)
    position, results = 0, []
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise ValueError(f"{alternative!r} is not a constraint of versions")
        results.append(_holds(found, version))
        position = found.end()
        position += len(text[position:]) - len(text[position:].lstrip(", "))
    if not results:
        raise ValueError("an empty alternative is not a constraint of versions")
    return all(results)


def _holds(term: re.Match[str], version: Version) -> bool:
    operator = _ALIASES.get(term[1] or "", term[1])
    numbers = [int(part) for part in (term[2], term[3], term[4]) if part and part.isdigit()]
    low = _version(numbers, is_release=not term[5])
    if not numbers:
        return operator != "!="
    if operator == "~":
        return low <= version < _above(numbers[:2])
    if operator == "^":
        significant = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return low <= version < _above(numbers[: significant + 1])
    above = _above(numbers) if len(numbers) < 3 else (low if term[5] else (low[0], low[1], low[2] + 1, False))
    if term[5] and operator in ("=", "!=", ">", "<="):
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
