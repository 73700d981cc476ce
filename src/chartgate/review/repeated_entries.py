"""What a subchart says again of its parent's `global` is told once, as the key that users set."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import join, steps
from chartgate.documents.equality import canonical
from chartgate.model import Chart
from chartgate.review.review import Entry

_GLOBAL = "global"


def once_below_global(entries: Sequence[Entry], *sides: Chart) -> list[Entry]:
    """Give entries of values and schemas; of those that say the same of a key below `global`, the first.

    Helm gives `global` to every subchart, so each of them that declares a key of it declares the same one.
    Source: https://helm.sh/docs/chart_template_guide/subcharts_and_globals/#global-chart-values
    """
    subcharts = {name for side in sides for name in _names(side)}
    found: dict[tuple[str, ...], Entry] = {}
    for number, entry in enumerate(entries):
        shared = _shared_address(entry.address, subcharts)
        if not shared:
            found[str(number),] = entry
            continue
        values = (canonical(side) for side in (entry.before, entry.after))
        reasons = (f"{risk.name}: {risk.reason}" for risk in entry.risks)
        key = (entry.section, shared, *values, *reasons)
        kept = found.get(key)
        if kept is None or (kept.subchart and not entry.subchart):
            found[key] = dataclasses.replace(entry, addresses=(shared,))
    return list(found.values())


def _shared_address(address: str, subcharts: set[str]) -> str:
    """Give the address from `global` on, where only subcharts are above it; empty for any other."""
    keys = steps(address)
    rest = list(itertools.dropwhile(subcharts.__contains__, keys))
    return join(*rest) if rest[:1] == [_GLOBAL] else ""


def _names(chart: Chart) -> Iterator[str]:
    for subchart in chart.subcharts:
        yield subchart.name
        yield from _names(subchart)
