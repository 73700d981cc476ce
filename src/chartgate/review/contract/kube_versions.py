"""Which versions of Kubernetes a chart no longer installs in, by `kubeVersion` of its Chart.yaml and its subcharts'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chartgate.charts.metadata.version_constraints import admitted
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions
from chartgate.model import Chart


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
    lost = [minor for minor in _admitted(was) if minor not in _admitted(now)]
    if lost:
        yield RaisedKubeVersion(was, now, tuple(lost), "/".join(above))
    old = {subchart.name: subchart for subchart in before.subcharts}
    for subchart in after.subcharts:
        if subchart.name in old:
            yield from raised_kube_versions(old[subchart.name], subchart, *above, subchart.name)


def _admitted(constraint: str) -> tuple[str, ...]:
    minors = bundled_versions()
    try:
        return admitted(constraint, minors) if constraint else minors
    except ValueError:
        return minors
