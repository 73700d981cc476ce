"""A project whose runs are watched: what each of them renders and judges."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import chartgate
from chartgate.commands.main import main
from chartgate.gate import judgement
from chartgate.policy import loading
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import judge
from chartgate.rendering import helm_template
from chartgate.system.store import NO_CACHE
from chartgate.system.toolchain import PINNED, Tools
from tests.engine.conftest import Project

RULES = '''
from chartgate.policy.checks import equals, rendered, states
from chartgate.policy.policy import policy


def secret_on(scenario):
    return scenario.value("secret.enabled") is True


def every_pair(scenarios):
    yield from ((one, two) for one, two in zip(scenarios, scenarios[1:]))


@policy(severity="error", remediation="Name it after the release.")
def config_is_rendered(rendering):
    """Every release has its ConfigMap."""
    from .limits import PREFIX
    yield rendered(rendering, "ConfigMap", f"{PREFIX}{rendering.scenario.release}-config")


config_is_rendered.counterexample("off")(lambda rendering: rendering.resources.clear() or rendering)


@policy(where=secret_on, severity="warning", remediation="Copy the token as it is.")
def token_is_short(rendering):
    """The Secret holds a token of few letters."""
    secret = rendering.resources.one("Secret", f"{rendering.scenario.release}-secret")
    token = secret.place("stringData.token")
    yield states(token, len(token.value) < 4, expected="a few letters")


@token_is_short.counterexample("secret")
def a_longer_token(rendering):
    rendering.resources.one("Secret", "demo-secret").manifest["stringData"]["token"] += "more"
    return rendering


@policy(over=every_pair, severity="error", remediation="Keep it.")
def config_stays(old, new):
    """The ConfigMap is in each of two scenarios."""
    yield rendered(new, "ConfigMap", f"{old.scenario.release}-config")


@config_stays.counterexample("off", "secret")
def it_goes(old, new):
    new.resources.clear()
    return old, new
'''


@dataclass
class Watched:
    """A project whose runs in this process are watched."""

    project: Project
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    cache: Path
    rendered: list[str] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)

    def run(self, *options: str, command: str = "check") -> tuple[int, str]:
        """Give the exit code of a command and what it said; the code of the project is imported anew."""
        for name in [name for name in sys.modules if name.partition(".")[0] in ("rules", "helpers")]:
            del sys.modules[name]
        shutil.rmtree(self.project.root / "rules" / "__pycache__", ignore_errors=True)
        # As a process that starts now, a moment after the last edit.
        self.monkeypatch.setattr(chartgate, "STARTED", time.time_ns() + 10**9)
        self.forget()
        code = main([command, *options])
        shown = self.capsys.readouterr()
        return code, shown.out + shown.err

    def forget(self) -> None:
        """Forget what was rendered and judged."""
        self.rendered.clear()
        self.judged.clear()

    def write(self, file: str, text: str) -> None:
        self.project.write({file: text})

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.project.root / file).read_text()
        assert old in text
        self.write(file, text.replace(old, new))


@pytest.fixture
def watched(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any, tools: Tools, tmp_path: Path) -> Watched:
    """Give the project with a cache of its own, in which the tools are as they are provisioned."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / PINNED.folder.name).symlink_to(tools.helm.parent)
    monkeypatch.setenv("CHARTGATE_CACHE", str(cache))
    monkeypatch.delenv(NO_CACHE)
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(loading, "default_sources", lambda _: ["rules"])
    shutil.rmtree(project.root / "rules")
    project.write({"rules/__init__.py": "", "rules/shop.py": RULES, "rules/limits.py": 'PREFIX = ""\n'})
    found = Watched(project, monkeypatch, capsys, cache)
    template = helm_template.template

    def render(given: helm_template.HelmInput) -> helm_template.HelmOutput:
        if "/runs/" not in str(given.chart.folder):  # else it only tells which line wrote what
            found.rendered.append(given.values)
        return template(given)

    def noted(policy: Policy, case: Any, *others: Any) -> Any:
        found.judged.append(f"{policy.name}-{case.name}")
        return judge(policy, case, *others)

    monkeypatch.setattr(helm_template, "template", render)
    monkeypatch.setattr(judgement, "judge", noted)
    return found


@pytest.fixture(autouse=True)
def _helm(helm_asked_once: None) -> None:
    """Ask helm once for what tests render again and again."""
