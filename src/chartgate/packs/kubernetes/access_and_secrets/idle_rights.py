"""Rights that nobody can use: given in a namespace about what is in none, or to an account whose pods get no token."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.builtin_resources import CLUSTER_WIDE_RESOURCES
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.permissions import BINDINGS, Permission, covered, granted_by, on
from chartgate.kubernetes.pods.workloads import pod_if_any, workloads
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy

from .rbac import HEALTHY as OF_ONE_ACCOUNT
from .rbac import mounts_token

HEALTHY = f"""{OF_ONE_ACCOUNT}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: viewer}}
rules: [{{apiGroups: [""], resources: [pods, namespaces], verbs: [get]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: viewer, namespace: shop}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: viewer}}
subjects: [{{kind: ServiceAccount, name: viewer, namespace: shop}}]
"""

_TOKEN_SECRET = "kubernetes.io/service-account-token"  # noqa: S105 - a type of Secrets
_ASKED_INSIDE = frozenset(("use", "bind"))
"""Asked about in the namespace of a pod, or of a binding, though about what is in none."""
_ACCOUNT = "kubernetes.io/service-account.name"


@policy(
    severity="warning",
    remediation="Give it by a ClusterRole and a ClusterRoleBinding, or take it out.",
)
def rights_about_the_cluster_are_given_in_it(rendering: Rendering) -> Iterator[Check]:
    """No Role, and no ClusterRole that only RoleBindings refer to, has a rule about what is in no namespace.

    A RoleBinding gives rights in its own namespace only: `nodes`, or `storageclasses`, are in none, so that the account
    is refused. (A Namespace counts as in itself.) Left alone is what the account has in the cluster as well, and of a
    Role, what some ClusterRole of the release is about. Source:
    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
    """
    for resources in rendering.stages:
        bindings: dict[str, list[Resource]] = defaultdict(list)
        wide: dict[_Subject, list[Resource]] = defaultdict(list)
        for binding in resources.of_kind(*BINDINGS):
            if binding.at("roleRef.kind") == "ClusterRole":
                bindings[str(binding.at("roleRef.name"))].append(binding)
            for subject in _subjects(binding) if binding.kind == "ClusterRoleBinding" else ():
                wide[subject].append(binding)
        elsewhere = [p for role in resources.of_kind("ClusterRole") for p in granted_by(role)]
        for role in resources.of_kind("Role"):
            for rule in (role / "rules").maps():
                yield _once_a_template(role, _is_inside(rule, elsewhere))
        for role in resources.of_kind("ClusterRole"):
            of_role = bindings[role.name]
            if of_role and all(binding.kind == "RoleBinding" for binding in of_role):
                subjects = dict.fromkeys(subject for binding in of_role for subject in _subjects(binding))
                roles = [its for subject in subjects for b in wide[subject] for its in _role_of(b, resources)]
                given = [permission for its in roles for permission in granted_by(its)]
                for rule in (role / "rules").maps():
                    yield _once_a_template(role, _is_inside(rule, given))


def _once_a_template(role: Resource, check: Check) -> Check:
    """Make one cause of the rules in all roles of a template, which may write one for each of many namespaces."""
    return with_cause(check, role.template)


_Subject = tuple[str, str, str]


def _subjects(binding: Resource) -> list[_Subject]:
    """Give whom a binding is for: kind, name, and the namespace of an account."""
    return [
        (str(it.get("kind")), str(it.get("name")), str(it.get("namespace") or binding.namespace))
        for it in maps_in(binding.at("subjects"))
    ]


def _is_inside(rule: Place[Resource], given: list[Permission]) -> Check:
    """Check that a rule is about what is in a namespace, but for what is given in the cluster anyway."""
    groups, verbs = texts_in(rule.at("apiGroups")), texts_in(rule.at("verbs"))
    lost = [
        (group, name)
        for name, group in itertools.product(texts_in(rule.at("resources")), groups)
        if (group, name.partition("/")[0]) in CLUSTER_WIDE_RESOURCES
    ]
    wide = {name: "" for group, name in lost if not all(covered(p, given) for p in on(group, name, " ".join(verbs)))}
    passed = not wide or _ASKED_INSIDE.issuperset(verbs)
    expected = "resources that are in a namespace"
    return states(rule / "resources", passed, expected=expected, actual=f"{', '.join(wide)}, which are in none")


rights_about_the_cluster_are_given_in_it.breaks(
    manifests=HEALTHY,
    a_role_is_about_volumes=append("Role worker", "rules[0].resources", "persistentvolumes"),
    classes_of_storage=put(
        "Role worker", "rules[0]", {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["get"]}
    ),
    a_cluster_role_is_bound_in_a_namespace=append("ClusterRole viewer", "rules[0].resources", "nodes/stats"),
)


@policy(
    severity="warning",
    remediation="Set automountServiceAccountToken: true on the pods that use the rights, or give none.",
)
def rights_are_for_pods_with_a_token(rendering: Rendering) -> Iterator[Check]:
    """Of the pods that run as an account with rights, one at least gets its token.

    With `automountServiceAccountToken: false` on the pod, or on the account alone, the program has nothing to show to
    the API server, and is refused whatever its role allows. A projected token counts, and so does a Secret of the type
    for it; a role that is only used at admission (`use`) needs none. Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """
    for resources in rendering.stages:
        pods: dict[tuple[str, str], list[Place[Resource]]] = {}
        for workload in workloads(resources):
            pod = pod_if_any(workload)
            account = pod.at("serviceAccountName")
            if isinstance(account, str) and account and not is_test(workload):
                pods.setdefault((account, workload.namespace), []).append(pod)
        bound: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for binding in resources.of_kind(*BINDINGS) if pods else ():
            for kind, name, inside in dict.fromkeys(_subjects(binding)):
                bound[(name, inside) if kind == "ServiceAccount" else ("", "")].append(binding)
        for (account, namespace), run in pods.items():
            if not _has_rights(bound[account, namespace], resources) or _has_secret(resources, account, namespace):
                continue
            passed = any(_has_token(pod, resources, account) for pod in run)
            expected = f"true on a pod of the account {account}, which has rights"
            of = ", ".join(pod.owner.identity.label for pod in run)
            actual = passed if passed or len(run) < 2 else f"on none: {of}"
            yield states(run[0] / "automountServiceAccountToken", passed, expected=expected, actual=actual)


rights_are_for_pods_with_a_token.breaks(
    manifests=HEALTHY,
    the_pod_takes_no_token=put("Deployment worker", "spec.template.spec.automountServiceAccountToken", False),
)


def _has_rights(bindings: list[Resource], resources: Resources) -> bool:
    return any(
        permission.verb != "use"
        for binding in bindings
        for role in _role_of(binding, resources)
        for permission in granted_by(role)
    )


def _role_of(binding: Resource, resources: Resources) -> list[Resource]:
    kind, name = (str(binding.at(f"roleRef.{key}")) for key in ("kind", "name"))
    return resources.named(kind, name, binding.namespace if kind == "Role" else None)


def _has_secret(resources: Resources, account: str, namespace: str) -> bool:
    return any(
        secret.at("type") == _TOKEN_SECRET
        and secret.namespace == namespace
        and secret.at(f"metadata.annotations[{_ACCOUNT}]") == account
        for secret in resources.of_kind("Secret")
    )


def _has_token(pod: Place[Resource], resources: Resources, account: str) -> bool:
    projected = (source for volume in maps_in(pod.at("volumes")) for source in maps_in(_sources(volume)))
    return mounts_token(pod, resources, account) is not False or any("serviceAccountToken" in it for it in projected)


def _sources(volume: dict[str, object]) -> object:
    projected = volume.get("projected")
    return projected.get("sources") if isinstance(projected, dict) else None
