"""Which charts of charts/ helm uses, and by which names: the dependencies of Chart.yaml choose and name them.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/util/dependencies.go (processDependencyEnabled)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from chartgate.charts.metadata.version_constraints import is_compatible
from chartgate.documents.shapes import maps_in
from chartgate.errors import InputError
from chartgate.model import Chart


def used_subcharts(metadata: Mapping[str, Any], there: Sequence[Chart], source: str) -> tuple[Chart, ...]:
    """Give the charts of charts/ by the names that their values have, as helm lines them up.

    What no dependency asks for comes first, under its own name; then, for each dependency, the chart of that name
    whose version fits, under its alias. A dependency that nothing fits gives nothing.

    Args:
        metadata: of the chart, from Chart.yaml.
        there: what is in charts/.
        source: what messages call the chart.

    Raises:
        InputError: helm would take one of several charts, another one each time.
    """
    dependencies = metadata.get("dependencies") or []
    undeclared = [chart for chart in there if not any(_fits(entry, chart) for entry in dependencies)]
    for chart in undeclared:
        _only([other for other in undeclared if other.name == chart.name], source)
    used = list(undeclared)
    for entry in dependencies:
        fitting = [chart for chart in there if _fits(entry, chart)]
        if fitting:
            used.append(dataclasses.replace(_only(fitting, source), name=entry.get("alias") or entry["name"]))
    return tuple(used)


def missing_dependencies(metadata: Mapping[str, Any], there: Sequence[Chart]) -> list[str]:
    """Give the names of the dependencies for which charts/ has no chart, of whatever version: helm refuses these."""
    names = {chart.name for chart in there}
    return [entry["name"] for entry in metadata.get("dependencies") or [] if entry["name"] not in names]


def lacks_dependencies(chart: Chart) -> bool:
    """Tell whether a dependency of a chart that was read is not with it: what it would bring is unknown."""
    there = {subchart.name for subchart in chart.subcharts}
    declared = maps_in(chart.metadata.get("dependencies"))
    return not there.issuperset(str(entry.get("alias") or entry.get("name")) for entry in declared)


def own_subcharts(chart: Chart) -> list[Chart]:
    """Give the subcharts that are written with a chart: no archives, and none that a repository is named for.

    What is in the files of the others is for their authors to mend, wherever they are unpacked.
    """
    fetched = {
        entry.get("alias") or entry.get("name")
        for entry in maps_in(chart.metadata.get("dependencies"))
        if not str(entry.get("repository") or "file:").startswith("file:")
    }
    return [other for other in chart.subcharts if other.name not in fetched and not other.source.endswith(".tgz")]


def condition_paths(entry: Mapping[str, Any]) -> list[str]:
    """Give the paths that the `condition` of a dependency names, without the blanks that helm minds."""
    return [path.strip() for path in str(entry.get("condition") or "").split(",") if path.strip()]


def _fits(entry: Mapping[str, Any], chart: Chart) -> bool:
    return bool(entry["name"] == chart.name) and is_compatible(entry.get("version", ""), chart.version)


def _only(charts: Sequence[Chart], source: str) -> Chart:
    """Give the one chart; several that are the same are one."""
    if len({chart.digest for chart in charts}) > 1:
        places = " and ".join(chart.source.rpartition("/")[2] for chart in charts)
        raise InputError(
            f"{source}/charts has {places}, both the chart {charts[0].name!r}: helm takes either, at random;"
            " take one out, or let `dependencies` in Chart.yaml name its version"
        )
    return charts[0]
