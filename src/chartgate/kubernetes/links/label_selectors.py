"""Which pods Services and selectors find, by their labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.kubernetes.pods.workloads import template_if_any, workloads
from chartgate.model import Resource, Resources, Scenario

_NAME = "kubernetes.io/metadata.name"
"""The label of every namespace that holds its name."""
_PROTECTING = (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector"))
"""What protects pods, and the field of its spec that selects them."""
_OF_CONTROLLERS = frozenset(
    ["job-name", "batch.kubernetes.io/job-name", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"]
)
"""Labels that controllers write on pods, whatever the template says."""
_MOST_REPLICAS = 1000
"""The most pods of one StatefulSet that are listed; a typo must not exhaust memory."""


@dataclass(frozen=True)
class PodSelection:
    """A LabelSelector of a resource, and the namespaces in which it looks for pods."""

    place: Place[Resource]
    selector: Any
    namespaces: tuple[str, ...]


def matches_labels(selector: Any, labels: Any) -> bool:
    """Tell whether labels have every entry of a plain map, as a Service's selector is; an empty one matches nothing."""
    return bool(selector) and isinstance(selector, dict) and selector.items() <= map_of(labels).items()


def matches_label_selector(selector: Any, labels: Any) -> bool:
    """Tell whether a LabelSelector (`matchLabels`, `matchExpressions`) matches these labels; an empty one matches all.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    labels_wanted, rules_given = (map_of(selector).get(key) for key in ("matchLabels", "matchExpressions"))
    forms = ((selector, Mapping), (labels_wanted, Mapping), (rules_given, list))
    if any(given is not None and not isinstance(given, form) for given, form in forms):
        return False  # no API server takes it
    wanted, there, rules = map_of(labels_wanted), map_of(labels), maps_in(rules_given)
    return wanted.items() <= there.items() and all(_holds(rule, there) for rule in rules)


def _holds(rule: dict[str, Any], labels: Mapping[str, Any]) -> bool:
    is_there = str(rule.get("key")) in labels
    is_listed = is_there and labels[str(rule.get("key"))] in texts_in(rule.get("values"))
    outcomes = {"In": is_listed, "NotIn": not is_listed, "Exists": is_there, "DoesNotExist": not is_there}
    return outcomes.get(str(rule.get("operator")), False)


def template_labels(workload: Resource) -> dict[str, Any]:
    """Give the labels of a workload's pod template."""
    return (template_if_any(workload) / "metadata" / "labels").map


def labels_of_each_pod(workload: Resource) -> list[dict[str, Any]]:
    """Give the labels of each pod that a workload makes, also those by which its controller tells them apart.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-name-label and
    https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-name
    """
    return workload.made(_labels_of_each_pod)


def _labels_of_each_pod(workload: Resource) -> list[dict[str, Any]]:
    common = template_labels(workload)
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


def service_selection(service: Resource) -> Iterator[PodSelection]:
    """Give the selector of a Service as a LabelSelector; nothing where it has none, or leads to a host elsewhere."""
    selector = service / "spec" / "selector"
    if service.kind == "Service" and selector.value and service.at("spec.type") != "ExternalName":
        yield PodSelection(selector, {"matchLabels": selector.value}, (service.namespace,))


def protected_pods(resource: Resource) -> Iterator[PodSelection]:
    """Give the selector of a PodDisruptionBudget or a NetworkPolicy; an empty one means all pods, and is left out."""
    for kind, field in _PROTECTING:
        selector = resource / "spec" / field
        if resource.kind == kind and selector.value:
            yield PodSelection(selector, selector.value, (resource.namespace,))


def peers(policy: Resource, resources: Resources, scenario: Scenario) -> Iterator[PodSelection]:
    """Give the peers of a NetworkPolicy that are pods by their labels, where the release can know of them.

    Without a namespaceSelector, they are in the policy's own namespace. With one, they are in the namespaces that
    have its labels: a peer is left out unless those are the release's, or rendered or declared by the matrix.
    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
    """
    if policy.kind != "NetworkPolicy":
        return
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in (policy / "spec" / direction).maps():
            for peer in (rule / side).maps():
                pods, around = peer / "podSelector", peer / "namespaceSelector"
                namespaces = _named(around.value, resources, scenario) if around.is_set else (policy.namespace,)
                if pods.value and namespaces:
                    yield PodSelection(pods, pods.value, namespaces)


