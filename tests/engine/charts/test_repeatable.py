"""Whether a chart gives the same each time: a doubt is enough to say no."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.template_texts.repeatable import repeatability
from chartgate.documents.yaml_texts import go_yaml
from tests.engine.toys import TOY, chart_from

SUBCHART = {
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "{}",
}


def _holds(folder: Path, files: dict[str, str], values: str = "") -> bool:
    chart = chart_from(folder, TOY | files)
    given = go_yaml.load(values, "values.yaml") if values else {}
    return repeatability(chart).holds_with(values, coalesce(chart, given))


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
        '{{ define "a" }}{{ uuidv4 }}{{ end }}{{ include "a" . }}',
        "{{ if .Release.Name }}\n{{- $x := 1\n  | add (now | unixEpoch) }}{{ end }}",
    ],
)
def test_others_each_time(tmp_path: Path, text: str) -> None:
    assert not _holds(tmp_path / "more", {"templates/more.yaml": text})
    assert not _holds(tmp_path / "sub", SUBCHART | {"charts/sub/templates/more.yaml": text})


@pytest.mark.parametrize("template", ["{{ tpl .Values.text . }}", '{{ tpl (.Files.Get "a.txt") . }}'])
def test_a_text_that_becomes_a_template(tmp_path: Path, template: str) -> None:
    expanding = {"templates/more.yaml": template}
    assert _holds(tmp_path / "plain", expanding, "text: now")
    assert not _holds(tmp_path / "values", expanding, "text: '{{ now }}'")
    assert _holds(tmp_path / "file", expanding | {"a.txt": "{{ uuidv4 }}"}) == (".Files" not in template)
    assert not _holds(tmp_path / "defaults", expanding | {"values.yaml": "text: '{{ uuidv4 }}'"})
    assert not _holds(tmp_path / "sub", expanding | SUBCHART | {"charts/sub/values.yaml": "text: '{{ uuidv4 }}'"})


def test_a_text_that_stays_one(tmp_path: Path) -> None:
    assert _holds(tmp_path, {"a.txt": "{{ uuidv4 }}", "README.md": "{{ now }}"}, "text: '{{ now }}'")


OFF = {"values.yaml": 'used: true\nkind: a\ntls: {enabled: false, kind: none}\nnothing: ""\nmore: {}\n'}
USED = '{{ define "made" }}{{ uuidv4 }}{{ end }}'


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{{ if .Values.tls.enabled }}{{ now }}{{ end }}", "tls: {enabled: true}"),
        ("{{- if $.Values.tls.enabled -}}{{ now }}{{ end }}", "tls: {enabled: true}"),
        ("{{ if .Values.used }}{{ with .Values.nothing }}{{ now }}{{ end }}{{ end }}", "nothing: x"),
        ("{{ range $k, $v := .Values.more }}{{ htpasswd $k $v }}{{ end }}", "more: {a: b}"),
        ("{{ if and .Values.used .Values.tls.enabled (not .Values.kind) }}{{ now }}{{ end }}", "tls: {enabled: true}"),
        ('{{ if eq .Values.tls.kind "made" }}{{ now }}{{ end }}', "tls: {kind: made}"),
        ('{{ if and .Values.used (eq .Values.tls.kind "made") }}{{ now }}{{ end }}', "tls: {kind: made}"),
        ("{{ if not .Values.used }}{{ else if .Values.tls.enabled }}{{ now }}{{ end }}", "tls: {enabled: true}"),
        ("{{ if .Values.tls.unknown }}{{ now }}{{ end }}", "tls: {unknown: 1}"),
        (USED + '{{ if .Values.tls.enabled }}{{ include "made" . }}{{ end }}', "tls: {enabled: true}"),
        (
            '{{ define "a" }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}{{ end }}'
            '{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "b" $ | indent 2 }}',
            "tls: {enabled: true}",
        ),
        (
            '{{ include (print $.Template.BasePath "/a.yaml") . }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}',
            "tls: {enabled: true}",
        ),
    ],
)
def test_what_is_off_is_not_called(tmp_path: Path, text: str, values: str) -> None:
    assert _holds(tmp_path / "off", OFF | {"templates/more.yaml": text})
    assert not _holds(tmp_path / "on", OFF | {"templates/more.yaml": text}, values)


@pytest.mark.parametrize(
    "text",
    [
        "{{ if .Values.tls.enabled }}{{ else }}{{ now }}{{ end }}",
        "{{ if or .Values.used .Values.tls.enabled }}{{ now }}{{ end }}",
        "{{ if not .Values.tls.enabled }}{{ now }}{{ end }}",
        "{{ if .Values.tls.enabled | default true }}{{ now }}{{ end }}",
        '{{ if ne .Values.tls.kind "made" }}{{ now }}{{ end }}',
        # Somewhere else it is on, or nobody knows what there is.
        USED + '{{ if .Values.tls.enabled }}{{ include "made" . }}{{ end }}{{ include "made" . }}',
        USED + '{{ if .Values.tls.enabled }}{{ include "made" . }}{{ end }}{{ include .Values.kind . }}',
        '{{ define "a" }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}{{ end }}'
        '{{ include "a" (dict "Values" (dict "tls" (dict "enabled" true))) }}',
        '{{ if .Values.used }}{{ block "made" . }}{{ now }}{{ end }}{{ end }}',
        # Templates change it.
        '{{ $_ := set .Values.tls "enabled" true }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}',
        '{{ $tls := .Values.tls }}{{ $_ := set $tls "enabled" true }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}',
        '{{ $_ := mergeOverwrite .Values (dict "tls" 1) }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}',
        "{{ $_ := merge .Values.tls .Values.more }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}",
        '{{ $_ := set $ "Values" (dict) }}{{ if .Values.tls.enabled }}{{ now }}{{ end }}',
    ],
)
def test_what_may_be_on_is_called(tmp_path: Path, text: str) -> None:
    assert not _holds(tmp_path, OFF | {"templates/more.yaml": text})


def test_notes_are_not_printed(tmp_path: Path) -> None:
    assert _holds(tmp_path / "own", {"templates/NOTES.txt": "{{ now }}"})
    assert not _holds(
        tmp_path / "defining", {"templates/NOTES.txt": USED, "templates/a.yaml": '{{ include "made" . }}'}
    )


def test_a_subchart_has_values_of_its_own(tmp_path: Path) -> None:
    files = OFF | SUBCHART | {"charts/sub/values.yaml": "used: false\nglobal: {used: false}"}
    own, shared = "{{ if .Values.used }}{{ now }}{{ end }}", "{{ if .Values.global.used }}{{ now }}{{ end }}"
    assert _holds(tmp_path / "off", files | {"charts/sub/templates/more.yaml": own})
    assert not _holds(tmp_path / "on", files | {"charts/sub/templates/more.yaml": own}, "sub: {used: true}")
    assert not _holds(tmp_path / "global", files | {"charts/sub/templates/more.yaml": shared}, "global: {used: true}")


@pytest.mark.parametrize("depth", [40, 3000])
def test_templates_that_call_each_other_in_very_many_ways_come_to_an_end(depth: int, tmp_path: Path) -> None:
    """Each of them calls the next one twice, and nothing calls the first: that is for doubt."""
    define = '{{ define "t%d" }}%s{{ end }}\n'
    calls = (define % (n, f'{{{{ include "t{n + 1}" . }}}}' * 2) for n in range(depth))
    assert not _holds(tmp_path, {"templates/_many.tpl": "".join(calls) + define % (depth, "{{ now }}")})
