"""The base list that a policy writes down is what the chart renders once its Lightspeed templates are deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

from chartgate.charts.reading.read import read_chart
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Identity
from chartgate.rendering.renderings import Renderings
from policies.lightspeed.disabled import base_resources
from policies.lightspeed.templates import TEMPLATES


def test_base_list_is_the_chart_without_lightspeed(chart: Chart, matrix: Matrix, gate: Gate, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(chart.folder, tmp_path / "chart"))
    for file_name in TEMPLATES:
        (folder / "templates" / file_name).unlink()
    base = read_chart(folder, "the chart without its Lightspeed templates")
    renderings = Renderings(base, gate.renderings.tools, (), tmp_path / "runs")
    for name in ("off", "off_mix_02"):
        rendering = renderings.of(matrix.scenarios[name])
        expected: list[Identity] = sorted(base_resources(rendering.scenario))
        assert rendering.resources.identities() == expected, rendering.error
