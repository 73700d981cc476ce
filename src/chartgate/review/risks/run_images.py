"""Which images run, and how far apart their versions are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import semver

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import maps_in
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.image_references import ImageReference, image_reference
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers_if_any, pod_if_any
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Bump
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.storage import data_of
from chartgate.review.risks.told_settings import changed_settings

_IMAGE = re.compile(r"(?:initContainers|containers|ephemeralContainers)\[[^\[\]]*+\]\.image$")
_OWN_IMAGE = re.compile(r"^spec\.(?:[a-zA-Z]++\.)?(?:image|imageName|baseImage)$")
_OWN_VERSION = re.compile(r"^spec\.(?:[a-zA-Z]++\.)?(?:version|[a-z]++Version)$")
"""Of the pods that an operator makes of an object of its own, and of the database that it runs."""
_IMAGE_NAME = re.compile(r"(?:^|[-_.])image$", re.IGNORECASE)
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
_NUMBER = re.compile(r"[0-9]")
_COUNTED = 100
_BEFORE_RELEASE = re.compile(r"-(?:alpha|beta|rc|pre|preview|dev|nightly|snapshot|canary|m)(?![a-z])", re.IGNORECASE)
"""What comes before a version; anything else behind it is a variant of it: `-alpine`, `-r3`."""


@risk(level="caution", bump="patch", source="https://kubernetes.io/docs/concepts/containers/images/")
def image(pair: Pair) -> Iterator[Hit]:
    """A container runs another image.

    The chart does not show what is in it: its own release notes do. The chart's version follows the distance of the
    tags. A lower version than before is a downgrade, which few programs support once the newer one has changed their
    data; another major version of a database is a danger, since it may not read the files of the old one. So it is with
    the pods that a controller makes: of an object of its own, or by a flag that names the image. A Secret that images
    are no longer pulled by counts as well, and the image of a container that is new.
    """
    for difference in pair.differences:
        if _IMAGE.search(difference.address) and isinstance(difference.after, str) and difference.before is not ABSENT:
            yield from _of_images(difference.address, str(difference.before), difference.after)
    if pair.both:
        yield from _lost_logins(*pair.both)
        yield from _less_pulled(*pair.both)
        yield from _of_flags(pair)
        yield from _of_operators(pair)
        yield from _more_images(*pair.both)


def _of_images(address: str, before: str, after: str) -> Iterator[Hit]:
    was, now = (image_reference(side).filled_in() for side in (before, after))
    # The same image in other words, or with a digest beside the same tag, is not another image.
    is_digest_added = not was.digest and (was.repository, was.tag) == (now.repository, now.tag)
    if was != now and not is_digest_added:
        bump = _distance(was, now)
        is_of_data = bump == "major" and any(word in _DATABASES for word in _NAME_PARTS.split(_last(now)))
        yield Hit(address, _transition(was, now), "danger" if is_of_data else None, bump)


def _of_flags(pair: Pair) -> Iterator[Hit]:
    """Say which image the pods have that a program makes, as its flags and variables name it; not again its own."""
    run = {str(container.at("image")) for resource in pair.both or () for container in containers_if_any(resource)}
    for setting in changed_settings(pair) if pair.resource.kind in WORKLOAD_KINDS else ():
        if _IMAGE_NAME.search(setting.name) and setting.was and setting.now and setting.now not in run:
            was, now = (image_reference(side).filled_in() for side in (setting.was, setting.now))
            if was.repository == now.repository:
                for hit in _of_images(setting.address, setting.was, setting.now):
                    yield hit._replace(reason=f"{setting.name}: {hit.reason}")


def _of_operators(pair: Pair) -> Iterator[Hit]:
    """Say which image the pods have that an operator makes of an object, or which version of what keeps its data."""
    if is_built_in(str(pair.resource.at("apiVersion"))):
        return
    for difference in pair.differences:
        was, now = difference.before, difference.after
        if ABSENT in (was, now) or isinstance(was, dict | list) or isinstance(now, dict | list):
            continue
        if _OWN_IMAGE.search(difference.address):
            yield from _of_images(difference.address, str(was), str(now))
        elif _OWN_VERSION.search(difference.address) and data_of(pair.resource):
            sides = [ImageReference("data", str(side), "") for side in (was, now)]
            bump = _distance(*sides)
            yield Hit(difference.address, _transition(*sides), "danger" if bump == "major" else None, bump)


def _lost_logins(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say by which Secrets images are no longer pulled."""
    for place in (pod_if_any(after) / "imagePullSecrets", after / "imagePullSecrets"):
        had, has = (_names(resource.at(place.address)) for resource in (before, after))
        lost = [name for name in had if name not in has]
        if place.address and lost:
            yield Hit(place.address, f"its images are no longer pulled by the Secret {listed(lost, 3)}")


def _less_pulled(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which images are pulled less often: never, or a tag that moves only where a node does not have it."""
    had = {container.name: _pulled(container) for container in containers_if_any(before)}
    for container in containers_if_any(after):
        was, now = had.get(container.name, ""), _pulled(container)
        address, image = (container / "imagePullPolicy").address, image_reference(container.at("image")).filled_in()
        if now == "Never" and was not in ("", "Never"):
            yield Hit(address, "it is never pulled: its node has to have it")
        elif (was, now) == ("Always", "IfNotPresent") and not image.digest and not _NUMBER.search(image.tag):
            yield Hit(address, f"a node that has some {image.tag} keeps it, whatever that is by now")


def _more_images(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which image a new container has that no container of the pod had: a node has to get it from somewhere."""
    had = containers_if_any(before)
    known = {image_reference(container.at("image")).repository for container in had}
    for container in containers_if_any(after) if had else ():
        found = image_reference(container.at("image"))
        if container.name not in {one.name for one in had} and found.repository not in known:
            yield Hit(container.address, f"{container.name} is new, of the image {found.repository}")


def _pulled(container: Container) -> str:
    """Say when an image is pulled: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting."""
    image = image_reference(container.at("image")).filled_in()
    by_default = "Always" if image.tag == "latest" and not image.digest else "IfNotPresent"
    said = container.at("imagePullPolicy")
    return by_default if said in (ABSENT, None, "") else str(said)


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
