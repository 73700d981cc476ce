"""Pods as they are now, compared with as they were: whose files they write, how they are probed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import is_whole, maps_in
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_if_any, containers_of_both, pod_if_any
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Level
from chartgate.review.risks.lost_volumes import is_persistent_pod
from chartgate.review.risks.risk_class import Hit, risk

_PROBE = re.compile(
    r"\[(?P<name>[^\[\]]*+)\]\.(?P<probe>livenessProbe|readinessProbe|startupProbe)(?:\.(?P<field>[A-Za-z]++))?"
)
_HANDLERS = frozenset(["httpGet", "tcpSocket", "exec", "grpc"])
_GROUPS, _GROUPS_BY_DEFAULT = "spec.fsGroupPolicy", "ReadWriteOnceWithFSType"
_CONTEXTS = "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"


@risk(level="caution", bump="minor", source=_CONTEXTS)
def user_changed(pair: Pair) -> Iterator[Hit]:
    """A container runs as somebody else, or its volumes belong to another group.

    What the old user has written, the new one may not read or write: a danger where the pod has a volume that outlives
    it. A storage driver whose files no longer get the group that pods ask for, or do now, counts for all of its pods.
    """
    if pair.both and pair.resource.kind == "CSIDriver":
        was, now = (resource.at(_GROUPS) for resource in pair.both)
        policies = [_GROUPS_BY_DEFAULT if side in (ABSENT, None) else side for side in (was, now)]
        if policies[0] != policies[1]:
            yield Hit(_GROUPS, f"the files on its volumes get the group of a pod by {policies[1]}, not {policies[0]}")
    if not pair.both or pair.resource.kind not in WORKLOAD_KINDS:
        return
    before, after = pair.both
    is_over_volume = is_persistent_pod(before) and is_persistent_pod(after)
    for address, was, now in _identities(before, after):
        if was == now:
            continue
        words = ["the image's own" if side is ABSENT else str(side) for side in (was, now)]
        # What the image's own is, the chart does not say: it may be the same.
        level: Level | None = "danger" if is_over_volume and ABSENT not in (was, now) else None
        reach = ", which may not read what is on its volumes" if is_over_volume else ""
        yield Hit(address, f"{address.rpartition('.')[2]} was {words[0]}, and is {words[1]} now{reach}", level)


def _identities(before: Resource, after: Resource) -> Iterator[tuple[str, object, object]]:
    """Give each container's user and group, and the pod's group of volumes, as they were and as they are."""
    pods = pod_if_any(before), pod_if_any(after)
    place = f"{pods[1].address}.securityContext"
    was, now = (pod.at("securityContext.fsGroup") for pod in pods)
    yield f"{place}.fsGroup", was, now
    told = set()
    for container, other in containers_of_both(before, after):
        for field in ("runAsUser", "runAsGroup"):
            sides = []
            for one, pod in ((container, pods[0]), (other, pods[1])):
                own = one.at(f"securityContext.{field}")
                sides.append(pod.at(f"securityContext.{field}") if own is ABSENT else own)
            is_own = ABSENT not in (container.at(f"securityContext.{field}"), other.at(f"securityContext.{field}"))
            address = f"{other.address}.securityContext.{field}" if is_own else f"{place}.{field}"
            if address not in told:
                told.add(address)
                yield address, sides[0], sides[1]


@risk(
    level="caution",
    bump="patch",
    source="https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
)
def probe_changed(pair: Pair) -> Iterator[Hit]:
    """A container is probed in another way.

    If it does not answer in the new way, or as fast as it now has to, its pod is restarted, or gets no traffic; a note
    where it only has more time.
    """
    if pair.resource.kind not in WORKLOAD_KINDS or not pair.both:
        return
    told = set()
    for difference in pair.differences:
        found = _PROBE.search(difference.address)
        if found is None or (difference.after is ABSENT and found["field"] is None):
            continue
        if difference.address.endswith(".port") and _leads_to_the_same_port(pair.both, found["name"], difference):
            continue
        is_other_way = found["field"] is None or found["field"] in _HANDLERS
        key = found["name"], found["probe"], is_other_way
        if key not in told:
            told.add(key)
            sooner = _sooner(pair.both, found["name"], found["probe"])
            what = "the container is probed in another way" if is_other_way else sooner or "it is probed at other times"
            yield Hit(difference.address, f"{found['probe']}: {what}", None if is_other_way or sooner else "note")


def _leads_to_the_same_port(both: tuple[Resource, Resource], name: str, difference: Difference) -> bool:
    """Tell whether a probe only has the name of a port for its number, or the number for its name."""
    numbers = []
    for resource, port in zip(both, (difference.before, difference.after), strict=True):
        named = [
            found.get("containerPort")
            for container in containers_if_any(resource)
            if container.name == name
            for found in maps_in(container.at("ports"))
            if found.get("name") == port
        ]
        numbers.append(named[0] if named else port)
    return bool(numbers[0] == numbers[1])


def _sooner(both: tuple[Resource, Resource], name: str, probe: str) -> str:
    """Say how much less time a container has before a probe fails; nothing where it has as much."""
    sides = [(c / probe).map for resource in both for c in containers_if_any(resource) if c.name == name]
    if len(sides) != len(both):
        return ""
    was, now = map(_times, sides)
    if now.answer < was.answer:
        return f"it has to answer within {now.answer} s, not {was.answer}"
    if probe != "readinessProbe" and now.start < was.start:
        return f"it is given up after {now.start} s, not {was.start}"
    return ""


class _Times(NamedTuple):
    """How long a container may take, in seconds: for one answer, and until the probe fails for good."""

    answer: int
    start: int


def _times(probe: Mapping[str, Any]) -> _Times:
    def seconds(field: str, default: int) -> int:
        found = probe.get(field)
        return found if is_whole(found) else default

    failing = seconds("periodSeconds", 10) * seconds("failureThreshold", 3)
    return _Times(seconds("timeoutSeconds", 1), seconds("initialDelaySeconds", 0) + failing)
