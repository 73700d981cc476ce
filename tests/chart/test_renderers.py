"""Helm's own library renders every scenario of the matrix, and refuses what it refuses, as helm does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chartgate.gate.gate import Gate
from chartgate.rendering.helm_template import helm_input
from chartgate.rendering.in_process import installed_version, made
from chartgate.rendering.renderings import Renderings


@pytest.mark.skipif(installed_version() is None, reason="helm-python-sdk has no wheel for this machine")
def test_both_give_the_same(gate: Gate, tmp_path: Path) -> None:
    tools = dataclasses.replace(gate.renderings.tools, is_in_process=True)
    theirs = Renderings(gate.chart, tools, gate.renderings.hooks, tmp_path)
    for scenario in gate.matrix.scenarios.values():
        one, other = theirs.of(scenario), gate.renderings.of(scenario)
        assert (one.error, one.warnings) == (other.error, other.warnings), scenario.name
        assert [(r.template, r.manifest) for r in one.resources] == [(r.template, r.manifest) for r in other.resources]
    assert all(made(helm_input(gate.chart, scenario, tools)) for scenario in gate.matrix.rendering[:5])
