"""The lists whose items are told apart by a key, as the schemas of Kubernetes declare them.

Two items of one key are one to a server-side apply, which refuses them, and to a merge, which keeps either of them.
Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.places import Place
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, definition_of, definitions
from chartgate.model import Resource

_DEFAULTS = {"protocol": "TCP"}
"""The keys that may be left out."""


class ListWithKey(NamedTuple):
    """A list, the fields that are its key, and the keys that more than one item has."""

    place: Place[Resource]
    key: tuple[str, ...]
    twice: tuple[str, ...]


def lists_with_keys(resource: Resource) -> Iterator[ListWithKey]:
    """Give every list of an object whose items have keys; nothing of kinds that Kubernetes itself does not know."""
    version = bundled_versions()[-1]
    name = definition_of(resource.identity.api_version, resource.kind, version)
    if name:
        yield from _lists(resource.place(), definitions(version)[name], definitions(version))


def _lists(place: Place[Resource], schema: Any, known: Mapping[str, Any]) -> Iterator[ListWithKey]:
    while "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if place.is_map:
        for name, value in place.map.items():
            found = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(found, dict) and isinstance(value, dict | list):
                yield from _lists(place / name, found, known)
    elif isinstance(place.value, list) and isinstance(schema.get("items"), dict):
        key = tuple(schema.get("x-kubernetes-list-map-keys", ()))
        if key:
            times = Counter(_key_of(item.map, key) for item in place.maps())
            yield ListWithKey(place, key, tuple(item for item, count in times.items() if count > 1))
        for item in place:
            yield from _lists(item, schema["items"], known)


def _key_of(item: Mapping[str, Any], key: tuple[str, ...]) -> str:
    return "/".join(str(item.get(field) or _DEFAULTS.get(field, "")) for field in key)
