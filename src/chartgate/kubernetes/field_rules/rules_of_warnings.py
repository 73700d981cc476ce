"""Rules that the API server warns of: it takes the object, and part of it does nothing, or not what it says.

Source: `GetWarningsForPodTemplate`, `GetWarningsForService` and `GetWarningsForPersistentVolumeClaimSpec`, in
https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/api
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from chartgate.kubernetes.field_rules.field_rule import Breach, Breaches, FieldRule, Part, never
from chartgate.kubernetes.validity.quantities import quantity

_BYTES = ("memory", "ephemeral-storage")
_SIDES = ("initContainers", "containers")
# What nodes are labelled with no longer, or in another way as well, and how it is called now.
_OLD_LABELS = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}
# Volumes whose plugins are gone: a pod with one never starts.
_GONE = ("photonPersistentDisk", "scaleIO", "flocker", "storageos", "quobyte", "glusterfs", "cephfs", "rbd")


def _whole_bytes(*addresses: str) -> Breaches:
    def breaches(part: Part) -> Iterator[Breach]:
        for place in (part.place(address) for address in addresses):
            number = quantity(place.value)
            if number is not None and number.denominator != 1:
                meant = f", not {place.text[:-1]}Mi" if place.text.endswith("m") else ""
                yield Breach(place, f"{place.value}, which is {float(number):g} bytes{meant}")

    return breaches


def _ports_at_once(part: Part) -> Iterator[tuple[str, Part]]:
    """Give the ports of the containers that run beside each other, each with its container's name."""
    for container in (container for key in _SIDES for container in (part / key).maps()):
        if ".initContainers" not in container.address or container.at("restartPolicy") == "Always":
            yield from ((str(container.map.get("name")), port) for port in (container / "ports").maps())


def _port_names(part: Part) -> Iterator[Breach]:
    owners: dict[str, str] = {}
    for container, port in _ports_at_once(part):
        name = (port / "name").text
        if name and owners.setdefault(name, container) != container:
            yield Breach(port / "name", f"{name}, which is a port of {owners[name]} as well: that one is meant by it")


def _port_numbers(part: Part) -> Iterator[Breach]:
    owners: dict[str, str] = {}
    for container, port in _ports_at_once(part):
        number = f"{port.map.get('containerPort')}/{port.map.get('protocol') or 'TCP'}"
        if owners.setdefault(number, container) != container:
            yield Breach(port / "containerPort", f"{number}, which is a port of {owners[number]} as well")


def _node_labels(part: Part) -> Iterator[Breach]:
    for label, now in _OLD_LABELS.items():
        if (part / "nodeSelector").is_map and label in (part / "nodeSelector").map:
            yield Breach(part / "nodeSelector" / label, f"{label}, which is {now} now")


def _old_label(field: str, part: Part) -> Iterator[Breach]:
    key = part / field
    if key.text in _OLD_LABELS:
        yield Breach(key, f"{key.text}, which is {_OLD_LABELS[key.text]} now")


def _spread_of_nothing(part: Part) -> Iterator[Breach]:
    if not (part / "labelSelector").is_set:
        yield Breach(part, "no labelSelector, so that it counts no pod")


def _beside_headless(part: Part) -> Iterator[Breach]:
    if part.at("spec.clusterIP") == "None" and (part / "spec" / "type").text in ("", "ClusterIP"):
        yield from never("loadBalancerIP", "externalIPs", because="the Service is headless")(part / "spec")
        if part.at("spec.sessionAffinity") == "ClientIP":
            yield Breach(part / "spec" / "sessionAffinity", "ClientIP, and the Service is headless")


def _external_name(part: Part) -> Iterator[Breach]:
    if part.at("spec.externalName") and part.at("spec.type") != "ExternalName":
        yield Breach(part / "spec" / "externalName", "externalName, and the type is another one")


RULES_OF_WARNINGS = (
    FieldRule(
        "container",
        "memory and storage in whole bytes",
        "pod warningsForPodSpecAndMeta",
        _whole_bytes(*(f"resources.{side}.{name}" for side in ("limits", "requests") for name in _BYTES)),
    ),
    FieldRule(
        "init container",
        "memory and storage in whole bytes",
        "pod warningsForPodSpecAndMeta",
        _whole_bytes(*(f"resources.{side}.{name}" for side in ("limits", "requests") for name in _BYTES)),
    ),
    FieldRule(
        "claim",
        "storage in whole bytes",
        "persistentvolumeclaim GetWarningsForPersistentVolumeClaimSpec",
        _whole_bytes("resources.requests.storage", "resources.limits.storage"),
    ),
    FieldRule(
        "pod", "ports of different names in containers beside each other", "pod warningsForPodSpecAndMeta", _port_names
    ),
    FieldRule(
        "pod",
        "ports of different numbers in containers beside each other",
        "pod warningsForPodSpecAndMeta",
        _port_numbers,
    ),
    FieldRule("pod", "labels that nodes have", "node GetNodeLabelDeprecatedMessage", _node_labels, is_of_values=True),
    FieldRule(
        "node expression",
        "a label that nodes have",
        "node GetWarningsForNodeSelectorTerm",
        functools.partial(_old_label, "key"),
        is_of_values=True,
    ),
    FieldRule(
        "spread constraint",
        "a label that nodes have",
        "node GetNodeLabelDeprecatedMessage",
        functools.partial(_old_label, "topologyKey"),
        is_of_values=True,
    ),
    FieldRule(
        "affinity to pods",
        "a label that nodes have",
        "node GetNodeLabelDeprecatedMessage",
        functools.partial(_old_label, "topologyKey"),
        is_of_values=True,
    ),
    FieldRule("spread constraint", "the pods that it counts", "pod warningsForPodSpecAndMeta", _spread_of_nothing),
    FieldRule(
        "volume",
        "a volume of which Kubernetes still has the plugin",
        "pod warningsForPodSpecAndMeta",
        never(*_GONE, because="Kubernetes no longer mounts it"),
    ),
    FieldRule("Service", "nothing that a headless Service ignores", "service GetWarningsForService", _beside_headless),
    FieldRule("Service", "externalName under the type ExternalName", "service GetWarningsForService", _external_name),
)
