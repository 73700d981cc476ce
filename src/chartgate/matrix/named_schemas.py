"""The JSON schemas that a matrix names, read with it: a broken one is an error of the matrix."""

from __future__ import annotations

import jsonschema

from chartgate.documents.json_schemas import GO_FORMATS
from chartgate.documents.json_text import load_json
from chartgate.errors import InputError
from chartgate.matrix.file import MatrixFile
from chartgate.model import Schemas
from chartgate.system.files import read_text


def read_schemas(file: MatrixFile) -> Schemas:
    """Read every schema that the matrix names.

    Raises:
        InputError: one cannot be read, or is not a JSON schema; the message names the line of the matrix.
    """
    named = file.content.schemas
    return Schemas(
        kinds={what: _schema(file, "kinds", what, name) for what, name in named.kinds.items()},
        keys={what: _schema(file, "keys", what, name) for what, name in named.keys.items()},
    )


def _schema(file: MatrixFile, part: str, what: str, name: str) -> str:
    path = file.relative(name)
    try:
        text = read_text(path, f"schema {path}")
        jsonschema.Draft202012Validator.check_schema(load_json(text, str(path)), format_checker=GO_FORMATS)
    except InputError as error:
        raise file.error(["schemas", part, what], str(error)) from error
    except jsonschema.SchemaError as error:
        raise file.error(["schemas", part, what], f"{path} is not a JSON schema: {error.message}") from error
    return text
