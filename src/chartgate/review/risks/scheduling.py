"""On which nodes pods find a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, pod_if_any
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.cluster_defaults import newly_default
from chartgate.review.risks.risk_class import Hit, risk

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_HAVE_TO_BE_THERE = {
    "priorityClassName": "PriorityClass",
    "runtimeClassName": "RuntimeClass",
    "schedulerName": "scheduler",
}
_OF_KUBERNETES = ("system-", "default-scheduler")
_PLATFORMS = ("kubernetes.io/os", "kubernetes.io/arch")
_AFFINITIES = {
    "nodeAffinity": "only nodes that fit it take the pod",
    "podAffinity": "only nodes with such pods beside it take the pod",
    "podAntiAffinity": "no node with such pods takes the pod",
}


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
)
def scheduling_narrowed(pair: Pair) -> Iterator[Hit]:
    """Fewer nodes take a pod.

    A taint that it no longer tolerates, labels that its node must have, rules about the pods beside it that are now
    required, a priority that it no longer has, or one that has to be there, as a runtime or a scheduler may have to. On
    a cluster without such a node it waits, and the upgrade with it; a DaemonSet leaves nodes that no longer take it.
    """
    if not pair.both or pair.resource.kind not in WORKLOAD_KINDS:
        return
    was, now = (pod_if_any(resource) for resource in pair.both)
    if not was.is_map or not now.is_map:
        return
    yield from _tolerations(was, now)
    labels = [map_of(pod.at("nodeSelector")) for pod in (was, now)]
    for key, value in labels[1].items():
        if labels[0].get(key, ABSENT) != value:
            yield Hit((now / "nodeSelector" / str(key)).address, f"only nodes with {key}={value} take the pod")
    for name, words in _AFFINITIES.items():
        rules = [_required(pod, name) for pod in (was, now)]
        if any(rule not in rules[0] for rule in rules[1]):
            yield Hit((now / "affinity" / name / _REQUIRED).address, words)
    spread = [_spread(pod) for pod in (was, now)]
    for key in spread[1]:
        if key not in spread[0]:
            yield Hit((now / "topologySpreadConstraints").address, f"it waits where it fits no {key} evenly")
    if was.at("priorityClassName") not in (ABSENT, None, "") and now.at("priorityClassName") in (ABSENT, None, ""):
        yield Hit((now / "priorityClassName").address, f"it no longer has the priority {was.at('priorityClassName')}")
    for field, kind in _HAVE_TO_BE_THERE.items():
        sides = [pod.at(field) for pod in (was, now)]
        is_foreign = isinstance(sides[1], str) and not sides[1].startswith(_OF_KUBERNETES)
        if is_foreign and sides[0] != sides[1] and sides[1] not in {one.name for one in pair.beside[1].of_kind(kind)}:
            yield Hit((now / field).address, f"there has to be a {kind} {sides[1]}: without it, no pod starts")


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
)
def scheduling_widened(pair: Pair) -> Iterator[Hit]:
    """Nodes take a pod that were not for it.

    A pod that tolerates every taint runs on nodes of the control plane, on those that are drained or broken, and on
    what is kept for others; one that no longer asks for an operating system or an architecture may land where its image
    does not start. Another label or a single taint is left out: it is meant. A PriorityClass for all who name none
    moves every pod of the cluster ahead of those below it.
    """
    yield from newly_default(pair, "PriorityClass")
    if not pair.both or pair.resource.kind not in WORKLOAD_KINDS:
        return
    was, now = (pod_if_any(resource) for resource in pair.both)
    had = maps_in(was.at("tolerations"))
    for new in maps_in(now.at("tolerations")):
        is_of_all = not new.get("key") and new.get("operator") == "Exists"
        if is_of_all and not any(_tolerates_as_much(old, new) for old in had):
            taint = f"every taint of the effect {new['effect']}" if new.get("effect") else "every taint"
            yield Hit((now / "tolerations").address, f"it tolerates {taint} now")
    asked = [map_of(pod.at("nodeSelector")) for pod in (was, now)]
    if not _required(now, "nodeAffinity"):
        for key in (key for key in asked[0] if str(key).endswith(_PLATFORMS) and key not in asked[1]):
            yield Hit(
                (now / "nodeSelector" / str(key)).address, f"nodes of any {key} take it, not only {asked[0][key]}"
            )


def _tolerations(was: Place[Resource], now: Place[Resource]) -> Iterator[Hit]:
    has = maps_in(now.at("tolerations"))
    for old in maps_in(was.at("tolerations")):
        if not any(_tolerates_as_much(new, old) for new in has):
            taint = " ".join(str(old[key]) for key in ("key", "value", "effect") if old.get(key)) or "any taint"
            yield Hit((now / "tolerations").address, f"it no longer tolerates {taint}")


def _tolerates_as_much(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Tell whether a toleration covers all that another one does; without a key or an effect it covers each of them."""
    if new.get("effect") and new.get("effect") != old.get("effect"):
        return False
    if new.get("tolerationSeconds", ABSENT) != old.get("tolerationSeconds", ABSENT):
        return False
    is_any_value = new.get("operator") == "Exists"
    if not new.get("key"):
        return is_any_value
    same_value = old.get("operator") != "Exists" and (new.get("value") or "") == (old.get("value") or "")
    return new.get("key") == old.get("key") and (is_any_value or same_value)


def _required(pod: Place[Resource], name: str) -> list[str]:
    rules = pod.at(f"affinity.{name}.{_REQUIRED}")
    return [canonical(rule) for rule in (rules if isinstance(rules, list) else maps_in([rules])) if rule]


def _spread(pod: Place[Resource]) -> list[str]:
    """Give the topologies over which pods must be spread evenly."""
    return [
        str(constraint.get("topologyKey"))
        for constraint in maps_in(pod.at("topologySpreadConstraints"))
        if constraint.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
    ]
