"""`chartgate watch`: an answer now and at each save, and nothing left when it ends."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.conftest import POLICIES, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, TOY

pytestmark = pytest.mark.usefixtures("heard_signals")

_SECONDS = 60.0
"""Far above what an answer takes."""
GREEN = "nothing is wrong"


class Watching:
    """A running `chartgate watch`, and what it says."""

    def __init__(self, project: Project, scratch: Path) -> None:
        scratch.mkdir()
        environment = os.environ | {"TMPDIR": str(scratch), "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chartgate", "watch", "--no-cache"],
            cwd=project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, words: str) -> list[str]:
        """Give the lines up to the first that has these words."""
        found = [self.lines.get(timeout=_SECONDS)]
        while words not in found[-1]:
            found.append(self.lines.get(timeout=_SECONDS))
        return found


@pytest.fixture
def watching(project: Project, tmp_path: Path) -> Iterator[Watching]:
    run = Watching(project, tmp_path / "scratch")
    yield run
    run.process.kill()
    run.process.communicate()


def test_each_save_is_answered(watching: Watching, project: Project, tmp_path: Path) -> None:
    assert watching.until("everything")
    # The scenario that switches most on, and then all.
    assert watching.until(GREEN)[-1].startswith("all_on: 2 policies, judged 2 cases, 1 scenario rendered: ")
    assert watching.until(GREEN)[-1].startswith("2 policies, judged ")

    project.write(BROKEN)
    watching.until(" toy/templates/")
    assert any("token_arrives" in line for line in watching.until("what to do"))
    project.write({name: TOY[name.removeprefix("toy/")] for name in BROKEN if name.startswith("toy/")})
    watching.until(" toy/templates/")
    watching.until(GREEN)

    project.write({"rules/shop/identity.py": POLICIES.replace('-config")', '-conf")', 1)})
    watching.until(" rules/shop/identity.py")
    assert any("config_is_rendered" in line for line in watching.until("what to do"))
    project.write({"rules/shop/identity.py": POLICIES})
    watching.until(" rules/shop/identity.py")
    watching.until(GREEN)

    project.write({"tests/matrix.yaml": MATRIX + "nonsense: 1\n"})
    watching.until(" tests/matrix.yaml")
    assert "nonsense" in watching.until("nonsense")[-1]
    project.write({"tests/matrix.yaml": MATRIX})
    watching.until(" tests/matrix.yaml")
    watching.until(GREEN)

    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(_SECONDS) == 130
    assert watching.until("interrupted")
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--accept", "--report=junit=a.xml"], "--accept and --report: watch only looks; use `chartgate check`"),
        (["--fial-on=error"], "No such option '--fial-on'"),
        (["--chart=gone"], "there is no chart at gone: name a chart folder or a .tgz"),
    ],
)
def test_what_cannot_be_watched(
    options: list[str],
    message: str,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(project.root)
    assert main(["watch", *options]) == 2
    assert message in capsys.readouterr().err


def test_without_what_hears_of_saves(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.root)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["watch"]) == 2
    assert capsys.readouterr().err == "chartgate: watchfiles is not installed: `pip install 'chartgate[watch]'`\n"
