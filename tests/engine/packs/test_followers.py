"""Which objects do not follow an override that the others follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.options.followers import overrides_reach_every_object
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import judged

VALUES = """
fullnameOverride: ""
namespaceOverride: ""
clusterDomain: cluster.local
given: {name: release-name-given, host: data.prod.svc.cluster.local}
own: {host: "store.{{ .Release.Namespace }}.svc.cluster.local"}
"""
HELPERS = """
{{- define "name" }}{{ .Values.fullnameOverride | default (printf "%s-toy" .Release.Name) }}{{ end }}
{{- define "namespace" }}{{ .Values.namespaceOverride | default .Release.Namespace }}{{ end }}
"""
NAME, NAMESPACE = '{{ include "name" . }}', '{{ include "namespace" . }}'
FOLLOWING = f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: '{NAME}', namespace: '{NAMESPACE}'}}
data: {{url: "http://api.prod.svc.{{{{ .Values.clusterDomain }}}}"}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: '{NAME}', namespace: '{NAMESPACE}'}}
---
apiVersion: v1
kind: Secret
metadata: {{name: '{NAME}-login', namespace: '{NAMESPACE}'}}
---
"""


def found(folder: Path, tools: Tools, name: str, namespace: str, more: str) -> list[str]:
    odd = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: '{name}', namespace: '{namespace}'{more}\n"
    files = {"values.yaml": VALUES, "templates/_helpers.tpl": HELPERS, "templates/a.yaml": FOLLOWING + odd}
    verdicts = judged(overrides_reach_every_object, files, folder, tools)
    assert len(verdicts) == 3
    return [f"{f.path}: {f.expected.partition(',')[0]}, {f.actual}" for v in verdicts for f in v.findings]


@pytest.mark.parametrize(
    ("name", "namespace", "more", "expected"),
    [
        ("{{ .Release.Name }}-toy-odd", NAMESPACE, "}", ["metadata.name: by fullnameOverride, release-name-toy-odd"]),
        (f"{NAME}-odd", "{{ .Release.Namespace }}", "}", ["metadata.namespace: by namespaceOverride, default"]),
        (
            f"{NAME}-odd",
            NAMESPACE,
            "}\ndata: {url: http://db.prod.svc.cluster.local:80}",
            ["data.url: a host in the domain that clusterDomain names, db.prod.svc.cluster.local"],
        ),
    ],
)
def test_one_does_not_follow(
    tmp_path: Path, tools: Tools, name: str, namespace: str, more: str, expected: list[str]
) -> None:
    assert found(tmp_path, tools, name, namespace, more) == expected


@pytest.mark.parametrize(
    ("name", "namespace", "more"),
    [
        (f"{NAME}-odd", NAMESPACE, "}"),
        ("{{ .Values.given.name }}", NAMESPACE, "}"),
        ("leader-election", NAMESPACE, "}"),
        (f"{NAME}-odd", "kube-system", "}"),
        ("{{ .Release.Name }}-test", "{{ .Release.Namespace }}", ", annotations: {helm.sh/hook: test}}"),
        (f"{NAME}-odd", NAMESPACE, "}\ndata: {url: '{{ .Values.given.host }}'}"),
        (f"{NAME}-odd", NAMESPACE, "}\ndata: {url: '{{ tpl .Values.own.host . }}'}"),
        (f"{NAME}-odd", NAMESPACE, "}\ndata: {url: data.prod.svc, domain: cluster.local}"),
    ],
)
def test_all_follow(tmp_path: Path, tools: Tools, name: str, namespace: str, more: str) -> None:
    assert found(tmp_path, tools, name, namespace, more) == []


def test_an_override_that_only_a_question_reads_changes_no_name(tmp_path: Path, tools: Tools) -> None:
    named = '{{ if contains (.Values.nameOverride | default .Chart.Name) "" }}a{{ end }}{{ .Release.Name }}-toy'
    files = {
        "values.yaml": 'nameOverride: ""\n',
        "templates/_helpers.tpl": f'{{{{ define "toy.fullname" }}}}{named}{{{{ end }}}}',
        "templates/a.yaml": """apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ include "toy.fullname" . }}'}\n""",
    }
    verdicts = judged(overrides_reach_every_object, files, tmp_path, tools)
    assert [(f.path, f.actual) for v in verdicts for f in v.findings] == [
        ("nameOverride", "changes none, as release-name-toy")
    ]
