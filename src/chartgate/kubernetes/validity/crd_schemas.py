"""What a CustomResourceDefinition says of its kind: a structural schema in, a JSON schema of the same meaning out.

Sources: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ and
https://kubernetes.io/docs/reference/kubernetes-api/definitions/json-schema-props-v1-apiextensions/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema

from chartgate.documents.json_documents.go_patterns import is_readable
from chartgate.documents.json_documents.json_schemas import GO_FORMATS
from chartgate.documents.json_documents.plain_schemas import PlainSchemas
from chartgate.documents.shapes import texts_in
from chartgate.model import Resource

_OF_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
"""What the API server itself checks of an object, whatever the schema says of it."""
_COMBINED = ("allOf", "anyOf", "oneOf")
_ANY, _NUMBER, _COUNT = {"$ref": "#/$defs/schema"}, {"type": "number"}, {"type": "integer", "minimum": 0}
_TYPE = {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]}
_TEXTS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_FORMS: dict[str, Any] = {
    **dict.fromkeys(("if", "else", "not", "items", "additionalProperties"), _ANY),
    **{word: {"type": "array", "items": _ANY, "minItems": 1} for word in _COMBINED},
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys((limit + what for limit in ("min", "max") for what in ("Length", "Items", "Properties")), _COUNT),
    "properties": {"type": "object", "additionalProperties": _ANY},
    "type": {"anyOf": [_TYPE, {**_TEXTS, "items": _TYPE, "minItems": 1}]},
    **{word: {"type": kind} for word, kind in {"enum": "array", "uniqueItems": "boolean", "format": "string"}.items()},
    "pattern": {"type": "string", "format": "regex"},
    "required": _TEXTS,
    "multipleOf": False,
}
"""What is sure to follow each word: the library takes a second to find nothing wrong with a long schema."""
_SAYS_SOMETHING = _FORMS.keys() - {"if", "else"}
"""The words that a definition may use; it may have no references and no patterns of keys."""
_SCHEMA = {"type": ["object", "boolean"], "properties": _FORMS, "additionalProperties": False}
_SCHEMAS = PlainSchemas({"schema": _SCHEMA}, {"regex": is_readable})


def crd_schema(crd: Resource, version: str) -> str:
    """Give the JSON schema of one version that a CustomResourceDefinition declares; empty if none is valid."""
    text = declared_schema(crd, version)
    return _usable(text) if text else ""


def declared_schema(crd: Resource, version: str) -> str:
    """Give the structural schema of one version as it is declared, as JSON; empty if there is none."""
    for served in (crd / "spec" / "versions").maps():
        schema = (served / "schema" / "openAPIV3Schema").map
        if schema and served.at("name") == version:
            return json.dumps(schema, default=str)
    return ""


def meant_schema(declared: str) -> dict[str, Any]:
    """Give the JSON schema of a declared one, whether it is valid or not: to tell takes long."""
    return _structural(json.loads(declared), is_object=True)


@cache
def _usable(text: str) -> str:
    # A definition is in every rendering, and some are as long as a book.
    meant = meant_schema(text)
    try:
        if not _SCHEMAS.fits(meant, "schema"):
            jsonschema.Draft202012Validator.check_schema(meant, format_checker=GO_FORMATS)
    except jsonschema.SchemaError:
        return ""
    return json.dumps(meant)


def _structural(schema: Mapping[str, Any], *, is_object: bool = False) -> dict[str, Any]:
    """Translate a structural schema, as the API server applies it, to a JSON schema.

    It drops fields that the schema does not name, unless the schema keeps them; below `properties` it drops them
    again. It takes a null only where one is allowed, and has some words that JSON schema does not have.
    """
    meant = _values(schema)
    is_object = is_object or schema.get("x-kubernetes-embedded-resource") is True
    for key in ("properties", "items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            inside = schema[key]
            meant[key] = _each(inside, _structural) if key == "properties" else _structural(inside)
    if is_object:
        named = meant.get("properties")
        own: dict[str, Any] = {key: {} for key in _OF_EVERY_OBJECT}
        meant["properties"] = {**named, **own} if isinstance(named, dict) else own
        meant["required"] = sorted({*texts_in(schema.get("required")), "apiVersion", "kind"})
    names_fields = isinstance(meant.get("properties"), dict) or schema.get("type") == "object"
    if names_fields and schema.get("x-kubernetes-preserve-unknown-fields") is not True:
        meant.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string") is True:
        meant["type"] = ["integer", "string"]
    # As a condition, and not as one of two alternatives, so that an error inside is still told by its address.
    return {"if": {"type": "null"}, "else": meant} if schema.get("nullable") is True else meant


def _values(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Translate what a schema demands of values to a later draft of JSON schema, inside of allOf and the like, too."""
    meant = {key: value for key, value in schema.items() if key in _SAYS_SOMETHING}
    for key in _COMBINED:
        if isinstance(meant.get(key), list):
            meant[key] = [_below(part) for part in meant[key]]
    if "not" in meant:
        meant["not"] = _below(meant["not"])
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        # There it is a boolean beside the limit, here it is the limit.
        if isinstance(meant.get(exclusive), bool):
            is_exclusive = meant.pop(exclusive)
            if is_exclusive and limit in meant:
                meant[exclusive] = meant.pop(limit)
    if not is_readable(meant.get("pattern")):
        # The API server refuses the definition.
        del meant["pattern"]
    return meant


def _below(part: Any) -> Any:
    """Give one schema of a combination; it constrains values but does not prune fields."""
    if not isinstance(part, dict):
        return part
    meant = _values(part)
    for key in ("properties", "items", "additionalProperties"):
        if isinstance(meant.get(key), dict):
            meant[key] = _each(meant[key], _below) if key == "properties" else _below(meant[key])
    return meant


def _each(properties: Mapping[str, Any], of: Any) -> dict[str, Any]:
    return {key: of(value) if isinstance(value, dict) else value for key, value in properties.items()}
