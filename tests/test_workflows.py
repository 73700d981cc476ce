"""What the CI files run is what there is: their review step works in a clone, and no other command is misspelt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents import go_yaml

ROOT = Path(__file__).parents[1]
GITHUB, GITLAB = ".github/workflows/gate.yaml", "examples/gitlab-ci.yaml"
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "colour: red\n",
    "templates/config.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {colour: {{ .Values.colour }}}\n"
    ),
}


def _content(file: str) -> dict[str, Any]:
    content = go_yaml.load((ROOT / file).read_text(), file)
    assert isinstance(content, dict)
    return content


def _github_review() -> str:
    steps = _content(GITHUB)["jobs"]["review"]["steps"]
    return next(str(step["run"]) for step in steps if "chartgate review" in step.get("run", ""))


def _gitlab_review() -> str:
    return next(str(line) for line in _content(GITLAB)["review"]["script"] if "chartgate review" in line)


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a repository with a commit, where `.venv/bin/chartgate` is ours."""
    for name, text in CHART.items():
        file = tmp_path / "chart" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "matrix.yaml").write_text(
        "chart: ../chart\nrelease: one\nnamespace: two\nscenarios: {plain: {}}\n"
    )
    _git(tmp_path, "init", "--quiet", "--initial-branch=main")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "--quiet", "--message=one")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "chartgate").symlink_to(Path(sys.executable).with_name("chartgate"))
    return tmp_path


def _run(script: str, clone: Path, base: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BASE": base, "GITHUB_STEP_SUMMARY": str(clone / "summary.md")}
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("script", [_github_review(), _gitlab_review()], ids=["github", "gitlab"])
def test_the_review_step(script: str, clone: Path) -> None:
    (clone / "chart" / "values.yaml").write_text("colour: blue\n")
    harmless = _run(script, clone, "main")
    assert harmless.returncode == 0, harmless.stderr
    assert "`red` → `blue`" in (clone / "review.md").read_text()
    (clone / "chart" / "values.yaml").write_text("color: blue\n")
    (clone / "chart" / "templates" / "config.yaml").write_text(
        CHART["templates/config.yaml"].replace("colour }", "color }")
    )
    dangerous = _run(script, clone, "main")
    assert dangerous.returncode == 1, dangerous.stderr
    assert "values_key_removed" in (clone / "review.md").read_text()


def test_the_summary_has_the_review_also_when_it_is_dangerous(clone: Path) -> None:
    (clone / "chart" / "values.yaml").write_text("{colour: true}\n")
    assert _run(_github_review(), clone, "main").returncode == 1
    assert "values_retyped" in (clone / "summary.md").read_text()


def test_without_a_base_the_step_says_what_to_do(clone: Path) -> None:
    unknown = _run(_github_review(), clone, "origin/main")
    assert unknown.returncode == 2
    assert "no commit of" in unknown.stderr
    assert not (clone / "summary.md").exists()


@pytest.mark.parametrize("file", [GITHUB, GITLAB])
def test_every_make_target_exists(file: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / file).read_text()))
    assert named
    assert named <= targets
