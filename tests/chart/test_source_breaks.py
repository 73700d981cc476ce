"""Breaking a sentence of the spec in the chart's source turns the right policy red.

Each patch in breaks/POLICY/ breaks a copy of the chart, which still renders and lints, and the policy finds it.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from chartgate.charts.reading.read import read_chart
from chartgate.gate.declared import demanding
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.model import Case, Chart, Scenario
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, Policy
from chartgate.policy.verdicts import judge
from chartgate.rendering.in_process import installed_version
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.chart.helm_commands import lint, lint_all

FOLDER = Path(__file__).with_name("breaks")


class Break(NamedTuple):
    """A patch for the chart, and the policy and case that must notice it."""

    patch: Path
    policy: str
    case: str


def read_break(patch: Path) -> Break:
    case = re.search(r"^case: (.+)$", patch.read_text(), re.MULTILINE)
    assert case is not None, f"{patch}: a line `case: ...` must say on which scenario the policy is judged"
    return Break(patch, patch.parent.name, case[1])


BREAKS = [read_break(patch) for patch in sorted(FOLDER.glob("*/*.patch"))]


@pytest.fixture(scope="module")
def tools(gate: Gate) -> Tools:
    """Give the tools of the gate, but for a faster helm where there is one: it renders the same."""
    return dataclasses.replace(gate.renderings.tools, is_in_process=installed_version() is not None)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that all breaks share: most of them give kubectl what others gave it."""
    return tmp_path_factory.mktemp("runs")


@pytest.mark.usefixtures("library_alone")
@pytest.mark.parametrize("broken", BREAKS, ids=[f"{number}-{b.patch.stem}" for number, b in enumerate(BREAKS, 1)])
def test_source_break(broken: Break, chart: Chart, gate: Gate, tools: Tools, runs: Path, tmp_path: Path) -> None:
    source = read_chart(_broken_copy(broken, chart, runs), broken.patch.name)
    matrix = matrix_of(source, gate)
    policy = next(policy for policy in gate.policies if policy.name == broken.policy)
    case = _needed(next(case for case in policy.cases(matrix.rendering) if case.name == broken.case), policy)
    renderings = Renderings(source, tools, matrix.hooks, runs)

    refused = [renderings.of(scenario).error for scenario in case if not scenario.is_trial]
    assert list(filter(None, refused)) == []
    last, linted = case.scenarios[-1], _linted(broken, gate)
    if linted is None:
        assert lint(source, last, tools, tmp_path).returncode == 0
    else:  # test_breaks_lint does, with the same values
        assert (linted.overrides, linted.namespace, linted.kube_version) == (
            last.overrides,
            last.namespace,
            last.kube_version,
        )
    assert judge(policy, case, renderings.of, matrix.waivers).unwaived != ()


def _needed(case: Case, policy: Policy) -> Case:
    """Leave out all scenarios but one of a policy that looks at none of them."""
    return dataclasses.replace(case, scenarios=case.scenarios[-1:]) if policy.over == THE_CHART else case


def _broken_copy(broken: Break, chart: Chart, runs: Path) -> Path:
    """Make a copy of the chart that is broken, once: the one that is judged is linted."""
    copy = runs / f"{broken.policy}-{broken.patch.stem}"
    if not copy.exists():
        shutil.copytree(chart.folder, copy)
        subprocess.run(["git", "apply", broken.patch], cwd=copy, check=True)
    return copy


def _linted(broken: Break, gate: Gate) -> Scenario | None:
    """Give the scenario of the matrix that a case ends with; None where a policy derives it, or the values change."""
    if not all(map(_TEMPLATE.match, _FILES.findall(broken.patch.read_text()))):
        return None
    name = broken.case.rpartition("..")[2]
    return gate.matrix.rendering[-1] if name == WHOLE_MATRIX else gate.matrix.scenarios.get(name)


_FILES = re.compile(r"^(?:---|\+\+\+) [ab]/(.+)$", re.MULTILINE)
_TEMPLATE = re.compile(r"(?:charts/[^/]+/)*templates/")
"""Of the chart, or of a subchart."""
_AT_ONCE = 20
_BY_CASE = sorted(BREAKS, key=lambda broken: broken.case)
PARTS = [_BY_CASE[start : start + _AT_ONCE] for start in range(0, len(BREAKS), _AT_ONCE)]


@pytest.mark.parametrize("part", PARTS, ids=[f"lint-{number}" for number in range(len(PARTS))])
def test_breaks_lint(part: list[Break], chart: Chart, gate: Gate, tools: Tools, runs: Path, tmp_path: Path) -> None:
    charts: dict[str, list[Path]] = defaultdict(list)
    for broken in part:
        if linted := _linted(broken, gate):
            charts[linted.name].append(_broken_copy(broken, chart, runs))
    for name, folders in charts.items():
        done = lint_all(folders, gate.matrix.scenarios[name], tools, tmp_path)
        assert (done.returncode, done.stdout.count("==> Linting ")) == (0, len(folders)), done.stdout


def matrix_of(chart: Chart, gate: Gate) -> Matrix:
    """Give the matrix of a broken chart: that of the gate, for the other chart, where it cannot be another one."""
    if _without_templates(chart) != _without_templates(gate.chart):
        return demanding(load_matrix(Path(gate.matrix.source), chart), gate.settings)
    scenarios = {name: dataclasses.replace(s, chart=chart) for name, s in gate.matrix.scenarios.items()}
    base = dataclasses.replace(gate.matrix.base, chart=chart)
    return dataclasses.replace(gate.matrix, scenarios=scenarios, base=base)


def _without_templates(chart: Chart) -> dict[str, bytes]:
    return {path: content for path, content in chart.files.items() if not _TEMPLATE.match(path)}


def test_templates_do_not_decide_the_matrix(chart: Chart, gate: Gate, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(chart.folder, tmp_path / "chart"))
    for place in (folder, *(folder / "charts").iterdir()):
        (place / "templates" / "more.yaml").write_text("# {{ .Values }}\n")
    other = read_chart(folder, "more")
    loaded = demanding(load_matrix(Path(gate.matrix.source), other), gate.settings)
    assert matrix_of(other, gate) == loaded
    assert [s.chart for s in matrix_of(other, gate).scenarios.values()] == [s.chart for s in loaded.scenarios.values()]


def test_every_policy_has_a_source_break(gate: Gate) -> None:
    with_a_break, idle = {broken.policy for broken in BREAKS}, set(gate.matrix.nothing_to_examine)
    assert sorted({policy.name for policy in gate.policies} ^ with_a_break ^ idle) == []
