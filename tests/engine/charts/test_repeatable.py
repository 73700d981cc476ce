"""Whether a chart gives the same each time: a doubt is enough to say no."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.template_texts.repeatable import repeatability
from tests.engine.toys import TOY, chart_from

SUBCHART = {
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "{}",
}


def _holds(folder: Path, files: dict[str, str], values: str = "") -> bool:
    return repeatability(chart_from(folder, TOY | files)).holds_with(values)


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Values.now }}",
        "{{ .Values.keys }}",
        "{{ $now }}",
        "now and values",
        '{{ fail "no values, no keys: now or never" }}',
        "{{ fail `no values now` }}",
        "{{/* now */}}",
        "{{- /* randAlphaNum 5 */ -}}",
        "{{ range $k := keys .Values.map | sortAlpha }}{{ end }}",
        "{{ sortAlpha (keys $map) | join `,` }}",
        "{{ if has $account (values $accounts) }}{{ end }}",
        "{{ len (keys .Values.map) }}",
        '{{ .Files.Get "now.txt" }}',
        "{{ range $key, $value := .Values.map }}{{ end }}",
        "{{ .Capabilities.KubeVersion.Version }}",
        '{{ lookup "v1" "Secret" "a" "b" }}',
        "{{ tpl .Values.text . }}",
        "{{ dict `update` 1 }}",
    ],
)
def test_the_same_each_time(tmp_path: Path, text: str) -> None:
    assert _holds(tmp_path, {"templates/more.yaml": text})


@pytest.mark.parametrize(
    "text",
    [
        "{{ now }}",
        "{{ now | date `2006` }}",
        "{{ randAlphaNum 8 }}",
        "{{randInt 1 5}}",
        "{{ uuidv4 }}",
        "{{ genCA `a` 1 }}",
        "{{ genSelfSignedCert `a` nil nil 1 }}",
        "{{ htpasswd `a` `b` }}",
        "{{ bcrypt .Values.a }}",
        "{{ shuffle `abc` }}",
        "{{ first (keys .Values.map) }}",
        "{{ keys .Values.map | first }}",
        "{{ keys .Values.map | join `,` | sortAlpha }}",
        "{{ has 1 (values .Values.map) }}{{ values .Values.map | join `` }}",
        "{{ toDate `2006-01-02` .Values.day }}",
        "{{ getHostByName `a.example` }}",
        '{{ "}}" | now }}',
        '{{ tpl "{{ now }}" . }}',
        "{{ tpl `{{ randAlpha 5 }}` . }}",
        '{{ "no end }}{{ now }}',
        '{{ define "a" }}{{ uuidv4 }}{{ end }}',
        "{{ if .Values.a }}\n{{- $x := 1\n  | add (now | unixEpoch) }}{{ end }}",
    ],
)
def test_others_each_time(tmp_path: Path, text: str) -> None:
    for path in ("templates/more.yaml", "templates/_more.tpl", "templates/NOTES.txt"):
        assert not _holds(tmp_path / path.replace("/", "-"), {path: text})
    assert not _holds(tmp_path / "sub", SUBCHART | {"charts/sub/templates/more.yaml": text})


@pytest.mark.parametrize("template", ["{{ tpl .Values.text . }}", '{{ tpl (.Files.Get "a.txt") . }}'])
def test_a_text_that_becomes_a_template(tmp_path: Path, template: str) -> None:
    expanding = {"templates/more.yaml": template}
    assert _holds(tmp_path / "plain", expanding, "text: now")
    assert not _holds(tmp_path / "values", expanding, "text: '{{ now }}'")
    assert not _holds(tmp_path / "file", expanding | {"a.txt": "{{ uuidv4 }}"})
    assert not _holds(tmp_path / "defaults", expanding | {"values.yaml": "text: '{{ uuidv4 }}'"})
    assert not _holds(tmp_path / "sub", expanding | SUBCHART | {"charts/sub/values.yaml": "text: '{{ uuidv4 }}'"})


def test_a_text_that_stays_one(tmp_path: Path) -> None:
    assert _holds(tmp_path, {"a.txt": "{{ uuidv4 }}", "README.md": "{{ now }}"}, "text: '{{ now }}'")
