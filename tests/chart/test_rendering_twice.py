"""Helm writes the same bytes whenever it renders the same input: nothing in the chart is random or tells the time."""

from __future__ import annotations

import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.rendering import helm_template


@pytest.mark.parametrize("name", ["off", "all_on", "np_hub", "literals"])
def test_the_same_bytes(name: str, chart: Chart, matrix: Matrix, gate: Gate) -> None:
    given = helm_template.helm_input(chart, matrix.scenarios[name], gate.renderings.tools)
    # Straight from helm, since the renderings of a run are made once for each input.
    first, second = helm_template.template(given), helm_template.template(given)
    assert first.exit_code == 0
    assert first.stdout == second.stdout != ""
