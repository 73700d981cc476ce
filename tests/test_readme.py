"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.gate.gate import Gate

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_failing_example(gate: Gate, tmp_path: Path) -> None:
    """Run the commands of the example in a copy of the repository, and compare what pytest says."""
    shown = re.search(
        r"```console\n\$ (sed .+)\n\$ \.venv/bin/pytest (.+)\n```\n\n```text\n(.+?)```", README, re.DOTALL
    )
    assert shown is not None
    sed, options, output = shown.groups()
    copy = Path(
        shutil.copytree(
            ROOT, tmp_path / "repository", ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__")
        )
    )
    subprocess.run(["bash", "-c", sed], cwd=copy, check=True)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_policies.py", *options.split()]
    failed = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert failed.returncode == pytest.ExitCode.TESTS_FAILED
    assert output in failed.stdout.replace(str(gate.renderings.tools.helm), "helm")


# The first of them, `check`, is what tests/test_check.py is about.
SHOWN = re.findall(r"^\$ \.venv/bin/chartgate (.+?)(?: +#.*)?$", README, re.MULTILINE)


CHECKS = [command for command in SHOWN if command.startswith("check ")]


@pytest.mark.parametrize("command", CHECKS, ids=range(len(CHECKS)))  # no policy's name in an item of another kind
def test_the_commands_of_the_gate_find_nothing(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    code = main(shlex.split(command))
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/accept-and-waive.md",
        "docs/check.md",
        "docs/gate-your-chart.md",
        "docs/pytest.md",
        "docs/policies.md",
        "docs/matrix.md",
        "docs/review.md",
        "chart/README.md",
    ],
)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert targets
    assert [link for link in targets if not (ROOT / document).parent.joinpath(link).exists()] == []


@pytest.mark.scenarios("off", "all_on")
def test_the_three_line_test(rendering) -> None:  # type: ignore[no-untyped-def]
    assert rendering.resources.one("Deployment", "backstage-backend").at("spec.replicas") == 1
