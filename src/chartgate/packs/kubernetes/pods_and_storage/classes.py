"""Classes: the priority, storage or runtime class that a release names after itself is one that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.workloads import pod_if_any
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: default-release-name-web}
value: 1000
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: release-name-fast}
provisioner: example.com/disk
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {priorityClassName: default-release-name-web, containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec: {template: {spec: {priorityClassName: system-cluster-critical, containers: [{name: worker}]}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: release-name-fast}
"""
_MOST = 5


@policy(severity="error", remediation="Make the name by the same named template as that of the class.")
def classes_of_the_release_are_there(rendering: Rendering) -> Iterator[Check]:
    """A class whose name has the release's name in it is one that the release makes.

    A pod with a priority class that is not there is refused, and a claim of such a storage class waits. Source:
    https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority
    """
    for resources in rendering.stages:
        for resource in resources:
            for kind, place in _named_classes(resource):
                if isinstance(place.value, str) and rendering.scenario.release in place.value:
                    there = [found.name for found in resources.of_kind(kind)]
                    actual = f"{place.value}; of this kind there is {listed(there, _MOST) or 'none'}"
                    yield states(place, place.value in there, expected=f"a {kind} of the release", actual=actual)


def _named_classes(resource: Resource) -> Iterator[tuple[str, Place[Any]]]:
    pod = pod_if_any(resource)
    if pod is not None:
        yield "PriorityClass", pod / "priorityClassName"
        yield "RuntimeClass", pod / "runtimeClassName"
    if resource.kind == "PersistentVolumeClaim":
        yield "StorageClass", resource / "spec" / "storageClassName"
    if resource.kind == "Ingress":
        yield "IngressClass", resource / "spec" / "ingressClassName"
    for template in (resource / "spec" / "volumeClaimTemplates").maps() if resource.kind == "StatefulSet" else ():
        yield "StorageClass", template / "spec" / "storageClassName"


classes_of_the_release_are_there.breaks(
    manifests=HEALTHY,
    the_pod_names_it_otherwise=put("Deployment web", "spec.template.spec.priorityClassName", "release-name-web"),
    nobody_makes_it=put("PersistentVolumeClaim data", "spec.storageClassName", "release-name-slow"),
)
