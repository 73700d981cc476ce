"""What is inside a resource as text: YAML in a ConfigMap, values in a Secret."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.walking import Keys, strings
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.model import Missing, Resource


def text(place: Place[Resource]) -> str:
    """Give the text at a place (`data[app-config.yaml]`).

    Raises:
        Missing: there is no text.
    """
    if not isinstance(place.value, str):
        raise Missing.at(place, "text")
    return place.value


def yaml_inside(place: Place[Resource]) -> Place[Resource]:
    """Give the YAML or JSON document that is written as text at a place; its own addresses go on from there.

    Raises:
        Missing: there is no text, or it is not YAML.
    """
    try:
        return Place(place.owner, place.address, go_yaml.load(text(place), place.address))
    except InputError as error:
        raise Missing.at(place, "a YAML document", str(error)) from error


def stored(resource: Resource) -> Iterator[tuple[str, str, Place[Resource]]]:
    """Give what a ConfigMap or a Secret holds as text: below which field, by which key, and where."""
    for field in ("data", "stringData"):
        yield from ((field, key, place) for key, place in (resource / field).entries())


def secret_text(secret: Resource) -> dict[str, str]:
    """Give the content of a Secret by key, as a container would read it; `stringData` wins, as in the API server.

    Raises:
        Missing: a value of `data` is not base64 of text, or a value is not text at all.
    """
    content: dict[str, str] = {}
    for key, place in _entries(secret / "data"):
        try:
            content[key] = decoded(text(place)).decode("utf-8")
        except ValueError as error:
            raise Missing.at(place, "base64 of text", str(error)) from error
    for key, place in _entries(secret / "stringData"):
        content[key] = text(place)
    return content


def decoded(encoded: str) -> bytes:
    """Decode base64 as Kubernetes does, which ignores line breaks in it.

    Raises:
        ValueError: it is not base64.
    """
    return base64.b64decode("".join(encoded.splitlines()), validate=True)


def decoded_text(text: str) -> str:
    """Give the text that base64 stands for; empty where it is none, or stands for bytes."""
    try:
        return decoded(text).decode("utf-8")
    except ValueError:
        return ""


def texts(resource: Resource) -> Iterator[tuple[Keys, str]]:
    """Give every text of a resource and where it is, and those in the YAML or JSON that one of them holds."""
    for keys, found in strings(resource.manifest):
        yield keys, found
        if "\n" in found or found.startswith(("{", "[")):
            try:
                document = go_yaml.load(found, "")
            except InputError:
                continue
            if isinstance(document, dict | list):
                yield from strings(document, keys)


def readable_texts(resource: Resource) -> Iterator[tuple[Keys, str]]:
    """Give every text of a resource and where it is; what a Secret holds is decoded, where it is base64 of text."""
    for keys, found in strings(resource.manifest):
        if resource.kind == "Secret" and len(keys) == 2 and keys[0] == "data" and found != keys[1]:
            try:
                yield keys, decoded(found).decode("utf-8")
                continue
            except ValueError:
                pass
        yield keys, found


def _entries(place: Place[Resource]) -> Iterator[tuple[str, Place[Resource]]]:
    if place.is_set and not place.is_map:
        raise Missing.at(place, "a map")
    return place.entries()
