"""A chart's values.schema.json as a validator that fetches nothing, and the references inside of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
import referencing
import referencing.exceptions
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from chartgate.documents.addresses import ABSENT

UNDECIDABLE = (re.error, referencing.exceptions.Unresolvable)
"""What a validator raises where it cannot say: a pattern that is Go's alone, a reference that leads out of the file."""


def validator(schema: Mapping[str, Any]) -> Validator:
    """Give a validator for a schema; as helm, by draft 7 where it names none."""
    kind = validator_for(schema, default=jsonschema.Draft7Validator)
    # Without a registry, it would fetch what a remote reference leads to.
    return kind(schema, registry=referencing.Registry())


def referenced(root: Mapping[str, Any], reference: Any) -> Any:
    """Give what a `$ref` in a schema leads to by a JSON pointer; ABSENT where it leads out of the file, or to nothing.

    Args:
        root: the whole file.
        reference: the value of `$ref`, or None where a schema has none.
    """
    if not isinstance(reference, str):
        return ABSENT
    file: referencing.Resource[Any] = referencing.Resource.opaque(root)
    registry: referencing.Registry[Any] = referencing.Registry().with_resource("", file)
    try:
        return registry.resolver().lookup(reference).contents
    except (referencing.exceptions.Unresolvable, TypeError, ValueError):
        # The last two are what the library makes of a pointer that leads through a number or a text.
        return ABSENT
