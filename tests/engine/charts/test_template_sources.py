"""Other lines with a part in what a line of a template prints: what it reads, and what it is under."""

from __future__ import annotations

import pytest

from chartgate.charts.template_texts.template_sources import TemplateLines, TemplateSources, merged

HELPERS = """\
{{- define "toy.name" -}}
{{ .Release.Name }}
{{- end }}

{{- define "toy.env" -}}
- name: A
  value: {{ include "toy.name" . }}
{{- end }}

{{- define "toy.all" -}}
{{- $env := list -}}
{{- range include "toy.env" . | fromYamlArray -}}
{{- $env = append $env . -}}
{{- end -}}
{{- toYaml $env -}}
{{- end }}

{{- define "twice" }}{{ end }}
{{- define "twice" }}{{ end }}
"""
WEB = """\
{{- $name := include "toy.name" . }}
{{- $config := deepCopy .Values.config }}
{{- if .Values.mcp }}
{{- $_ := set $config "mcp" $name }}
{{- end }}
{{- $unread := 1 }}
{{- if .Values.web }}
---
kind: ConfigMap
{{- with .Values.labels }}
labels: {{ toYaml . }}
{{- else }}
labels: {}
{{- end }}
name: {{ $name }}
data: {{ toYaml $config }}
env: {{ include "toy.all" . | quote }}
text: {{ "$config" }} {{ include "twice" . }} {{ .Values.a }}
{{- range $key, $value := .Values.hosts }}
{{- if $value }}
host: {{ $value }}
{{- end }}
{{- end }}
{{- end }}
last: {{ .Values.a }}
"""
TEXTS = {"templates/_h.tpl": HELPERS, "templates/web.yaml": WEB}


def _short(lines: list[TemplateLines]) -> str:
    return " ".join(
        f"{'h' * one.file.endswith('.tpl')}{one.first}" + f"-{one.last}" * (one.last > one.first) for one in lines
    )


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (9, ""),
        (11, "10"),
        (13, ""),
        (15, "1 h1-3"),
        (16, "1-4 h1-3"),
        (17, "h10-16 h5-8 h1-3"),
        (18, ""),
        (21, "19"),
        (25, ""),
    ],
)
def test_what_a_line_reads(line: int, read: str) -> None:
    sources = TemplateSources(TEXTS)
    assert _short(merged(sources.read_by("templates/web.yaml", line, line), TEXTS)) == read


def test_what_a_named_template_sets() -> None:
    sources = TemplateSources(TEXTS)
    assert _short(merged(sources.read_by("templates/_h.tpl", 15, 15), TEXTS)) == "h11-13 h5-8 h1-3"
    assert _short(sources.read_by("templates/web.yaml", 17, 17, with_called=False)) == ""


@pytest.mark.parametrize(
    ("line", "conditions"),
    [(1, ""), (4, "3"), (8, "7"), (11, "10 7"), (13, "12 10 7"), (21, "20 19 7"), (23, "7"), (25, "")],
)
def test_what_a_line_is_under(line: int, conditions: str) -> None:
    assert _short(TemplateSources(TEXTS).conditions("templates/web.yaml", line)) == conditions


def test_a_file_that_is_no_template_has_nothing() -> None:
    sources = TemplateSources({"templates/a.yaml": "{{ end }}{{ end }}\n{{ if"})
    assert sources.read_by("templates/b.yaml", 1, 9) == []
    assert sources.conditions("templates/a.yaml", 2) == []
    assert sources.definition("templates/a.yaml", 1) is None
    assert TemplateSources(TEXTS).definition("templates/_h.tpl", 7) == TemplateLines("templates/_h.tpl", 5, 8)
