"""RBAC: what service accounts may do, and which pods carry a token at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.model import Check, Manifest, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import pods

HEALTHY = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: worker, namespace: shop}
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

# What stands in a cluster without anybody's doing, and reads all Secrets when bound to the cluster.
# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
_READ_SECRETS = ("cluster-admin", "admin", "edit")


def _rules(rendering: Rendering, *kinds: str) -> Iterator[tuple[Resource, str, Manifest]]:
    for role in rendering.resources.of_kind(*kinds):
        for index, rule in enumerate(maps_in(role.at("rules"))):
            yield role, f"rules[{index}]", rule


@policy(severity="error", remediation="Name the verbs, groups and resources that are needed.")
def roles_name_what_they_allow(rendering: Rendering) -> Iterator[Check]:
    """No role allows `*`: not every verb, not every group, not every resource, not every URL.

    A wildcard also allows what does not exist yet. Source:
    https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
    """
    for role, address, rule in _rules(rendering, "Role", "ClusterRole"):
        for key in ("verbs", "apiGroups", "resources", "nonResourceURLs"):
            if key in rule:
                wild = [text for text in texts_in(rule[key]) if text in ("*", "*/*")]
                yield states(role, f"{address}.{key}", not wild, expected="no wildcard", actual=rule[key])


@roles_name_what_they_allow.counterexample(manifests=HEALTHY)
def any_verb(rendering: Rendering) -> Rendering:
    rendering.resources.one("Role", "worker").manifest["rules"][0]["verbs"] = ["*"]
    return rendering


@roles_name_what_they_allow.counterexample(manifests=HEALTHY)
def any_resource(rendering: Rendering) -> Rendering:
    rendering.resources.one("ClusterRole", "worker").manifest["rules"][0]["resources"].append("*")
    return rendering


@policy(severity="error", remediation="Take the verb out: whoever has it can give itself any other right.")
def roles_cannot_escalate(rendering: Rendering) -> Iterator[Check]:
    """No role allows to escalate, bind or impersonate.

    Each of them makes every other restriction void. Source:
    https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
    """
    for role, address, rule in _rules(rendering, "Role", "ClusterRole"):
        risky = [verb for verb in texts_in(rule.get("verbs")) if verb in ("escalate", "bind", "impersonate")]
        expected = "neither escalate nor bind nor impersonate"
        yield states(role, f"{address}.verbs", not risky, expected=expected, actual=rule.get("verbs", ABSENT))


@roles_cannot_escalate.counterexample(manifests=HEALTHY)
def a_role_acts_for_others(rendering: Rendering) -> Rendering:
    rule = {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}
    rendering.resources.one("ClusterRole", "worker").manifest["rules"].append(rule)
    return rendering


def _reads_secrets(rule: Manifest) -> bool:
    verbs, groups, kinds = (texts_in(rule.get(key)) for key in ("verbs", "apiGroups", "resources"))
    wanted = ((verbs, ("get", "list", "watch", "*")), (groups, ("", "*")), (kinds, ("secrets", "*")))
    return all(any(text in accepted for text in given) for given, accepted in wanted)


@policy(severity="error", remediation="Let a Role in each namespace that needs it name the Secrets.")
def secrets_are_not_read_cluster_wide(rendering: Rendering) -> Iterator[Check]:
    """Nobody may read the Secrets of all namespaces.

    A ClusterRole that reads Secrets is a finding unless only RoleBindings refer to it, which bind it to their own
    namespace; so is a ClusterRoleBinding to one of Kubernetes' own roles that read them. Source:
    https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
    """
    bound = {
        kind: [binding.at("roleRef.name") for binding in rendering.resources.of_kind(kind)]
        for kind in ("RoleBinding", "ClusterRoleBinding")
    }
    for role, address, rule in _rules(rendering, "ClusterRole"):
        is_confined = role.name in bound["RoleBinding"] and role.name not in bound["ClusterRoleBinding"]
        passed = is_confined or not _reads_secrets(rule)
        yield states(role, address, passed, expected="no reading of secrets", actual=rule)
    for binding in rendering.resources.of_kind("ClusterRoleBinding"):
        name = binding.at("roleRef.name")
        expected = "a role that reads no Secrets"
        yield states(binding, "roleRef.name", name not in _READ_SECRETS, expected=expected, actual=name)


@secrets_are_not_read_cluster_wide.counterexample(manifests=HEALTHY)
def a_cluster_role_lists_secrets(rendering: Rendering) -> Rendering:
    rendering.resources.one("ClusterRole", "worker").manifest["rules"][0]["resources"].append("secrets")
    return rendering


@secrets_are_not_read_cluster_wide.counterexample(manifests=HEALTHY)
def an_account_administers_the_cluster(rendering: Rendering) -> Rendering:
    rendering.resources.one("ClusterRoleBinding", "worker").manifest["roleRef"]["name"] = "cluster-admin"
    return rendering


def _account(pod: Manifest) -> str:
    return str(pod.get("serviceAccountName") or pod.get("serviceAccount") or "default")


def _mounts_token(resources: Resources, pod: Manifest, namespace: str) -> Any:
    """Give whether a pod gets the token of its account: the pod decides, else the account, else it does."""
    own = pod.get("automountServiceAccountToken")
    if own is not None:
        return own
    accounts = [a for a in resources.of_kind("ServiceAccount") if (a.namespace, a.name) == (namespace, _account(pod))]
    given = [account.manifest.get("automountServiceAccountToken") for account in accounts]
    return given[0] if given and given[0] is not None else True


def _is_bound(resources: Resources, account: str, namespace: str) -> bool:
    """Tell whether a binding gives the account any right, by its name or as one of a group."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return any(
        (subject.get("kind") == "Group" and subject.get("name") in groups)
        or (subject.get("kind") == "User" and subject.get("name") == f"system:serviceaccount:{namespace}:{account}")
        or (
            subject.get("kind") == "ServiceAccount"
            and (subject.get("name"), subject.get("namespace") or binding.namespace) == (account, namespace)
        )
        for binding in resources.of_kind("RoleBinding", "ClusterRoleBinding")
        for subject in maps_in(binding.at("subjects"))
    )


