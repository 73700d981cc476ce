"""docs/matrix.md: its example is a matrix, and what it shows of it is what the commands print."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write

TEXT = (Path(__file__).parents[3] / "docs" / "matrix.md").read_text("utf-8")
EXAMPLE = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0]
LIST, BROKEN = re.findall(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "replicas: 1\ncache: {enabled: false}\nautoscaling: {enabled: false}\n",
    "ci/small-values.yaml": "replicas: 1\n",
    "templates/web.yaml": "{{ if lt (int .Values.replicas) 0 }}{{ fail `replicas is negative` }}{{ end }}\n"
    "{{ if .Values.autoscaling.enabled }}{{ $_ := required `maxReplicas?` .Values.autoscaling.maxReplicas }}{{ end }}\n"
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {host: {{ .Values.host }}}\n",
}

Shown = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "web", CHART)
    write(tmp_path / "tests", {"matrix.yaml": EXAMPLE})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_is_what_the_command_prints(capsys: Shown) -> None:
    assert main(["scenarios"]) == 0
    assert capsys.readouterr().out == LIST


def test_a_toggle_without_what_it_needs(root: Path, capsys: Shown) -> None:
    alone = re.sub(r"autoscaling: \{.*\}", "autoscaling: autoscaling.enabled", EXAMPLE)
    alone = re.sub(r"^(axes|ci_files|scenarios|refusals):.*\n(?: .*\n)*", "", alone, flags=re.MULTILINE)
    write(root / "tests", {"matrix.yaml": alone})
    assert main(["check", "--policies=kubernetes"]) == 1
    assert BROKEN in capsys.readouterr().out


def test_each_key_is_explained() -> None:
    rows = "".join(re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE))
    schema = resources.files("chartgate.matrix").joinpath("schema.json").read_text("utf-8")
    assert set(json.loads(schema)["properties"]) - set(re.findall(r"`(\w+)`", rows)) == set()
