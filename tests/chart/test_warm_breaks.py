"""A break of the chart's source is found just as well where everything about the healthy chart is known already."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest

from chartgate.charts.reading.read import read_chart
from chartgate.charts.template_texts.repeatable import repeatability
from chartgate.gate.gate import Gate
from chartgate.gate.judgement import Judgement
from chartgate.gate.memory import Memory
from chartgate.gate.rules.own_policies import OwnPolicies
from chartgate.model import Chart
from chartgate.rendering.renderings import Renderings
from chartgate.system.store import Store
from chartgate.system.toolchain import Tools
from tests.chart.test_source_breaks import BREAKS, Break, matrix_of, tools

__all__ = ["tools"]

SOME = BREAKS[:: max(1, len(BREAKS) // 6)]
"""All of them take minutes, and each is judged without a store anyway."""


def _findings(chart: Chart, broken: Break, gate: Gate, tools: Tools, place: Path) -> tuple[int, bool]:
    """Give how many findings the policy has in the case, by what is in the store, and whether these were known."""
    matrix = matrix_of(chart, gate)
    store = Store(place / "made")
    renderings = Renderings(chart, tools, matrix.hooks, place / f"runs-{chart.digest}", store)
    memory = Memory(renderings, OwnPolicies(["policies"], store), matrix.scenarios)
    judgement = Judgement(dataclasses.replace(gate, chart=chart, matrix=matrix, renderings=renderings, memory=memory))
    policy = next(policy for policy in gate.policies if policy.name == broken.policy)
    case = next(case for case in policy.cases(matrix.rendering) if case.name == broken.case)
    is_known = memory.checks(policy, case) is not None
    found = judgement.verdict(policy, case).unwaived
    memory.close()
    assert store.note == ""
    return len(found), is_known


@pytest.mark.usefixtures("library_alone")
@pytest.mark.parametrize("broken", SOME, ids=[f"warm-{b.patch.stem}" for b in SOME])
def test_a_break_is_found_after_the_healthy_chart_was_judged(
    broken: Break, chart: Chart, gate: Gate, tools: Tools, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(chart.folder, tmp_path / "chart"))
    subprocess.run(["git", "apply", broken.patch], cwd=folder, check=True)
    source = read_chart(folder, chart.source)
    place = tmp_path / "place"
    assert [_findings(chart, broken, gate, tools, place) for _ in range(2)] == [(0, False), (0, True)]
    found, is_known = _findings(source, broken, gate, tools, place)
    assert (found > 0, is_known) == (True, False)
    # What a random break renders, in one scenario of the case or another, is nothing to remember.
    policy = next(policy for policy in gate.policies if policy.name == broken.policy)
    case = next(case for case in policy.cases(matrix_of(source, gate).rendering) if case.name == broken.case)
    is_lasting = all(repeatability(source).holds_with("", scenario.values) for scenario in case)
    assert _findings(source, broken, gate, tools, place) == (found, is_lasting)
    assert _findings(chart, broken, gate, tools, place) == (0, True)
