"""`chartgate check` gives pytest's verdicts on this repository's chart, healthy and broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from chartgate.gate.gate import Gate
from chartgate.gate.run import Selection, run
from chartgate.model import Chart
from chartgate.rendering.in_process import installed_version
from chartgate.rendering.renderings import Renderings
from tests.engine.commands.test_check import red_in_check, red_in_pytest

ROOT = Path(__file__).parents[1]
BREAK = ROOT / "tests/chart/breaks/disabled_zero_resources/one_template_loses_the_master_switch.patch"
SOME = ("disabled_zero_resources", "three_secrets_in_the_release_namespace", "seven_containers")
"""Two that the break concerns, and one that it does not."""


def test_nothing_is_wrong_with_the_chart(gate: Gate, renderings: Renderings) -> None:
    """All the cases that are items of test_policies.py are judged, and none of them is red."""
    matrix = gate.matrix
    assert renderings is gate.renderings
    outcome = run(gate, Selection(), lambda *_: None)
    assert (outcome.findings, outcome.problems) == ((), ())
    assert outcome.judged["policy"] == sum(len(policy.cases(matrix.rendering)) for policy in gate.policies)
    assert (outcome.judged["renders"], outcome.judged["refused"]) == (len(matrix.rendering), len(matrix.refused))
    accepting = {waiver for finding in outcome.waived for waiver in finding.waivers}
    assert accepting == set(matrix.waivers)


def test_a_broken_chart_is_red_in_the_same_places(chart: Chart, tmp_path: Path) -> None:
    """In the same scenarios of some policies; tests/engine/commands/test_check.py compares all that may be red."""
    broken = Path(shutil.copytree(chart.folder, tmp_path / "chart"))
    subprocess.run(["git", "apply", BREAK], cwd=broken, check=True)
    options = [f"--chart={broken}", "--policies=policies/lightspeed"]
    renderer = "inprocess" if installed_version() else "helm"  # which render the same
    without = [word for name in ("cacheprovider", "xdist", "hypothesispytest") for word in ("-p", f"no:{name}")]
    suite = [sys.executable, "-m", "pytest", *without, "-v", "tests/test_policies.py"]
    command = [str(Path(sys.executable).with_name("chartgate")), "check"]
    # On a CI server pytest repeats whole messages in its summary.
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    commands = [
        [*suite, "-k", f"test_policy and ({' or '.join(SOME)})", f"--chartgate-renderer={renderer}", *options],
        [*command, f"--renderer={renderer}", "--format=json", *options, *SOME],
    ]
    # Both at a time, since each waits for its own helm processes.
    started = [subprocess.Popen(c, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) for c in commands]
    pytest_says, check_says = (process.communicate()[0] for process in started)
    assert [process.returncode for process in started] == [1, 1]
    red = red_in_pytest(pytest_says)
    assert red == red_in_check(json.loads(check_says))
    assert "test_policy[disabled_zero_resources-off]" in red
