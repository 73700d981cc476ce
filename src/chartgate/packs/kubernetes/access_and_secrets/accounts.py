"""Accounts: who pods run as, and who is granted a role, is there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import accounts, bindings
from chartgate.kubernetes.permissions import BINDINGS
from chartgate.kubernetes.pods.workloads import containers_if_any, pod_if_any, workloads
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

_MOST = 6
_A_CLUSTER_ROLE = re.compile(r"^kind: ClusterRole[ \t]*+$", re.MULTILINE)
HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {serviceAccountName: web, containers: [{name: web}]}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
---
apiVersion: v1
kind: Secret
metadata: {name: web-token, annotations: {kubernetes.io/service-account.name: web}}
type: kubernetes.io/service-account-token
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
"""


@policy(severity="error", remediation="Render the ServiceAccount in that namespace, or correct its name.")
def service_accounts_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every ServiceAccount that a pod runs as, or that a token is made for, is there.

    No pod is created for an account that does not exist.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
    """
    yield from reference_checks(rendering, accounts)


service_accounts_are_there.breaks(
    manifests=HEALTHY,
    the_pod_runs_as_nobody=put("Deployment web", "spec.template.spec.serviceAccountName", "web-account"),
    the_token_is_of_nobody=put(
        "Secret web-token", "metadata.annotations[kubernetes.io/service-account.name]", "web-account"
    ),
)


@policy(
    severity="error",
    remediation="Render both in their namespaces, correct the name, or declare under `external` who makes it.",
)
def bindings_join_roles_and_accounts(rendering: Rendering) -> Iterator[Check]:
    """The role and the ServiceAccounts of every binding are there.

    The API server accepts a binding of anything; it then grants nothing, or to nobody. Without a matrix, an account in
    a namespace in which the chart has no more than rights, and which is called like none of its own, is that of another
    product, and so is a ClusterRole of a fixed name where the chart has none in any template.
    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
    """
    for check in reference_checks(rendering, bindings):
        if check.passed or not _is_of_another_product(check, rendering):
            yield check


def _is_of_another_product(check: Check, rendering: Rendering) -> bool:
    asked, objects = check.asked, rendering.resources
    if asked is None or not rendering.scenario.declared.is_conventional:
        return False
    if asked.kind == "ClusterRole":
        texts = rendering.chart.every_template()
        roles = (*objects.of_kind("ClusterRole"), *objects.named("Role", asked.name))
        return not (roles or rendering.scenario.release in asked.name or any(map(_A_CLUSTER_ROLE.search, texts)))
    if asked.kind != "ServiceAccount":
        return False
    own = [account.name for account in objects.of_kind("ServiceAccount")]
    is_alike = any(asked.name in name or name in asked.name for name in own)
    others = (resource for resource in objects if resource.kind not in BINDINGS)
    return not is_alike and all(resource.namespace != asked.namespace for resource in others)


bindings_join_roles_and_accounts.breaks(
    manifests=HEALTHY,
    the_role_is_a_cluster_role=put("RoleBinding web", "roleRef.kind", "ClusterRole"),
    the_subject_lives_elsewhere=put("RoleBinding web", "subjects[web].namespace", "other"),
)


@policy(
    severity="error",
    remediation="Bind the role to the ServiceAccount that the pods run as, by the same named template.",
)
def rights_are_for_the_accounts_of_pods(rendering: Rendering) -> Iterator[Check]:
    """A binding to the account `default` of the release's namespace is for pods of the release that run as it.

    Where all of them run as accounts of their own, one of which no binding names, that one lacks the rights, and every
    pod of somebody else that names no account has them. Source: https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
    """
    run_as: dict[str, set[str]] = defaultdict(set)
    for workload in workloads(rendering.resources):
        pod = pod_if_any(workload)
        # Without its token, a pod has no use for rights.
        runs = any((container / "name").text for container in containers_if_any(workload))
        if runs and (pod / "automountServiceAccountToken").value is not False:
            run_as[workload.namespace].add((pod / "serviceAccountName").text or "default")
    bound = {
        (reference.namespace, reference.name)
        for binding in rendering.resources
        for reference in bindings(binding)
        if reference.kind == "ServiceAccount"
    }
    for binding in rendering.resources:
        for reference in bindings(binding):
            there = run_as.get(reference.namespace, set())
            without = [name for name in there if (reference.namespace, name) not in bound]
            if reference.kind == "ServiceAccount" and reference.name == "default" and there:
                expected = f"an account that pods run as: {listed(sorted(there), _MOST)}"
                yield states(reference.place, "default" in there or not without, expected=expected)


rights_are_for_the_accounts_of_pods.breaks(
    manifests=HEALTHY,
    the_rights_are_everybodys=put("RoleBinding web", "subjects[web].name", "default"),
)
