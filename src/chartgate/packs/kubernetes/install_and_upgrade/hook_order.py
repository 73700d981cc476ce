"""Hook order: what a hook, or a wave of Argo CD, needs is there when it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.kubernetes.changes.install_order import Turn, courses, turns
from chartgate.kubernetes.changes.lifecycle import annotation_words
from chartgate.kubernetes.links.existence import is_declared, made_from, mounted_texts
from chartgate.kubernetes.links.object_references import (
    Reference,
    accounts,
    claims,
    own_namespace,
    pull_secrets,
    variable_sources,
    volume_sources,
)
from chartgate.kubernetes.links.service_backends import pods_of
from chartgate.kubernetes.links.service_calls import called_hosts
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
apiVersion: v1
kind: ConfigMap
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
data: {mode: fast}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate-database
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    spec:
      serviceAccountName: migrate
      containers:
        - name: migrate
          envFrom: [{configMapRef: {name: migrate}}, {configMapRef: {name: web, optional: true}}]
          env: [{name: DB_HOST, value: db.example.com}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: upgrade, annotations: {helm.sh/hook: pre-upgrade}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: seed, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {mode: slow}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, envFrom: [{configMapRef: {name: web}}]}]}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: announce, annotations: {helm.sh/hook: "post-install,post-upgrade"}}
spec:
  template:
    spec: {containers: [{name: announce, args: ["--to=http://web:80/"], envFrom: [{configMapRef: {name: web}}]}]}
---
{apiVersion: v1, kind: Namespace, metadata: {name: tools}}
---
{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: vault}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: tidy, namespace: tools}
spec: {template: {spec: {containers: [{name: tidy}]}}}
"""
WAVES = """
{apiVersion: v1, kind: ServiceAccount, metadata: {name: load, annotations: {argocd.argoproj.io/sync-wave: "1"}}}
---
apiVersion: v1
kind: Secret
metadata: {name: load, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
stringData: {token: t}
---
{apiVersion: v1, kind: Secret, metadata: {name: late, annotations: {argocd.argoproj.io/hook: PostSync}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: load}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: load
  annotations: {argocd.argoproj.io/hook: Sync, argocd.argoproj.io/sync-wave: "2"}
spec:
  template:
    spec:
      serviceAccountName: load
      containers:
        - name: load
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: load, key: token}}}
            - {name: TARGET, value: "http://web.default.svc/"}
      volumes: [{name: data, persistentVolumeClaim: {claimName: load}}]
"""
MIGRATE, POD = "Job migrate-database", "spec.template.spec"
MIGRATION = f"{POD}.containers[migrate]"
_HOOK = "metadata.annotations[helm.sh/hook]"
_WEIGHT = "metadata.annotations[helm.sh/hook-weight]"
_ARGO_HOOK = "metadata.annotations[argocd.argoproj.io/hook]"
_W = "argocd.argoproj.io/sync-wave"
_WAVE = f"metadata.annotations[{_W}]"
_MANIFEST = re.compile(r"\bkind: (Secret|ConfigMap)\n *metadata:\n *name: ([a-z0-9.-]++)")
"""The beginning of an object in the text of a ConfigMap."""
_STORE = "secrets-store.csi.k8s.io"


def store(name: str) -> dict[str, Any]:
    """Give a volume with secrets of a store."""
    return {"name": "store", "csi": {"driver": _STORE, "volumeAttributes": {"secretProviderClass": name}}}


def provider_classes(workload: Resource) -> Iterator[Reference]:
    """Give what says which secrets of a store a pod mounts: https://secrets-store-csi-driver.sigs.k8s.io/concepts."""
    for volume in (pod_if_any(workload) / "volumes").maps():
        name = volume / "csi" / "volumeAttributes" / "secretProviderClass"
        if volume.at("csi.driver") == _STORE and isinstance(name.value, str):
            yield Reference(name, "SecretProviderClass", name.value, workload.namespace)


_NEEDED = (variable_sources, volume_sources, claims, pull_secrets, accounts, provider_classes)


@policy(
    severity="error",
    remediation="Make what it needs a hook of the same event with a lower weight (in Argo CD: an earlier phase or wave)"
    " that no delete policy takes away before, or run the hook after the release is made.",
)
def hooks_find_what_they_need(rendering: Rendering) -> Iterator[Check]:
    """Whatever a hook refers to is there when it runs: its account, ConfigMaps, Secrets, claims and its namespace.

    A pre-install hook runs before anything of the release exists, and hooks of the same weight run in the order of
    their names. Its pod is never created, or never starts, and the installation fails when the time is up. So it does
    with `--wait` where pods of the release need what a post-install hook makes. The same holds for the phases and waves
    of Argo CD, and for what `hook-succeeded` deletes too early. Source:
    https://helm.sh/docs/topics/charts_hooks/ and https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
    """
    made: list[tuple[object, Check]] = []
    for turn in turns(rendering.resources):
        for reference in (reference for of in _NEEDED for reference in of(turn.workload) if not reference.optional):
            if found := _of_release(reference, rendering):
                is_there = any(turn.has(resource) for resource in found)
                check = _check(reference.place, str(reference), turn, found, is_there=is_there)
                made.append(((turn.place, reference.place.address, str(reference)), check))
    yield from _worst(made)
    yield from _namespaces(rendering)


def _worst(made: list[tuple[object, Check]]) -> Iterator[Check]:
    """Give one check of each thing: of the first moment at which it is wrong, if it is at any."""
    first: dict[object, Check] = {}
    for key, check in made:
        if key not in first or (first[key].passed and not check.passed):
            first[key] = check
    yield from first.values()