def _is_external(scenario: Scenario, account: str, namespace: str) -> bool:
    """Tell whether the matrix declares the account: whoever makes it gives it its rights."""
    return any(
        (thing.kind, thing.name, thing.namespace or scenario.namespace) == ("ServiceAccount", account, namespace)
        for thing in scenario.external
    )


@policy(
    severity="warning",
    remediation="Set automountServiceAccountToken: false on the pod, or bind a role to its account.",
)
def tokens_are_mounted_where_used(rendering: Rendering) -> Iterator[Check]:
    """No pod gets the token of an account that nobody has given a right.

    It is of no use to the pod, and of some to whoever breaks into it. An account that the matrix declares as external
    has its rights from elsewhere. Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """
    for resource, address, pod in pods(rendering):
        account = _account(pod)
        mounts = _mounts_token(rendering.resources, pod, resource.namespace)
        passed = (
            mounts is False
            or _is_bound(rendering.resources, account, resource.namespace)
            or _is_external(rendering.scenario, account, resource.namespace)
        )
        place = f"{address}.automountServiceAccountToken"
        yield states(resource, place, passed, expected=f"false, or a role for the account {account}", actual=mounts)


@tokens_are_mounted_where_used.counterexample(manifests=HEALTHY)
def nobody_gives_the_account_a_right(rendering: Rendering) -> Rendering:
    pod = rendering.resources.one("Deployment", "worker").manifest["spec"]["template"]["spec"]
    pod["serviceAccountName"] = "idler"
    return rendering


@tokens_are_mounted_where_used.counterexample(manifests=HEALTHY)
def the_right_is_for_an_account_of_another_namespace(rendering: Rendering) -> Rendering:
    rendering.resources.one("Deployment", "worker").manifest["metadata"]["namespace"] = "other"
    return rendering
