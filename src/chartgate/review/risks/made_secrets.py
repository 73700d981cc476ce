"""Secrets that a controller makes of another object: which keys they get, and under which name."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of, maps_in
from chartgate.model import Resource
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
