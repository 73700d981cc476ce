"""GitOps: what Helm and Argo CD do with an object again and again: hooks, Jobs, fields that never change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from chartgate.documents.addresses import join, steps
from chartgate.documents.equality import differences
from chartgate.kubernetes.changes.immutable_fields import immutable_addresses, is_immutable
from chartgate.kubernetes.changes.lifecycle import annotations_of, is_hook, is_replaced
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: batch/v1
kind: Job
metadata:
  name: check
  annotations:
    helm.sh/hook: post-install,post-upgrade
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation, hook-succeeded
spec: {template: {spec: {containers: [{name: check, image: "example.com/check:1"}]}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: announce
  annotations:
    argocd.argoproj.io/hook: PostSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    argocd.argoproj.io/sync-wave: "2"
spec: {template: {spec: {containers: [{name: announce, image: "example.com/announce:1"}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate-1a2b3c4d}
spec: {template: {spec: {containers: [{name: migrate, image: "example.com/migrate:1"}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data, annotations: {argocd.argoproj.io/sync-options: "Prune=false,ServerSideApply=true"}}
spec:
  serviceName: data
  selector: {matchLabels: {app: data}}
  template: {metadata: {labels: {app: data}}, spec: {containers: [{name: data}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: []
"""
HELM, ARGO = "helm.sh/", "argocd.argoproj.io/"
_WHOLE = re.compile(r"[-+]?[0-9]+")
_HELM_HOOKS = (
    "pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test"
    " test-success"
)
_SYNC_OPTIONS = """
    Prune=false Prune=true Prune=confirm Delete=false Delete=true Delete=confirm Validate=false Validate=true
    SkipDryRunOnMissingResource=true SkipDryRunOnMissingResource=false Force=true Force=false Replace=true Replace=false
    ServerSideApply=true ServerSideApply=false PruneLast=true PruneLast=false
    ClientSideApplyMigration=true ClientSideApplyMigration=false
"""
# Sources: https://helm.sh/docs/topics/charts_hooks/, https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
# and https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
KNOWN: Mapping[str, frozenset[str] | re.Pattern[str]] = {
    f"{HELM}hook": frozenset(_HELM_HOOKS.split()),
    f"{HELM}hook-weight": _WHOLE,
    f"{HELM}hook-delete-policy": frozenset(["before-hook-creation", "hook-succeeded", "hook-failed"]),
    f"{HELM}hook-output-log-policy": frozenset(["hook-succeeded", "hook-failed"]),
    f"{HELM}resource-policy": frozenset(["keep"]),
    f"{ARGO}hook": frozenset(["PreSync", "Sync", "Skip", "PostSync", "SyncFail", "PreDelete", "PostDelete"]),
    f"{ARGO}hook-delete-policy": frozenset(["HookSucceeded", "HookFailed", "BeforeHookCreation"]),
    f"{ARGO}sync-wave": _WHOLE,
    f"{ARGO}sync-options": frozenset(_SYNC_OPTIONS.split()),
}
_FAMILIES = (f"{HELM}hook", f"{HELM}resource-", f"{ARGO}hook", f"{ARGO}sync")


@policy(severity="error", remediation="Spell annotation and value as the documentation of Helm or Argo CD does.")
def hook_annotations_are_known(rendering: Rendering) -> Iterator[Check]:
    """Annotations that steer Helm's and Argo CD's hooks, waves and options are such that they understand.

    A misspelt one is ignored in silence: the Job becomes an ordinary object, or is never deleted.
    Source: https://helm.sh/docs/topics/charts_hooks/
    """
    for resource in rendering.resources:
        for key, value in annotations_of(resource).items():
            if not str(key).startswith(_FAMILIES):
                continue
            address = join("metadata", "annotations", str(key))
            accepted = KNOWN.get(str(key))
            if accepted is None:
                yield states(resource, address, False, expected=f"one of {sorted(KNOWN)}", actual=key)
                continue
            for word in [part.strip() for part in str(value).split(",")]:
                is_set = isinstance(accepted, frozenset)
                passed = word in accepted if isinstance(accepted, frozenset) else bool(accepted.fullmatch(word))
                expected = f"one of {sorted(accepted)}" if isinstance(accepted, frozenset) and is_set else "a number"
                yield states(resource, address, passed, expected=expected, actual=word)


@hook_annotations_are_known.counterexample(manifests=HEALTHY)
def a_hook_that_helm_has_not(rendering: Rendering) -> Rendering:
    return _annotated(rendering, "check", f"{HELM}hook", "post-sync")


@hook_annotations_are_known.counterexample(manifests=HEALTHY)
def a_delete_policy_of_the_other_tool(rendering: Rendering) -> Rendering:
    return _annotated(rendering, "announce", f"{ARGO}hook-delete-policy", "before-hook-creation")


