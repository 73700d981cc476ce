"""How many pods a workload has at least, and what scales it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import is_whole, whole_number
from chartgate.kubernetes.links.object_references import Reference, scale_targets
from chartgate.model import Resource, Resources

_COUNTED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
_HPA, _KEDA = "HorizontalPodAutoscaler", "ScaledObject"


def scaled_workloads(autoscaler: Resource) -> Iterator[Reference]:
    """Give what a HorizontalPodAutoscaler, or a ScaledObject of KEDA, scales.

    Source: https://keda.sh/docs/latest/reference/scaledobject-spec/#scaletargetref
    """
    if autoscaler.kind == _HPA:
        yield from scale_targets(autoscaler)
    target = autoscaler / "spec" / "scaleTargetRef"
    if autoscaler.kind == _KEDA and target.is_map:
        kind = str(target.at("kind") or "Deployment")
        yield Reference(target / "name", kind, str(target.at("name")), autoscaler.namespace)


def autoscalers_of(workload: Resource, resources: Resources) -> list[Resource]:
    """Give what scales a workload."""
    this = (workload.kind, workload.name, workload.namespace)
    return [
        autoscaler
        for autoscaler in resources.of_kind(_HPA, _KEDA)
        if any((found.kind, found.name, found.namespace) == this for found in scaled_workloads(autoscaler))
    ]


def fewest_pods(workload: Resource, resources: Resources) -> int | None:
    """Give how many pods a workload has at the least; None where nobody can know, as for one on each node."""
    for autoscaler in autoscalers_of(workload, resources):
        least = autoscaler.at("spec.minReplicas")
        # KEDA begins at none.
        return None if autoscaler.kind == _KEDA else least if isinstance(least, int) else 1
    if workload.kind == "Pod":
        return 1
    replicas = workload.at("spec.replicas")
    return (replicas if isinstance(replicas, int) else 1) if workload.kind in _COUNTED else None


def most_pods(workload: Resource, resources: Resources) -> int:
    """Give how many pods a workload may have, as far as what is rendered says."""
    numbers = [autoscaler.at("spec.maxReplicas") for autoscaler in autoscalers_of(workload, resources)]
    numbers.append(workload.at("spec.replicas"))
    return max([number for number in numbers if isinstance(number, int)], default=1)


def share_of_pods(amount: Any, pods: int, *, up: bool) -> int | None:
    """Give a number of pods, or a percent of them, rounded up or down; None for what is neither."""
    percent = whole_number(amount[:-1]) if isinstance(amount, str) and amount.endswith("%") else None
    if percent is not None:
        return (pods * percent + 99 * up) // 100
    return amount if is_whole(amount) else None
