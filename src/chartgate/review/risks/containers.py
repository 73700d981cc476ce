"""What pods are made of: images, containers, ports, probes, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside, join, steps
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.pods.volume_mounts import volumes
from chartgate.kubernetes.pods.workloads import containers_if_any, containers_of_both, pod_if_any
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Bump, Level
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.turned_settings import lower_bounds

_CONTAINER = r"(?:initContainers|containers|ephemeralContainers)\[(?P<name>[^\[\]]*+)\]"
_PORT = re.compile(rf"{_CONTAINER}\.ports(?:\[[^\]]*\])?$")
_PROGRAM = re.compile(rf"{_CONTAINER}\.(?:image|command|args|env|envFrom)\b|annotations\[checksum/")
_PORT_NAME = re.compile(rf"(?:{_CONTAINER}|^spec)\.ports\[[^\]]*\]\.name$")
_SERVICE_PORT = re.compile(r"^spec\.ports\[[^\]]*\]$")
_PROTOCOL = re.compile(rf"(?:{_CONTAINER}|^spec)\.ports\[[^\]]*\]\.protocol$")
_PROBE = re.compile(rf"{_CONTAINER}\.(?P<probe>livenessProbe|readinessProbe|startupProbe)$")
_LIMITS = re.compile(rf"{_CONTAINER}\.resources(?:\.(?:limits|requests|claims)(?s:.*))?$")
_KILLING = ("memory", "ephemeral-storage")
_CONTAINERS = "https://kubernetes.io/docs/concepts/containers/"


@risk(level="caution", bump="minor", source=f"{_CONTAINERS}")
def container_removed(pair: Pair) -> Iterator[Hit]:
    """A pod has lost a container, or one that prepares it.

    What it did is no longer done, and others in the pod find nothing at its ports.
    """
    if not pair.both:
        return
    there = {(container.name, container.is_init) for container in containers_if_any(pair.both[1])}
    for container in containers_if_any(pair.both[0]):
        if (container.name, container.is_init) not in there:
            what = "no longer prepares the pod" if container.is_init else "no longer runs"
            yield Hit(f"{container.address.rpartition('[')[0]}[{container.name}]", f"{container.name} {what}")


@risk(level="caution", bump="minor", source="https://kubernetes.io/docs/concepts/services-networking/service/")
def port_removed(pair: Pair) -> Iterator[Hit]:
    """A port that others may use is gone.

    Connections to a port that a Service does not name are refused; Services and probes that name a container's port no
    longer find it. Major where it is a Service's, which others hold on to. At another number, the program has to listen
    there, and policies that name the number have to follow.
    """
    for difference in pair.differences:
        if _PORT_NAME.search(difference.address) and isinstance(difference.before, str):
            is_of_service = pair.resource.kind == "Service"
            bump: Bump | None = "major" if is_of_service else None
            yield Hit(difference.address, f"it is no longer found as {difference.before}", bump=bump)
        if _PROTOCOL.search(difference.address) and pair.both:
            was, now = ("TCP" if side in (ABSENT, None) else side for side in (difference.before, difference.after))
            if was != now:
                yield Hit(difference.address, f"it takes {now} now, and no longer {was}")
        if difference.after is not ABSENT:
            continue
        if _PORT.search(difference.address):
            number = _number_now(pair, difference.before)
            if number is None:
                yield Hit(difference.address, "the container no longer declares it")
            else:
                level: Level | None = "note" if _is_told_to_the_program(pair) else None
                yield Hit(difference.address, f"it is port {number} now, where the image has to listen", level)
        elif pair.resource.kind == "Service" and _SERVICE_PORT.search(difference.address):
            yield Hit(difference.address, "the Service no longer has it", bump="major")


def _number_now(pair: Pair, port: Any) -> Any:
    """Give the number of the port that now has the name, by which Services and probes find it; None where none has."""
    name = map_of(port).get("name")
    added = (map_of(d.after) for d in pair.differences if d.before is ABSENT and _PORT.search(d.address))
    return next((other.get("containerPort") for other in added if name and other.get("name") == name), None)


def _is_told_to_the_program(pair: Pair) -> bool:
    """Tell whether something else of the containers changes that may make a program listen somewhere else."""
    return any(_PROGRAM.search(difference.address) for difference in pair.differences)


@risk(
    level="caution",
    bump="patch",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
)
def probe_removed(pair: Pair) -> Iterator[Hit]:
    """A container is no longer probed.

    Without a readiness probe it gets traffic before it can answer; without a liveness probe it stays when it hangs.
    """
    for difference in pair.differences:
        if difference.after is ABSENT and (found := _PROBE.search(difference.address)):
            yield Hit(difference.address, f"{found['name']} no longer has a {found['probe']}")


@risk(
    level="note",
    bump="patch",
    source="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
)
def limits_changed(pair: Pair) -> Iterator[Hit]:
    """A container asks for more or less of its node, or may take more or less.

    So it is where a program is told of a lower bound: of connections, of sizes, of workers.
    A larger request may find no node, and a smaller limit may slow down what ran before. A caution where a container
    may have less memory or disk than it may have used, since it is killed then or its pod is evicted, and where a whole
    namespace may have less: what does not fit is refused; where it asks for twice as much or more, may have half of a
    processor, or gets a device that it did not, or no longer.
    """
    if pair.both and pair.resource.kind == "ResourceQuota":
        yield from _less_of_all(*pair.both)
    if pair.both and pair.resource.kind == "LimitRange":
        for difference in pair.differences:
            amounts = quantity(difference.before), quantity(difference.after)
            if amounts[0] is None or amounts[0] != amounts[1]:
                yield Hit(difference.address, f"{_short(difference.before)} before, {_short(difference.after)} now")
    if pair.both:
        yield from _of_scratch(*pair.both)
        yield from lower_bounds(pair)
    killed = set(_tighter_limits(*pair.both)) if pair.both else set()
    for difference in pair.differences:
        if _LIMITS.search(difference.address):
            was, now = (_short(side) for side in (difference.before, difference.after))
            is_grave = any(is_inside(a, difference.address) for a in killed) or _is_far(difference)
            level: Level | None = "caution" if is_grave else None
            yield Hit(difference.address, f"{was} before, {now} now", level)


def _is_far(difference: Difference) -> bool:
    """Tell whether a container asks for twice as much or more, may have half as much processor, or loses a device."""
    was, now = quantity(difference.before), quantity(difference.after)
    if "/" in steps(difference.address)[-1]:
        return (was is None) is not (now is None)
    if not was or not now:
        return False
    if ".requests." in difference.address:
        return now >= 2 * was
    return difference.address.endswith(".cpu") and was >= 2 * now


def _tighter_limits(before: Resource, after: Resource) -> Iterator[str]:
    """Give the addresses of limits that are lower than before, or new, and whose excess kills a container."""
    for old, container in containers_of_both(before, after):
        for name in _KILLING:
            was, now = (quantity(one.at(f"resources.limits.{name}")) for one in (old, container))
            if now is not None and (was is None or now < was):
                yield f"{container.address.rpartition('[')[0]}[{container.name}].resources.limits.{name}"


def _of_scratch(before: Resource, after: Resource) -> Iterator[Hit]:
    """Compare how much a pod may write to folders of its own: with more, it is evicted."""
    had, has = (volumes(resource) for resource in (before, after))
    for name in (name for name in has if name in had):
        sides = [map_of(side[name].get("emptyDir")) if "emptyDir" in side[name] else None for side in (had, has)]
        if sides[0] is None or sides[1] is None:
            continue
        address = f"{pod_if_any(after).address}.volumes[{name}].emptyDir"
        was, now = (quantity(side.get("sizeLimit")) for side in (sides[0], sides[1]))
        if now is not None and (was is None or now < was):
            reason = f"with more than {sides[1]['sizeLimit']} in {name}, its pods are evicted"
            yield Hit(f"{address}.sizeLimit", reason, "caution")
        if sides[1].get("medium") == "Memory" and sides[0].get("medium") != "Memory":
            yield Hit(f"{address}.medium", f"what is in {name} counts as memory now")


def _less_of_all(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say of what fewer fits into a quota."""
    had, has = (map_of(resource.at("spec.hard")) for resource in (before, after))
    for key, most in has.items():
        old, new = quantity(had.get(key)), quantity(most)
        if new is not None and (old is None or new < old):
            yield Hit(join("spec", "hard", str(key)), f"no more than {most} of {key} fits now", "caution")


def _short(amount: Any) -> str:
    if isinstance(amount, dict):
        return ", ".join(f"{key} {_short(item)}" for key, item in amount.items()) or "none"
    return "none" if amount is ABSENT else str(amount)
