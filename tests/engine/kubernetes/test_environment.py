"""Where the variables of a container come from."""

from __future__ import annotations

from chartgate.kubernetes.pods.environment import Origin, values, variables
from chartgate.kubernetes.pods.workloads import container
from chartgate.rendering.manifests import parse

RESOURCES = parse(
    """---
# Source: toy/templates/all.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers:
        - name: main
          env:
            - {name: LITERAL, value: first}
            - {name: LITERAL, value: last}
            - {name: KEY, valueFrom: {secretKeyRef: {name: s, key: a}}}
            - {name: GONE, valueFrom: {secretKeyRef: {name: nowhere, key: a}}}
            - {name: SHADOWED, value: own}
            - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: EMPTY}
          envFrom:
            - {configMapRef: {name: c}, prefix: C_}
            - {secretRef: {name: s}}
            - {secretRef: {name: nowhere, optional: true}}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {a: secret-a, SHADOWED: of the secret}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: elsewhere}
stringData: {a: of another namespace}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {app.conf: x, mode: plain}
""",
    "shop",
)
MAIN = container(RESOURCES.one("StatefulSet", "db"), "main")


def test_variables_by_precedence() -> None:
    found = variables(MAIN, RESOURCES)
    assert found == {
        "C_app.conf": Origin("ConfigMap", "c", "app.conf"),
        "C_mode": Origin("ConfigMap", "c", "mode"),
        "a": Origin("Secret", "s", "a"),
        "SHADOWED": Origin("literal", "", "own"),
        "LITERAL": Origin("literal", "", "last"),
        "KEY": Origin("Secret", "s", "a"),
        "GONE": Origin("Secret", "nowhere", "a"),
        "POD_IP": Origin("field of", "the pod", "status.podIP"),
        "EMPTY": Origin("literal", "", ""),
    }
    assert (str(found["KEY"]), str(found["SHADOWED"])) == ("key a of Secret s", "a literal (own)")


def test_values_that_the_rendering_decides() -> None:
    assert values(MAIN, RESOURCES) == {
        "a": "secret-a",
        "KEY": "secret-a",
        "SHADOWED": "own",
        "LITERAL": "last",
        "EMPTY": "",
    }
