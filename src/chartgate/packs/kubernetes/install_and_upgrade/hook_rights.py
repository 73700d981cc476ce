"""Hook rights: what a hook may do, it may do when it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chartgate.kubernetes.changes.install_order import Turn, turns
from chartgate.kubernetes.links.object_references import bindings
from chartgate.kubernetes.pods.workloads import pod_if_any
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"}}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-4"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: migrate}
subjects: [{kind: ServiceAccount, name: migrate, namespace: default}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate-database, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
spec: {template: {spec: {serviceAccountName: migrate, containers: [{name: migrate}]}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: late, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: late}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: late, namespace: default}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: loose, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-4"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: loose}
subjects: [{kind: ServiceAccount, name: loose, namespace: default}]
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: loose}, rules: []}
---
apiVersion: batch/v1
kind: Job
metadata: {name: announce, annotations: {argocd.argoproj.io/hook: PreSync}}
spec: {template: {spec: {containers: [{name: announce}]}}}
"""
_ACCOUNT = "spec.template.spec.serviceAccountName"


@policy(
    severity="error",
    remediation="Make the binding and its role hooks of the same event with a lower weight (in Argo CD: of an earlier"
    " wave), as the account is.",
)
def hooks_have_their_rights(rendering: Rendering) -> Iterator[Check]:
    """What binds the account of a hook to its rights, and the role, is there when the hook runs.

    A binding that nobody else of that account needs is one for this hook. Until it is there, the API server refuses
    whatever the hook asks for. Source: https://helm.sh/docs/topics/charts_hooks/#hook-weights
    """
    resources = rendering.resources
    first: dict[tuple[int, str], Turn] = {}
    for turn in turns(resources):
        first.setdefault((turn.place, turn.course.tool), turn)
    users: dict[tuple[str, str, str], list[Turn]] = defaultdict(list)
    for (_, tool), turn in first.items():
        users[tool, turn.workload.namespace, _account(turn.workload)].append(turn)
    granted = _granted(resources)
    for (_, namespace, account), all_turns in users.items():
        granting = granted.get((account, namespace), [])
        for turn in all_turns:
            known = resources.named("ServiceAccount", account, namespace)
            if _is_without_token(turn.workload, known) or any(not turn.has(found) for found in known):
                continue
            for right in granting:
                # Whoever comes when it is there may be the one that it is for.
                is_there = any(other.has(right) for other in all_turns)
                place = pod_if_any(turn.workload) / "serviceAccountName"
                yield states(
                    place,
                    is_there,
                    expected=f"{right.identity.label} is there when {turn}",
                    actual="there, or for another pod" if is_there else turn.why_not(right),
                )


def _is_without_token(workload: Resource, known: list[Resource]) -> bool:
    places = [pod_if_any(workload), *(account.place() for account in known)]
    mounted = [place / "automountServiceAccountToken" for place in places]
    return next((found.value for found in mounted if found.is_set), True) is False


def _account(workload: Resource) -> str:
    pod = pod_if_any(workload)
    return (pod / "serviceAccountName").text or (pod / "serviceAccount").text or "default"


def _granted(resources: Resources) -> dict[tuple[str, str], list[Resource]]:
    """Give, by an account's name and namespace, the bindings that name it, and their roles, as far as rendered."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for binding in resources.of_kind("RoleBinding", "ClusterRoleBinding"):
        named = list(bindings(binding))
        roles = [one for role in named[:1] for one in resources.named(role.kind, role.name, role.namespace)]
        for account in dict.fromkeys((subject.name, subject.namespace) for subject in named[1:]):
            found[account] += [binding, *roles]
    return found


hooks_have_their_rights.breaks(
    manifests=HEALTHY,
    it_runs_before_its_account_is_bound=put("Job migrate-database", "metadata.annotations[helm.sh/hook-weight]", "-5"),
    the_binding_is_part_of_the_release=put("Job migrate-database", _ACCOUNT, "late"),
    the_role_is_part_of_the_release=put("Job migrate-database", _ACCOUNT, "loose"),
    the_binding_is_of_a_later_phase=put("Job announce", _ACCOUNT, "loose"),
)
