"""What stands inside a resource as text: YAML in a ConfigMap, values in a Secret."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from chartgate import documents
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
        return documents.load(content, address)
    except InputError as error:
        raise Missing(str(resource.identity), address, "a YAML document", str(error), resource.template) from error


def secret_text(secret: Resource) -> dict[str, str]:
    """Give the content of a Secret by key, as a container would read it; `stringData` wins, as in the API server.

    Raises:
        Missing: a value of `data` is no base64 of text, or a value is no text at all.
    """
    content: dict[str, str] = {}
    for key, value in (secret.at("data") or {}).items():
        try:
            content[key] = base64.b64decode(str(value), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            subject, address = str(secret.identity), f"data[{key}]"
            raise Missing(subject, address, "base64 of text", str(error), secret.template) from error
    for key in secret.at("stringData") or {}:
        content[key] = text(secret, f"stringData[{key}]")
    return content