def may_have(labels: Any, namespaces: tuple[str, ...], resources: Resources) -> list[Resource]:
    """Give the workloads of some namespaces that may make pods with these labels, in helm's order.

    All that do are among them.
    """
    index = resources.indexed(_workloads_by_label)
    wanted = [(k, v) for k, v in map_of(labels).items() if k not in _OF_CONTROLLERS and isinstance(v, str)]
    found: list[int] = []
    for namespace in dict.fromkeys(namespaces):
        having = [index.with_label.get((namespace, *label), []) for label in wanted]
        # The rarest label leaves the fewest to compare.
        fewest = min(having, key=len) if having else None
        found += index.in_namespace.get(namespace, []) if fewest is None else fewest
    return [index.workloads[place] for place in sorted(found)]


def may_select(kind: Literal["Service", "NetworkPolicy"], workload: Resource, resources: Resources) -> list[Resource]:
    """Give the Services, or NetworkPolicies, of a workload's namespace that may select its pods, in helm's order.

    All that do are among them.
    """
    index = resources.indexed(_SELECTING[kind])
    places = set(index.by_none.get(workload.namespace, ()))
    for labels in labels_of_each_pod(workload):
        for key, value in labels.items():
            if isinstance(value, str):
                places.update(index.by_label.get((workload.namespace, key, value), ()))
    return [index.selecting[place] for place in sorted(places)]


@dataclass(frozen=True)
class _SelectorIndex:
    """What selects pods in its namespace, and where in that list is what asks for a label, or for none."""

    selecting: list[Resource]
    by_label: Mapping[tuple[str, str, str], list[int]]
    by_none: Mapping[str, list[int]]


def _by_label(every: list[Resource], labels: str) -> _SelectorIndex:
    by_label: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    by_none: dict[str, list[int]] = defaultdict(list)
    for place, resource in enumerate(every):
        wanted = [(k, v) for k, v in map_of(resource.at(labels)).items() if isinstance(k, str) and isinstance(v, str)]
        if wanted:
            by_label[resource.namespace, *wanted[0]].append(place)
        else:
            by_none[resource.namespace].append(place)
    return _SelectorIndex(every, by_label, by_none)


_SELECTING: Mapping[str, Callable[[Resources], _SelectorIndex]] = {
    "Service": lambda resources: _by_label(resources.of_kind("Service"), "spec.selector"),
    "NetworkPolicy": lambda resources: _by_label(resources.of_kind("NetworkPolicy"), "spec.podSelector.matchLabels"),
}


@dataclass(frozen=True)
class _WorkloadIndex:
    """The workloads of a rendering, and where in that list those of a namespace, or of a label there, are."""

    workloads: list[Resource]
    in_namespace: Mapping[str, list[int]]
    with_label: Mapping[tuple[str, str, str], list[int]]


def _workloads_by_label(resources: Resources) -> _WorkloadIndex:
    every = list(workloads(resources))
    in_namespace: dict[str, list[int]] = defaultdict(list)
    with_label: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, workload in enumerate(every):
        in_namespace[workload.namespace].append(place)
        for key, value in template_labels(workload).items():
            if isinstance(value, str):
                with_label[workload.namespace, key, value].append(place)
    return _WorkloadIndex(every, in_namespace, with_label)


def _named(selector: Any, resources: Resources, scenario: Scenario) -> tuple[str, ...]:
    """Give the known namespaces that a selector finds, if it finds them by name; any other may mean more than these.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
    """
    if not isinstance(lookup(selector, f"matchLabels[{_NAME}]"), str):
        return ()
    known: dict[str, Any] = {scenario.namespace: {}}
    known |= {thing.name: {} for thing in scenario.external if thing.kind == "Namespace"}
    known |= {namespace.name: namespace.at("metadata.labels") for namespace in resources.of_kind("Namespace")}
    return tuple(
        name for name, labels in known.items() if matches_label_selector(selector, {**map_of(labels), _NAME: name})
    )
