"""What containers, volumes, selectors and roles mean to Kubernetes."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.links.label_selectors import pod_labels, port_of, selects
from chartgate.kubernetes.permissions import (
    Permission,
    bindings_of,
    covered,
    granted_by,
    on,
    role_reference,
    service_account,
    without_repetition,
)
from chartgate.kubernetes.pods.environment import Origin, values, variables
from chartgate.kubernetes.pods.volume_mounts import config_file, config_key, is_writable, mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, container
from chartgate.model import Resource, Resources
from chartgate.rendering.manifests import parse

MANIFESTS = """---
# Source: toy/templates/all.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: claimed}}]
  template:
    metadata: {labels: {app: db, tier: back}}
    spec:
      containers:
        - name: main
          ports: [{name: sql, containerPort: 5432}]
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
          volumeMounts:
            - {name: config, mountPath: /etc/app}
            - {name: config, mountPath: /etc/app/inner.conf, subPath: other.conf}
            - {name: items, mountPath: /items, readOnly: true}
            - {name: scratch, mountPath: /scratch}
            - {name: scratch, mountPath: /frozen, readOnly: true}
            - {name: claimed, mountPath: /data}
            - {name: secret, mountPath: /etc/secret}
            - {name: undeclared, mountPath: /nowhere}
            - text
      volumes:
        - {name: config, configMap: {name: c}}
        - {name: items, configMap: {name: c, items: [{key: app.conf, path: deep/renamed.conf}]}}
        - {name: scratch, emptyDir: {}}
        - {name: secret, secret: {secretName: s}}
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
"""
RESOURCES = parse(MANIFESTS, "shop")
DB = RESOURCES.one("StatefulSet", "db")
MAIN = container(DB, "main")


def test_lists() -> None:
    assert maps_in([{"a": 1}, "b", None]) == [{"a": 1}]
    assert texts_in(["a", 1, None]) == ["a"]
    assert (maps_in({"a": 1}), texts_in("ab"), maps_in(None)) == ([], [], [])


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


@pytest.mark.parametrize(
    ("path", "volume", "key", "writable"),
    [
        ("/etc/app/app.conf", "config", ("c", "app.conf"), False),
        ("/etc/app/deep/app.conf", "config", ("c", "deep/app.conf"), False),
        ("/etc/app/inner.conf", "config", ("c", "other.conf"), False),
        ("/etc/app", "config", ("c", "."), False),
        ("/etc/application", None, ("", ""), False),
        ("/items/deep/renamed.conf", "items", ("c", "app.conf"), False),
        ("/items/app.conf", "items", ("", ""), False),
        ("/scratch/a/b", "scratch", ("", ""), True),
        ("/frozen/a", "scratch", ("", ""), False),
        ("/data/pg", "claimed", ("", ""), True),
        ("/etc/secret/a", "secret", ("", ""), False),
        ("/nowhere/a", "undeclared", ("", ""), False),
        ("/", None, ("", ""), False),
    ],
)
def test_what_stands_at_a_path(path: str, volume: str | None, key: tuple[str, str], writable: bool) -> None:
    mount = mount_at(MAIN, path)
    assert (mount.volume if mount else None) == volume
    assert config_key(MAIN, path) == key
    assert config_file(MAIN, path) == (f"{key[1]} of {key[0]}" if key[1] else "")
    assert is_writable(MAIN, path) is writable


def test_mounts_and_volumes() -> None:
    assert [mount.path for mount in mounts(MAIN)][:2] == ["/etc/app", "/etc/app/inner.conf"]
    assert [str(mount) for mount in mounts(MAIN)][:2] == ["volume config", "other.conf of volume config"]
    assert sorted(volumes(DB)) == ["claimed", "config", "items", "scratch", "secret"]


@pytest.mark.parametrize(
    ("selector", "labels", "found"),
    [
        ({"a": "1"}, {"a": "1", "b": "2"}, True),
        ({"a": "1", "b": "2"}, {"a": "1"}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({}, {"a": "1"}, False),
        (None, {"a": "1"}, False),
        ("a=1", {"a": "1"}, False),
        ({"a": "1"}, None, False),
        ({"a": ["1"]}, {"a": "1"}, False),
    ],
)
def test_selects(selector: Any, labels: Any, found: bool) -> None:
    assert selects(selector, labels) is found


def test_labels_and_ports() -> None:
    assert pod_labels(DB) == {"app": "db", "tier": "back"}
    assert [port_of(MAIN, target) for target in ("sql", 80, "gone")] == [5432, 80, "gone"]
    assert port_of(Container(DB, "bare", "", False, {}), "sql") == "sql"


ROLES = """---
# Source: toy/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules:
  - {apiGroups: [apps], resources: [deployments], verbs: [get, patch], resourceNames: [web]}
  - {apiGroups: ["", batch], resources: [pods, pods/log], verbs: ["*"]}
  - {nonResourceURLs: [/healthz], verbs: [get]}
  - text
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: mine}
subjects: [{kind: User, name: me}, {kind: ServiceAccount, name: me, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
subjects: [{kind: ServiceAccount, name: me, namespace: elsewhere}]
"""


def _role() -> tuple[Resource, Resources]:
    resources = parse(ROLES, "shop")
    return resources.one("Role", "r"), resources


def test_what_a_role_grants() -> None:
    role, resources = _role()
    assert [str(permission) for permission in granted_by(role)] == [
        "get deployments.apps web",
        "patch deployments.apps web",
        "* pods",
        "* pods/log",
        "* pods.batch",
        "* pods/log.batch",
    ]
    assert [binding.name for binding in bindings_of(resources, "me", "shop")] == ["mine"]
    assert [binding.name for binding in bindings_of(resources, "me", "elsewhere")] == ["all"]
    assert bindings_of(resources, "you", "shop") == []
    assert service_account("me", "shop") in parse(ROLES, "shop").one("RoleBinding", "mine").at("subjects")
    assert role_reference("Role", "r")["kind"] == "Role"


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        (Permission("get", "apps", "deployments"), Permission("get", "apps", "deployments"), True),
        (Permission("get", "apps", "deployments"), Permission("get", "apps", "deployments", "web"), True),
        (Permission("get", "apps", "deployments", "web"), Permission("get", "apps", "deployments"), False),
        (Permission("get", "apps", "deployments", "web"), Permission("get", "apps", "deployments", "db"), False),
        (Permission("*", "*", "*"), Permission("delete", "", "secrets", "s"), True),
        (Permission("get", "", "deployments"), Permission("get", "apps", "deployments"), False),
        (Permission("get", "apps", "deployments"), Permission("*", "apps", "deployments"), False),
        (Permission("get", "", "pods"), Permission("get", "", "pods/log"), False),
    ],
)
def test_covers(one: Permission, other: Permission, covers: bool) -> None:
    assert one.covers(other) is covers
    assert covered(other, [Permission("list", "x", "y"), one]) is covers


def test_without_repetition() -> None:
    every = [
        *on("apps", "deployments", "get list patch", "web"),
        *on("apps", "deployments", "get"),
        *on("*", "*", "list"),
    ]
    assert without_repetition([*every, *every]) == sorted(
        [*on("apps", "deployments", "patch", "web"), *on("apps", "deployments", "get"), *on("*", "*", "list")]
    )
