"""`helm lint --strict` has nothing to say about any scenario that is meant to render."""

from __future__ import annotations

from pathlib import Path

from chartgate.gate.gate import Gate
from chartgate.model import Chart, Rendering
from tests.chart.helm_commands import lint


def test_lint_is_clean(rendering: Rendering, chart: Chart, gate: Gate, tmp_path: Path) -> None:
    done = lint(chart, rendering.scenario, gate.renderings.tools, tmp_path)
    complaints = [line for line in done.stdout.splitlines() if line.startswith(("[WARNING]", "[ERROR]"))]
    assert (done.returncode, complaints) == (0, []), done.stderr
