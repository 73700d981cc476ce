"""What belongs to the place of a finding, or to what it names, is told as precisely as the place itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.model import AskedObject, Check
from chartgate.rendering.renderings import Renderings
from tests.engine.toys import CHART, write

NAMES = """\
{{- define "toy.labels" }}
app: toy
tier: web
{{- end }}
{{- define "toy.host" -}}
{{ printf "data.%s.svc" .Release.Namespace }}
{{- end }}
{{- define "toy.image" -}}
{{ .name }}:1@sha256:{{ repeat 64 "a" }}
{{- end }}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    {{- include "toy.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels: {app: toy}
  template:
    metadata:
      annotations:
        checksum/config: {{ .Values.mode | sha256sum }}
      labels:
        {{- include "toy.labels" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: {{ include "toy.image" .Values.shop.image }}
          command:
            - sh
            - -c
            - 'test "${MODE}" != $(cat /mode)'
          env:
            - name: OTHER
              value: a
            - name: MODE
              value: {{ .Values.mode }}
            - name: TOKEN
              valueFrom:
                secretKeyRef:
                  key: TOKE
                  optional: false
                  name: login
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: load
  labels:
    {{- include "toy.labels" . | nindent 4 }}
spec:
  template:
    metadata:
      labels:
        app: toy
    spec: {restartPolicy: Never, containers: []}
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
data:
  a.conf: |
    one = 1
    host = http://{{ include "toy.host" . }}:80
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: web
subjects:
  - kind: Deployment
    name: web
    namespace: other
"""
LOGIN = """\
apiVersion: v1
kind: Secret
metadata:
  name: login
stringData:
  user: a
  TOKEN: b
  folder: /srv/web
"""
FRONT = """\
{{- if include "toy.host" . }}
apiVersion: v1
kind: Service
metadata:
  name: front
spec:
  selector: {}
  ports:
    - {name: web, port: 8080}
{{- end }}
"""
NO_TEXT = """\
{{- if .Values.mode }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: text
data:
    text.conf: |
    mode: fast
{{- end }}
"""
FILES = {
    "Chart.yaml": CHART,
    "values.yaml": "mode: fast\nshop: {image: {name: nginx}}\n",
    "templates/_names.tpl": NAMES,
    "templates/web.yaml": WEB,
    "templates/job.yaml": JOB,
    "templates/c.yaml": BINDING,
    "templates/d.yaml": LOGIN,
    "templates/e.yaml": FRONT,
    "templates/f.yaml": NO_TEXT,
    "charts/db/Chart.yaml": CHART.replace("toy", "db"),
    "charts/db/values.yaml": "host: a\nport: 80\n",
    "templates/a.yaml": CONFIG,
    "templates/b.yaml": CONFIG.replace("a.conf", "b.conf"),
}
POLICY = '''
from chartgate.model import AskedObject, Check
from chartgate.policy.policy import policy

@policy(severity="error", remediation="No.")
def something_is_wrong(rendering):
    """Something is wrong."""
    asked = {asked!r} and AskedObject(*{asked!r})
    yield Check({subject!r}, {path!r}, {expected!r}, "no", False, {template!r}, rendering.scenario.name, asked=asked)

something_is_wrong.counterexample(manifests="apiVersion: v1\\nkind: Namespace\\nmetadata: {{name: a}}\\n")(lambda r: r)
'''
DEPLOYMENT, SHOWN = "Deployment default/web (apps/v1)", "ConfigMap default/config (v1)"
DATA, ELSEWHERE = AskedObject("Service", "data", "default"), AskedObject("Service", "data", "other")
BOUND = "RoleBinding default/web (rbac.authorization.k8s.io/v1)"
TEXT = "ConfigMap default/text (v1)"
COMMAND = "spec.template.spec.containers[web].command[2]"
VARIABLE = "spec.template.spec.containers[web].env[TOKEN].valueFrom.secretKeyRef"
ROWS = [
    (DEPLOYMENT, COMMAND, "web", "", "web.yaml:23", "", "web.yaml:27-28"),
    (DEPLOYMENT, "spec.selector", "web", "no pod of Job load", "web.yaml:8-9", "", "job.yaml:10-11"),
    (DEPLOYMENT, VARIABLE, "web", AskedObject("Secret", "login", "default"), "web.yaml:32", "", "web.yaml:34"),
    (DEPLOYMENT, VARIABLE, "web", AskedObject("Secret", "logins", "default"), "web.yaml:34", "", "d.yaml:4"),
    (BOUND, "subjects[web].name", "c", AskedObject("Deployment", "web", "other"), "c.yaml:8", "", "c.yaml:6 c.yaml:7"),
    (BOUND, "subjects[web].name", "c", AskedObject("Deployment", "nobody", "other"), "c.yaml:7-8", "", "c.yaml:6"),
    (SHOWN, "metadata.name", "a", "rendered once", "a.yaml:4", "", "b.yaml:4"),
    (SHOWN, "data[a.conf]", "a", DATA, "a.yaml:8", "_names.tpl:5-7", "b.yaml:1-8"),
    (SHOWN, "data[a.conf]", "a", ELSEWHERE, "a.yaml:6-8", "_names.tpl:6", "b.yaml:1-8"),
    (
        "toy/templates",
        "metadata.labels",
        "",
        "owner: Deployment web, Job load",
        "_names.tpl:0",
        "",
        "_names.tpl:2-3 web.yaml:5-6 job.yaml:5-6",
    ),
    (BOUND, "subjects", "c", "no web, which is TOKEN of Secret login", "c.yaml:5-8", "", "d.yaml:7"),
    (BOUND, "subjects", "c", "no web, which is TOKENS of Secret login", "c.yaml:5-8", "", "d.yaml:1-8"),
    (BOUND, "subjects", "c", "Service front has 8080, web, not 443", "c.yaml:5-8", "", "e.yaml:8-9"),
    ("Service default/front (v1)", "", "e", "(absent)", "e.yaml:1-9", "_names.tpl:5-7", ""),
    ("Secret default/login (v1)", "stringData.user", "d", "below /srv/web/mode", "d.yaml:6", "", "d.yaml:8"),
    (DEPLOYMENT, "spec.selector", "web", "the same pod template", "web.yaml:8-9", "", "web.yaml:12-13"),
    (TEXT, "data.mode", "f", "a text", "f.yaml:7-8", "", ""),
    (TEXT, "data.mode", "f", AskedObject("Secret", "nobody", "other"), "f.yaml:7-8", "f.yaml:1", ""),
    ("values.yaml", "db.port", "values.yaml", "used", "values.yaml:2", "", ""),
    ("values.yaml", "shop.image.name", "values.yaml", "used", "values.yaml:2", "web.yaml:19 _names.tpl:8-10", ""),
]


@pytest.mark.usefixtures("library_alone")
@pytest.mark.parametrize(("subject", "path", "template", "expected", "by", "parts", "also"), ROWS)
def test_the_other_end(
    subject: str,
    path: str,
    template: str,
    expected: str | AskedObject,
    by: str,
    parts: str,
    also: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = expected if isinstance(expected, AskedObject) else None
    check = Check(subject, path, str(expected), "", False, _file(template), asked=asked)
    told = _told(check, tmp_path, monkeypatch, capsys)
    assert told is not None
    lines = {
        part: " ".join(f"{Path(line['file']).name}:{line['line']}{_last(line)}" for line in found)
        for part, found in (
            ("by", [told["by"]]),
            ("parts", told["parts"]),
            ("also", [*told["compared"], *told["also"]]),
        )
    }
    assert lines == {"by": by, "parts": parts, "also": also}


@pytest.mark.usefixtures("library_alone")
def test_no_place_for_a_copy_costs_the_lines_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Renderings, "_new_folder", lambda _: Path("/proc/no-such/folder"))
    check = Check(DEPLOYMENT, "spec.selector", "no pod", "one", False, _file("web"))
    assert _told(check, tmp_path, monkeypatch, capsys) is None


@pytest.mark.usefixtures("library_alone")
def test_what_only_one_scenario_prints_is_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the others print what the finding names."""
    matrix = (
        "chart: toy\nrelease: a\nnamespace: default\nscenarios: {one: {}, two: {}, three: {values: {more: true}}}\n"
    )
    more = "{{- if .Values.more }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: more\n{{- end }}\n"
    write(tmp_path, {"matrix.yaml": matrix, "toy/templates/more.yaml": more})
    check = Check("Secret default/more (v1)", "metadata.name", "as Deployment web", "more", False, _file("more"))
    told = _told(check, tmp_path, monkeypatch, capsys, "--matrix=matrix.yaml")
    assert told is not None
    assert (Path(told["by"]["file"]).name, told["by"]["line"]) == ("more.yaml", 5)


def _file(template: str) -> str:
    return "toy/values.yaml" if template == "values.yaml" else f"toy/templates/{template}.yaml" if template else ""


def _told(
    check: Check, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str
) -> dict[str, Any] | None:
    """Give what a report says of the line of the only finding."""
    rule = POLICY.format(**vars(check) | {"asked": check.asked and tuple(check.asked)})
    write(folder / "toy", FILES)
    write(folder / "rules", {"__init__.py": "", "shop/__init__.py": "", "shop/all.py": rule})
    monkeypatch.chdir(folder)
    assert main(["check", "--chart=toy", "--policies=rules", "--format=json", "--renderer=inprocess", *options]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    written: dict[str, Any] | None = finding["written"]
    return written


def _last(line: dict[str, int]) -> str:
    return f"-{line['last']}" if line["last"] > line["line"] else ""
