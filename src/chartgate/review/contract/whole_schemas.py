"""The parts of a schema with what their references and `allOf` say of them, and the alternatives that they offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.schema_references import referenced
from chartgate.documents.shapes import json_type, map_of, texts_in
from chartgate.documents.very_objects import TheVery

Schema = Mapping[str, Any]

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
NOTHING_SAID: Mapping[str, Any] = {}
"""One for all places: those that lead back to themselves are told by which schemas meet there."""
EVERY_TYPE = frozenset(["null", "boolean", "number", "integer", "string", "array", "object"])
# What several schemas of one `allOf` say of a value adds up, or says nothing about it.
_JOINED = frozenset(["properties", "required", "title", "description", "default", "examples", "$comment"])


class SchemaSide:
    """One of two schemas; each of its parts is made whole once, so that one which leads back to itself is the same."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._whole: dict[TheVery[Any], Any] = {}
        self._alternatives: dict[TheVery[Schema], list[Schema]] = {}

    def whole(self, schema: Any) -> Any:
        """Give a part with its references followed and what `allOf` adds to it beside its own words, where it can.

        Words that are there twice, and members of other forms, stay below `allOf`; what no schema may say is left out.
        """
        key = TheVery(schema)
        if key not in self._whole:
            self._whole[key] = NOTHING_SAID  # for a part that is a member of itself
            made = self._joined(_readable(_resolved(schema, self.root)))
            self._whole[key] = self._whole[TheVery(made)] = made
        return self._whole[key]

    def alternatives(self, schema: Schema) -> list[Schema]:
        """Give the schemas of which a value must fit one, each with what all demand; one that offers none is one.

        Those of a `oneOf` are alternatives where no value fits two: where their types differ.
        """
        key = TheVery(schema)
        if key not in self._alternatives:
            self._alternatives[key] = self._parted(schema)
        return self._alternatives[key]

    def _joined(self, schema: Any) -> Any:
        if not isinstance(schema, Mapping) or "allOf" not in schema:
            return schema
        whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        left = []
        for member in schema["allOf"]:
            part = self.whole(member)
            if not isinstance(part, Mapping) or any(
                key in whole and whole[key] != part[key] for key in {*part} - _JOINED
            ):
                left.append(member)
                continue
            properties = {**map_of(whole.get("properties")), **map_of(part.get("properties"))}
            required = [*whole.get("required", []), *part.get("required", [])]
            whole |= part
            whole |= {"properties": properties} if properties else {}
            whole |= {"required": required} if required else {}
        return {**whole, "allOf": left} if left else whole

    def _parted(self, schema: Schema) -> list[Schema]:
        for word in ("anyOf", "oneOf"):
            found = [self.whole(item) for item in schema.get(word, [])]
            parts = [part for part in found if isinstance(part, Mapping)]
            if not parts or len(parts) < len(found):
                continue
            types = [allowed_types(part, ABSENT) for part in parts]
            if word == "anyOf" or sum(map(len, types)) == len(frozenset[str]().union(*types)):
                around = {key: value for key, value in schema.items() if key not in (word, "allOf")}
                return [self.whole({**around, "allOf": [*schema.get("allOf", []), part]}) for part in parts]
        return [schema]


def allowed_types(schema: Schema, default: Any) -> frozenset[str]:
    """Give the types that a schema allows; where it says nothing, that of the default, if there is one."""
    given = schema.get("type")
    if given is None:
        rules = ("enum", "const", "anyOf", "oneOf", "allOf", "$ref", "x-kubernetes-int-or-string")
        if default is ABSENT or default is None or any(rule in schema for rule in rules):
            return EVERY_TYPE
        given = json_type(default)
    types = frozenset([given] if isinstance(given, str) else given)
    return types | {"integer"} if "number" in types else types


def _readable(schema: Any) -> Any:
    """Leave out the words of a schema that no schema may say so (`required: 5`): what reads it refuses all of it."""
    if not isinstance(schema, Mapping):
        return schema
    return {word: value for word, value in schema.items() if word not in _FORMS or _FORMS[word](value)}


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys((*LOWER_BOUNDS, *UPPER_BOUNDS), lambda value: isinstance(value, int | float)),
    **dict.fromkeys(("enum", "allOf", "anyOf", "oneOf"), lambda value: isinstance(value, list)),
    "required": lambda value: isinstance(value, list) and texts_in(value) == value,
    "type": lambda value: isinstance(value, str) or (isinstance(value, list) and texts_in(value) == value),
}
"""Which values a word may have that is read here."""


def _resolved(schema: Any, root: Schema) -> Any:
    """Follow the `$ref`s inside of the file; one that leads back to itself, or to nothing, accepts everything."""
    seen: set[str] = set()
    while isinstance(schema, Mapping) and str(schema.get("$ref", "")).startswith("#"):
        reference = schema["$ref"]
        if reference in seen:
            return {}
        seen.add(reference)
        target = referenced(root, reference)
        found = {} if target is ABSENT else target
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**found, **beside} if beside and isinstance(found, Mapping) else found
    return schema
