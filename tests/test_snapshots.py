"""What the chart renders, to read in a diff: the whole matrix as an inventory, a few scenarios in full."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_text import inventory, manifests
from chartgate.matrix.matrix import Matrix
from chartgate.rendering.renderings import Renderings

# Each scenario in full, but for what is as in another one.
IN_FULL = {"off": "", "all_on": "off", "np_hub": "all_on"}
SNAPSHOTS = Path(__file__).parent / "snapshots" / Path(__file__).stem


def test_inventory(matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion) -> None:
    renderings.prepare(matrix.rendering)
    assert inventory([renderings.of(scenario) for scenario in matrix.rendering], matrix.toggles) == snapshot


@pytest.mark.parametrize("name", IN_FULL)
def test_manifests(name: str, matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion) -> None:
    rendering = renderings.of(matrix.scenarios[name])
    other = IN_FULL[name]
    known = renderings.of(matrix.scenarios[other]).resources if other else ()
    assert manifests(rendering.resources, rendering, apart_from=known) == snapshot


def test_after_hooks(matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion) -> None:
    rendering = renderings.of(matrix.scenarios["all_on"])
    assert manifests(rendering.after_hooks, rendering, apart_from=rendering.resources) == snapshot


def test_no_stray_snapshot() -> None:
    expected = {"test_inventory", "test_after_hooks", *(f"test_manifests[{name}]" for name in IN_FULL)}
    assert {file.name for file in SNAPSHOTS.iterdir()} == {f"{name}.yaml" for name in expected}
