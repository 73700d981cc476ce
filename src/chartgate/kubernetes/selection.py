"""How Services and selectors find pods: by labels, and by the names of ports."""

from __future__ import annotations

from typing import Any

from chartgate.addresses import lookup
from chartgate.kubernetes.lists import maps_in, texts_in
from chartgate.kubernetes.workloads import Container, pod_template
from chartgate.model import Resource

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
