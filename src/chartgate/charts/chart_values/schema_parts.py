"""Which parts of a values.schema.json apply to a value, as one goes down from the top of the values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.json_documents.go_patterns import is_found, is_readable
from chartgate.documents.json_documents.schema_references import referenced
from chartgate.documents.shapes import list_of, map_of


class SchemaPart(NamedTuple):
    """A part of a schema, and the file that its references are about."""

    root: Mapping[str, Any]
    schema: Any


_LEADING_ON = frozenset(
    (
        *("$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf"),
        *("if", "then", "else", "not", "dependentSchemas", "dependencies"),
    )
)
"""What makes other parts of a schema apply; most parts have none of these."""


def applying(rules: Iterable[SchemaPart]) -> Iterator[SchemaPart]:
    """Give all that applies to a value, or may: what schemas refer to, combine and choose between, each once."""
    seen: set[int] = set()
    rest = list(rules)
    while rest:
        root, schema = rest.pop()
        if not isinstance(schema, Mapping) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield SchemaPart(root, schema)
        if _LEADING_ON.isdisjoint(schema):
            continue
        references = (schema[key] for key in ("$ref", "$dynamicRef", "$recursiveRef") if key in schema)
        rest += (SchemaPart(root, referenced(root, reference)) for reference in references)
        for key in ("allOf", "anyOf", "oneOf"):
            rest += (SchemaPart(root, part) for part in list_of(schema.get(key)))
        rest += (SchemaPart(root, schema[key]) for key in ("if", "then", "else", "not") if key in schema)
        for key in ("dependentSchemas", "dependencies"):
            rest += (SchemaPart(root, part) for part in map_of(schema.get(key)).values())


def of_key(rules: Iterable[SchemaPart], key: str) -> Iterator[SchemaPart]:
    """Give what the rules of an object say of one key."""
    for root, schema in rules:
        named = map_of(schema.get("properties")).get(key)
        fitting = [rule for pattern, rule in map_of(schema.get("patternProperties")).items() if _fits(pattern, key)]
        if named is None and not fitting:
            fitting = [schema.get(other) for other in ("additionalProperties", "unevaluatedProperties")]
        yield from (SchemaPart(root, rule) for rule in (named, *fitting) if isinstance(rule, Mapping))


def of_item(rules: Iterable[SchemaPart], index: int) -> Iterator[SchemaPart]:
    """Give what the rules of a list say of one item."""
    for root, schema in rules:
        items, first = schema.get("items"), list_of(schema.get("prefixItems"))
        if isinstance(items, list):
            first, items = items, schema.get("additionalItems")
        found = [first[index]] if index < len(first) else [items, schema.get("unevaluatedItems")]
        yield from (SchemaPart(root, rule) for rule in (*found, schema.get("contains")) if isinstance(rule, Mapping))


def _fits(pattern: Any, key: str) -> bool:
    """Tell whether a pattern fits a key, by helm's regular expressions; one that these cannot read may fit any."""
    return not is_readable(pattern) or is_found(str(pattern), key)
