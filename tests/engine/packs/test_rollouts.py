"""What pods read as they start: which charts let it change behind their backs, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.policy.loading import load_policies
from chartgate.policy.verdicts import judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

[ROLLOUTS] = [p for p in load_policies(["kubernetes"]) if p.name == "changed_configuration_reaches_its_pods"]
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  LEVEL: {{ .Values.level | quote }}\n"
HOLDER = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData:\n  password: {{ .Values.pw | quote }}\n"
WORKLOAD = """
apiVersion: apps/v1
kind: %(kind)s
metadata: {name: web, annotations: {%(own)s}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {%(annotations)s}}
    spec:
      containers: [{name: web, image: "a:1", %(container)s}]
      volumes: [{name: settings, configMap: {name: settings}}]
"""
VARIABLES = "envFrom: [{configMapRef: {name: settings}}]"
BOTH = f"{VARIABLES}, env: [{{name: A, valueFrom: {{secretKeyRef: {{name: login, key: password}}}}}}]"
CHECKSUM = 'checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}'
RELOAD = "configmap.reloader.stakater.com/reload"


def workload(
    container: str = VARIABLES, *, kind: str = "Deployment", annotations: str = "", own: str = "a: b"
) -> dict[str, str]:
    """Give a workload beside the ConfigMap, in a chart with two sets of values."""
    given = {"container": container, "kind": kind, "annotations": annotations, "own": own}
    values = {"values.yaml": "level: info\npw: one\n", "ci/a-values.yaml": "{}", "ci/b-values.yaml": "level: debug"}
    return {"templates/config.yaml": CONFIG, "templates/web.yaml": WORKLOAD % given, **values}


def once(files: dict[str, str]) -> dict[str, str]:
    """Give the same chart without its sets of values."""
    return {name: text for name, text in files.items() if not name.startswith("ci/")}


def found(files: dict[str, str], tools: Tools, folder: Path) -> list[str]:
    """Give the paths of what the policy finds in a chart."""
    chart = chart_from(folder / "toy", files)
    renderings = Renderings(chart, tools, (), folder / "runs")
    cases = ROLLOUTS.cases(conventional_matrix(chart).rendering)
    verdicts = [judge(ROLLOUTS, case, renderings.of) for case in cases]
    assert [rendering.error for rendering in renderings._done.values() if rendering.error] == []
    return sorted({f.path.removeprefix("spec.template.spec.containers[web].") for v in verdicts for f in v.findings})


MOUNT = "volumeMounts: [{name: settings, mountPath: /etc/level, subPath: LEVEL}]"
ONE = "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: LEVEL}}}]"
FLAG = CONFIG.replace(".Values.level", ".Values.flag")
PARTLY = f"{CONFIG}  OTHER: {{{{ .Values.more.other | quote }}}}\n"
RED = {
    "all variables": (workload(), "envFrom[0].configMapRef"),
    "one variable": (workload(ONE), "env[A].valueFrom.configMapKeyRef"),
    "a file": (workload(MOUNT), "volumeMounts[settings].subPath"),
    "of a StatefulSet": (workload(kind="StatefulSet"), "envFrom[0].configMapRef"),
    "of a DaemonSet": (workload(kind="DaemonSet"), "envFrom[0].configMapRef"),
    "a checksum that the pods do not have": (workload(own=CHECKSUM), "envFrom[0].configMapRef"),
    "a checksum of something else": (
        once(workload(annotations="checksum/config: {{ .Chart.Version | sha256sum }}")),
        "envFrom[0].configMapRef",
    ),
    "a reloader of something else": (workload(own=f"{RELOAD}: other"), "envFrom[0].configMapRef"),
    "a switch": (
        {**workload(), "templates/config.yaml": FLAG, "values.yaml": "flag: false", "ci/b-values.yaml": "flag: true"},
        "envFrom[0].configMapRef",
    ),
    "a Secret beside a ConfigMap with a checksum": (
        {**once(workload(BOTH, annotations=CHECKSUM)), "templates/secret.yaml": HOLDER},
        "env[A].valueFrom.secretKeyRef",
    ),
    "a Secret, where another workload reads only the ConfigMap of the checksum": (
        {
            **once(workload(BOTH, annotations=CHECKSUM)),
            "templates/secret.yaml": HOLDER,
            "templates/worker.yaml": workload(annotations=CHECKSUM)["templates/web.yaml"].replace(
                "name: web, annot", "name: worker, annot"
            ),
        },
        "env[A].valueFrom.secretKeyRef",
    ),
    "a checksum of a part of the values": (
        {
            **once(workload(annotations="checksum/config: {{ .Values.level | sha256sum }}")),
            "templates/config.yaml": PARTLY,
            "values.yaml": "level: info\nmore: {other: x}\n",
        },
        "envFrom[0].configMapRef",
    ),
    "a checksum of one of two values": (
        {
            **once(workload(annotations="checksum/config: {{ .Values.level | sha256sum }}")),
            "templates/config.yaml": PARTLY.replace(".more", ""),
            "values.yaml": "level: info\nother: x\n",
        },
        "envFrom[0].configMapRef",
    ),
    "a number": (
        {**once(workload(annotations="checksum/config: {{ .Chart.Version | sha256sum }}")), "values.yaml": "level: 3"},
        "envFrom[0].configMapRef",
    ),
    "a value that is empty by default": (
        {**once(workload(annotations="checksum/x: {{ .Chart.Version | sha256sum }}")), "values.yaml": 'level: ""'},
        "envFrom[0].configMapRef",
    ),
}


SUM_OF_SECRET = CHECKSUM.replace("config", "secret")
MADE = {"templates/secret.yaml": HOLDER.replace(".Values.pw", "randAlphaNum 12")}
RED["beside the checksum of a Secret that is another one at each rendering"] = (
    {**once(workload(annotations=SUM_OF_SECRET)), **MADE},
    "envFrom[0].configMapRef",
)
IN_AUTH = HOLDER.replace(".pw", ".auth.password")
RED["a Secret behind a switch"] = (
    {
        **once(
            workload(
                "{{ if .Values.auth.enabled }}envFrom: [{secretRef: {name: login}}]{{ end }}", annotations=CHECKSUM
            )
        ),
        "templates/secret.yaml": f"{{{{ if .Values.auth.enabled }}}}\n{IN_AUTH}{{{{ end }}}}",
        "values.yaml": "level: info\nauth: {enabled: false, password: one}\n",
    },
    "envFrom[0].secretRef",
)


@pytest.mark.parametrize("name", RED)
def test_it_changes_behind_their_backs(name: str, tmp_path: Path, tools: Tools) -> None:
    files, path = RED[name]
    assert found(files, tools, tmp_path) == [path]


HASHED = {
    "templates/config.yaml": CONFIG.replace("settings", "settings-{{ .Values.level | sha256sum | trunc 6 }}"),
    "templates/web.yaml": WORKLOAD.replace("{name: settings}", "x").replace("x}]", "{name: settings}}]")
    % {
        "kind": "Deployment",
        "annotations": "",
        "own": "a: b",
        "container": 'envFrom: [{configMapRef: {name: "settings-{{ .Values.level | sha256sum | trunc 6 }}"}}]',
    },
}
GREEN = {
    "a checksum": workload(annotations=CHECKSUM),
    "a checksum of both values": {
        **once(workload(annotations="checksum/c: {{ print .Values.level .Values.other | sha256sum }}")),
        "templates/config.yaml": PARTLY.replace(".more", ""),
        "values.yaml": "level: info\nother: x\n",
    },
    "a checksum of the values": workload(annotations="checksum/config: {{ .Values | toYaml | sha256sum }}"),
    "the value itself": workload(annotations="level: {{ .Values.level | quote }}"),
    "a hash in the name": {**workload(), **HASHED},
    "a time that changes always": workload(annotations="rolled: {{ randAlphaNum 5 | quote }}"),
    "a reloader": workload(own='reloader.stakater.com/auto: "true"'),
    "a reloader by name": workload(own=f'{RELOAD}: "other, settings"'),
    "a reloader that searches": workload(own='reloader.stakater.com/search: "true"'),
    "a reloader at the pods": workload(annotations='wave.pusher.com/update-on-config-change: "true"'),
    "a mounted volume": workload("volumeMounts: [{name: settings, mountPath: /etc/settings}]"),
    "a Job": workload(kind="Job"),
    "a hook": workload(own="helm.sh/hook: post-install"),
    "no checksum anywhere, and one set of values": once(workload()),
    "what somebody else makes": workload("envFrom: [{secretRef: {name: other, optional: true}}]"),
    "what is random": {**workload("env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: password}}}]"), **MADE},
    "checksums of both, where the Secret is another one at each rendering": {
        **once(workload(annotations=f"{SUM_OF_SECRET}, {CHECKSUM}")),
        **MADE,
    },
    "a Secret that keeps what it was made with": {
        **once(workload(BOTH, annotations=CHECKSUM)),
        "templates/secret.yaml": '{{ $old := lookup "v1" "Secret" .Release.Namespace "login" }}\n'
        + HOLDER.replace(".Values.pw", '(get (default dict $old.data) "password" | default .Values.pw)'),
    },
    "a key that is not read": workload("env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: OTHER}}}]"),
}


@pytest.mark.parametrize("name", GREEN)
def test_it_reaches_them_or_does_not_matter(name: str, tmp_path: Path, tools: Tools) -> None:
    assert found(GREEN[name], tools, tmp_path) == []
