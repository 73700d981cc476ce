"""The matrix of a chart that has none: chart-testing's convention."""

from __future__ import annotations

import dataclasses

from chartgate.charts.coalescing import coalesce
from chartgate.documents import go_yaml
from chartgate.matrix.matrix import CONVENTIONAL, Matrix
from chartgate.model import Chart, Scenario, Values


def conventional_matrix(chart: Chart, kube_version: str = "") -> Matrix:
    """Give a matrix for a chart that has none: its `ci/*-values.yaml`, or its defaults (chart-testing's convention).

    Raises:
        InputError: a values file is not YAML, or not a map.
    """
    files = chart.ci_values
    points: dict[str, Values] = {}
    for name, content in files.items():
        place = f"{chart.source}/ci/{name}"
        # They are the chart's, and helm takes the last of two equal keys.
        values = go_yaml.load_values(content, place, repeats=[])
        points[name.removesuffix("-values.yaml") or "ci"] = values
    scenarios = {
        name: Scenario(
            name,
            "release-name",
            "default",
            kube_version,
            values,
            coalesce(chart, values),
            declared=CONVENTIONAL.declared,
            chart=chart,
        )
        for name, values in (points or {"defaults": {}}).items()
    }
    source = f"{len(files)} files of {chart.source}/ci" if files else f"the defaults of {chart.source}"
    base = dataclasses.replace(CONVENTIONAL, kube_version=kube_version, chart=chart)
    return Matrix(source, scenarios, is_conventional=True, base=base)
