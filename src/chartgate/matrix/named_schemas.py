"""The JSON schemas that a matrix names, read with it: a broken one is an error of the matrix."""

from __future__ import annotations

import json

import jsonschema

from chartgate.matrix.file import MatrixFile
from chartgate.model import Schemas


def read_schemas(file: MatrixFile) -> Schemas:
    """Read every schema that the matrix names.

    Raises:
        InputError: one cannot be read, or is no JSON schema; the message names the line of the matrix.
    """
    named = file.content.get("schemas", {})
    return Schemas(
        *({what: _schema(file, part, what, name) for what, name in named.get(part, {}).items()} for part in _PARTS)
    )


_PARTS = ("kinds", "keys")


def _schema(file: MatrixFile, part: str, what: str, name: str) -> str:
    place = ["schemas", part, what]
    try:
        text = file.relative(name).read_text("utf-8")
        jsonschema.Draft202012Validator.check_schema(json.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise file.error(place, f"schema {file.relative(name)} cannot be read: {error}") from error
    except (json.JSONDecodeError, jsonschema.SchemaError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else error.message
        raise file.error(place, f"{file.relative(name)} is no JSON schema: {reason}") from error
    return text
