"""What a finding says of a reference that leads nowhere: what is there, and what is near; and what counts as there."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.model import Chart, Declarations
from chartgate.packs.kubernetes.api_server import labelling, namespaces
from chartgate.packs.kubernetes.networking import services
from chartgate.packs.kubernetes.pods_and_storage import references
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import checks_of
from tests.engine.toys import TOY, chart_from, rendering_of, scenario

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      env: [{name: A, valueFrom: {secretKeyRef: {name: NAME, key: KEY}}}]
---
"""
SECRETS = """
apiVersion: v1
kind: Secret
metadata: {name: postgres-info}
stringData: {dbname: a}
data: {host: Yg==}
---
apiVersion: v1
kind: Secret
metadata: {name: elsewhere, namespace: other}
---
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: make}
spec: {template: {spec: {containers: [{name: make, command: [sh, -c, "COMMAND"], args: [1, null, {a: b}]}]}}}
"""


def _found(policy: Policy, chart: Chart, manifests: str, overrides: dict[str, Any] | None = None) -> list[object]:
    declared = Declarations(is_conventional=overrides is not None)
    given = dataclasses.replace(scenario(), overrides=overrides or {}, declared=declared)
    checks = checks_of(policy, [rendering_of(chart, manifests, given)])
    found = [check for check in checks if not check.passed]
    assert all(check.elsewhere in str(check.actual) for check in found)
    assert all(bool(check.elsewhere) is ("another namespace" in str(check.actual)) for check in found)
    return [check.actual for check in found]


def _pod(name: str, key: str = "dbname") -> str:
    return POD.replace("NAME", name).replace("KEY", key)


@pytest.mark.parametrize(
    ("manifests", "actual"),
    [
        (_pod("postgres-info", "db-name") + SECRETS, "Secret postgres-info has dbname, host, not db-name"),
        (_pod("postgres-inof") + SECRETS, "not there; there is postgres-info"),
        (_pod("cache") + SECRETS, "not there; of this kind there is postgres-info"),
        (_pod("elsewhere") + SECRETS, "not there; Secret other/elsewhere is in another namespace"),
        (_pod("cache"), "not there, nor is any other Secret"),
    ],
)
def test_what_is_there_instead(manifests: str, actual: str, toy: Chart) -> None:
    assert _found(references.environment_sources_are_there, toy, manifests) == [actual]


@pytest.mark.parametrize(
    ("selector", "namespace", "instead"),
    [
        ("{app: web, tier: front}", "other", "no pod; those of Pod shop/web are in another namespace"),
        ("{app: web, tier: fornt}", "shop", "no pod; those of Pod shop/web have tier: front"),
        ("{app: web, layer: front}", "shop", "no pod; those of Pod shop/web have layer: (absent)"),
        ("{app: wbe, tier: fornt}", "shop", "no pod"),
        ("{app: wbe}", "shop", "no pod"),
        ("{app: 1, tier: front}", "shop", "no pod; those of Pod shop/web have app: web"),
    ],
)
def test_pods_that_are_nearly_found(selector: str, namespace: str, instead: str, toy: Chart) -> None:
    service = (
        f"{{apiVersion: v1, kind: Service, metadata: {{name: a, namespace: {namespace}}}, spec: {{selector: SEL}}}}"
    )
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web, tier: front}}, spec: {containers: []}}"
    [actual] = _found(services.service_selectors_find_pods, toy, f"{service.replace('SEL', selector)}\n---\n{pod}")
    assert str(actual).partition("}: ")[2] == instead


@pytest.mark.parametrize(
    ("manifests", "overrides", "is_red"),
    [
        (_pod("mine"), {"auth": {"existingSecret": "mine"}}, False),
        (_pod("mine"), {"extraEnv": [{"valueFrom": {"secretKeyRef": {"name": "mine"}}}]}, False),
        (_pod("mine"), {"fullnameOverride": "mine"}, True),
        (_pod("mine"), {"auth": {"existingSecret": "other"}}, True),
        (_pod("mine"), None, True),
        (_pod("mine") + JOB.replace("COMMAND", "certgen --secret-name=mine --host=a"), None, False),
        (_pod("mine") + JOB.replace("COMMAND", "kubectl create secret generic 'mine'"), None, False),
        (_pod("mine") + JOB.replace("COMMAND", "certgen --secret-name=mine-too not-mine"), None, True),
    ],
)
def test_what_somebody_else_makes(manifests: str, overrides: dict[str, Any] | None, is_red: bool, toy: Chart) -> None:
    assert bool(_found(references.environment_sources_are_there, toy, manifests, overrides)) is is_red


@pytest.mark.parametrize("namespace", ["default", "kube-system", "kube-public", "kube-node-lease"])
def test_namespaces_that_every_cluster_has(namespace: str, toy: Chart) -> None:
    config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: NAME}}"
    assert _found(namespaces.namespaces_are_there, toy, config.replace("NAME", namespace)) == []
    assert _found(namespaces.namespaces_are_there, toy, config.replace("NAME", f"{namespace}-2"))


CONFIG = "---\n{apiVersion: v1, kind: KIND, metadata: {name: a, labels: {app.kubernetes.io/name: a}}}\n"
LACKING = "without app.kubernetes.io/instance, app.kubernetes.io/managed-by"


@pytest.mark.parametrize(
    ("manifests", "findings"),
    [
        (CONFIG, [LACKING]),
        (CONFIG + CONFIG.replace("KIND", "Secret"), [f"{LACKING}: KIND shop/a, Secret shop/a"]),
        (CONFIG + CONFIG.replace("---\n", "---\n# Source: toy/charts/db/templates/a.yaml\n"), [LACKING, LACKING]),
        (CONFIG.replace("---\n", "---\n# Source: toy/crds/a.yaml\n").replace("KIND", "CustomResourceDefinition"), []),
        (CONFIG.replace("---\n", "---\n# Source: toy/templates/extra.yaml\n"), []),
    ],
)
def test_labels_that_many_lack_are_told_once_a_chart(manifests: str, findings: list[str], tmp_path: Any) -> None:
    extra = {"templates/extra.yaml": "{{ range .Values.extraObjects }}{{ toYaml . }}{{ end }}"}
    chart = chart_from(tmp_path / "toy", TOY | extra)
    assert _found(labelling.recommended_labels_are_set, chart, manifests) == findings
