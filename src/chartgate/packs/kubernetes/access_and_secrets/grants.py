"""Grants: nobody gets every right, and no right is everybody's."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.cluster_parts import defines_kinds
from chartgate.model import Chart, Check, Resource, Severity
from chartgate.policy.checks import states
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: worker}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: worker}, {kind: Group, name: "system:serviceaccounts:shop"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: worker}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:auth-delegator"}
subjects: [{kind: ServiceAccount, name: worker, namespace: default}]
"""
# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
_OF_EVERYBODY = {
    ("Group", "system:authenticated"): "whoever has an account",
    ("Group", "system:unauthenticated"): "whoever reaches the API server",
    ("Group", "system:serviceaccounts"): "every pod of the cluster",
    ("User", "system:anonymous"): "whoever reaches the API server",
}


_SEVERITY: dict[bool, Severity] = {False: "error", True: "warning"}


@policy(
    judges=each("RoleBinding", "ClusterRoleBinding"),
    severity="error",
    is_choice=True,
    remediation="Bind a role that names what is needed.",
)
def nobody_is_cluster_admin(binding: Resource, chart: Chart) -> Iterator[Check]:
    """No binding gives the role `cluster-admin`, or anything to the group `system:masters`, which has every right.

    Even in one namespace, `cluster-admin` may do all: read its Secrets, and give itself and others more. A warning
    where the chart brings custom kinds: what applies or restores any object is meant to. Source:
    https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
    """
    role, severity = binding / "roleRef" / "name", _SEVERITY[defines_kinds(chart)]
    passed = role.value != "cluster-admin"
    yield states(role, passed, expected="a role with the rights that are needed", severity=severity)
    for subject in (binding / "subjects").maps():
        name = subject / "name"
        is_master = subject.at("kind") == "Group" and name.value == "system:masters"
        yield states(name, not is_master, expected="anybody but system:masters")


nobody_is_cluster_admin.breaks(
    manifests=HEALTHY,
    an_account_of_one_namespace=put("RoleBinding worker", "roleRef.name", "cluster-admin"),
    an_account_of_the_cluster=put("ClusterRoleBinding worker", "roleRef.name", "cluster-admin"),
    the_masters=append("RoleBinding worker", "subjects", {"kind": "Group", "name": "system:masters"}),
)


@policy(
    judges=each("RoleBinding", "ClusterRoleBinding"),
    severity="warning",
    remediation="Bind the account that needs it, or the accounts of one namespace (system:serviceaccounts:NAMESPACE).",
)
def no_right_is_everybodys(binding: Resource) -> Iterator[Check]:
    """No binding is for all accounts, for every pod of the cluster, or for whoever reaches the API server.

    Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
    """
    for subject in (binding / "subjects").maps():
        kind, name = str(subject.at("kind")), subject / "name"
        everybody = _OF_EVERYBODY.get((kind, name.text), "")
        actual = f"{name.value}: {everybody}" if everybody else name.value
        yield states(name, not everybody, expected="an account, a user or a group of some", actual=actual)


no_right_is_everybodys.breaks(
    manifests=HEALTHY,
    every_pod_of_the_cluster=put("RoleBinding worker", "subjects[1].name", "system:serviceaccounts"),
    strangers=append("ClusterRoleBinding worker", "subjects", {"kind": "User", "name": "system:anonymous"}),
)
