"""Both lines of helm that the chart supports render the same resources."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import OLDEST


@pytest.fixture(scope="module")
def oldest(gate: Gate, chart: Chart, tmp_path_factory: pytest.TempPathFactory) -> Renderings:
    helm: Path = OLDEST.tool("helm")
    assert helm.is_file(), "run `chartgate provision --all`: this test compares two versions of helm"
    tools = dataclasses.replace(gate.renderings.tools, helm=helm, helm_version=OLDEST.helm)
    return Renderings(chart, tools, (), tmp_path_factory.mktemp("oldest-helm"))


def test_equal_resources(renderings: Renderings, oldest: Renderings, matrix: Matrix) -> None:
    """In all scenarios but the combinations of toggles, which print no line that those with everything on do not."""
    scenarios = [s for s in matrix.rendering if s.switched is None or s.name in ("off", "all_on")]
    oldest.prepare(scenarios)
    renderings.prepare(scenarios)
    for scenario in scenarios:
        ours, theirs = renderings.of(scenario), oldest.of(scenario)
        assert theirs.error == ours.error == "", scenario.name
        assert {r.identity: r.manifest for r in theirs.resources} == {r.identity: r.manifest for r in ours.resources}
