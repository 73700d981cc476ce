"""What one installs is whole: a wheel in an environment of its own judges charts at once, with nothing else around."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

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


def _check(chartgate: Path, chart: Path, folder: Path) -> dict[str, Any]:
    command = [str(chartgate), "check", f"--chart={chart}", "--format=json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert isinstance(report, dict)
    assert done.returncode == int(report["red"])
    return report


def test_it_is_not_this_tree(chartgate: Path, tmp_path: Path) -> None:
    python = chartgate.with_name("python")
    script = "import chartgate, chartgate.packs.kubernetes as pack; print(chartgate.__file__, pack.__file__)"
    shown = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(ROOT) not in shown.stdout
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
    # A matrix promises that each policy has something to examine, which this small chart does not keep.
    assert {problem["kind"] for problem in report["problems"]} == ({"examines"} if name == "with-matrix" else set())


def test_a_broken_chart_is_red(chartgate: Path, tmp_path: Path) -> None:
    chart = Path(shutil.copytree(CHARTS / "plain", tmp_path / "plain"))
    service = chart / "templates" / "service.yaml"
    service.write_text(service.read_text().replace("targetPort: http", "targetPort: web"))
    assert "target_ports_are_open" in {finding["policy"] for finding in _check(chartgate, chart, tmp_path)["findings"]}
