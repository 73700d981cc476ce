"""docs/accept-and-waive.md: its commands do what it says, and say what it shows."""

from __future__ import annotations

import datetime
import re
import shlex
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write

GUIDE = (Path(__file__).parents[3] / "docs" / "accept-and-waive.md").read_text()
WEB = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.4.0\n",
    "web/values.yaml": "image: registry.example.com/web\n",
    "web/templates/web.yaml": """
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  selector:
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: {{ .Release.Name }}
  ports: [{name: http, port: 80, targetPort: https}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: web
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: {{ .Values.image }}
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: http}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 64Mi}}
""",
}
"""A chart with two findings: an image without a tag, and a Service of a port that no container has."""


def today() -> str:
    """Give the day as a run that starts now writes it; a whole test run may begin on another one."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _shown(heading: str) -> list[tuple[str, str]]:
    """Give the commands below a heading of the guide, each with what it says there."""
    section = GUIDE.partition(f"\n## {heading}\n")[2]
    [block] = re.findall(r"```console\n(.+?)```", section.partition("\n## ")[0], re.DOTALL)
    return re.findall(r"^\$ chartgate (.+)\n((?:[^$\n].*\n)*)", block, re.MULTILINE)


def test_the_commands_of_the_guide_say_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(write(tmp_path, WEB))
    assert main(["check", "--chart=web"]) == 1
    capsys.readouterr()
    for heading in ("Accepting", "How it shrinks"):
        shown = _shown(heading)
        assert shown
        for command, output in shown:
            assert main(shlex.split(command)) == 0
            assert f"\n\n{output}\n" in capsys.readouterr().out
        if heading == "Accepting":
            file = Path("chartgate-baseline.yaml")
            [content] = re.findall(r"```yaml\n(.+?)```", GUIDE, re.DOTALL)
            entry = content.replace("2026-11-27", today()).partition("findings:\n")[2]
            assert entry in file.read_text()
            template = Path("web/templates/web.yaml")
            template.write_text(template.read_text().replace("targetPort: https", "targetPort: http"))
