"""What a policy says of a small chart that a test writes down, without a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chartgate.matrix.conventional import conventional_matrix
from chartgate.model import Check
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import Verdict, judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from


def judged(policy: Policy, files: Mapping[str, str], folder: Path, tools: Tools) -> list[Verdict]:
    """Write a chart into a folder, render what the policy asks for, and give what it says of each of its cases."""
    chart = chart_from(folder / "toy", files)
    renderings = Renderings(chart, tools, (), folder / "runs")
    return [judge(policy, case, renderings.of) for case in policy.cases(conventional_matrix(chart).rendering)]


def findings_in(policy: Policy, files: Mapping[str, str], folder: Path, tools: Tools) -> list[Check]:
    """Give all that it finds."""
    return [finding for verdict in judged(policy, files, folder, tools) for finding in verdict.findings]
