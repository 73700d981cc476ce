"""A chart, a policy that finds everything wrong, and the lines that a report says wrote it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from tests.engine.toys import CHART, write

HELPERS = """\
{{- define "toy.pod" -}}
containers:
  - name: web
    image: nginx:1.2.3@sha256:{{ repeat 64 "a" }}
    securityContext:
      privileged: {{ .Values.privileged }}
{{- end }}
{{- define "toy.labels" }}
app: toy
{{- end }}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    {{- toYaml .Values.labels | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "toy.pod" . | nindent 6 }}
{{- range $name := list "one" "two" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
data:
  app.yaml: |
    server:
      port: {{ $.Values.port }}
      hosts: [{{ $name }}]
{{- end }}
"""
MORE = """\
{{- if .Values.privileged }}
{{- $labels := include "toy.labels" . | fromYaml }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: three
  labels:
    {{- toYaml $labels | nindent 4 }}
data:
  {{- with .Values.port }}
  port: {{ . | quote }}
  {{- end }}
  pod: |
    {{- include "toy.pod" . | nindent 4 }}
  word: {{ randAlpha 9 }}
  changed: {{ $labels.app | upper }}
  twice: {{ print $labels.app $labels.app }}
  {{- if .Values.podLabels }}
  side: one
  {{- else }}
  side: two
  {{- end }}
{{- end }}
"""
VALUES = """\
privileged: true
replicas: 2
labels:
  app: web
podLabels: {}
port: 80
"""
POLICY = '''
from chartgate.policy.policy import policy
from chartgate.policy.checks import states

@policy(severity="error", remediation="No.")
def nothing_is_right(rendering):
    """Everything is wrong."""
    for kind, name, address in {PLACES!r}:
        yield states(rendering.resources.one(kind, name).place(address), False, expected="another")

CONFIG = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n"
nothing_is_right.counterexample(manifests=CONFIG)(lambda rendering: rendering)
'''


def written_chart(folder: Path, places: Sequence[tuple[str, str, str]]) -> None:
    """Write the chart, and a policy that is content with nothing at these places: a kind, a name and an address."""
    files = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/_pod.tpl": HELPERS, "templates/web.yaml": WEB}
    write(folder / "toy", files | {"templates/more.yaml": MORE})
    policies = {"__init__.py": "", "shop/__init__.py": "", "shop/all.py": POLICY.replace("{PLACES!r}", repr(places))}
    write(folder / "rules", policies)


def words(written: dict[str, Any] | None) -> str:
    """Write it as a report does, with the template without its folder."""
    if written is None:
        return "nobody knows"
    key_at = written["key_at"]
    at = f" at {_lines(key_at)}" if key_at else ""
    return "".join(
        [
            "around " * written["around"],
            _lines(written["by"]),
            f" with {', '.join(map(_lines, written['parts']))}" if written["parts"] else "",
            *(f", called from {call['file']}:{call['line']}" for call in written["calls"]),
            f"; it prints {written['key']}{at}" if written["key"] else "",
            f"; compared with {', '.join(map(_lines, written['compared']))}" if written["compared"] else "",
            f"; see also {', '.join(map(_lines, written['also']))}" if written["also"] else "",
        ]
    )


def _lines(place: dict[str, Any]) -> str:
    lines = f"{place['line']}-{place['last']}" if place["last"] > place["line"] else str(place["line"])
    return f"{place['file'].removeprefix('toy/templates/')}:{lines}"


def found(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Give the report of a red run."""
    assert main(["check", "--chart=toy", "--policies=rules", "--format=json", *options]) == 1
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report
