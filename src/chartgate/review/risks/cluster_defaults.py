"""Objects that are the default of a whole cluster, for all who name none."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_FIELD = "globalDefault"
_SAID = {
    "StorageClass": ("storageclass.kubernetes.io/is-default-class", "claims that name no class are of this one now"),
    "IngressClass": ("ingressclass.kubernetes.io/is-default-class", "it serves Ingresses that name no class now"),
    "VolumeSnapshotClass": (
        "snapshot.storage.kubernetes.io/is-default-class",
        "snapshots that name no class are of this one now",
    ),
    "PriorityClass": (_FIELD, "every pod of the cluster that names no class has this priority from now on"),
}


_NO_LONGER = {
    "StorageClass": "claims that name no class are no longer of this one",
    "IngressClass": "it no longer serves Ingresses without a class",
}


def newly_default(pair: Pair, *kinds: str) -> Iterator[Hit]:
    """Say which object of these kinds is a default that was none, or is new as one."""
    after = pair.after
    if after is None or after.kind not in kinds:
        return
    name, words = _SAID[after.kind]
    if _is_on(after, name) and not (pair.before and _is_on(pair.before, name)):
        address = name if name == _FIELD else join("metadata", "annotations", name)
        yield Hit(address if pair.before else "", words, "caution", "minor")


def no_longer_default(pair: Pair, kind: str) -> Iterator[Hit]:
    """Say that nobody gets an object of this kind any longer who names none."""
    name, _ = _SAID[kind]
    if pair.both and pair.resource.kind == kind and _is_on(pair.both[0], name) and not _is_on(pair.both[1], name):
        address = join("metadata", "annotations", name) if annotations_of(pair.both[1]) else "metadata.annotations"
        yield Hit(address, _NO_LONGER[kind])


def _is_on(resource: Resource, name: str) -> bool:
    return resource.at(name) is True if name == _FIELD else str(annotations_of(resource).get(name)) == "true"
