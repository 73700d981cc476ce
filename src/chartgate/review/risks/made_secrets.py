"""Secrets that a controller makes of another object, or a template once: which keys they get, and under which name."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.charts.template_texts.keys_made_anew import unkept_keys
from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.links.object_references import sources
from chartgate.kubernetes.validity.quantities import seconds
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_NAMES = {
    "ExternalSecret": "spec.target.name",
    "SealedSecret": "spec.template.metadata.name",
    "Certificate": "spec.secretName",
    "VaultStaticSecret": "spec.destination.name",
}


def lost_in_made_secrets(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say what the Secret that comes of an object no longer has, or that it has another name."""
    address = _NAMES.get(after.kind, "")
    if not address:
        return
    was, now = (_name(resource, address) for resource in (before, after))
    if was != now and before.name == after.name:
        yield Hit(address, f"it makes the Secret {now}, and {was} no longer: what reads it fails")
    has = dict(_keys(after))
    for key, place in _keys(before):
        if key not in has:
            yield Hit(place, f"its Secret no longer has {key}: what reads it fails")


def other_sources(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say where what is in a Secret comes from another entry of another store."""
    if after.kind != "ExternalSecret":
        return
    had, has = (dict(_entries(resource)) for resource in (before, after))
    for key, source in has.items():
        if key in had and had[key] != source:
            yield Hit("spec", f"{key} comes from {source}, which has to be there, and no longer from {had[key]}")


def read_once(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say where what changes in a store no longer gets into the Secret, or no Secret is made of it.

    Source: https://external-secrets.io/latest/api/externalsecret/
    """
    if after.kind not in ("ExternalSecret", "ClusterExternalSecret"):
        return
    was, now = (_is_read_again(resource) for resource in (before, after))
    if was and not now:
        reason = "the store is read once: what changes there later no longer gets into the Secret"
        yield Hit("spec.refreshInterval", reason, None, "minor")
    makes = [str(resource.at("spec.target.creationPolicy")) not in ("Merge", "None") for resource in (before, after)]
    if makes[0] and not makes[1]:
        yield Hit("spec.target.creationPolicy", "it makes no Secret any longer: one has to be there")


def keys_of_new_ones(pair: Pair, template: str) -> Iterator[Hit]:
    """Say which key of a Secret whoever upgrades does not get: the text of its template keeps what is there."""
    if not pair.both or pair.resource.kind != "Secret":
        return
    had, has = ({*map_of(side.at("data")), *map_of(side.at("stringData"))} for side in pair.both)
    for key in sorted(map(str, (has - had) & (unkept_keys(template) if has - had else set()))):
        readers = (
            resource.identity.label
            for resource in pair.beside[1]
            for reference in sources(resource)
            if (reference.name, reference.key) == (pair.resource.name, key) and not reference.optional
        )
        reader = next(readers, "")
        told = f"a Secret that is there is kept without {key}{f', and {reader} does not start' * bool(reader)}"
        yield Hit(join("data", key), told, "danger" if reader else None)


def _is_read_again(resource: Resource) -> bool:
    if resource.at("spec.refreshPolicy") == "CreatedOnce":
        return False
    interval = resource.at("spec.refreshInterval")
    return str(interval) != "0" and seconds(interval) != 0


def _entries(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give where each key comes from, by the name of the key."""
    store = resource.at("spec.secretStoreRef.name")
    for entry in maps_in(resource.at("spec.data")):
        of_entry = map_of(map_of(entry.get("sourceRef")).get("storeRef")).get("name", store)
        place = map_of(entry.get("remoteRef"))
        parts = (of_entry, place.get("key"), place.get("property"))
        yield str(entry.get("secretKey")), " ".join(str(part) for part in parts if part not in (None, ABSENT))


def _name(resource: Resource, address: str) -> str:
    found = resource.at(address)
    return resource.name if found in (ABSENT, None, "") else str(found)


def _keys(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give the keys of the Secret, each with the address of what names it."""
    if resource.kind == "SealedSecret":
        for key in map_of(resource.at("spec.encryptedData")):
            yield str(key), f"spec.encryptedData.{key}"
    if resource.kind != "ExternalSecret":
        return
    templated = map_of(resource.at("spec.target.template.data"))
    if templated and resource.at("spec.target.template.mergePolicy") != "Merge":
        yield from ((str(key), f"spec.target.template.data.{key}") for key in templated)
        return
    for entry in maps_in(resource.at("spec.data")):
        yield str(entry.get("secretKey")), "spec.data"
