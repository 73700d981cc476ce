"""The guides for whoever has a chart of their own: each command in them is run, and says what the guide shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.gate.gate import Gate
from chartgate.system.store import NO_CACHE
from chartgate.system.toolchain import OLDEST, PINNED

ROOT = Path(__file__).parents[1]
MATRIX = re.findall(r"```yaml\n(chart: .+?)```", (ROOT / "docs" / "gate-your-chart.md").read_text(), re.DOTALL)[0]
SETTINGS = 'matrix = "tests/matrix.yaml"\npolicies = ["kubernetes", "policies"]\n'


@dataclass(frozen=True)
class Shown:
    """A command of a guide, and what the guide says that it prints: `...` is any text; nothing where it shows none."""

    command: str
    output: str


def _shown(text: str) -> list[Shown]:
    """Give the commands in the console blocks of a page, in their order."""
    blocks = re.findall(r"```console\n(.+?)```", text, re.DOTALL)
    return [
        Shown(command, output)
        for block in blocks
        for command, output in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def _pattern(output: str) -> str:
    """Give the pattern of what is shown: a line `...` stands for lines, three dots within one for a part of it."""
    lines = [
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in output.splitlines()
    ]
    return "".join(lines)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make the repository of the guides: the chart in a commit with two tags, and nothing else."""
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "tests" / "charts" / "shop", folder / "charts" / "shop")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "--message=one"],
                  ["tag", "v1.0.0"], ["tag", "v1.1.0"]):  # fmt: skip
        subprocess.run([*git, *words], cwd=folder, check=True)
    subprocess.run(["tar", "-czf", "old.tgz", "-C", "charts", "shop"], cwd=folder, check=True)
    return folder


@pytest.fixture
def gated(shop: Path) -> Path:
    """Put the matrix that the first guide shows before it, the settings and the policy that another one shows."""
    [module] = re.findall(
        r"```python\n(\"\"\"What the switch.+?)```", (ROOT / "docs" / "policies.md").read_text(), re.DOTALL
    )
    for name, text in {
        "tests/matrix.yaml": MATRIX,
        "chartgate.toml": SETTINGS,
        "policies/__init__.py": "",
        "policies/shop/__init__.py": "",
        "policies/shop/cache.py": module,
    }.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text)
    return shop


@dataclass(frozen=True)
class Reader:
    """Somebody who types what a guide shows."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    helm: Path

    def follow(self, page: str, folder: Path, *, by_shell: bool = False) -> None:
        """Run the commands of a page one after the other, and compare what they say.

        Args:
            page: the text.
            folder: where.
            by_shell: whether `chartgate` is a process as well, which takes as long to start as most of them take.
        """
        self._prepare(folder)
        commands = _shown(page)
        assert commands
        for shown in commands:
            words = shlex.split(shown.command, comments=True)
            is_here = words[0] == "chartgate" and not by_shell
            code, said, errors = self._judged(words[1:]) if is_here else self._done(shown.command)
            # A finding is no failure of a guide; a usage error is, and so is a traceback.
            assert (code in (0, 1), errors) == (True, ""), shown.command
            said = said.replace(str(self.helm), "helm")
            assert re.fullmatch(_pattern(shown.output) if shown.output else r"(?s).*", said), f"{shown.command}\n{said}"

    def _prepare(self, folder: Path) -> None:
        # By these, syrupy would take the run of a guide for one of our own workers, and report nothing.
        ours = ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
        for name in (*ours, NO_CACHE):
            self.monkeypatch.delenv(name, raising=False)
        # What a command has found is there for the next one, as it is for whoever follows the guide.
        cache = folder.with_name("cache")
        cache.mkdir()
        for tools in (PINNED.folder, OLDEST.folder):
            (cache / tools.name).symlink_to(tools)
        self.monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        self.monkeypatch.setenv("CHARTGATE_CACHE", str(cache))
        self.monkeypatch.chdir(folder)

    def _judged(self, words: list[str]) -> tuple[int, str, str]:
        code = main(words)
        return code, *self.capsys.readouterr()

    def _done(self, command: str) -> tuple[int, str, str]:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], gate: Gate) -> Reader:
    """Give somebody who follows a guide."""
    return Reader(monkeypatch, capsys, gate.renderings.tools.helm)


def test_your_chart_in_the_readme(shop: Path, reader: Reader) -> None:
    section = (ROOT / "README.md").read_text().partition("## Your chart\n")[2].partition("\n## ")[0]
    reader.follow(section, shop, by_shell=True)


def test_gate_your_chart(shop: Path, reader: Reader) -> None:
    reader.follow((ROOT / "docs" / "gate-your-chart.md").read_text(), shop)


@pytest.mark.parametrize("page", ["policies.md", "review.md"])
def test_the_guides_of_a_gated_chart(page: str, gated: Path, reader: Reader) -> None:
    reader.follow((ROOT / "docs" / page).read_text(), gated)


ASKED = [
    shlex.split(shown.command.removeprefix(".venv/bin/pytest"), comments=True)
    for shown in _shown((ROOT / "docs" / "pytest.md").read_text())
]
OF_A_NAME = [words[1] for words in ASKED if words[0] == "-k"]
OF_OUR_CHART = [word for words in ASKED for word in words if words[0] != "-k" and not words[0].startswith("tests/")]
OF_ANOTHER = [words for words in ASKED if words[0].startswith("tests/")]


@pytest.mark.parametrize("name", OF_A_NAME, ids=range(len(OF_A_NAME)))  # no policy's name in an item of another kind
def test_what_pytest_is_asked_for_by_name_is_there(name: str, gate: Gate) -> None:
    asked = [policy for policy in gate.policies if policy.name in name]
    assert [
        True for p in asked for case in p.cases(gate.matrix.rendering) if name in f"test_policy[{p.name}-{case.name}]"
    ]


@pytest.mark.parametrize("words", [OF_OUR_CHART, *OF_ANOTHER], ids=["ours", *map(str, range(len(OF_ANOTHER)))])
def test_what_pytest_is_asked_for_is_there(words: list[str], tmp_path: Path) -> None:
    """All that is asked of our chart at once: each pytest that collects its items takes seconds."""
    command = [sys.executable, "-m", "pytest", *words, "tests/test_policies.py", "--collect-only", "-q"]
    command += [f"--override-ini=cache_dir={tmp_path}", "-n", "0"]  # syrupy misses the reports of workers that collect
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_policies.py::test_policy[" in done.stdout


def test_the_workflow_that_is_shown_is_pinned_as_ours() -> None:
    text = (ROOT / "docs" / "gate-your-chart.md").read_text()
    workflow, hooks = (
        next(block for block in re.findall(r"```yaml\n(.+?)```", text, re.DOTALL) if block.startswith(word))
        for word in ("on:", "repos:")
    )
    own = (ROOT / ".github/workflows/gate.yaml").read_text()
    pinned, ours = re.findall(r"uses: (.+)", workflow)
    assert f"uses: {pinned}\n" in own
    assert (ours, go_yaml.load(workflow, "workflow")["permissions"]) == ("OWNER/chartgate@COMMIT", {"contents": "read"})
    offered = {hook["id"] for hook in go_yaml.load((ROOT / ".pre-commit-hooks.yaml").read_text(), "hooks")}
    assert {hook["id"] for hook in go_yaml.load(hooks, "hooks")["repos"][0]["hooks"]} <= offered
