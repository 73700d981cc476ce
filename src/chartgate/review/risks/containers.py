"""What pods are made of: images, containers, ports, probes, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import semver

from chartgate.documents.addresses import ABSENT
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit, risk

_CONTAINER = r"(?:initContainers|containers|ephemeralContainers)\[(?P<name>[^\]]*)\]"
_IMAGE = re.compile(rf"{_CONTAINER}\.image$")
_WHOLE = re.compile(rf"{_CONTAINER}$")
_PORT = re.compile(rf"{_CONTAINER}\.ports(?:\[[^\]]*\])?$")
_PORT_NAME = re.compile(rf"(?:{_CONTAINER}|^spec)\.ports\[[^\]]*\]\.name$")
_SERVICE_PORT = re.compile(r"^spec\.ports\[[^\]]*\]$")
_PROBE = re.compile(rf"{_CONTAINER}\.(?P<probe>livenessProbe|readinessProbe|startupProbe)$")
_LIMITS = re.compile(rf"{_CONTAINER}\.resources(?:\.(?:limits|requests|claims).*)?$")
_Image = tuple[str, str, str]
_CONTAINERS = "https://kubernetes.io/docs/concepts/containers/"


@risk(level="caution", bump="patch", source=f"{_CONTAINERS}images/")
def image(pair: Pair) -> Iterator[Hit]:
    """A container runs another image.

    What is in it is not to be seen in the chart: its own release notes say. A lower version than before is a downgrade,
    which few programs support once the newer one has changed their data.
    """
    for difference in pair.differences:
        if _IMAGE.search(difference.address) and isinstance(difference.after, str) and difference.before is not ABSENT:
            was, now = _parts(str(difference.before)), _parts(difference.after)
            # The same image in other words, or with a digest beside the same tag, is no other image.
            if was != now and not (was[:2] == now[:2] and not was[2]):
                yield Hit(difference.address, _transition(was, now))


def _transition(was: _Image, now: _Image) -> str:
    if was[0] != now[0]:
        return f"from {was[0]} to {now[0]}: another image"
    if was[1] == now[1]:
        if was[2] and not now[2]:
            return f"no digest says any more what {now[1] or 'it'} is"
        return f"another content under the tag {now[1]}" if now[1] else "another content of the same image"
    old, new = (_version(part) for part in (was[1], now[1]))
    way = "a downgrade: " if old is not None and new is not None and new < old else ""
    return f"{way}from {was[1] or was[2] or 'no tag'} to {now[1] or now[2] or 'no tag'}"


def _parts(reference: str) -> _Image:
    """Part an image reference into repository, tag and digest, with what it leaves out filled in.

    Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
    """
    rest, _, digest = reference.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    repository = f"{head}{slash}{name}".removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")
    return repository, tag or ("" if digest else "latest"), digest


def _version(tag: str) -> semver.Version | None:
    found = re.match(r"v?(\d{1,9}(?:\.\d{1,9}){0,2})(-[0-9A-Za-z.-]+)?$", tag)
    if found is None:
        return None
    numbers = ".".join(str(int(part)) for part in found[1].split("."))
    try:
        return semver.Version.parse(numbers + (found[2] or ""), optional_minor_and_patch=True)
    except ValueError:
        return semver.Version.parse(numbers, optional_minor_and_patch=True)


@risk(level="caution", bump="minor", source=f"{_CONTAINERS}")
def container_removed(pair: Pair) -> Iterator[Hit]:
    """A pod has a container less.

    What it did is not done any more, and others in the pod find nothing at its ports.
    """
    for difference in pair.differences:
        if difference.after is ABSENT and (found := _WHOLE.search(difference.address)):
            yield Hit(difference.address, f"{found['name']} does not run any more")


@risk(level="caution", bump="minor", source="https://kubernetes.io/docs/concepts/services-networking/service/")
def port_removed(pair: Pair) -> Iterator[Hit]:
    """A port that others may use is gone.

    Connections to a port that a Service does not name are refused; Services and probes that name a container's port by
    its name find it no more.
    """
    for difference in pair.differences:
        if _PORT_NAME.search(difference.address) and isinstance(difference.before, str):
            yield Hit(difference.address, f"nothing finds it as {difference.before} any more")
        if difference.after is not ABSENT:
            continue
        if _PORT.search(difference.address) and not _renumbered(pair, difference.before):
            yield Hit(difference.address, "the container declares it no more")
        elif pair.resource.kind == "Service" and _SERVICE_PORT.search(difference.address):
            yield Hit(difference.address, "the Service does not have it any more")


def _renumbered(pair: Pair, port: Any) -> bool:
    """Tell whether the pod has another port of the same name, by which Services and probes find it."""
    name = port.get("name") if isinstance(port, dict) else None
    added = [d.after for d in pair.differences if d.before is ABSENT and _PORT.search(d.address)]
    return name is not None and any(isinstance(other, dict) and other.get("name") == name for other in added)


@risk(
    level="caution",
    bump="patch",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
)
def probe_removed(pair: Pair) -> Iterator[Hit]:
    """A container is probed no more.

    Without a readiness probe it gets traffic before it can answer; without a liveness probe it stays when it hangs.
    """
    for difference in pair.differences:
        if difference.after is ABSENT and (found := _PROBE.search(difference.address)):
            yield Hit(difference.address, f"{found['name']} has no {found['probe']} any more")


@risk(
    level="note",
    bump="patch",
    source="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
)
def limits_changed(pair: Pair) -> Iterator[Hit]:
    """A container asks for more or less of its node, or may take more or less.

    A larger request may find no node, and a smaller limit may kill or slow down what ran before.
    """
    for difference in pair.differences:
        if _LIMITS.search(difference.address):
            was, now = (_short(side) for side in (difference.before, difference.after))
            yield Hit(difference.address, f"{was} before, {now} now")


def _short(amount: Any) -> str:
    if isinstance(amount, dict):
        return ", ".join(f"{key} {_short(item)}" for key, item in amount.items()) or "none"
    return "none" if amount is ABSENT else str(amount)
