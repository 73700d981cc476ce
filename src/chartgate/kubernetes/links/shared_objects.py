"""What two releases of a chart have in common: objects of one identity, and selectors that find the other's pods."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import replaced
from chartgate.kubernetes.links.label_selectors import (
    PodSelection,
    labels_of_each_pod,
    matches_label_selector,
    may_have,
    protected_pods,
    service_selection,
)
from chartgate.kubernetes.links.monitored_ports import monitor_selector
from chartgate.kubernetes.pods.workloads import template_if_any, workloads
from chartgate.kubernetes.validity.fixed_choices import places_at
from chartgate.model import Identity, Resource, Resources

Change = Callable[[str], str]
_PEERS = ("spec ingress * from *", "spec egress * to *")
_APART = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
# What every release may bring: a definition is the same for all; the API group, or the driver, dictates the name.
_OF_THE_CLUSTER = ("CustomResourceDefinition", "APIService", "CSIDriver")


class FoundToo(NamedTuple):
    """A selector of one release that finds something of another one, and what it finds."""

    place: Place[Resource]
    others: tuple[str, ...]


def can_be_shared(resource: Resource) -> bool:
    """Tell whether two releases may both have an object: each makes its hooks anew, and needs the same definitions.

    Source: https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies
    """
    annotations = map_of(resource.at("metadata.annotations"))
    return resource.kind in _OF_THE_CLUSTER or "helm.sh/hook" in annotations or resource.is_generated


def same_objects(one: Iterable[Resource], other: Iterable[Resource], change: Change) -> list[Resource]:
    """Give the objects of one release that another one has as well, once its texts are changed."""
    theirs = {Identity(*map(change, resource.identity)) for resource in other}
    return [resource for resource in one if resource.identity in theirs]


def found_too(one: Resources, other: Resources, change: Change) -> Iterator[FoundToo]:
    """Give each selector of one release, with the pods or Services of another one that it finds.

    Those of workloads, Services, budgets, network policies and monitors, and of what pods keep apart from; one that
    means every pod is left out. Of the peers of a policy, those count that are pods of the release itself.
    """
    pods, services = (
        Resources(_changed(resource, change) for resource in found)
        for found in (workloads(other), other.of_kind("Service"))
    )
    pods.settle()
    for resource in one:
        for selection in (*_selections(resource), *_peers(resource, one)):
            near = may_have(map_of(selection.selector).get("matchLabels"), selection.namespaces, pods)
            finds = [pod for pod in near if _selects(selection, pod)]
            yield FoundToo(selection.place, tuple(str(pod.identity) for pod in finds))
        monitor = monitor_selector(resource)
        if monitor is not None and monitor.of_services and monitor.place.map:
            same = [service for service in services if service.namespace == resource.namespace]
            finds = [s for s in same if matches_label_selector(monitor.place.map, map_of(s.at("metadata.labels")))]
            yield FoundToo(monitor.place, tuple(str(service.identity) for service in finds))


def _selections(resource: Resource) -> Iterator[PodSelection]:
    selector = resource / "spec" / "selector"
    if resource.kind in _CONTROLLERS and selector.map:
        yield PodSelection(selector, selector.map, (resource.namespace,))
        yield from _kept_apart(resource)
    monitor = monitor_selector(resource)
    if monitor is not None and not monitor.of_services and monitor.place.map:
        yield PodSelection(monitor.place, monitor.place.map, (resource.namespace,))
    yield from service_selection(resource)
    yield from protected_pods(resource)


def _kept_apart(workload: Resource) -> Iterator[PodSelection]:
    """Give what pods must not share a node with, where that is meant of themselves: of another release, too, then."""
    for term in template_if_any(workload).place(_APART).maps():
        pods = PodSelection(term / "labelSelector", term.at("labelSelector"), (workload.namespace,))
        if "namespaces" not in term.map and "namespaceSelector" not in term.map and _selects(pods, workload):
            yield pods


def _peers(policy: Resource, own: Resources) -> Iterator[PodSelection]:
    """Give the peers in the policy's own namespace that are pods of the release."""
    if policy.kind == "NetworkPolicy":
        for peer in (peer for way in _PEERS for peer in places_at(policy.place(), way.split()) if peer.is_map):
            pods = PodSelection(peer / "podSelector", peer.at("podSelector"), (policy.namespace,))
            near = may_have(map_of(pods.selector).get("matchLabels"), pods.namespaces, own) if pods.place.value else ()
            if not (peer / "namespaceSelector").is_set and any(_selects(pods, pod) for pod in near):
                yield pods


def _selects(selection: PodSelection, pod: Resource) -> bool:
    return any(matches_label_selector(selection.selector, labels) for labels in labels_of_each_pod(pod))


def _changed(resource: Resource, change: Change) -> Resource:
    manifest = replaced(resource.manifest, change, keys=True)
    return dataclasses.replace(resource, manifest=manifest, default_namespace=change(resource.default_namespace))
