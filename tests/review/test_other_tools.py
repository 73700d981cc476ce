"""What another helm, or another Kubernetes, makes of the same chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: small\nversion: 1.0.0\n",
    # Since helm 4, a key whose default is null is no longer there: https://github.com/helm/helm/issues/32530
    "values.yaml": "cfg: {a: null, b: 1}\n",
    "templates/config.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  has: "{{ hasKey .Values.cfg "a" }}"
  batch: {{ .Capabilities.KubeVersion.Minor | quote }}
  monitored: "{{ .Capabilities.APIVersions.Has "example.com/v1/Widget" }}"
""",
}
MATRIX = "chart: .\nrelease: a\nnamespace: a\nkube_version: '1.34'\napi_versions: [example.com/v1/Widget]\n"


@pytest.fixture(autouse=True)
def _chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "small", CHART | {"matrix.yaml": MATRIX})
    monkeypatch.chdir(tmp_path)


def _review(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["review", "--chart=small", "--no-policies", "--format=json", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("options", "tools", "changes"),
    [
        (["--base-helm=3.17"], "helm 3.17.3, pinned as the oldest that is supported -> 4.2.3", {"data.has": "true"}),
        (["--base-helm=4.2.3"], "helm 4.2.3 -> 4.2.3", {}),
        (["--base-kube-version=1.30"], "Kubernetes 1.30 -> that of each scenario", {"data.batch": "30"}),
        (["--base-kube-version=1.30", "--kube-version=1.31"], "Kubernetes 1.30 -> 1.31", {"data.batch": "30"}),
        (["--base-api-versions="], "API versions none -> those of each scenario", {"data.monitored": "false"}),
        (
            ["--base-api-versions=example.com/v1/Widget"],
            "API versions example.com/v1/Widget -> those of each scenario",
            {},
        ),
    ],
)
def test_what_changes(
    options: list[str], tools: str, changes: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    report = _review(capsys, *options)
    assert report["tools"] == tools
    assert {entry["addresses"][0]: entry["before"] for entry in report["entries"]} == changes
    assert report["version"]["required"] == "none"


def test_a_changed_chart_is_judged_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    write(Path("old"), {**CHART, "values.yaml": "cfg: {a: null, b: 1}\nsize: 1\n"})
    assert main(["review", "old", "small", "--no-policies", "--base-helm=3.17", "--format=json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"]["required"] == "major"
    assert {entry["addresses"][0] for entry in report["entries"] if entry["addresses"]} >= {"size", "data.has"}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--base-helm=3.16", "no helm 3.16 is pinned, but 4.2.3 and 3.17.3: name another by its file, --helm=PATH"),
        ("--helm=5", "no helm 5 is pinned, but 4.2.3 and 3.17.3"),
        ("--base-helm=nowhere", "nowhere is not there"),
        ("--base-kube-version=new", "'new' is not a Kubernetes version"),
    ],
)
def test_what_cannot_be_used(option: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "small", "small", option]) == 2
    assert said in capsys.readouterr().err


def test_a_file_of_that_name_wins(capsys: pytest.CaptureFixture[str]) -> None:
    Path("3.17").write_text("#!/bin/sh\necho v4.1.0\n")
    Path("3.17").chmod(0o755)
    assert main(["check", "--chart=small", "--helm=3.17", "--policies=kubernetes"]) != 0
    assert "4.1.0 at" in capsys.readouterr().out
