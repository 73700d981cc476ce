"""The hooks for other repositories and our own: of pre-commit's form, with commands that exist, for the right files."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
OFFERED = {hook["id"]: hook for hook in go_yaml.load((ROOT / ".pre-commit-hooks.yaml").read_text(), "hooks")}
CONFIG = go_yaml.load((ROOT / ".pre-commit-config.yaml").read_text(), "config")
OWN = {hook["id"]: hook for repository in CONFIG["repos"] for hook in repository["hooks"]}


@pytest.mark.parametrize(
    "arguments", [["validate-manifest", ".pre-commit-hooks.yaml"], ["validate-config", ".pre-commit-config.yaml"]]
)
def test_pre_commit_accepts_them(arguments: list[str]) -> None:
    done = subprocess.run([BIN / "pre-commit", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def _knows(words: list[str], capsys: pytest.CaptureFixture[str]) -> bool:
    """Tell whether chartgate accepts a command line: with `--help` at its end it does nothing else."""
    return main([*words, "--help"]) == 0 and f"Usage: chartgate {words[0]} " in capsys.readouterr().out


@pytest.mark.parametrize("name", OFFERED)
def test_an_offered_hook_starts_a_command_of_ours(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    hook = OFFERED[name]
    arguments: list[str] = hook.get("args", [])
    program, *words = [*shlex.split(hook["entry"]), *arguments]
    assert program in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert _knows(words, capsys)
    # What judges a whole chart takes no file names, and is started once.
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)


@pytest.mark.parametrize("name", OWN)
def test_an_own_hook_starts_what_make_installs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    hook = OWN[name]
    program, *words = shlex.split(hook["entry"])
    assert program.startswith(".venv/bin/")
    assert (BIN / Path(program).name).is_file()
    assert hook["language"] == "system"
    assert hook.get("pass_filenames", True) is (Path(program).name != "chartgate")
    if Path(program).name == "chartgate":
        assert _knows(words, capsys)


def test_only_chartgate_is_fetched_from_nowhere() -> None:
    assert [repository["repo"] for repository in CONFIG["repos"]] == ["local"]


CHART = {"chart/Chart.yaml", "chart/values.yaml", "chart/values.schema.json", "chart/templates/NOTES.txt"}
SUBCHART = {"chart/charts/redhat-developer-hub/values.yaml", "chart/charts/redhat-developer-hub/templates/route.yaml"}
MATRIX = {"tests/matrix.yaml"}
POLICIES = {"policies/lightspeed/disabled.py", "policies/lightspeed/secrets.py"}
JUDGES = {"tests/schemas/route.json", "src/chartgate/policy/verdicts.py"}
DEPLOYED = {"examples/np-hub/infrastructure.yaml", "examples/np-hub/secret-4.json"}
OTHERS = {"README.md", "pyproject.toml", "tests/test_policies.py", "docs/matrix.md", "Makefile", "CHANGELOG.md"}


@pytest.mark.parametrize(
    ("hook", "files", "others"),
    [
        (OFFERED["chartgate-check"], CHART | SUBCHART | MATRIX | POLICIES, OTHERS | DEPLOYED),
        (OFFERED["chartgate-review"], CHART | SUBCHART | MATRIX, OTHERS | DEPLOYED | POLICIES),
        (OWN["chartgate-check"], CHART | SUBCHART | MATRIX | POLICIES | JUDGES | DEPLOYED, OTHERS),
        (OWN["chartgate-check-corners"], CHART | SUBCHART | MATRIX | POLICIES | JUDGES | DEPLOYED, OTHERS),
        (OWN["chartgate-check-np-hub"], CHART | SUBCHART | DEPLOYED, OTHERS | POLICIES | MATRIX),
    ],
    ids=["offered", "review", "own", "corners", "np-hub"],
)
def test_the_files_that_a_hook_is_for(hook: dict[str, Any], files: set[str], others: set[str]) -> None:
    """All of these are files of this repository; pre-commit looks for the pattern anywhere in a path."""
    assert [name for name in sorted(files | others) if not (ROOT / name).is_file()] == []
    assert {name for name in files | others if re.search(hook["files"], name)} == files


@pytest.mark.parametrize(
    "name",
    [
        "Chart.yaml",
        "charts/shop/values-prod.yaml",
        "deploy/shop/ci/a-values.yaml",
        "shop/templates/_helpers.tpl",
        "chartgate.toml",
        "chartgate-baseline.yaml",
    ],
)
def test_charts_are_found_wherever_they_stand(name: str) -> None:
    assert re.search(OFFERED["chartgate-check"]["files"], name)
