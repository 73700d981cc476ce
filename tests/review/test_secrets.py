"""A changed secret is listed as changed, and its value is not in any format of the report, however it is written."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write

OLD, NEW, LITERAL, LATER = "hunter/two+old", "hunter/three+new", "sealed with wax", "sealed with glue"
MATRIX_S = "hunter/four+matrix"

CHART = "apiVersion: v2\nname: safe\nversion: 1.0.0\n"
SCHEMA = {"type": "object", "properties": {"login": {"type": "object", "properties": {"word": {"writeOnly": True}}}}}
MATRIX = f"""
chart: new
release: demo
namespace: shop
scenarios:
  plain: {{values: {{}}}}
  own: {{values: {{login: {{word: {MATRIX_S}}}}}}}
"""
EVERYWHERE = """
apiVersion: v1
kind: Secret
metadata: {name: login}
data: {word: {{ .Values.login.word | b64enc }}, again: {{ .Values.login.word | b64enc | b64enc }}}
stringData:
  seal: LITERAL
  json: '{"user": {{ .Values.login.word | quote }}}'
---
apiVersion: v1
kind: ConfigMap
metadata: {name: careless, annotations: {word: {{ .Values.login.word }}}}
data:
  app.yaml: |
    word: {{ .Values.login.word }}
  {{ .Values.login.word | b64enc | trimAll "=" }}: key
  line: user:{{ .Values.login.word }}@host
  encoded: {{ .Values.login.word | b64enc }}
  url: https://{{ .Values.login.word | urlquery }}@example.com
"""


def _forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, encoded, encoded.rstrip("="), base64.b64encode(encoded.encode()).decode(), quote(secret, safe="")}


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write two charts whose secrets differ, and give the arguments that compare them."""
    monkeypatch.chdir(tmp_path)
    for name, word, literal in (("old", OLD, LITERAL), ("new", NEW, LATER)):
        write(
            Path(name),
            {
                "Chart.yaml": CHART,
                "values.yaml": f"login:\n  word: {word}\n",
                "values.schema.json": json.dumps(SCHEMA),
                "templates/all.yaml": EVERYWHERE.replace("LITERAL", literal),
            },
        )
    write(Path(), {"matrix.yaml": MATRIX})
    return ["review", "old", "new", "--matrix=matrix.yaml", "--fail-on=never"]


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_no_secret_is_shown(form: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, f"--format={form}"]) == 0
    output = capsys.readouterr()
    for secret in (OLD, NEW, LITERAL, LATER, MATRIX_S):
        assert [written for written in _forms(secret) if written in output.out + output.err] == []


def test_that_it_changed_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--format=json"]) == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    listed = {
        (subject, address) for entry in entries for subject in entry["subjects"] for address in entry["addresses"]
    }
    assert {address for subject, address in listed if subject == "Secret shop/login"} == {
        "data.word",
        "data.again",
        "data.seal",
        "data.json",
    }
    assert ("values.yaml", "login.word") in listed
    assert ("ConfigMap shop/careless", "data.line") in listed


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_no_secret_is_shown_where_it_is_refused(
    form: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    strict = {
        "login": {"type": "object", "properties": {"word": {"writeOnly": True, "type": "string", "maxLength": 16}}}
    }
    schema = {"type": "object", "properties": strict}
    Path("new/values.schema.json").write_text(json.dumps(schema))
    Path("new/templates/check.yaml").write_text(
        '{{ if contains "four" .Values.login.word }}{{ fail .Values.login.word }}{{ end }}'
    )
    assert main([*arguments, f"--format={form}"]) == 0
    output = capsys.readouterr()
    assert "values_refused" in output.out
    for secret in (OLD, NEW, MATRIX_S):
        assert [written for written in _forms(secret) if written in output.out + output.err] == []
