"""Secrets in a review: their content is decoded to compare it, and never shown."""

from __future__ import annotations

import dataclasses
from typing import Any

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.secret_texts.masks import MASK
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.contents import decoded
from chartgate.model import Resource

ANOTHER = "<another secret>"


def content(resource: Resource) -> Any:
    """Give a manifest; that of a Secret with `data`, decoded, and `stringData` as one map."""
    manifest = resource.manifest
    if resource.kind != "Secret":
        return manifest
    encoded, plain = (map_of(manifest.get(key)) for key in ("data", "stringData"))
    data = {key: _decoded(value) for key, value in encoded.items()}
    data |= {key: value.encode() if isinstance(value, str) else value for key, value in plain.items()}
    return {**{key: value for key, value in manifest.items() if key not in ("data", "stringData")}, "data": data}


def _decoded(value: Any) -> Any:
    """Decode base64, ignoring all white space; what is not base64 stays as it is."""
    try:
        return decoded("".join(value.split())) if isinstance(value, str) else value
    except ValueError:
        return value


def hidden(difference: Difference) -> Difference:
    """Hide the values of a difference between two Secrets if it is in their data."""
    if steps(difference.address)[:1] != ["data"]:
        return difference
    before = difference.before if difference.before is ABSENT else MASK
    after = difference.after if difference.after is ABSENT else ANOTHER if before is not ABSENT else MASK
    return dataclasses.replace(difference, before=before, after=after)
