"""RBAC: what service accounts may do, and which pods carry a token at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, texts_in
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.cluster_parts import brings_kinds
from chartgate.kubernetes.links.existence import resolves
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.workloads import pod_if_any, workloads
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ServiceAccount, metadata: {name: worker, namespace: shop}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: worker, namespace: shop}
rules:
  - {apiGroups: [""], resources: [secrets], resourceNames: [worker], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: worker, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: worker}
subjects: [{kind: ServiceAccount, name: worker, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: worker}
rules:
  - {apiGroups: [""], resources: [nodes], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: worker}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: worker}
subjects: [{kind: ServiceAccount, name: worker, namespace: shop}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: worker
      containers: [{name: worker, image: "example.com/worker:1.0"}]
"""

# The roles of every cluster that read all Secrets when they are bound to the cluster; cluster-admin, which also does,
# is nobody_is_cluster_admin's to tell.
# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
_ANY = ("*", "*/*")
_READING = ("get", "list", "watch")
_READ_SECRETS = ("admin", "edit")


@policy(
    severity="warning",
    is_choice=True,
    remediation="Name the verbs, groups and resources that are needed; let a Role in each namespace name the Secrets."
    " What an operator needs is accepted, or waived with a reason.",
)
def roles_are_narrow(rendering: Rendering) -> Iterator[Check]:
    """No role allows to escalate, bind or impersonate, to read the Secrets of all namespaces, or `*`.

    The first make every other restriction void; a wildcard also allows what does not exist yet. Wildcards may be meant
    in named groups of custom kinds, and so may reading all of a named group of Kubernetes. Secrets are read by all of
    the cluster unless only RoleBindings refer to the ClusterRole, or the chart brings custom kinds, whose objects may
    name them anywhere; Kubernetes' own roles that read them are bound in a namespace. Told once a chart, but for what
    makes restrictions void. Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    for resources in rendering.stages:
        # Whoever accepts the ones has not accepted the others.
        yield from (with_cause(check, "roles that give themselves more") for check in _escalations(resources))
        wide = itertools.chain(_readings(resources, is_operator=brings_kinds(rendering)), _wildcards(resources))
        yield from (with_cause(check, "roles that are wide") for check in wide)


def _rules(resources: Resources) -> Iterator[Place[Resource]]:
    for role in resources.of_kind("Role", "ClusterRole"):
        yield from (role / "rules").maps()


def _escalations(resources: Resources) -> Iterator[Check]:
    for verbs in (rule / "verbs" for rule in _rules(resources)):
        passed = not any(verb.value in ("escalate", "bind", "impersonate") for verb in verbs.texts())
        yield states(verbs, passed, expected="neither escalate nor bind nor impersonate")


def _readings(resources: Resources, *, is_operator: bool) -> Iterator[Check]:
    """Give the checks of who reads the Secrets of all namespaces; of rules with any resource, the wildcard is told."""
    inside, everywhere = (
        {(binding / "roleRef" / "name").text for binding in resources.of_kind(kind)}
        for kind in ("RoleBinding", "ClusterRoleBinding")
    )
    for rule in _rules(resources):
        role = rule.owner
        is_confined = is_operator or role.kind == "Role" or (role.name in inside and role.name not in everywhere)
        yield states(rule, is_confined or not _reads_secrets(rule), expected="no reading of secrets")
    for binding in resources.of_kind("ClusterRoleBinding"):
        name = binding / "roleRef" / "name"
        yield states(name, name.value not in _READ_SECRETS, expected="a role that reads no Secrets")


def _wildcards(resources: Resources) -> Iterator[Check]:
    """Give the checks of wildcards; beside a binding to cluster-admin, as nobody_is_cluster_admin tells, they pass."""
    bindings = resources.of_kind("RoleBinding", "ClusterRoleBinding")
    has_all = any(binding.at("roleRef.name") == "cluster-admin" for binding in bindings)
    for rule in _rules(resources):
        fields = ("verbs", "apiGroups", "resources", "nonResourceURLs")
        wild = [key for key in fields if any(text in _ANY for text in texts_in(rule.at(key)))]
        wild = [] if has_all or _is_of_few_kinds(rule) else wild
        actual = f"* in {', '.join(wild)} of {rule.value}"
        yield states(rule, not wild, expected="no wildcard", actual=actual)


roles_are_narrow.breaks(
    manifests=HEALTHY,
    any_verb=put("Role worker", "rules[0].verbs", ["*"]),
    any_resource=append("ClusterRole worker", "rules[0].resources", "*"),
    a_role_acts_for_others=append(
        "ClusterRole worker", "rules", {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}
    ),
    a_cluster_role_lists_secrets=append("ClusterRole worker", "rules[0].resources", "secrets"),
    an_account_edits_everything=put("ClusterRoleBinding worker", "roleRef.name", "edit"),
)


@policy(
    severity="warning",
    is_choice=True,
    remediation="Set automountServiceAccountToken: false on the pod, or bind a role to its account.",
)
def tokens_are_mounted_where_used(rendering: Rendering) -> Iterator[Check]:
    """No pod gets the token of an account that nobody has given a right.

    It is of no use to the pod, and of some to whoever breaks into it. A pod of `helm test` is left out. An account
    that the matrix declares as external, or that values name and the chart does not make, has its rights from
    elsewhere, and so has any where `rbac.create`, true by default, is turned off. Told once a chart. Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """
    others_give_rights = _gives_rights(rendering.chart.defaults) and not _gives_rights(rendering.scenario.values)
    for resources in rendering.stages:
        for workload in workloads(resources):
            pod, namespace = pod_if_any(workload), workload.namespace
            if not pod.is_map or is_test(workload) or others_give_rights:
                continue
            account = str(pod.at("serviceAccountName") or pod.at("serviceAccount") or "default")
            mounts = mounts_token(pod, resources, account)
            reference = Reference(pod / "serviceAccountName", "ServiceAccount", account, namespace)
            is_elses = account != "default" and not resources.named("ServiceAccount", account, namespace)
            passed = (
                mounts is False
                or _is_bound(resources, account, namespace)
                or (is_elses and resolves(reference, resources, rendering.scenario))
            )
            expected = f"false, or a role for the account {account}"
            check = states(pod / "automountServiceAccountToken", passed, expected=expected, actual=mounts)
            yield with_cause(check, "pods")


tokens_are_mounted_where_used.breaks(
    manifests=HEALTHY,
    nobody_gives_the_account_a_right=put("Deployment worker", "spec.template.spec.serviceAccountName", "idler"),
    the_right_is_for_an_account_of_another_namespace=put("Deployment worker", "metadata.namespace", "other"),
)


def _is_of_few_kinds(rule: Place[Resource]) -> bool:
    """Tell whether a rule is about named groups of custom kinds, or only reads in named groups."""
    groups, verbs = texts_in(rule.at("apiGroups")), texts_in(rule.at("verbs"))
    is_custom = all("." in group and not group.endswith(".k8s.io") for group in groups)
    is_named = bool(groups) and not {"", "*"} & {*groups} and not rule.at("nonResourceURLs")
    return is_named and (is_custom or {*verbs} <= {*_READING})


def _reads_secrets(rule: Place[Resource]) -> bool:
    verbs, groups, kinds = (texts_in(rule.at(key)) for key in ("verbs", "apiGroups", "resources"))
    wanted = ((verbs, (*_READING, "*")), (groups, ("", "*")), (kinds, ("secrets",)))
    return not rule.at("resourceNames") and all(any(text in accepted for text in given) for given, accepted in wanted)


def mounts_token(pod: Place[Resource], resources: Resources, account: str) -> Any:
    """Give whether a pod gets the token of its account: the pod decides, else the account, else it does."""
    accounts = [found.place() for found in resources.named("ServiceAccount", account, pod.owner.namespace)]
    given = [place / "automountServiceAccountToken" for place in (pod, *accounts)]
    return next((mounts.value for mounts in given if mounts.is_set), True)


def _is_bound(resources: Resources, account: str, namespace: str) -> bool:
    """Tell whether a binding gives the account any right, by its name or as one of a group."""
    names = (
        ("ServiceAccount", account, namespace),
        ("User", f"system:serviceaccount:{namespace}:{account}", ""),
        *(
            ("Group", f"system:{group}", "")
            for group in ("serviceaccounts", f"serviceaccounts:{namespace}", "authenticated")
        ),
    )
    return not resources.indexed(_subjects).isdisjoint(names)


def _subjects(resources: Resources) -> frozenset[tuple[str, str, str]]:
    """Give the subjects of all bindings: kind, name, and the namespace of an account."""
    return frozenset(
        (kind.text, name.text, (namespace.text or binding.namespace) if kind.value == "ServiceAccount" else "")
        for binding in resources.of_kind("RoleBinding", "ClusterRoleBinding")
        for subject in (binding / "subjects").maps()
        for kind, name, namespace in [(subject / "kind", subject / "name", subject / "namespace")]
    )


def _gives_rights(values: dict[str, Any]) -> bool:
    """Tell whether values leave it to the chart to make roles and bindings."""
    rbac = map_of(values.get("rbac"))
    return all(rbac.get(switch) is not False for switch in ("create", "enabled"))
