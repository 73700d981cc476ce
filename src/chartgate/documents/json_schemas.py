"""A chart's values.schema.json as a validator that fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
import referencing
import referencing.exceptions
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

UNDECIDABLE = (re.error, referencing.exceptions.Unresolvable)
"""What a validator raises where it cannot say: a pattern that is Go's alone, a reference that leads out of the file."""


def validator(schema: Mapping[str, Any]) -> Validator:
    """Give a validator for a schema; as helm, by draft 7 where it names none."""
    kind = validator_for(schema, default=jsonschema.Draft7Validator)
    # An own registry, or a remote reference would be fetched.
    return kind(schema, registry=referencing.Registry())
