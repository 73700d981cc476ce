r"""A chart that says what terminals, CI servers and parsers obey: no report lets it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.documents.escaping import flow_text
from chartgate.documents.yaml_texts import go_yaml
from tests.engine.conftest import Project
from tests.engine.toys import HELM_VERSION, TOY, script, write

NAME = "a\x1b[2Jb\u202e\u200b\r::error::c\n::error::d ##[error]e ##vso[task.x]f"
SHOWN = r"a\x1b[2Jb\u202e\u200b\r::error::c\n::error::d \x23#[error]e \x23#vso[task.x]f"
ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]|^\s*::error|##(vso)?\[", re.MULTILINE)
CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": NAME},
    "data": {NAME: f"first\n::error::x\n{NAME}", "plain": NAME},
}
CHECKS = '''
from chartgate.policy.checks import equals
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Say nothing.")
def config_is_silent(rendering):
    """No ConfigMap has data."""
    for config in rendering.resources.of_kind("ConfigMap"):
        for place in (config.place("data"), config.place("data.plain")):
            yield equals(place, None)


CONFIG = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n"


@config_is_silent.counterexample(manifests=CONFIG)
def it_speaks(rendering):
    rendering.resources[0].manifest["data"] = {"plain": "a"}
    return rendering
'''


@pytest.fixture
def hostile(project: Project) -> Path:
    """Give a helm that renders a hostile ConfigMap, of another content for each chart."""
    rendered = "---\n# Source: toy/templates/a.yaml\n" + json.dumps(CONFIG)
    other = rendered.replace("first", "second")
    write(project.root, {"rendered": rendered, "other": other, "rules/shop/identity.py": CHECKS})
    write(project.root / "newer", TOY | {"Chart.yaml": "name: toy\nversion: 1.2.4\n"})
    body = f'case "$3" in */newer) cat {project.root}/other;; *) cat {project.root}/rendered;; esac'
    return script(project.root / "helm", HELM_VERSION + body)


def test_what_a_terminal_shows(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--chart=toy", "--policies=rules", f"--helm={hostile}", "--scenario=off"]) == 1
    shown = capsys.readouterr().out
    assert f"\nConfigMap shop/{SHOWN} (v1) from toy/templates/a.yaml\n" in shown
    assert not ORDERS.search(shown)


def test_what_json_says(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", "--chart=toy", "--policies=rules", f"--helm={hostile}", "--scenario=off", "--format=json"]
    assert main(words) == 1
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert not ORDERS.search(shown)
    assert [finding["resource"] for finding in json.loads(shown)["findings"]] == [f"ConfigMap shop/{NAME} (v1)"] * 2


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_what_a_review_says(form: str, hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "toy", "newer", f"--helm={hostile}", f"--format={form}"]) == 0
    shown = capsys.readouterr().out
    assert not ORDERS.search(shown)
    assert ("second" in shown, "first" in shown) == (True, True)


def test_what_pytest_and_junit_say(hostile: Path, project: Project) -> None:
    result = project.run_plainly(f"--helm={hostile}", "--junitxml=report.xml", "-k", "silent and off")
    assert not ORDERS.search("\n".join(result.outlines))
    assert SHOWN in "\n".join(result.outlines)
    text = (project.root / "report.xml").read_text("utf-8")
    assert not ORDERS.search(text)
    failures = [failure.text or "" for failure in ET.fromstring(text).iter("failure")]  # noqa: S314 - our own report
    assert failures
    assert all(f"ConfigMap shop/{SHOWN}" in failure for failure in failures)


@pytest.mark.parametrize("value", [NAME, "\x7f\x85\xa0\u2028\ufeff\U000e0041", "##[error]", "plain", "ü"])
def test_what_values_prints_is_read_back(value: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    scenarios = {"odd": {"toggles": [], "values": {"mode": value}}}
    about = {
        "chart": "../toy",
        "release": "demo",
        "namespace": "shop",
        "kube_version": "1.31.0",
        "scenarios": scenarios,
    }
    project.write({"odd/matrix.yaml": flow_text(about)})
    assert main(["values", "odd", "--matrix=odd/matrix.yaml"]) == 0
    shown = capsys.readouterr().out
    assert not ORDERS.search(shown)
    assert go_yaml.load(shown, "stdout") == {"mode": value}
