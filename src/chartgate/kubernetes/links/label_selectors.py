"""How Services and selectors find pods: by labels, and by the names of ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.pods.workloads import Container, pod_template, workloads
from chartgate.model import Resource, Resources, Scenario

_MOST_REPLICAS = 1000
"""Pods of one StatefulSet that are told apart: a slip of a few zeros must not fill the memory."""


def selects(selector: Any, labels: Any) -> bool:
    """Tell whether a selector finds what has these labels; an empty one finds nothing here."""
    return bool(selector) and isinstance(selector, dict) and selector.items() <= _map(labels).items()


def finds(selector: Any, labels: Any) -> bool:
    """Tell whether a LabelSelector (`matchLabels`, `matchExpressions`) finds what has these labels.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    wanted, there = _map(_map(selector).get("matchLabels")), _map(labels)
    rules = maps_in(_map(selector).get("matchExpressions"))
    return wanted.items() <= there.items() and all(_holds(rule, there) for rule in rules)


def _holds(rule: dict[str, Any], labels: dict[str, Any]) -> bool:
    is_there = str(rule.get("key")) in labels
    is_listed = is_there and labels[str(rule.get("key"))] in texts_in(rule.get("values"))
    outcomes = {"In": is_listed, "NotIn": not is_listed, "Exists": is_there, "DoesNotExist": not is_there}
    return outcomes.get(str(rule.get("operator")), False)


def pod_labels(workload: Resource) -> dict[str, Any]:
    """Give the labels of the pods that a workload makes."""
    return _map(lookup(pod_template(workload)[1], "metadata.labels"))


def labels_of_pods(workload: Resource) -> list[dict[str, Any]]:
    """Give the labels of each pod that a workload makes, with those by which its controller tells one from another.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-name-label and
    https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-name
    """
    common = pod_labels(workload)
    if workload.kind == "Job":
        return [common | {"job-name": workload.name, "batch.kubernetes.io/job-name": workload.name}]
    if workload.kind != "StatefulSet":
        return [common]
    replicas, first = workload.at("spec.replicas"), workload.at("spec.ordinals.start")
    start = first if isinstance(first, int) else 0
    # One that is scaled to nothing makes pods again, and one without a number has one.
    count = min(max(replicas, 1), _MOST_REPLICAS) if isinstance(replicas, int) else 1
    return [
        common
        | {
            "statefulset.kubernetes.io/pod-name": f"{workload.name}-{ordinal}",
            "apps.kubernetes.io/pod-index": str(ordinal),
        }
        for ordinal in range(start, start + count)
    ]


def port_of(container: Container, target: Any) -> Any:
    """Give the port that a Service's `targetPort` means in a container: a number, or the name of one."""
    ports = maps_in(container.at("ports"))
    return next((port.get("containerPort") for port in ports if port.get("name") == target), target)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_NAME = "kubernetes.io/metadata.name"


_PROTECTING = (("PodDisruptionBudget", "spec.selector"), ("NetworkPolicy", "spec.podSelector"))


@dataclass(frozen=True)
class PodSelection:
    """A LabelSelector of a resource, and the namespaces in which it looks for pods."""

    owner: Resource
    address: str
    selector: Any
    namespaces: tuple[str, ...]


def service_selection(service: Resource) -> Iterator[PodSelection]:
    """Give the selector of a Service as a LabelSelector; nothing where it has none, or leads to a host elsewhere."""
    selector = service.at("spec.selector")
    if service.kind == "Service" and selector and service.at("spec.type") != "ExternalName":
        yield PodSelection(service, "spec.selector", {"matchLabels": selector}, (service.namespace,))


def protected_pods(resource: Resource) -> Iterator[PodSelection]:
    """Give the selector of a PodDisruptionBudget or a NetworkPolicy; an empty one means all pods, and is left out."""
    for kind, address in _PROTECTING:
        if resource.kind == kind and resource.at(address):
            yield PodSelection(resource, address, resource.at(address), (resource.namespace,))


def peers(policy: Resource, resources: Resources, scenario: Scenario) -> Iterator[PodSelection]:
    """Give the peers of a NetworkPolicy that are pods by their labels, where the release can know of them.

    Without a namespaceSelector, they are in the policy's own namespace. With one, they are in the namespaces that
    have its labels: a peer is left out unless those are the release's, or rendered or declared by the matrix.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    if policy.kind != "NetworkPolicy":
        return
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(maps_in(policy.at(f"spec.{direction}"))):
            for index, peer in enumerate(maps_in(rule.get(side))):
                if peer.get("podSelector"):
                    address = f"spec.{direction}[{number}].{side}[{index}].podSelector"
                    namespaces: tuple[str, ...] = (policy.namespace,)
                    if peer.get("namespaceSelector") is not None:
                        namespaces = tuple(_named(peer["namespaceSelector"], resources, scenario))
                    if namespaces:
                        yield PodSelection(policy, address, peer["podSelector"], namespaces)


def pods_found(selection: PodSelection, resources: Resources, scenario: Scenario) -> list[str]:
    """Give the workloads, and the declared pods, that a selection finds."""
    rendered = [
        str(workload.identity)
        for workload in workloads(resources)
        if workload.namespace in selection.namespaces
        and any(finds(selection.selector, labels) for labels in labels_of_pods(workload))
    ]
    return rendered + [
        f"Pod {thing.namespace or scenario.namespace}/{thing.name}, external"
        for thing in scenario.external
        if thing.kind == "Pod"
        and (thing.namespace or scenario.namespace) in selection.namespaces
        and finds(selection.selector, thing.labels)
    ]


def _named(selector: Any, resources: Resources, scenario: Scenario) -> Iterator[str]:
    """Give the known namespaces that a selector finds, if it finds them by name; any other may mean more than these.

    Every namespace has its name for a label.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
    """
    if not isinstance(lookup(selector, f"matchLabels[{_NAME}]"), str):
        return
    known: dict[str, Any] = {scenario.namespace: {}}
    known |= {thing.name: {} for thing in scenario.external if thing.kind == "Namespace"}
    known |= {namespace.name: namespace.at("metadata.labels") for namespace in resources.of_kind("Namespace")}
    for name, labels in known.items():
        if finds(selector, {**(labels if isinstance(labels, dict) else {}), _NAME: name}):
            yield name
