"""What stands inside a resource as text: YAML in a ConfigMap, values in a Secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.walking import Keys, strings
from chartgate.errors import InputError
from chartgate.model import Missing, Resource


def text(resource: Resource, address: str) -> str:
    """Give the text at an address (`data[app-config.yaml]`).

    Raises:
        Missing: there is no text.
    """
    found = resource.at(address)
    if not isinstance(found, str):
        raise Missing(str(resource.identity), address, "text", repr(found), resource.template)
    return found


def yaml_inside(resource: Resource, address: str) -> Any:
    """Give the YAML or JSON document that stands as text at an address.

    Raises:
        Missing: there is no text, or it is no YAML.
    """
    content = text(resource, address)
    try:
        return go_yaml.load(content, address)
    except InputError as error:
        raise Missing(str(resource.identity), address, "a YAML document", str(error), resource.template) from error


def secret_text(secret: Resource) -> dict[str, str]:
    """Give the content of a Secret by key, as a container would read it; `stringData` wins, as in the API server.

    Raises:
        Missing: a value of `data` is no base64 of text, or a value is no text at all.
    """
    content: dict[str, str] = {}
    for key in _map(secret, "data"):
        try:
            # Kubernetes ignores line breaks in base64.
            encoded = "".join(text(secret, join("data", key)).splitlines())
            content[key] = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            subject, address = str(secret.identity), join("data", key)
            raise Missing(subject, address, "base64 of text", str(error), secret.template) from error
    for key in _map(secret, "stringData"):
        content[key] = text(secret, join("stringData", key))
    return content


def _map(resource: Resource, address: str) -> dict[str, Any]:
    found = resource.at(address)
    if found is ABSENT or found is None:
        return {}
    if not isinstance(found, dict):
        raise Missing(str(resource.identity), address, "a map", repr(found), resource.template)
    return found


def texts(resource: Resource) -> Iterator[tuple[Keys, str]]:
    """Give every text of a resource and where it stands, and those in the YAML or JSON that one of them holds."""
    for keys, text in strings(resource.manifest):
        yield keys, text
        if "\n" in text or text.startswith(("{", "[")):
            try:
                document = yaml_inside(resource, join(*keys))
            except Missing:
                continue
            if isinstance(document, dict | list):
                yield from strings(document, keys)
