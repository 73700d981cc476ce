"""What changes with every version of a chart or of its application: labels, and the versions themselves.

Source: https://helm.sh/docs/chart_best_practices/labels/
"""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Chart

CHART_LABEL = "helm.sh/chart"
APP_VERSION_LABEL = "app.kubernetes.io/version"
VERSION_LABELS = (CHART_LABEL, APP_VERSION_LABEL)


def versions_of(chart: Chart) -> Iterator[str]:
    """Give the versions of a chart, of its application and of all its subcharts, as labels have them."""
    for _, one in chart.with_subcharts():
        yield from (one.version, f"{one.name}-{one.version}")
        app_version = str(one.metadata.get("appVersion", ""))
        if "." in app_version:  # a single number may mean anything
            yield app_version
