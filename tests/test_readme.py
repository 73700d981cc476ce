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


CASE_NAME = re.compile(r"(?<![\w./-])([a-z][\w+-]*+\.\.[a-z][\w+-]*+|mix_\d\d|[a-z][\w+-]*+\.(?:longest|canaries)\b)")
"""A pair, a row of the axes, and what policies derive: names that nobody knows without being told."""
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{file.name}" for file in ROOT.glob("docs/*.md"))]
NAMING = [document for document in DOCUMENTS if CASE_NAME.search((ROOT / document).read_text())]


@pytest.mark.parametrize("document", NAMING)
def test_who_first_meets_the_name_of_a_case_is_told_what_it_means(document: str) -> None:
    text = (ROOT / document).read_text()
    met = CASE_NAME.search(text)
    assert met is not None
    paragraph_ends = text.index("\n\n", met.end())
    assert "#names-of-cases)" in text[:paragraph_ends], f"{met[0]} is not explained"


def test_the_names_of_cases_are_explained_in_one_place_and_are_real(gate: Gate) -> None:
    explained = {document: (ROOT / document).read_text().partition("## Names of cases\n")[2] for document in DOCUMENTS}
    assert [document for document, text in explained.items() if text] == ["docs/matrix.md"]
    table = explained["docs/matrix.md"].partition("\n## ")[0]
    assert {"off..cache", "mix_07", "defaults.longest", "off.canaries"} <= set(CASE_NAME.findall(table))
    shown = re.search(r"\n(`postgres\+sidecars` is .+?)\n\n", README, re.DOTALL)
    assert shown is not None
    parts = [name for case in CASE_NAME.findall(shown[1]) for name in case.removesuffix(".longest").split("..")]
    assert parts == ["off", "all_on", "mix_07", "defaults"]
    assert set(parts) <= set(gate.matrix.scenarios)


@pytest.mark.scenarios("off", "all_on")
def test_the_three_line_test(rendering) -> None:  # type: ignore[no-untyped-def]
    assert rendering.resources.one("Deployment", "backstage-backend").at("spec.replicas") == 1
