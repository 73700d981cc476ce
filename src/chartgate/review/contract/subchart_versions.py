"""Subcharts that were added or removed, or that have another version."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Chart
from chartgate.review.review import SubchartChange


def subchart_changes(before: Chart, after: Chart) -> list[SubchartChange]:
    """Compare the subcharts of two charts, those of subcharts too."""
    was, now = dict(_versions(before)), dict(_versions(after))
    every = dict.fromkeys([*was, *now])
    return [
        SubchartChange(path, was.get(path, ""), now.get(path, "")) for path in every if was.get(path) != now.get(path)
    ]


def _versions(chart: Chart, *above: str) -> Iterator[tuple[str, str]]:
    for subchart in chart.subcharts:
        yield "/".join((*above, subchart.name)), subchart.version
        yield from _versions(subchart, *above, subchart.name)
