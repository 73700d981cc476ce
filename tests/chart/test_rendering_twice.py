"""Helm writes the same bytes whenever it renders the same input: nothing in the chart is random or tells the time."""

from __future__ import annotations

import pytest

from chartgate import helm
from chartgate.gate import Gate
from chartgate.matrix import Matrix
from chartgate.model import Chart


@pytest.mark.parametrize("name", ["off", "all_on", "np_hub", "literals"])
def test_the_same_bytes(name: str, chart: Chart, matrix: Matrix, gate: Gate) -> None:
    given = helm.helm_input(chart, matrix.scenarios[name], gate.session.renderings.tools)
    # Straight from helm, since the renderings of a run are made once for each input.
    first, second = helm.template(given), helm.template(given)
    assert first.exit_code == 0
    assert first.stdout == second.stdout != ""
