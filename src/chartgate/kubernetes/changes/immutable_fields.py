"""What the API server refuses to change in an existing object, and which objects are created again instead.

Sources: the validation of updates, `ValidateXUpdate` in https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
and https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable; of other kinds that of their own
webhooks, https://github.com/argoproj/argo-rollouts/pull/4084 say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import is_inside, steps
from chartgate.documents.json_documents.equality import unequal
from chartgate.documents.places import Place
from chartgate.model import Resource

_SOURCES = ("csi", "nfs", "hostPath", "local", "iscsi", "fc", "cephfs", "rbd", "azureDisk", "azureFile")
# The addresses below which nothing changes, and the exceptions among them.
_IMMUTABLE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Deployment", "DaemonSet", "ReplicaSet", "Rollout", "CloneSet"), ("spec.selector",)),
    "StatefulSet": ("spec",),
    "Job": (
        "spec.selector",
        "spec.template",
        "spec.completions",
        "spec.completionMode",
        "spec.podFailurePolicy",
        "spec.successPolicy",
        "spec.backoffLimitPerIndex",
        "spec.managedBy",
    ),
    "PersistentVolumeClaim": ("spec",),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "Secret": ("type",),
    "PersistentVolume": (*(f"spec.{source}" for source in _SOURCES), "spec.volumeMode"),
    "Service": ("spec.clusterIP", "spec.clusterIPs", "spec.ipFamilies[0]", "spec.loadBalancerClass"),
    "ResourceQuota": ("spec.scopes",),
    "EndpointSlice": ("addressType",),
    "CSIDriver": ("spec.attachRequired", "spec.volumeLifecycleModes"),
    "VolumeAttributesClass": ("driverName", "parameters"),
    **dict.fromkeys(("ResourceClaim", "ResourceClaimTemplate"), ("spec",)),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "IngressClass": ("spec.controller",),
    "GatewayClass": ("spec.controllerName",),
    "KafkaTopic": ("spec.topicName",),
    "PriorityClass": ("value", "preemptionPolicy"),
    "RuntimeClass": ("handler",),
    "CustomResourceDefinition": ("spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"),
}
_MUTABLE: dict[str, tuple[str, ...]] = {
    "StatefulSet": (
        "spec.replicas",
        "spec.template",
        "spec.updateStrategy",
        "spec.ordinals",
        "spec.minReadySeconds",
        "spec.revisionHistoryLimit",
        "spec.persistentVolumeClaimRetentionPolicy",
    ),
    "PersistentVolumeClaim": ("spec.resources.requests", "spec.volumeAttributesClassName"),
}
_FROZEN = {"Secret": ("data", "stringData", "immutable"), "ConfigMap": ("data", "binaryData", "immutable")}


def immutable_addresses(resource: Resource) -> tuple[str, ...]:
    """Give the addresses below which the API server lets nothing change; an `immutable: true` freezes the content."""
    frozen = _FROZEN.get(resource.kind, ()) if resource.at("immutable") is True else ()
    return _IMMUTABLE.get(resource.kind, ()) + frozen


def changed_for_ever(before: Resource, now: Place[Resource]) -> Iterator[tuple[str, Any, Any]]:
    """Give what differs at a place from a resource as it was, and must not: each address, with the values there."""
    found = unequal(before.at(now.address), now.value, *steps(now.address))
    return (one for one in found if is_immutable(before, one[0]))


def is_immutable(resource: Resource, address: str) -> bool:
    """Tell whether the API server refuses another value at this address of a resource as it was."""
    return any(is_inside(address, place) for place in immutable_addresses(resource)) and not any(
        is_inside(address, place) for place in _MUTABLE.get(resource.kind, ())
    )
