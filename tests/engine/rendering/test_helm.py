"""One `helm template`: what decides about its output, and nothing else, is its input."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import ToolError
from chartgate.matrix.derivations.derived import with_values
from chartgate.model import Chart
from chartgate.rendering.helm_template import HelmInput, helm_input, template
from chartgate.system.toolchain import OLDEST, PINNED, Release, Tools
from tests.engine.toys import HELM_VERSION, TOY, chart_from, scenario, script, write


@pytest.fixture
def given(toy: Chart, tools: Tools) -> HelmInput:
    return helm_input(toy, dataclasses.replace(scenario(mode="loud"), kube_version="1.30.1"), tools)


def test_arguments(given: HelmInput, toy: Chart) -> None:
    assert given.arguments == [
        *("template", "demo", str(toy.folder), "--namespace", "shop", "--include-crds", "--values", "-"),
        *("--kube-version", "1.30.1"),
    ]
    assert dataclasses.replace(given, kube_version="").arguments[-1] == "-"
    assert dataclasses.replace(given, api_versions=("a.io/v1", "b.io/v1")).arguments[-4:] == [
        *("--api-versions", "a.io/v1"),
        *("--api-versions", "b.io/v1"),
    ]
    assert given.values == "mode: loud\n"


@pytest.mark.parametrize(
    "change",
    [
        {"release": "other"},
        {"namespace": "other"},
        {"kube_version": "1.31.0"},
        {"api_versions": ("a.io/v1",)},
        {"values": "mode: plain\n"},
        {"helm": Path("/other/helm")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_input_counts(change: dict[str, Any], given: HelmInput) -> None:
    assert dataclasses.replace(given, **change).key != given.key


def test_equal_input_is_equal_in_any_folder(given: HelmInput, tools: Tools, tmp_path: Path) -> None:
    again = chart_from(tmp_path / "elsewhere", TOY)
    assert (
        helm_input(again, dataclasses.replace(scenario("x", mode="loud"), kube_version="1.30.1"), tools).key
        == given.key
    )
    edited = chart_from(tmp_path / "elsewhere", TOY | {"templates/more.yaml": ""})
    assert dataclasses.replace(given, chart=edited).key != given.key


def test_output_and_refusal(given: HelmInput) -> None:
    output = template(given)
    assert (output.exit_code, output.stderr) == (0, "")
    assert 'data: {mode: "loud"}' in output.stdout
    refusal = template(dataclasses.replace(given, values="mode: [1]"))
    assert (refusal.exit_code, refusal.stdout) == (1, "")
    assert "at '/mode': got array, want string" in refusal.stderr


def test_helm_hears_nothing_of_the_users_settings(
    given: HelmInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HELM_NAMESPACE", "mine")
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setenv("HELM_PLUGINS", str(home))
    monkeypatch.setenv("OTHER", "kept")
    env = script(tmp_path / "env", "env")
    seen = template(dataclasses.replace(given, helm=env)).stdout.splitlines()
    assert {line for line in seen if line.startswith(("HELM_", "OTHER"))} == {
        "HELM_CACHE_HOME=/nonexistent/chartgate",
        "HELM_CONFIG_HOME=/nonexistent/chartgate",
        "HELM_DATA_HOME=/nonexistent/chartgate",
        "OTHER=kept",
    }
    assert template(given).exit_code == 0
    assert list(home.iterdir()) == []


def test_output_that_is_no_text(given: HelmInput, tmp_path: Path) -> None:
    binary = script(tmp_path / "helm", HELM_VERSION + "printf '\\377'")
    with pytest.raises(ToolError, match=r"/helm wrote something that is not UTF-8: "):
        template(dataclasses.replace(given, helm=binary))


def test_files_beside_the_templates_reach_helm(tmp_path: Path, tools: Tools) -> None:
    """The digest is of all files, so all of them must be where helm reads."""
    config = (
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: files}\ndata: {a: {{ .Files.Get "files/a.txt" | quote }}}\n'
    )
    write(tmp_path, {"templates/files.yaml": config, "files/a.txt": "from a file"})
    assert "from a file" in template(helm_input(chart_from(tmp_path, {}), scenario(), tools)).stdout


SERVED = """
apiVersion: v1
kind: ConfigMap
metadata: {name: served}
data:
  group: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
  kind: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  other: {{ .Capabilities.APIVersions.Has "example.com/v2" | quote }}
  own: {{ .Capabilities.APIVersions.Has "apps/v1" | quote }}
"""


@pytest.mark.parametrize("release", [PINNED, OLDEST], ids=lambda release: release.helm)
@pytest.mark.parametrize(
    ("served", "expected"),
    [
        ((), ("false", "false", "false", "true")),
        (("example.com/v1", "example.com/v1/Widget"), ("true", "true", "false", "true")),
        (("example.com/v2",), ("false", "false", "true", "true")),
    ],
)
def test_what_a_cluster_serves_reaches_templates(
    served: tuple[str, ...], expected: tuple[str, ...], release: Release, tmp_path: Path
) -> None:
    """Besides what helm knows of Kubernetes itself, in derived scenarios too."""
    chart = chart_from(tmp_path, {"templates/served.yaml": SERVED})
    tools = Tools(release.tool("helm"), release.tool("kubectl"), release.helm)
    start = dataclasses.replace(scenario("plain"), chart=chart, api_versions=served)
    for given in (start, start.derived("longest", release="longest"), with_values(start, "more", {"mode": "x"})):
        output = template(helm_input(chart, given, tools)).stdout
        assert tuple(go_yaml.load(output, "stdout")["data"].values()) == expected
