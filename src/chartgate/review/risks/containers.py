"""What pods are made of: images, containers, ports, probes, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import semver

from chartgate.documents.addresses import ABSENT, is_inside, join
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.image_references import ImageReference, image_reference
from chartgate.kubernetes.pods.volume_mounts import volumes
from chartgate.kubernetes.pods.workloads import containers_if_any, pod_if_any
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Bump, Level
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.turned_settings import lower_bounds

_CONTAINER = r"(?:initContainers|containers|ephemeralContainers)\[(?P<name>[^\[\]]*+)\]"
_IMAGE = re.compile(rf"{_CONTAINER}\.image$")
_PORT = re.compile(rf"{_CONTAINER}\.ports(?:\[[^\]]*\])?$")
_PROGRAM = re.compile(rf"{_CONTAINER}\.(?:image|command|args|env|envFrom)\b|annotations\[checksum/")
_PORT_NAME = re.compile(rf"(?:{_CONTAINER}|^spec)\.ports\[[^\]]*\]\.name$")
_SERVICE_PORT = re.compile(r"^spec\.ports\[[^\]]*\]$")
_PROTOCOL = re.compile(rf"(?:{_CONTAINER}|^spec)\.ports\[[^\]]*\]\.protocol$")
_PROBE = re.compile(rf"{_CONTAINER}\.(?P<probe>livenessProbe|readinessProbe|startupProbe)$")
_LIMITS = re.compile(rf"{_CONTAINER}\.resources(?:\.(?:limits|requests|claims)(?s:.*))?$")
_KILLING = ("memory", "ephemeral-storage")
_NAME_PARTS = re.compile(r"[-_.]")
_DATABASE_NAMES = """
    arangodb cassandra clickhouse cockroach cockroachdb consul couchbase couchdb db2 dragonfly elasticsearch etcd
    firebird foundationdb influxdb kafka keydb mariadb meilisearch milvus minio mongo mongodb mssql mysql nats neo4j
    opensearch orientdb percona pgvector postgis postgres postgresql prometheus qdrant rabbitmq redis rethinkdb scylla
    scylladb solr spilo stolon tidb timescaledb typesense valkey victoriametrics weaviate yugabyte zookeeper
"""
_DATABASES = frozenset(_DATABASE_NAMES.split())
_VERSION_TAG = re.compile(r"v?([0-9]{1,5}(?:\.[0-9]{1,9}){0,2})(-[0-9A-Za-z.-]+)?$")
"""A version, and neither a date nor the number of a build."""
_COUNTED = 100
_BEFORE_RELEASE = re.compile(r"-(?:alpha|beta|rc|pre|preview|dev|nightly|snapshot|canary|m)(?![a-z])", re.IGNORECASE)
"""What comes before a version; anything else behind it is a variant of it: `-alpine`, `-r3`."""
_CONTAINERS = "https://kubernetes.io/docs/concepts/containers/"


@risk(level="caution", bump="patch", source=f"{_CONTAINERS}images/")
def image(pair: Pair) -> Iterator[Hit]:
    """A container runs another image.

    The chart does not show what is in it: its own release notes do. The chart's version follows the distance of the
    tags. A lower version than before is a downgrade, which few programs support once the newer one has changed their
    data; another major version of a database is a danger, since it may not read the files of the old one. A Secret that
    images are no longer pulled by counts as well.
    """
    for difference in pair.differences:
        if _IMAGE.search(difference.address) and isinstance(difference.after, str) and difference.before is not ABSENT:
            was, now = (image_reference(str(side)).filled_in() for side in (difference.before, difference.after))
            # The same image in other words, or with a digest beside the same tag, is not another image.
            is_digest_added = not was.digest and (was.repository, was.tag) == (now.repository, now.tag)
            if was != now and not is_digest_added:
                bump = _distance(was, now)
                is_of_data = bump == "major" and any(word in _DATABASES for word in _NAME_PARTS.split(_last(now)))
                yield Hit(difference.address, _transition(was, now), "danger" if is_of_data else None, bump)
    if pair.both:
        yield from _lost_logins(*pair.both)
        yield from _never_pulled(*pair.both)


def _lost_logins(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say by which Secrets images are no longer pulled."""
    for place in (pod_if_any(after) / "imagePullSecrets", after / "imagePullSecrets"):
        had, has = (_names(resource.at(place.address)) for resource in (before, after))
        lost = [name for name in had if name not in has]
        if place.address and lost:
            yield Hit(place.address, f"its images are no longer pulled by the Secret {listed(lost, 3)}")


def _never_pulled(before: Resource, after: Resource) -> Iterator[Hit]:
    had = {container.name: container.at("imagePullPolicy") for container in containers_if_any(before)}
    for container in containers_if_any(after):
        if container.at("imagePullPolicy") == "Never" and had.get(container.name, "Never") != "Never":
            yield Hit((container / "imagePullPolicy").address, "it is never pulled: its node has to have it")


def _names(references: Any) -> list[str]:
    return [str(reference.get("name")) for reference in maps_in(references)]


def _last(image: ImageReference) -> str:
    return image.repository.rpartition("/")[2].lower()


def _distance(was: ImageReference, now: ImageReference) -> Bump | None:
    """Give how far apart two tags are by SemVer; None where it cannot be told, or the images are not the same."""
    old, new = _version(was.tag), _version(now.tag)
    if old is None or new is None or _last(was) != _last(now):
        return None
    if old.major != new.major:
        # A lone large number counts releases: it is raised with each.
        return "minor" if {was.tag, now.tag} <= {str(old.major), str(new.major)} and new.major >= _COUNTED else "major"
    return "minor" if old.minor != new.minor else "patch"


def _transition(was: ImageReference, now: ImageReference) -> str:
    if was.repository != now.repository:
        return f"from {was.repository} to {now.repository}: another image"
    if was.tag == now.tag:
        if was.digest and not now.digest:
            return f"a digest no longer says what {now.tag or 'it'} is"
        return f"another content under the tag {now.tag}" if now.tag else "another content of the same image"
    old, new = _version(was.tag), _version(now.tag)
    way = "a downgrade: " if old is not None and new is not None and new < old else ""
    return f"{way}from {was.tag or was.digest or 'no tag'} to {now.tag or now.digest or 'no tag'}"


def _version(tag: str) -> semver.Version | None:
    found = _VERSION_TAG.match(tag)
    if found is None:
        return None
    numbers = ".".join(str(int(part)) for part in found[1].split("."))
    before = found[2] if found[2] and _BEFORE_RELEASE.match(found[2]) else ""
    try:
        return semver.Version.parse(numbers + before, optional_minor_and_patch=True)
    except ValueError:
        return semver.Version.parse(numbers, optional_minor_and_patch=True)


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
    namespace may have less: what does not fit is refused.
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
            level: Level | None = "caution" if any(is_inside(a, difference.address) for a in killed) else None
            yield Hit(difference.address, f"{was} before, {now} now", level)


def _tighter_limits(before: Resource, after: Resource) -> Iterator[str]:
    """Give the addresses of limits that are lower than before, or new, and whose excess kills a container."""
    had = {container.name: container for container in containers_if_any(before)}
    for container in containers_if_any(after):
        for name in _KILLING if container.name in had else ():
            was, now = (quantity(one.at(f"resources.limits.{name}")) for one in (had[container.name], container))
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
