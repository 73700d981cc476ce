"""Which Jobs an upgrade with other values would be refused for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.install_and_upgrade.job_upgrades import jobs_can_be_upgraded
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in

VALUES = "image: {tag: v1}\njob: {level: info, memory: 64Mi, resources: {}}\n"
JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: %s
  annotations: {%s}
spec:
  %s
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: example.com/migrate:{{ .Values.image.tag }}
          args: ["--level={{ .Values.job.level }}"]
          resources: {requests: {memory: {{ .Values.job.memory }}}}
"""


def findings(folder: Path, tools: Tools, name: str, annotations: str = "", spec: str = "") -> list[str]:
    files = {"values.yaml": VALUES, "templates/job.yaml": JOB % (name, annotations, spec or "parallelism: 1")}
    return [f"{f.subject}: {f.actual}" for f in findings_in(jobs_can_be_upgraded, files, folder, tools)]


def test_a_name_that_is_always_the_same(tmp_path: Path, tools: Tools) -> None:
    assert findings(tmp_path, tools, "migrate") == [
        "Job default/migrate (batch/v1): the same name, with other values of image.tag, job.level, job.memory"
    ]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("migrate-{{ .Values.image.tag }}", {"job.memory"}),
        ("migrate-{{ toYaml .Values.image | sha256sum | trunc 8 }}", {"job.memory"}),
    ],
)
def test_a_name_that_follows_half_of_the_content(tmp_path: Path, tools: Tools, name: str, keys: set[str]) -> None:
    found = findings(tmp_path, tools, name)
    assert {finding.rpartition(" ")[2] for finding in found} == keys


@pytest.mark.parametrize(
    ("name", "annotations", "spec"),
    [
        ("migrate-{{ toJson .Values | sha256sum | trunc 8 }}", "", ""),
        ("migrate-{{ .Release.Revision }}", "", ""),
        ('migrate-{{ now | date "20060102150405" }}', "", ""),
        ("migrate", "helm.sh/hook: post-upgrade", ""),
        ("migrate", "argocd.argoproj.io/hook: PostSync", ""),
        ("migrate", 'argocd.argoproj.io/sync-options: "Force=true,Replace=true"', ""),
        ("migrate", "", "ttlSecondsAfterFinished: 0"),
    ],
)
def test_a_job_that_can_be_upgraded(tmp_path: Path, tools: Tools, name: str, annotations: str, spec: str) -> None:
    assert findings(tmp_path, tools, name, annotations, spec) == []


def test_a_job_of_which_no_value_changes_anything(tmp_path: Path, tools: Tools) -> None:
    fixed = (
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, labels: {level: "{{ .Values.job.level }}"}}\nspec: {}\n'
    )
    assert (
        findings_in(jobs_can_be_upgraded, {"values.yaml": VALUES, "templates/job.yaml": fixed}, tmp_path, tools) == []
    )


@pytest.mark.parametrize(
    ("condition", "found"), [(".Release.IsInstall", 0), ("not .Release.IsUpgrade", 0), (".Values.image", 1)]
)
def test_a_job_that_no_upgrade_has(tmp_path: Path, tools: Tools, condition: str, found: int) -> None:
    text = f"{{{{ if {condition} }}}}{JOB % ('migrate', '', 'parallelism: 1')}{{{{ end }}}}"
    files = {"values.yaml": VALUES, "templates/job.yaml": text}
    assert len(findings_in(jobs_can_be_upgraded, files, tmp_path, tools)) == found
