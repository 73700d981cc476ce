"""Both lines of helm that the chart supports render the same resources."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import OLDEST


@pytest.fixture(scope="session")
def oldest(gate: Gate, matrix: Matrix, chart: Chart, tmp_path_factory: pytest.TempPathFactory) -> Renderings:
    helm: Path = OLDEST.tool("helm")
    assert helm.is_file(), "run `chartgate provision --all`: this test compares two versions of helm"
    tools = dataclasses.replace(gate.renderings.tools, helm=helm, helm_version=OLDEST.helm)
    renderings = Renderings(chart, tools, (), tmp_path_factory.mktemp("oldest-helm"))
    renderings.prepare(matrix.rendering)
    return renderings


def test_equal_resources(rendering: Rendering, oldest: Renderings) -> None:
    ours, theirs = rendering, oldest.of(rendering.scenario)
    assert theirs.error == ours.error == ""
    assert {r.identity: r.manifest for r in theirs.resources} == {r.identity: r.manifest for r in ours.resources}
