"""The `oc` commands of a runbook: what they print and reach."""

from __future__ import annotations

import pytest

from chartgate.model import Missing
from chartgate.rendering.manifests import parse as parse_manifests
from policies.lightspeed.scripts.oc_answers import parse, printed, reach

RESOURCES = parse_manifests(
    """---
# Source: toy/templates/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web, pod: "yes"}}
    spec:
      initContainers: [{name: first}]
      containers:
        - {name: main, env: [{name: URL, value: "http://x"}, {name: KEY, valueFrom: {secretKeyRef: {name: s, key: a}}}]}
        - {name: side}
---
apiVersion: batch/v1
kind: Job
metadata: {name: init}
spec: {template: {metadata: {labels: {app: init}}, spec: {containers: [{name: run}]}}}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {a: secret-a}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: elsewhere}
type: kubernetes.io/tls
data: {b: Yg==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {app.yaml: "one: 1\\nTwo: 2\\nthree: 3\\n"}
""",
    "shop",
)


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("oc get pod -n shop", ["init Completed", "web Running", "web Running"]),
        ("oc get pod -n elsewhere", []),
        ("oc get pod -n shop -l pod=yes", ["web Running", "web Running"]),
        ("oc get pod -n shop -l app=nobody", []),
        ("oc get secrets -n shop", ["s Opaque"]),
        ("oc get secret s -n elsewhere", ["s kubernetes.io/tls"]),
        ("oc get secret gone -n shop", []),
        ("oc get secret s -n shop -o jsonpath='{.data.a}' | base64 -d", ["secret-a"]),
        ("oc get pod -n shop -l app=init -o jsonpath='{.items[0].spec.containers[*].name}'", ["run"]),
        ("oc get deployment web -n shop -o jsonpath='{.spec.template.spec.containers[*].name}'", ["main side"]),
        ("oc get deployment web -n shop -o jsonpath='{.spec.gone}'", []),
        ("oc get configmap c -n shop -o yaml | grep -i two", ["    Two: 2"]),
        ("oc get configmap c -n shop -o yaml | grep -A 1 one:", ["    one: 1", "    Two: 2"]),
        ("oc get configmap c -n shop -o yaml | grep -E 'one|three'", ["    one: 1", "    three: 3"]),
        ("oc get configmap c -n shop -o yaml | grep 'one|three'", []),
        ("oc get all -n shop", ["job/init", "pod/init", "pod/web", "pod/web", "deployment/web"]),
        ("oc exec -n shop deployment/web -c main -- env | grep KEY", ["KEY=secret-a"]),
        ("oc exec -n shop deployment/web -- env", ["URL=http://x", "KEY=secret-a"]),
    ],
)
def test_what_is_printed(command: str, lines: list[str]) -> None:
    found = [line.text for line in printed(parse(command), RESOURCES)]
    assert sorted(found) == sorted(lines)


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        ("oc logs deployment/web -n shop", ["main"]),
        ("oc logs deployment/web -n shop -c side", ["side"]),
        ("oc logs deployment/web -n shop --all-containers", ["main", "side"]),
        ("oc logs job/init -n shop", ["run"]),
        ("oc rollout restart deployment/web -n shop", ["web"]),
        ("oc delete job init -n shop", ["init"]),
    ],
)
def test_what_is_reached(command: str, reached: list[str]) -> None:
    assert [line.text for line in reach(parse(command), RESOURCES)] == reached


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("oc logs deployment/web -n shop -c gone", "expected a container, found only main, side"),
        ("oc logs deployment/gone -n shop", "Deployment shop/gone: expected rendered once"),
        ("oc logs deployment/web -n elsewhere", "Deployment elsewhere/web: expected rendered once"),
    ],
)
def test_what_cannot_be_reached(command: str, message: str) -> None:
    with pytest.raises(Missing, match=message):
        reach(parse(command), RESOURCES)


@pytest.mark.parametrize(
    ("command", "message"),
    [("kubectl get pod", "does not call oc"), ("oc describe pod x", "no rendering says what oc describe prints")],
)
def test_what_no_runbook_says(command: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        printed(parse(command), RESOURCES)
