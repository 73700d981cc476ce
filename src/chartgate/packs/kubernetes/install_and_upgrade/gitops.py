"""GitOps: what Helm and Argo CD do with an object again and again: hooks, and fields that never change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.misspellings import lost_a_letter, nearly
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.immutable_fields import changed_for_ever, immutable_addresses
from chartgate.kubernetes.changes.lifecycle import HOOK_EVENTS, is_hook, is_replaced
from chartgate.model import Check, Rendering, Resource, Scenario, in_both
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

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
HOOK_OF_HELM, HOOK_OF_ARGO, JOB = "Job check", "Job announce", "Job migrate-1a2b3c4d"

HELM, ARGO = "helm.sh/", "argocd.argoproj.io/"
_CLAIM_TEMPLATES = "spec.volumeClaimTemplates"
_WHOLE = re.compile(r"[-+]?[0-9]+")
_SYNC_OPTIONS = """
    Prune=false Prune=true Prune=confirm Delete=false Delete=true Delete=confirm Validate=false Validate=true
    SkipDryRunOnMissingResource=true SkipDryRunOnMissingResource=false Force=true Force=false Replace=true Replace=false
    ServerSideApply=true ServerSideApply=false PruneLast=true PruneLast=false
    ClientSideApplyMigration=true ClientSideApplyMigration=false
"""
# Sources: https://helm.sh/docs/topics/charts_hooks/, https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
# and https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
KNOWN = {
    f"{HELM}hook": HOOK_EVENTS,
    f"{HELM}hook-delete-policy": frozenset(["before-hook-creation", "hook-succeeded", "hook-failed"]),
    f"{HELM}hook-output-log-policy": frozenset(["hook-succeeded", "hook-failed"]),
    f"{HELM}resource-policy": frozenset(["keep"]),
    f"{ARGO}hook": frozenset(["PreSync", "Sync", "Skip", "PostSync", "SyncFail", "PreDelete", "PostDelete"]),
    f"{ARGO}hook-delete-policy": frozenset(["HookSucceeded", "HookFailed", "BeforeHookCreation"]),
    f"{ARGO}sync-options": frozenset(_SYNC_OPTIONS.split()),
}
NUMBERS = (f"{HELM}hook-weight", f"{ARGO}sync-wave")
_FAMILIES = (f"{HELM}hook", f"{HELM}resource-", f"{ARGO}hook", f"{ARGO}sync")


@policy(
    judges=each(),
    severity="error",
    remediation="Spell annotation and value as the documentation of Helm or Argo CD does.",
)
def hook_annotations_are_known(resource: Resource) -> Iterator[Check]:
    """Annotations that steer Helm's and Argo CD's hooks, waves and options are such that they understand.

    A misspelt one is ignored in silence, as is one among the labels: the Job becomes an ordinary object, or is never
    deleted.
    Source: https://helm.sh/docs/topics/charts_hooks/
    """
    for key, annotation in (resource / "metadata" / "annotations").entries():
        for word in [part.strip() for part in str(annotation.value).split(",")]:
            if key in NUMBERS:
                yield states(annotation, bool(_WHOLE.fullmatch(word)), expected="a number", actual=word)
            elif key in KNOWN:
                yield states(annotation, word in KNOWN[key], expected=f"one of {sorted(KNOWN[key])}", actual=word)
        if key not in {*KNOWN, *NUMBERS} and (key.startswith(_FAMILIES) or _is_misspelt(key)):
            yield states(annotation, False, expected=f"one of {sorted([*KNOWN, *NUMBERS])}", actual=key)
    for key, label in (resource / "metadata" / "labels").entries():
        if key in KNOWN or key in NUMBERS:
            yield with_cause(states(label, False, expected="an annotation", actual=f"{key} as a label"), "labels")


def _is_misspelt(key: str) -> bool:
    """Tell whether a key is nearly that of an annotation; each of the two has others of its own."""
    before, _, name = key.rpartition("/")
    known = [other.rpartition("/")[2] for other in (*KNOWN, *NUMBERS) if other.startswith(f"{before}/")]
    return bool(nearly(name, known)) or any(lost_a_letter(name, other) for other in known)


hook_annotations_are_known.breaks(
    manifests=HEALTHY,
    a_hook_that_helm_does_not_know=put(HOOK_OF_HELM, f"metadata.annotations[{HELM}hook]", "post-sync"),
    a_delete_policy_of_the_other_tool=put(
        HOOK_OF_ARGO, f"metadata.annotations[{ARGO}hook-delete-policy]", "before-hook-creation"
    ),
    a_wave_that_is_no_number=put(HOOK_OF_ARGO, f"metadata.annotations[{ARGO}sync-wave]", "last"),
    a_misspelt_annotation=put(HOOK_OF_HELM, f"metadata.annotations[{HELM}hooks]", "post-install"),
    an_annotation_without_a_letter=put(HOOK_OF_HELM, f"metadata.annotations[{HELM}hok-weight]", "5"),
    an_annotation_among_the_labels=put(HOOK_OF_HELM, f"metadata.labels[{HELM}hook]", "post-install"),
    an_option_that_argo_has_not=put(HOOK_OF_ARGO, f"metadata.annotations[{ARGO}sync-options]", "Prune=false,Keep=true"),
)


def neighbours(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair each scenario with the next one of the same release, so that the second could be an upgrade of the first.

    Two of a chart's ci files are two installations.
    """
    upgraded = [scenario for scenario in scenarios if not scenario.is_installation]
    releases = dict.fromkeys((scenario.release, scenario.namespace) for scenario in upgraded)
    for release in releases:
        yield from pairwise(s for s in upgraded if (s.release, s.namespace) == release)


@policy(
    over=neighbours,
    severity="error",
    remediation="Make the field of what never changes, or give the object another name when it does.",
)
def immutable_fields_keep_their_value(before: Rendering, after: Rendering) -> Iterator[Check]:
    """What Kubernetes never changes is the same under other values: selectors, claims, the role of a binding.

    An upgrade that changes such a field is refused halfway. A claim may grow, and a hook is made anew. Whether a
    StatefulSet has claim templates at all is chosen when it is installed (`persistence.enabled`), and no chart can
    change it later. Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
    """
    for was, resource in in_both(before.resources, after.resources):
        if is_hook(resource) or is_replaced(resource) or resource.kind == "Job":
            continue
        for address in immutable_addresses(was):
            place = resource.place(address)
            changed = _changed(was, place)
            expected = f"the same as in {before.scenario.name}"
            yield states(place, not changed, expected=expected, actual=changed or "the same")


immutable_fields_keep_their_value.breaks(
    manifests=HEALTHY,
    another_selector=put("StatefulSet data", "spec.selector.matchLabels.app", "store"),
    a_claim_template_gets_larger=put(
        "StatefulSet data", "spec.volumeClaimTemplates[0].metadata.labels", {"helm.sh/chart": "two"}
    ),
    a_claim_is_of_another_class=put("PersistentVolumeClaim files", "spec.storageClassName", "fast"),
    a_binding_gets_another_role=put("RoleBinding reader", "roleRef.name", "writer"),
)


def _changed(before: Resource, now: Place[Resource]) -> list[str]:
    """Give the addresses below a place that were different before, and must never change."""
    return [
        address
        for address, *sides in changed_for_ever(before, now)
        if address != _CLAIM_TEMPLATES or not any(map(_is_none, sides))
    ]


def _is_none(value: Any) -> bool:
    return value is ABSENT or value in (None, [])
