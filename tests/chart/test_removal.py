"""The way back: what the notes print, and what the README tells Argo CD, is exactly what the sidecar Job injects."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jq
import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering, Scenario
from chartgate.rendering.hooks import KubectlPatch
from chartgate.rendering.renderings import Renderings
from chartgate.system.cache import OutputCache
from policies.lightspeed.spec.backstage import BACKSTAGE, after_hooks
from tests.chart.helm_commands import notes

README = Path(__file__).parents[2] / "chart" / "README.md"
# What was injected, and what the chart is upgraded to.
WAYS_BACK = [
    ("all_on", "off"),
    ("all_on", "lightspeed+postgres+catalog+reader"),
    ("lightspeed+sidecars", "off"),
    ("lightspeed+sidecars", "lightspeed"),
    ("mix_02", "off_mix_02"),
]

Patch = Callable[[Any, str], Any]


@pytest.fixture
def patch(gate: Gate, tmp_path: Path) -> Patch:
    """Patch a manifest as `oc patch --type=strategic` does."""
    kubectl = KubectlPatch(gate.renderings.tools.kubectl, OutputCache(tmp_path))
    return lambda manifest, text: go_yaml.load(kubectl(go_yaml.dump(manifest), text), "patched")


def removal(text: str, scenario: Scenario) -> str:
    """Give the patch of the one command in a text that patches the Backstage Deployment."""
    (line,) = re.findall(r"(?m)^ *(oc patch .*)$", text)
    *command, content = shlex.split(line)
    place = ["-n", scenario.namespace]
    assert command == ["oc", "patch", f"deployment/{BACKSTAGE}", *place, "--type=strategic", "-p"]
    return content


@pytest.mark.parametrize(("injected", "later"), WAYS_BACK)
def test_notes_take_the_sidecars_away(
    injected: str, later: str, chart: Chart, matrix: Matrix, renderings: Renderings, gate: Gate, patch: Patch
) -> None:
    rendering, scenario = renderings.of(matrix.scenarios[injected]), matrix.scenarios[later]
    content = removal(notes(chart, scenario, gate.renderings.tools), scenario)
    original, patched = _original(rendering), after_hooks(rendering).manifest
    assert patched != original
    assert patch(patched, content) == original
    # Who runs it once more, or without need, breaks nothing.
    assert patch(original, content) == original


@pytest.mark.scenarios("defaults")
def test_readme_has_the_command_of_the_notes(rendering: Rendering, chart: Chart, gate: Gate) -> None:
    text = notes(chart, rendering.scenario, gate.renderings.tools)
    assert removal(README.read_text(), rendering.scenario) == removal(text, rendering.scenario)


@pytest.mark.scenarios("all_on", "lightspeed+sidecars", "placeholders")
def test_argo_cd_ignores_what_the_job_injects(rendering: Rendering) -> None:
    (ignored,) = _ignore_differences()
    paths = ignored.pop("jqPathExpressions")
    original, patched = _original(rendering), after_hooks(rendering)
    identity = patched.identity
    assert ignored == {
        "group": identity.api_version.partition("/")[0],
        "kind": identity.kind,
        "name": identity.name,
        "namespace": identity.namespace,
    }
    rest = patched.manifest
    for path in paths:
        less = _delete(path, rest)
        assert less != rest, f"{path} names nothing that the Job injects"
        rest = less
        assert _delete(path, original) == original, f"{path} names something that the Job does not inject"
    assert rest == original


def _original(rendering: Rendering) -> Any:
    return rendering.resources.one("Deployment", BACKSTAGE, rendering.scenario.namespace).manifest


def _ignore_differences() -> list[dict[str, Any]]:
    blocks = re.findall(r"(?ms)^```yaml\n(ignoreDifferences:.*?)^```$", README.read_text())
    (block,) = blocks
    found: list[dict[str, Any]] = go_yaml.load(block, "chart/README.md")["ignoreDifferences"]
    return found


def _delete(path: str, manifest: Any) -> Any:
    """Do as Argo CD does with each expression."""
    return jq.compile(f"del({path})").input_text(json.dumps(manifest)).first()
