"""Leaders: a program that elects one of its replicas may write the lease by which it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.permissions import Permission, bindings_of, granted_by
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, pod_if_any, words_of, workloads
from chartgate.kubernetes.programs.flags import flags
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {serviceAccountName: web, containers: [{name: web, args: [--leader-elect]}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules:
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
"""
_ELECTS = re.compile(r"--?(?:enable-)?+leader-?elect(?:ion)?+(?:-enabled)?+(?:=true)?+")
_WHERE = re.compile(r"--?leader-?elect(?:ion)?+-(?:resource-)?+namespace")
_LOCKS = (("coordination.k8s.io", "leases"), ("", "configmaps"), ("", "endpoints"))
"""What the lock may be; programs of before 2021 take one of the last two."""


@policy(
    severity="error",
    remediation="Allow get, create and update of leases of coordination.k8s.io, in the namespace of the lease.",
)
def leaders_may_hold_their_lease(rendering: Rendering) -> Iterator[Check]:
    """The account of a program that is told to elect a leader may create a lease, and update it.

    Without that right no replica becomes the leader, and all of them wait for one. Judged where the release gives the
    account rights at all, by roles of its own. Source:
    https://kubernetes.io/docs/concepts/architecture/leases/#leader-election
    """
    for workload in workloads(rendering.resources):
        account = (pod_if_any(workload) / "serviceAccountName").text or "default"
        for container in containers_if_any(workload):
            place = _election(container)
            held = _permissions(rendering.resources, account, workload.namespace) if place else []
            if place is None or not held:
                continue
            where = _namespace_of_lease(container) or workload.namespace
            verbs = [{p.verb for scope, p in held if scope in ("", where) and _is_of(p, lock)} for lock in _LOCKS]
            passed = any("*" in found or {"create", "update"} <= found for found in verbs)
            expected = f"{account} may create and update leases in {where}, by which it elects a leader"
            actual = "allowed" if passed else "no role allows that, of those that it has"
            yield states(place, passed, expected=expected, actual=actual)


_TOLD = put("Deployment web", "spec.template.spec.containers[web].args", ["--enable-leader-election=true"])


leaders_may_hold_their_lease.breaks(
    manifests=HEALTHY,
    the_lease_is_in_another_namespace=put(
        "Deployment web",
        "spec.template.spec.containers[web].args",
        ["--leader-elect", "--leader-election-namespace=other"],
    ),
)


leaders_may_hold_their_lease.breaks(
    manifests=HEALTHY,
    nothing_is_said_of_leases=(put("Role web", "rules[0].resources", ["pods"]), _TOLD),
    the_lease_may_not_be_made=(put("Role web", "rules[0].verbs", ["get", "update"]), _TOLD),
)


def _election(container: Container) -> Place[Resource] | None:
    """Give the word that tells a program to elect a leader."""
    return next((place for place in words_of(container) if _ELECTS.fullmatch(place.text)), None)


def _namespace_of_lease(container: Container) -> str:
    """Give the namespace that a program is told to have its lease in; empty where it is told none, or a variable."""
    words = [place.text for place in words_of(container) if "$(" not in place.text]
    return next((flag.value for flag in flags(words) if _WHERE.fullmatch(flag.name)), "")


def _permissions(resources: Resources, account: str, namespace: str) -> list[tuple[str, Permission]]:
    """Give what an account may do, each with the namespace in which; nothing where a role is not the release's own."""
    found: list[tuple[str, Permission]] = []
    for binding in bindings_of(resources, account, namespace):
        kind, name = (str(binding.at(f"roleRef.{key}")) for key in ("kind", "name"))
        role = find(resources, kind, name, "" if kind == "ClusterRole" else binding.namespace)
        if role is None or role.at("aggregationRule"):
            return []
        found += [(binding.namespace, permission) for permission in granted_by(role)]
    return found


def _is_of(permission: Permission, lock: tuple[str, str]) -> bool:
    return all(own in ("*", wanted) for own, wanted in zip((permission.group, permission.resource), lock, strict=True))
