"""What one installs is whole: a wheel in an environment of its own judges charts at once, with nothing else around."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from chartgate import __version__

ROOT = Path(__file__).parents[1]
CHARTS = Path(__file__).with_name("charts")


@pytest.fixture(scope="session")
def chartgate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel, install it outside of the tree, and give its command; its dependencies are those of set-up."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("chartgate-*.whl")
    environment = folder / "environment"
    venv.create(environment)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    _lend_dependencies(environment)
    return environment / "bin" / "chartgate"


def _lend_dependencies(environment: Path) -> None:
    """Let the environment import what set-up installed, all but chartgate itself and what leads to this tree."""
    [packages] = environment.glob("lib/python*/site-packages")
    lent = packages.parent / "lent"
    lent.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if entry.suffix != ".pth" and "chartgate" not in entry.name:
            (lent / entry.name).symlink_to(entry)
    (packages / "lent.pth").write_text(f"{lent}\n")


def _run(command: list[str | Path], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment, which must not find this tree by a variable either."""
    known = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)


def _check(chartgate: Path, chart: Path, folder: Path) -> dict[str, Any]:
    done = _run([chartgate, "check", f"--chart={chart}", "--format=json"], folder)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert isinstance(report, dict)
    assert done.returncode == int(report["red"])
    return report


def test_it_is_not_this_tree(chartgate: Path, tmp_path: Path) -> None:
    script = "import chartgate, chartgate.packs.kubernetes as pack; print(chartgate.__file__, pack.__file__)"
    shown = _run([chartgate.with_name("python"), "-c", script], tmp_path)
    assert (str(ROOT) in shown.stdout, shown.returncode) == (False, 0)
    assert all(Path(file).is_relative_to(chartgate.parents[1]) for file in shown.stdout.split())


@pytest.mark.parametrize(
    ("name", "matrix", "scenarios"),
    [
        ("plain", "the defaults of plain", 1),
        ("with-ci", "2 files of with-ci/ci", 2),
        ("with-matrix", "with-matrix/matrix.yaml", 2),
    ],
)
def test_a_chart_is_judged_by_the_pack_at_once(
    name: str, matrix: str, scenarios: int, chartgate: Path, tmp_path: Path
) -> None:
    shutil.copytree(CHARTS / name, tmp_path / name)
    report = _check(chartgate, Path(name), tmp_path)
    assert (report["matrix"], report["rendered"], report["findings"]) == (matrix, scenarios, [])
    assert report["problems"] == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with a chart, a matrix and settings, and no test file."""
    shutil.copytree(CHARTS / "with-matrix", tmp_path / "with-matrix")
    (tmp_path / "chartgate.toml").write_text('matrix = "with-matrix/matrix.yaml"\npolicies = ["kubernetes"]\n')
    return tmp_path


def _starts(chartgate: Path, folder: Path, *words: str) -> str:
    """Run chartgate or a module of its Python, and give what it prints."""
    done = _run([chartgate.with_name("python"), *words] if words[0] == "-m" else [chartgate, *words], folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_pytest_collects_the_configured_matrix_and_nothing_is_copied(chartgate: Path, project: Path) -> None:
    collected = _starts(chartgate, project, "-m", "pytest", "-q", "--collect-only", "-k", "target_ports_are_open")
    assert re.findall(r"^with-matrix/matrix\.yaml::test_policy\[target_ports_are_open-\w+\]$", collected, re.MULTILINE)
    judged = _starts(chartgate, project, "-m", "pytest", "-q", "-k", "test_policy and target_ports_are_open")
    assert re.search(r"^\d+ passed", judged, re.MULTILINE)


def test_it_says_its_version_and_its_policies(chartgate: Path, tmp_path: Path) -> None:
    assert _starts(chartgate, tmp_path, "--version") == f"chartgate {__version__}\n"
    assert "target_ports_are_open" in _starts(chartgate, tmp_path, "policies")


def test_without_helm_one_line_says_what_to_do(chartgate: Path, project: Path) -> None:
    """The machine is one that has pinned builds; tests/engine/system/test_toolchain.py is about others."""
    done = _run([chartgate, "check"], project, CHARTGATE_CACHE=str(project / "empty"), PATH="/nonexistent")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert re.search(r"`chartgate provision`.*--helm=PATH|install helm \d.*--helm=PATH", line)


def test_a_broken_chart_is_red(chartgate: Path, tmp_path: Path) -> None:
    chart = Path(shutil.copytree(CHARTS / "plain", tmp_path / "plain"))
    service = chart / "templates" / "service.yaml"
    service.write_text(service.read_text().replace("targetPort: http", "targetPort: web"))
    assert "target_ports_are_open" in {finding["policy"] for finding in _check(chartgate, chart, tmp_path)["findings"]}
