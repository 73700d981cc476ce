"""What makes more pods of a workload, and fewer: how many there may be, and from which load on there are more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import is_whole, map_of, maps_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource
from chartgate.review.pairing import value
from chartgate.review.risks.risk_class import Hit

_PAUSED = ("autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas")
_AIMS = ("averageUtilization", "averageValue", "value")
_UP = "spec.behavior.scaleUp"
_THRESHOLDS = ("value", "threshold", "lagThreshold", "queueLength", "targetValue", "listLength")
"""From which load on KEDA makes more pods: https://keda.sh/docs/latest/scalers/."""
_BY_HAND = ("Off", "Initial")
"""Modes in which a vertical autoscaler leaves pods alone that run."""


class _Aim(NamedTuple):
    """One load that an autoscaler aims at."""

    of: str
    """What is measured: `cpu`, say."""
    sort: str
    amount: str
    address: str


def slower_autoscalers(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say where an autoscaler keeps fewer pods than before, or makes more of them later; or ends pods that run."""
    if before.kind != after.kind:
        return
    if after.kind == "HorizontalPodAutoscaler":
        yield from _of_bounds(before, after)
        yield from _of_metrics(before, after)
        yield from _of_behavior(before, after)
    elif after.kind == "ScaledObject":
        yield from _of_keda(before, after)
    elif str(after.at("apiVersion")).startswith("serving.knative.dev/"):
        yield from _of_knative(before, after)
    elif after.kind == "VerticalPodAutoscaler":
        address = "spec.updatePolicy.updateMode"
        was, now = (str(value(resource, address)) for resource in (before, after))
        if was in _BY_HAND and now not in _BY_HAND:
            yield Hit(address, "it ends pods that ask for another amount than it finds right")


def _of_bounds(before: Resource, after: Resource) -> Iterator[Hit]:
    for field, words in (("minReplicas", "at least"), ("maxReplicas", "at most")):
        was, now = (_number(value(resource, f"spec.{field}"), 1) for resource in (before, after))
        if now < was:
            yield Hit(f"spec.{field}", f"{words} {now} instead of {was} pods")


def _of_metrics(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare the load that it aims at, of the same sort."""
    had, has = ({aim.of: aim for aim in _aims(resource)} for resource in (before, after))
    for name, aim in has.items():
        was = had.get(name, aim)
        sides = quantity(was.amount), quantity(aim.amount)
        if was.sort == aim.sort and sides[0] is not None and sides[1] is not None and sides[1] > sides[0]:
            yield Hit(aim.address, f"it makes more pods where {name} is above {aim.amount}, not {was.amount}")
    if lost := [name for name in had if name not in has]:
        yield Hit("spec.metrics", f"it makes no more pods for {listed(lost, 3)}")


def _aims(resource: Resource) -> Iterator[_Aim]:
    """Give what it aims at, also as older versions of the kind say it."""
    of_cpu = "spec.targetCPUUtilizationPercentage"
    if resource.at(of_cpu) not in (ABSENT, None):
        yield _Aim("cpu", "averageUtilization", str(resource.at(of_cpu)), of_cpu)
    for metric in maps_in(resource.at("spec.metrics")):
        source = str(metric.get("type"))
        inside = map_of(metric.get(source[:1].lower() + source[1:]))
        name = str(inside.get("name") or map_of(inside.get("metric")).get("name") or inside.get("metricName") or source)
        for sort in _AIMS:
            amount = map_of(inside.get("target")).get(sort) or inside.get(f"target{sort[:1].upper()}{sort[1:]}")
            if amount is not None:
                yield _Aim(name, sort, str(amount), "spec.metrics")


def _of_behavior(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how it grows: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/."""
    was, now = (map_of(map_of(resource.at("spec.behavior")).get("scaleUp")) for resource in (before, after))
    if now.get("selectPolicy") == "Disabled" != was.get("selectPolicy"):
        yield Hit(join(*_UP.split("."), "selectPolicy"), "it makes no more pods, whatever the load")
        return
    waits = [_number(side.get("stabilizationWindowSeconds"), 0) for side in (was, now)]
    if waits[1] > waits[0]:
        yield Hit(f"{_UP}.stabilizationWindowSeconds", f"it makes more pods after {waits[1]} s, not {waits[0]}")


def _of_keda(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how many pods there may be: https://keda.sh/docs/latest/reference/scaledobject-spec/."""
    for field, default, words in (("minReplicaCount", 0, "at least"), ("maxReplicaCount", 100, "at most")):
        was, now = (_number(resource.at(f"spec.{field}"), default) for resource in (before, after))
        if now < was:
            yield Hit(f"spec.{field}", f"{words} {now} instead of {was} pods")
    had, has = (annotations_of(resource) for resource in (before, after))
    for name in _PAUSED:
        if str(has.get(name, "false")) != "false" and str(had.get(name, "false")) == "false":
            yield Hit(join("metadata", "annotations", name), "it is paused: there are as many pods, whatever the load")
    triggers = [{_trigger(one): one for one in maps_in(resource.at("spec.triggers"))} for resource in (before, after)]
    for key, trigger in triggers[1].items():
        sides = [map_of(side.get(key, {}).get("metadata")) for side in triggers]
        for field in (field for field in _THRESHOLDS if field in sides[0] and field in sides[1]):
            amounts = [quantity(str(side[field])) for side in sides]
            if amounts[0] is not None and amounts[1] is not None and amounts[1] > amounts[0]:
                words = (
                    f"it makes more pods where {trigger.get('type')} is above {sides[1][field]}, not {sides[0][field]}"
                )
                yield Hit("spec.triggers", words)


def _of_knative(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how many pods a revision has: https://knative.dev/docs/serving/autoscaling/scale-bounds/."""
    address = "spec.template.metadata.annotations"
    had, has = (map_of(resource.at(address)) for resource in (before, after))
    for name, words in (("min-scale", "at least"), ("max-scale", "at most")):
        key = f"autoscaling.knative.dev/{name}"
        was, now = (quantity(str(side.get(key, 0))) or 0 for side in (had, has))
        is_unbounded = [name == "max-scale" and side == 0 for side in (was, now)]
        if not is_unbounded[1] and (is_unbounded[0] or now < was):
            yield Hit(
                f"{address}[{key}]", f"{words} {now} instead of {'any number of' if is_unbounded[0] else was} pods"
            )


def _trigger(trigger: Mapping[str, Any]) -> tuple[str, str]:
    return str(trigger.get("type")), str(trigger.get("name") or map_of(trigger.get("metadata")).get("metricName"))


def _number(found: Any, default: int) -> int:
    return found if is_whole(found) else default
