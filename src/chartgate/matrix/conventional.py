"""The matrix of a chart that has none: chart-testing's convention."""

from __future__ import annotations

import dataclasses

from chartgate.charts.chart_values.coalescing import coalesce, nested
from chartgate.charts.template_texts.meant_namespace import meant_namespace
from chartgate.documents.words import counted, listed
from chartgate.matrix.ci_files import read_ci_values, scenario_name
from chartgate.matrix.derivations.refusals import demanded_at_all
from chartgate.matrix.matrix import CONVENTIONAL, Matrix, Reason
from chartgate.model import Chart


def conventional_matrix(chart: Chart, kube_version: str = "") -> Matrix:
    """Give a matrix for a chart that has none: its `ci/*-values.yaml`, or its defaults (chart-testing's convention).

    Where its templates surely require a text that the defaults leave empty, an example of it is given.

    Raises:
        InputError: a values file is not YAML, or not a map.
    """
    files = chart.ci_values
    namespace = meant_namespace(chart) or CONVENTIONAL.namespace
    base = dataclasses.replace(CONVENTIONAL, namespace=namespace, kube_version=kube_version, chart=chart)
    points = {scenario_name(file): read_ci_values(chart, file) for file in files}
    given = {} if points else demanded_at_all(chart, chart.defaults)
    points = points or {"defaults": nested(given)}
    asked = f", with an example of {listed(list(given), 3)}" if given else ""
    scenarios = {
        name: dataclasses.replace(
            base, name=name, overrides=values, values=coalesce(chart, values), is_installation=bool(files)
        )
        for name, values in points.items()
    }
    reasons = {scenario_name(file): Reason("ci", f"the values of the chart's ci/{file}") for file in files}
    return Matrix(
        f"{counted(len(files), 'file')} of {chart.source}/ci" if files else f"the defaults of {chart.source}{asked}",
        scenarios,
        is_conventional=True,
        reasons=reasons or {"defaults": Reason("defaults", f"the chart's defaults{asked}")},
        base=base,
    )
