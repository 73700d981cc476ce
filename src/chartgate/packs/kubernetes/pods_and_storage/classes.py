"""Classes: a claim has one, or leaves it to the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.walking import nodes
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: fast}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}]}
"""
_CLASS = "storageclass"


def _claims(resource: Resource) -> Iterator[Place[Resource]]:
    """Give what a resource asks for of storage: its own claim, or those of its pods."""
    if resource.kind == "PersistentVolumeClaim":
        yield resource / "spec"
    for template in (resource / "spec" / "volumeClaimTemplates").maps() if resource.kind == "StatefulSet" else ():
        yield template / "spec"


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
        for spec in _claims(resource):
            place = spec / "storageClassName"
            passed = place.value != "" or bool(spec.at("volumeName") or spec.at("selector"))
            expected = "a class, or none at all, for the default of the cluster"
            if place.is_there:
                yield states(place, passed, expected=expected, actual="an empty name, for which no volume is made")


claims_have_a_class_or_leave_it_open.breaks(
    manifests=HEALTHY,
    the_value_is_empty=put("PersistentVolumeClaim data", "spec.storageClassName", ""),
    it_is_empty_for_each_pod=put("StatefulSet web", "spec.volumeClaimTemplates[0].spec.storageClassName", ""),
)
