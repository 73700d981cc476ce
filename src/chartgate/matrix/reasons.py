"""Why a scenario of a matrix is there, in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from chartgate.documents.addresses import below
from chartgate.documents.walking import leaves
from chartgate.documents.words import counted, listed
from chartgate.matrix.content import Point
from chartgate.matrix.matrix import Reason

_MOST = 3
"""Names that a reason lists."""


def of_combination(on: Sequence[str], toggles: Sequence[str]) -> Reason:
    """Say which toggles are on in a scenario of their product."""
    return Reason("product", _toggles_in_words(on, toggles))


def of_rows(
    why: Literal["all_on", "master_off"],
    rows: Mapping[str, Mapping[str, str]],
    on: Sequence[str],
    toggles: Sequence[str],
) -> Iterator[tuple[str, Reason]]:
    """Say for each row what it has that no row above it has: pairs of values of axes, or one of them."""
    seen: set[tuple[str, ...]] = set()
    for name, row in rows.items():
        values = [f"{axis}={value}" for axis, value in row.items()]
        size = 1 if why == "master_off" or len(values) < 2 else 2
        new = [found for found in itertools.combinations(values, size) if found not in seen]
        seen.update(new)
        first = ""
        if new:
            more = f" and {counted(len(new) - 1, 'other')}" if len(new) > 1 else ""
            first = f"the first with {' and '.join(new[0])}{more}"
        yield name, Reason(why, "; ".join(filter(None, [_toggles_in_words(on, toggles) if toggles else "", first])))


def of_point(point: Point, toggles: Sequence[str]) -> Reason:
    """Say what a named scenario sets, or with which words helm must refuse it."""
    parts = list(_set_by(point, toggles))
    if point.stderr:
        parts.append(f"helm must say {' and '.join(map(repr, point.stderr))}")
    return Reason("refusal" if point.stderr else "named", "; ".join(parts) or "sets nothing")


def _set_by(point: Point, toggles: Sequence[str]) -> Iterator[str]:
    if point.toggles is not None and toggles:
        yield _toggles_in_words(toggles if point.toggles == "all" else point.toggles, toggles)
    yield from (f"{axis}={value}" for axis, value in point.axes.items())
    if point.infrastructure is not None:
        yield f"what {point.infrastructure} deploys"
    if point.values_files:
        yield f"the values of {', '.join(point.values_files)}"
    addresses: Iterable[str] = (address for address, _ in leaves(point.values or {}))
    addresses = [*addresses, *(below(where, name) for where, names in (point.items or {}).items() for name in names)]
    if addresses:
        yield f"sets {listed(addresses, _MOST)}"


def _toggles_in_words(on: Sequence[str], toggles: Sequence[str]) -> str:
    off = [toggle for toggle in toggles if toggle not in on]
    if not off:
        return "all toggles on"
    if not on:
        return "all toggles off"
    return f"all toggles on but {off[0]}" if len(off) == 1 and len(toggles) > 2 else f"{', '.join(on)} on"