@hook_annotations_are_known.counterexample(manifests=HEALTHY)
def a_wave_that_is_no_number(rendering: Rendering) -> Rendering:
    return _annotated(rendering, "announce", f"{ARGO}sync-wave", "last")


@hook_annotations_are_known.counterexample(manifests=HEALTHY)
def a_misspelt_annotation(rendering: Rendering) -> Rendering:
    return _annotated(rendering, "check", f"{HELM}hooks", "post-install")


@hook_annotations_are_known.counterexample(manifests=HEALTHY)
def an_option_that_argo_has_not(rendering: Rendering) -> Rendering:
    return _annotated(rendering, "announce", f"{ARGO}sync-options", "Prune=false,Keep=true")


def neighbours(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair each scenario with the next one of the same release, so that the second could be an upgrade of the first."""
    releases = dict.fromkeys((scenario.release, scenario.namespace) for scenario in scenarios)
    for release in releases:
        yield from pairwise(s for s in scenarios if (s.release, s.namespace) == release)


@policy(
    over=neighbours,
    severity="error",
    remediation="Make it a hook with a delete policy, or put a hash of its content into its name.",
)
def jobs_can_be_upgraded(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A Job that is no hook has another name as soon as its content is another one.

    The pod template of a Job is immutable, so an upgrade with other values would be refused. A hook is deleted before
    it is created again.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
    """
    then = {resource.identity: resource for resource in before.resources.of_kind("Job")}
    for job in after.resources.of_kind("Job"):
        if is_hook(job) or is_replaced(job):
            yield states(job, "spec.template", True, expected="a hook, or a name of its own", actual="made anew")
            continue
        changed = _changed(then.get(job.identity), job, "spec.template")
        expected = f"the same as in {before.scenario.name}, or another name"
        yield states(job, "spec.template", not changed, expected=expected, actual=changed or "the same")


@jobs_can_be_upgraded.counterexample(manifests=HEALTHY)
def another_image_under_the_same_name(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    container = after.resources.one("Job", "migrate-1a2b3c4d").manifest["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "example.com/migrate:2"
    return before, after


@jobs_can_be_upgraded.counterexample(manifests=HEALTHY)
def a_label_of_the_pod_changes(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    job = after.resources.one("Job", "migrate-1a2b3c4d").manifest
    job["spec"]["template"]["metadata"] = {"labels": {"helm.sh/chart": "two"}}
    return before, after


@policy(
    over=neighbours,
    severity="error",
    remediation="Make the field of what never changes, or give the object another name when it does.",
)
def immutable_fields_keep_their_value(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What Kubernetes never changes is the same under other values: selectors, claims, the role of a binding.

    An upgrade that changes such a field is refused halfway. A claim may grow, and a hook is made anew.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
    """
    then = {resource.identity: resource for resource in before.resources}
    for resource in after.resources:
        if resource.identity not in then or is_hook(resource) or is_replaced(resource) or resource.kind == "Job":
            continue
        for address in immutable_addresses(then[resource.identity]):
            changed = _changed(then[resource.identity], resource, address)
            expected = f"the same as in {before.scenario.name}"
            yield states(resource, address, not changed, expected=expected, actual=changed or "the same")


@immutable_fields_keep_their_value.counterexample(manifests=HEALTHY)
def another_selector(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    after.resources.one("StatefulSet", "data").manifest["spec"]["selector"]["matchLabels"]["app"] = "store"
    return before, after


@immutable_fields_keep_their_value.counterexample(manifests=HEALTHY)
def a_claim_template_gets_larger(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    claim = after.resources.one("StatefulSet", "data").manifest["spec"]["volumeClaimTemplates"][0]
    claim["metadata"]["labels"] = {"helm.sh/chart": "two"}
    return before, after


@immutable_fields_keep_their_value.counterexample(manifests=HEALTHY)
def a_claim_is_of_another_class(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    after.resources.one("PersistentVolumeClaim", "files").manifest["spec"]["storageClassName"] = "fast"
    return before, after


@immutable_fields_keep_their_value.counterexample(manifests=HEALTHY)
def a_binding_gets_another_role(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    after.resources.one("RoleBinding", "reader").manifest["roleRef"]["name"] = "writer"
    return before, after


def _changed(before: Resource | None, after: Resource, address: str) -> list[str]:
    """Give the addresses below one of them that differ and must not."""
    if before is None:
        return []
    found = differences(before.at(address), after.at(address))
    below = [join(*steps(address), *steps(where)) for where, *_ in found]
    return [place for place in below if is_immutable(before, place)]


def _annotated(rendering: Rendering, job: str, key: str, value: str) -> Rendering:
    rendering.resources.one("Job", job).manifest["metadata"]["annotations"][key] = value
    return rendering