def _check(place: Place[Resource], what: str, turn: Turn, found: list[Resource], *, is_there: bool) -> Check:
    actual = "there" if is_there else "; ".join(turn.why_not(resource) for resource in found)
    return states(place, is_there, expected=f"{what} is there when {turn}", actual=actual)


def _of_release(reference: Reference, rendering: Rendering) -> list[Resource]:
    """Give what the release itself makes of what a reference names, or what a controller makes that from."""
    found = rendering.resources.named(reference.kind, reference.name, reference.namespace)
    maker = None if found else made_from(reference, rendering.resources)
    is_elses = any(is_declared(reference, thing, rendering.scenario) for thing in rendering.scenario.external)
    if is_elses or _is_applied_first(reference, rendering.resources):
        return []
    return found or ([maker] if maker is not None else [])


def _is_applied_first(reference: Reference, resources: Resources) -> bool:
    """Tell whether a Job that runs before all else mounts the manifest of what a reference names, to apply it."""
    return (reference.kind, reference.name, reference.namespace) in resources.indexed(_applied_first)


def _applied_first(resources: Resources) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (*made, job.namespace)
        for job in resources.of_kind("Job")
        if "pre-install" in annotation_words(job, "helm.sh/hook")
        for text in mounted_texts(job, resources)
        for made in _MANIFEST.findall(text)
    )


def _namespaces(rendering: Rendering) -> Iterator[Check]:
    """Judge the namespaces that the release makes: Helm, unlike Argo CD, does not bring them forward."""
    resources = rendering.resources
    made = {found.name: found for found in resources.of_kind("Namespace") if found.name != rendering.scenario.namespace}
    seen: set[int] = set()
    helm = next(iter(courses(resources)))
    for number, moment in enumerate(helm.moments) if made else ():
        for place in moment.made:
            for reference in own_namespace(resources[place]) if place not in seen else ():
                if (namespace := made.get(reference.name)) is not None:
                    turn = Turn(helm, resources, place, number)
                    is_there = helm.is_there(resources.index(namespace), number)
                    yield _check(reference.place, str(reference), turn, [namespace], is_there=is_there)
            seen.add(place)


hooks_find_what_they_need.breaks(
    manifests=HEALTHY,
    the_account_is_part_of_the_release=put(MIGRATE, f"{POD}.serviceAccountName", "web"),
    it_runs_before_its_account=put(MIGRATE, _WEIGHT, "-6"),
    of_the_same_weight_the_name_decides=put(MIGRATE, "metadata.name", "a-migration"),
    the_configuration_is_for_upgrades_only=put(MIGRATE, f"{MIGRATION}.envFrom[0].configMapRef.name", "upgrade"),
    its_store_comes_with_the_release=put(MIGRATE, f"{POD}.volumes", [store("vault")]),
    it_reads_what_comes_with_the_release=put(MIGRATE, f"{MIGRATION}.envFrom[1].configMapRef.optional", False),
    what_a_workload_reads_is_deleted=put(
        "Deployment web", f"{POD}.containers[web].envFrom[0].configMapRef.name", "seed"
    ),
    pods_that_are_waited_for_need_a_later_hook=(
        put("ConfigMap seed", "metadata.annotations", {"helm.sh/hook": "post-install"}),
        put("Deployment web", f"{POD}.containers[web].envFrom[0].configMapRef.name", "seed"),
    ),
    its_namespace_comes_with_the_release=put("Job tidy", "metadata.annotations", {"helm.sh/hook": "pre-install"}),
    the_account_is_gone_before_the_last_hook=put(
        "Job announce", "metadata.annotations", {"helm.sh/hook": "post-delete"}
    ),
)
hooks_find_what_they_need.breaks(
    manifests=WAVES,
    the_account_is_of_a_later_wave=put("Job load", _WAVE, "0"),
    what_it_needs_is_of_a_later_phase=put("Job load", _ARGO_HOOK, "PreSync"),
    the_secret_is_of_a_later_phase=put("Deployment web", f"{POD}.imagePullSecrets", [{"name": "late"}]),
)


@policy(
    severity="error",
    remediation="Run the hook after the release is made (post-install, PostSync), or call something that is there"
    " before it.",
)
def hooks_call_what_is_running(rendering: Rendering) -> Iterator[Check]:
    """A Service that a Job or a Pod calls before the release is made, and the pods behind it, are there by then.

    A migration that waits for the database of its own release, as a pre-install hook, waits in vain: the database is
    made once the hook is done. Source: https://helm.sh/docs/topics/charts_hooks/#hooks-and-the-release-lifecycle
    """
    resources = rendering.resources
    made: list[tuple[object, Check]] = []
    for turn in turns(resources):
        for call in called_hosts(turn.workload, resources) if turn.is_awaited else ():
            if (service := call.service(resources)) is not None:
                pods = pods_of(service, resources)
                missing = [part for part in (service, *pods[:1]) if not turn.has(part)]
                is_there = not missing or (missing != [service] and any(turn.has(pod) for pod in pods))
                what = f"{service.identity.label} with its pods"
                check = _check(call.place, what, turn, missing, is_there=is_there)
                made.append(((turn.place, call.place.address, call.host), check))
    yield from _worst(made)


hooks_call_what_is_running.breaks(
    manifests=HEALTHY,
    the_database_comes_with_the_release=put(MIGRATE, f"{MIGRATION}.env[DB_HOST].value", "web"),
    it_runs_before_the_release=put("Job announce", _HOOK, "pre-install"),
)
hooks_call_what_is_running.breaks(
    manifests=WAVES, the_service_is_of_the_next_phase=put("Job load", _ARGO_HOOK, "PreSync")
)
