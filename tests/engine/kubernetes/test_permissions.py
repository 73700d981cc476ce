"""What roles allow, and to whom."""

from __future__ import annotations

import pytest

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
from chartgate.model import Resource, Resources
from chartgate.rendering.manifests import parse

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
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: at-home}
subjects: [{kind: ServiceAccount, name: they}]
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
    assert [binding.name for binding in bindings_of(resources, "they", "shop")] == ["at-home"]
    assert bindings_of(resources, "they", "elsewhere") == []
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
