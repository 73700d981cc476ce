"""What is wrong with the form of a matrix.yaml, and what is accepted there; asked only where something is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jsonschema
import yaml

from chartgate.documents.escaping import one_line
from chartgate.documents.json_documents.go_patterns import is_readable
from chartgate.documents.json_documents.json_schemas import with_go_patterns
from chartgate.documents.shapes import type_words
from chartgate.documents.walking import nodes
from chartgate.documents.words import counted, cut, near
from chartgate.documents.yaml_texts.yaml_lines import written_at
from chartgate.matrix.form import schema

Steps = Sequence[str | int]


def worst_error(document: Any, tree: yaml.Node | None) -> tuple[Steps, str] | None:
    """Give the place and the words of the error that says most; None where there is none."""
    formats = jsonschema.FormatChecker()
    formats.checks("regex")(is_readable)
    validator: Any = with_go_patterns(jsonschema.Draft202012Validator)(schema(), format_checker=formats)
    worst = jsonschema.exceptions.best_match(validator.iter_errors(document))
    if worst is None:
        return None
    place = _place(worst)
    return place, _unquoted(worst, tree, place) or _accepted(worst)


def _place(error: jsonschema.ValidationError) -> list[str | int]:
    """Give the place of an error; for a key that should not be there, the key's own."""
    place = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        return [*place, *[key for key in error.instance if key not in known][:1]]
    if "propertyNames" in error.absolute_schema_path:
        return [*place, str(error.instance)]
    return place


def _unquoted(error: jsonschema.ValidationError, tree: yaml.Node | None, place: Steps) -> str:
    """Say that a text needs quotes, where YAML takes a word for something else; empty where that is not what is wrong.

    `n`, `no`, `off`, `y`, `yes` and `on` are booleans in YAML 1.1, and for helm: https://yaml.org/type/bool.html
    """
    written = written_at(tree, place)
    if (error.validator, error.validator_value) != ("type", "string") or not written or error.instance is None:
        return ""
    return f'write it in quotes, "{one_line(written)}": to YAML, {one_line(written)} is {type_words(error.instance)}'


_LONGEST_MESSAGE = 300


def _accepted(error: jsonschema.ValidationError) -> str:
    """Say what is wrong and, where the schema lists it, what is accepted."""
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = list(error.schema.get("properties", {}))
        meant = near(str(_place(error)[-1]), known, 1)
        return "there is no such key; " + (f"did you mean {meant[0]}?" if meant else f"accepted: {', '.join(known)}")
    message = error.message
    if error.validator == "minProperties" and isinstance(error.instance, dict):
        message = f"it has {counted(len(error.instance), 'key')}, and needs {error.validator_value}"
    if "values" in error.absolute_path or any(isinstance(node, dict) for _, node in nodes(error.instance)):
        message = message.replace(repr(error.instance), type_words(error.instance), 1)  # there may be a secret in it
    message = cut(message, _LONGEST_MESSAGE)
    if isinstance(error.schema, dict) and "description" in error.schema:
        message += f" ({error.schema['description']})"
    return message
