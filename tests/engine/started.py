"""Charts that `chartgate init` is started on, in an empty folder, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chartgate.documents.yaml_texts import go_yaml
from tests.engine.toys import CHART, CONFIG, GUARDED, write

NEEDY = {
    "values.yaml": "mode: ''\nsecret: {enabled: false, token: x}\n",
    "templates/config.yaml": CONFIG.replace(".Values.mode", '(required "mode is needed" .Values.mode)'),
    "templates/secret.yaml": GUARDED,
}

SCALED = """
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: {{ .Release.Name }}}
spec: {maxReplicas: {{ required "autoscaling.maxReplicas must be set" .Values.autoscaling.maxReplicas }}}
{{- end }}
"""
MONITORED = """
{{- if and .Values.monitor.enabled (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: {{ .Release.Name }}}
{{- end }}
"""
SERVED = """
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec:
  type: {{ .Values.service.type }}
  {{- if eq .Values.service.type "NodePort" }}
  ports: [{port: 80, nodePort: 30080}]
  {{- else }}
  ports: [{port: 80}]
  {{- end }}
"""
IMAGES = """
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}}
spec:
  containers: [{name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]
  {{- with .Values.section }}
  nodeSelector: {{ toJson . }}
  {{- end }}
"""
EVERYTHING = {
    "values.yaml": (
        "mode: plain\nautoscaling: {enabled: false, maxReplicas: null}\nmonitor: {enabled: false}\n"
        "service: {type: ClusterIP}\nimage: {repository: example.com/web, tag: '1.0'}\nhost: {network: false}\n"
    ),
    "templates/config.yaml": CONFIG,
    "templates/hpa.yaml": SCALED,
    "templates/monitor.yaml": MONITORED,
    "templates/service.yaml": SERVED,
    "templates/pod.yaml": IMAGES,
    "templates/notes.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\n"
        "data: {network: '{{ if .Values.host.network }}host{{ end }}'}\n"
    ),
}


def chart(here: Path, files: Mapping[str, str]) -> None:
    write(here / "toy", {"Chart.yaml": CHART} | dict(files))


def files(here: Path) -> list[str]:
    return sorted(path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file())


def matrix(here: Path) -> dict[str, object]:
    found = go_yaml.load((here / "tests" / "matrix.yaml").read_text(), "matrix")
    assert isinstance(found, dict)
    return found
