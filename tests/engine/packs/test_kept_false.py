"""Which defaults swallow a `false`, and which only look like it."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from chartgate.packs.kubernetes.options.defaults import HEALTHY, default_keeps_false
from chartgate.policy.edits import of_chart
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of


def found(template: str, name: str = "templates/a.yaml") -> list[str]:
    """Give the values whose `false` a template swallows, by the findings on a chart of that template."""
    found = findings_of(default_keeps_false, HEALTHY, of_chart(templates={name: template}))
    return [check.path for check in found]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ .Values.a.b | default true }}", ["a.b"]),
        ("{{- if default true .Values.a }}{{ end }}", ["a"]),
        ("{{ if and .Values.x (.Values.a | default true) }}{{ end }}", ["a"]),
        ("{{ if eq (default true .Values.a) true }}{{ end }}", ["a"]),
        ("{{ (.Values.a).b | default true | quote }}", ["a.b"]),
        ('{{ $on := .Values.a | default "true" }}', ["a"]),
        ('{{ index .Values "my-chart" "a" | default true }}', ["my-chart.a"]),
        ("{{ range .Values.jobs }}{{ if .on | default true }}{{ end }}{{ end }}", [".on"]),
        ("{{ coalesce .Values.a .Values.b true }}", ["a, b"]),
        ("{{ ternary 1 2 (default true .Values.a) }}", ["a"]),
        ('{{ (get .Values "a") | default true }}', ["a"]),
        ("{{ .Values.a | default true }}{{ .Values.a | default true }}", ["a"]),
        ("{{- if (.Values.a) }}\nenableServiceLinks: {{ .Values.a }}\n{{- end }}", ["a"]),
        ("{{ with .a }}automountServiceAccountToken: {{ . | quote }}{{ end }}", [".a"]),
        ("{{ if .Values.enableTls }}- --tls={{ .Values.enableTls | quote }}{{ end }}", ["enableTls"]),
        (
            "{{ range $k, $v := .Values.a }}{{ if $v }}--{{ $k }}={{ $v }}{{ else }}--{{ $k }}{{ end }}{{ end }}",
            ["a"],
        ),
    ],
)
def test_what_swallows(template: str, expected: list[str]) -> None:
    assert found(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ .Values.a | default false }}",
        "{{ .Values.a | default 1 }}{{ .Values.a | default .Values.true }}",
        '{{ dig "a" true .Values }}',
        '{{ .Values.a | toString | default "true" }}',
        '{{ include "a" . | default "true" }}',
        '{{ eq (toString (.Values.a).b | default "true") "false" }}',
        '{{ if hasKey .Values "a" }}{{ .Values.a | default true }}{{ end }}',
        '{{ ternary .Values.a true (hasKey .Values "a") }}',
        '{{ if kindIs "bool" .Values.a }}{{ .Values.a }}{{ else }}{{ default true .Values.a }}{{ end }}',
        "{{/* .Values.a | default true */}}",
        '{{ "default true" }}{{ .Values.a | default trueish }}{{ .Values.a | default "true-ish" }}',
        "{{ default true",
        "{{ if .Values.a }}hostNetwork: {{ .Values.a }}{{ end }}",
        "{{ if .Values.a }}automountServiceAccountToken: {{ .Values.b }}{{ end }}",
        "{{ if .Values.enableTls }}tls: {{ .Values.enableTls }}{{ else }}tls: false{{ end }}",
        "{{ if .Values.tls }}tls: {{ .Values.tls }}{{ end }}",
        "{{ range $k, $v := .Values.a }}{{ if $v }}--{{ $k }}={{ $v }}{{ end }}{{ end }}",
        "{{ range $k, $v := .Values.a }}{{ if $v }}{{ $k }}: {{ $v }}{{ else }}\n{{ $k }}: {}\n{{ end }}{{ end }}",
        "{{ if not .Values.a }}automountServiceAccountToken: {{ .Values.a }}{{ end }}",
        '{{ if hasKey .Values "a" }}automountServiceAccountToken: {{ .Values.a }}{{ end }}',
        "{{ if .Values.a }}enableServiceLinks: {{ .Values.a }}{{ else }}enableServiceLinks: false{{ end }}",
    ],
)
def test_what_only_looks_like_it(template: str) -> None:
    assert found(template) == []


def test_notes_change_nothing() -> None:
    assert found("{{ .Values.a | default true }}", "templates/NOTES.txt") == []


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ("# Set to false to have none.\ntls:\n", "tls"),
        ("# TLS (default true)\ntls: ''\n", "tls"),
        ("tls:  # default: `true`\n", "tls"),
        ("# TLS, true or false\ntls:\n", ""),
        ("# True means more, default is set to false.\ntls:\n", ""),
        ("# The words where `db.deploy` is set to false.\ntls:\n", ""),
        ("# TLS (default true)\ntls: true\n", ""),
        ("# Encrypts.\nenableTls:\n", "enableTls"),
        ("# If enableTls is true, a proxy is added.\nenableTls:\n", ""),
        ("# If enableTls is true, a proxy is added.\n# enableTls: true\nenable: 1\n", ""),
    ],
)
def test_what_a_comment_says_of_a_switch_that_is_empty(values: str, key: str) -> None:
    rendering, name = literal_rendering(HEALTHY), "enableTls" if "enableTls" in values else "tls"
    chart = dataclasses.replace(
        rendering.chart,
        templates={"templates/a.yaml": "{{ with .Values.tls }}tls: {{ . }}{{ end }}".replace("tls", name)},
        files={"values.yaml": values.encode()},
        own_values=yaml.safe_load(values),
    )
    checks = checks_of(default_keeps_false, [dataclasses.replace(rendering, chart=chart)])
    assert [check.path for check in checks if not check.passed] == [key] * bool(key)
