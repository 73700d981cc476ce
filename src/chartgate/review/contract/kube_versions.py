"""What Chart.yaml says otherwise: `kubeVersion`, of the chart and of its subcharts, and which subcharts there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.charts.metadata.version_constraints import admitted
from chartgate.charts.template_texts.template_actions import actions
from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions
from chartgate.model import Chart
from chartgate.review.review import SubchartChange

_FAILS = re.compile(r"(?<![\w.$-])fail\s")
_ASKS = re.compile(
    r"""(?:else\s++)?if\s++(?:\()?semverCompare\s++"(?P<constraint>[^"]*+)"\s++\(?\$?\.Capabilities\.KubeVersion\.\w++\)?\)?"""
)
_OF_DATA = re.compile(r"^ *+volumeClaimTemplates:|^kind: *+PersistentVolumeClaim\b", re.MULTILINE)


@dataclass(frozen=True)
class RaisedKubeVersion:
    """A constraint that admits fewer versions of Kubernetes than before."""

    before: str
    """Empty where there was none."""
    after: str
    lost: tuple[str, ...]
    """The minor versions, the oldest first."""
    subchart: str = ""
    """Whose it is, as a path of names; empty for the chart's own."""


def raised_kube_versions(before: Chart, after: Chart, *above: str) -> Iterator[RaisedKubeVersion]:
    """Compare the constraints of two charts, and of the subcharts that HEAD has; one that is not valid admits all."""
    was, now = (str(chart.metadata.get("kubeVersion") or "") for chart in (before, after))
    fails = [_failing(chart) for chart in (before, after)]
    old_minors, minors = (_left(constraint, failing) for constraint, failing in zip((was, now), fails, strict=True))
    lost = [minor for minor in old_minors if minor not in minors]
    if lost and was == now:
        now = f"the templates fail at {', '.join(text for text in fails[1] if text not in fails[0])}"
    if lost:
        yield RaisedKubeVersion(was, now, tuple(lost), "/".join(above))
    old = {subchart.name: subchart for subchart in before.subcharts}
    for subchart in after.subcharts:
        if subchart.name in old:
            yield from raised_kube_versions(old[subchart.name], subchart, *above, subchart.name)


def _failing(chart: Chart) -> list[str]:
    """Give the versions of Kubernetes, each as a constraint, at which templates fail whatever the values are."""
    return [
        found["constraint"]
        for text in chart.templates.values()
        for action in actions(text)
        if _FAILS.search(action.text)
        and len(action.conditions) == 1
        and (found := _ASKS.fullmatch(action.conditions[0].strip()))
    ]


def _left(constraint: str, fails: Sequence[str]) -> list[str]:
    refused = {minor for text in fails for minor in _admitted(text)}
    return [minor for minor in _admitted(constraint) if minor not in refused]


def _admitted(constraint: str) -> tuple[str, ...]:
    minors = bundled_versions()
    try:
        return admitted(constraint, minors) if constraint else minors
    except ValueError:
        return minors


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
        if subchart.name in off - there and any(map(_OF_DATA.search, subchart.every_template()))
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
