"""Which versions fit a constraint, of a dependency or of Kubernetes, as helm decides it.

Source: https://github.com/Masterminds/semver/blob/v3.5.0/constraints.go and version.go
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import re2

_LONGEST_VERSION, _LONGEST_CONSTRAINT, _MOST_ALTERNATIVES = 256, 512, 32
_LARGEST_NUMBER = 2**64 - 1
_PRERELEASE = r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_BUILD = r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_VERSION = re2.compile(rf"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?{_PRERELEASE}{_BUILD}")
_PART = r"[0-9|x|X|\*]+"
_NAMED = rf"v?({_PART})(\.{_PART})?(\.{_PART})?{_PRERELEASE}{_BUILD}"
_OPERATORS = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_TERM = re2.compile(rf"({_OPERATORS})\s*({_NAMED})")
_WHOLE_TERM = re2.compile(rf"\s*({_OPERATORS})\s*({_NAMED})\s*")
_TERMS = re2.compile(rf"(\s*({_OPERATORS})\s*({_NAMED})\s*)((?:\s+|,\s*)({_OPERATORS})\s*({_NAMED})\s*)*")
_RANGE = re2.compile(rf"\s*({_NAMED})\s+-\s+({_NAMED})\s*")


class ChartVersion(NamedTuple):
    """A version as semver reads it, loosely: `v1.2` is 1.2.0; what follows a `+` does not count."""

    major: int
    minor: int
    patch: int
    prerelease: str

    def key(self) -> tuple[object, ...]:
        """Give what versions are sorted by: a release follows its pre-releases, numbers come before words."""
        parts = [(part.isdigit(), part) for part in self.prerelease.split(".")] if self.prerelease else []
        order = tuple((0, int(part), "") if is_number else (1, 0, part) for is_number, part in parts)
        return (self.major, self.minor, self.patch, not self.prerelease, order)


class _Term(NamedTuple):
    operator: str
    version: ChartVersion
    named: int
    """How many of the numbers are named, from the left: 2 for `1.2.x`; `*` is 0.0.0 to most operators."""


def chart_version(text: str) -> ChartVersion | None:
    """Read a version; None for what is not one."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST_VERSION else None
    if not found:
        return None
    major, minor, patch = (int((part or "0").lstrip(".")) for part in found.groups()[:3])
    prerelease = found[5] or ""
    if max(major, minor, patch) > _LARGEST_NUMBER or any(
        part.isdigit() and part != "0" and part.startswith("0") for part in prerelease.split(".")
    ):
        return None
    return ChartVersion(major, minor, patch, prerelease)


def is_compatible(constraint: str, version: str) -> bool:
    """Tell whether a version fits a constraint; what is not one (an empty text, say) fits nothing."""
    known = chart_version(version)
    return known is not None and any(_fits(terms, known) for terms in _alternatives(constraint))


def is_constraint(text: str) -> bool:
    """Tell whether a text is a constraint at all."""
    return bool(_alternatives(text))


@functools.lru_cache(maxsize=64)
def admitted(constraint: str, minors: tuple[str, ...]) -> tuple[str, ...]:
    """Give the minor versions (`1.31`) of which a constraint admits some patch version.

    Raises:
        ValueError: it is not a constraint.
    """
    alternatives = _alternatives(constraint)
    if not alternatives:
        raise ValueError(f"{constraint[:60]!r} is not a constraint of versions")
    named = {term.version.patch + step for terms in alternatives for term in terms for step in (0, 1)}
    versions = {minor: [chart_version(f"{minor}.{patch}") for patch in (0, 99, *named)] for minor in minors}
    return tuple(
        minor
        for minor, patches in versions.items()
        if any(version and _fits(terms, version) for version in patches for terms in alternatives)
    )


@functools.lru_cache(maxsize=64)
def _alternatives(constraint: str) -> list[list[_Term]]:
    """Give the terms of each alternative; nothing for what is not a constraint."""
    texts = _with_ranges(constraint).split("||") if len(constraint) <= _LONGEST_CONSTRAINT else []
    if len(texts) > _MOST_ALTERNATIVES:
        return []
    found = [_terms(text) for text in texts]
    return [terms for terms in found if terms is not None] if None not in found else []


def _with_ranges(constraint: str) -> str:
    """Write `1 - 2` as `>= 1, <= 2`."""
    return str(_RANGE.sub(lambda found: f">= {found[1]}, <= {found[11]} ", constraint))


def _terms(alternative: str) -> list[_Term] | None:
    if not _TERMS.fullmatch(alternative):
        return None
    terms = [_term(found[0]) for found in _TERM.finditer(alternative)]
    return None if None in terms else [term for term in terms if term is not None]


def _term(text: str) -> _Term | None:
    found = _WHOLE_TERM.fullmatch(text)
    if not found:
        return None
    numbers = [(part or "").lstrip(".") for part in (found[3], found[4], found[5])]
    named = next((index for index, part in enumerate(numbers) if part in ("", "x", "X", "*")), 3)
    version = chart_version(".".join([*numbers[:named], *["0"] * (3 - named)]) + (found[6] or ""))
    return _Term(found[1], version, named) if version else None


def _fits(terms: list[_Term], version: ChartVersion) -> bool:
    """Tell whether all terms hold; pre-releases count only where one of them names a pre-release."""
    if version.prerelease and not any(term.version.prerelease for term in terms):
        return False
    return all(_holds(term, version) for term in terms)


def _holds(term: _Term, version: ChartVersion) -> bool:
    low, above = term.version.key(), version.key()
    same = [ours == theirs for ours, theirs in zip(term.version[:3], version[:3], strict=True)]
    match {"=>": ">=", "=<": "<=", "~>": "~"}.get(term.operator, term.operator):
        case "" | "=" if term.named == 3:
            return above == low
        case "" | "=" | "~":
            # `~0.0.0` means any version, as `*` does.
            is_any = term.version[:3] == (0, 0, 0) and term.named in (0, 3)
            return above >= low and (is_any or all(same[: min(term.named, 2)]))
        case "!=":
            return above != low if term.named in (0, 3) else not _is_named(term, version, same)
        case ">":
            return above > low if term.named in (0, 3) else version[: term.named] > term.version[: term.named]
        case "<=":
            named = term.named or 2
            return above <= low if named == 3 else version[:named] <= term.version[:named]
        case "<":
            return above < low
        case ">=":
            return above >= low
        case _:  # ^
            significant = next((index for index, number in enumerate(term.version[:3]) if number), 2) + 1
            return above >= low and all(same[: min(significant, term.named or 3)])


def _is_named(term: _Term, version: ChartVersion, same: list[bool]) -> bool:
    # `!=1.2.x` does not mean the pre-releases of 1.2, unless it names them.
    return all(same[: term.named]) and (term.named != 2 or term.version.prerelease == version.prerelease)
