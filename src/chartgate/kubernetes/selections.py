"""Which pods a resource means: the selectors of Services, budgets and network policies, and where they look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.addresses import lookup
from chartgate.kubernetes.lists import maps_in
from chartgate.kubernetes.selection import finds, labels_of_pods
from chartgate.kubernetes.workloads import workloads
from chartgate.model import Resource, Resources, Scenario

_NAME = "kubernetes.io/metadata.name"
_PROTECTING = (("PodDisruptionBudget", "spec.selector"), ("NetworkPolicy", "spec.podSelector"))


@dataclass(frozen=True)
class Selection:
    """A LabelSelector of a resource, and the namespaces in which it looks for pods."""

    owner: Resource
    address: str
    selector: Any
    namespaces: tuple[str, ...]


def service_selection(service: Resource) -> Iterator[Selection]:
    """Give the selector of a Service as a LabelSelector; nothing where it has none, or leads to a host elsewhere."""
    selector = service.at("spec.selector")
    if service.kind == "Service" and selector and service.at("spec.type") != "ExternalName":
        yield Selection(service, "spec.selector", {"matchLabels": selector}, (service.namespace,))


def protected_pods(resource: Resource) -> Iterator[Selection]:
    """Give the selector of a PodDisruptionBudget or a NetworkPolicy; an empty one means all pods, and is left out."""
    for kind, address in _PROTECTING:
        if resource.kind == kind and resource.at(address):
            yield Selection(resource, address, resource.at(address), (resource.namespace,))


def peers(policy: Resource, resources: Resources, scenario: Scenario) -> Iterator[Selection]:
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
                        yield Selection(policy, address, peer["podSelector"], namespaces)


def pods_found(selection: Selection, resources: Resources, scenario: Scenario) -> list[str]:
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
