"""A version bump alone changes no snapshot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chartgate.catalogs.snapshot_text import inventory, manifests
from chartgate.charts.reading.read import read_chart
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering
from chartgate.rendering.renderings import Renderings

BUMPS = {
    "Chart.yaml": [("version: 1.10.0\n", "version: 2.0.0-rc.1+build.7\n"), ("version: 0.1.0\n", "version: 0.2.0\n")],
    "charts/redhat-developer-hub/Chart.yaml": [("version: 0.1.0\n", "version: 0.2.0\n")],
}


@pytest.fixture(scope="module")
def bumped(chart: Chart, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Renderings:
    root = tmp_path_factory.mktemp("bumped")
    folder = Path(shutil.copytree(chart.folder, root / "chart"))
    for name, changes in BUMPS.items():
        for old, new in changes:
            text = (folder / name).read_text()
            assert text.count(old) == 1, f"{name}: {old!r}"
            (folder / name).write_text(text.replace(old, new))
    return Renderings(read_chart(folder, "bumped"), gate.renderings.tools, gate.matrix.hooks, root / "runs")


@pytest.mark.parametrize("name", ["off", "all_on", "np_hub"])
def test_snapshots_stay_as_they_are(name: str, matrix: Matrix, renderings: Renderings, bumped: Renderings) -> None:
    before, after = (each.of(matrix.scenarios[name]) for each in (renderings, bumped))
    assert after.chart.version == "2.0.0-rc.1+build.7"
    assert after.resources != before.resources
    assert _texts(after, matrix) == _texts(before, matrix)


def _texts(rendering: Rendering, matrix: Matrix) -> list[str]:
    return [
        inventory([rendering], matrix.toggles),
        manifests(rendering.resources, rendering),
        manifests(rendering.after_hooks, rendering),
    ]
