"""Classes: one named after the release is made by it, and a claim has one or leaves it to the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.documents.walking import nodes
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
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: release-name-issuer}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {issuerRef: {name: release-name-issuer}}
"""
_MOST = 5
_CLASS = "storageclass"


@policy(severity="error", remediation="Make the name by the same named template as that of the class.")
def classes_of_the_release_are_there(rendering: Rendering) -> Iterator[Check]:
    """A class whose name has the release's name in it is one that the release makes.

    A pod with a priority class that is not there is refused, a claim of such a storage class waits, and so does what an
    issuer of certificates is asked for. Source:
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
    if resource.kind == "Certificate" and str(resource.at("apiVersion")).startswith("cert-manager.io/"):
        issuer = resource / "spec" / "issuerRef"
        yield str(issuer.at("kind") or "Issuer"), issuer / "name"
    if resource.kind == "Ingress":
        yield "IngressClass", resource / "spec" / "ingressClassName"
    for template in (resource / "spec" / "volumeClaimTemplates").maps() if resource.kind == "StatefulSet" else ():
        yield "StorageClass", template / "spec" / "storageClassName"


classes_of_the_release_are_there.breaks(
    manifests=HEALTHY,
    the_pod_names_it_otherwise=put("Deployment web", "spec.template.spec.priorityClassName", "release-name-web"),
    the_certificate_names_another_issuer=put("Certificate web", "spec.issuerRef.name", "release-name-web"),
    nobody_makes_it=put("PersistentVolumeClaim data", "spec.storageClassName", "release-name-slow"),
)


@policy(
    severity="warning", remediation="Leave storageClassName out where the value is empty; let `-` stand for no class."
)
def claims_have_a_class_or_leave_it_open(rendering: Rendering) -> Iterator[Check]:
    """No claim has the class of an empty name, unless the values ask for that, or the claim for its own volume.

    An empty value mostly means the cluster's default class, for which the field is left out: with the empty name,
    no volume is made, and the claim waits for one. Source:
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1
    """
    said = [value for keys, value in nodes(rendering.scenario.values) if keys and _CLASS in str(keys[-1]).lower()]
    for resource in rendering.resources if "-" not in said else ():
        for kind, place in _named_classes(resource):
            if kind == "StorageClass" and place.is_there:
                spec = resource.place(place.address.rpartition(".")[0])
                passed = place.value != "" or bool(spec.at("volumeName") or spec.at("selector"))
                expected = "a class, or none at all, for the default of the cluster"
                yield states(place, passed, expected=expected, actual="an empty name, for which no volume is made")


claims_have_a_class_or_leave_it_open.breaks(
    manifests=HEALTHY, the_value_is_empty=put("PersistentVolumeClaim data", "spec.storageClassName", "")
)
