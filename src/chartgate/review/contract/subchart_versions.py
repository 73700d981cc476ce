"""Subcharts that were added or removed, or that have another version; and those that are gone with data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in
from chartgate.model import Chart
from chartgate.review.review import SubchartChange

_OF_DATA = re.compile(r"^ *+volumeClaimTemplates:|^kind: *+PersistentVolumeClaim\b", re.MULTILINE)


def gone_with_data(before: Chart, after: Chart) -> set[str]:
    """Give the subcharts that are gone, make volumes, and are off by default: what is on is seen by its objects."""
    there = {subchart.name for subchart in after.subcharts}
    off = {
        str(entry.get("alias") or entry.get("name"))
        for entry in maps_in(before.metadata.get("dependencies"))
        if any(lookup(before.own_values, path) is False for path in condition_paths(entry))
    }
    return {
        subchart.name
        for subchart in before.subcharts
        if subchart.name in off - there
        and any(_OF_DATA.search(text) for _, part in subchart.with_subcharts() for text in part.templates.values())
    }


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
