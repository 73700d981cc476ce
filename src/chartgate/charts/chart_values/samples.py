"""Other values for a key, as the schemas of a chart and its subcharts accept them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.json_documents.go_patterns import UnreadablePattern, is_found
from chartgate.documents.json_documents.schema_references import referenced
from chartgate.documents.shapes import list_of, map_of, texts_in
from chartgate.model import Chart, Values

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# What texts in values usually are: a name, a host, a URL, an image, a digest, a size, an address, a path, a version.
_TEXTS = (
    "changed",
    "changed.example.com",
    "https://changed.example.com/v1",
    "changed.example.com/changed:1.0",
    f"sha256:{'c' * 64}",
    "7Gi",
    "7",
    "10.7.0.0/16",
    "/changed",
    "7.7.7",
    "Changed",
    "7m",
)


_MOST_ERRORS = 1000
"""Of one schema."""


class Rules:
    """The schemas of a chart and its subcharts, each for its part of the values; nothing is fetched for them."""

    def __init__(self, chart: Chart) -> None:
        self._rules = list(_rules(chart, ()))

    def accept(self, values: Values, about: Sequence[str] = ()) -> bool:
        """Tell whether helm's schema check would let these values through.

        A rule that cannot be read here (a remote reference, a pattern in its own dialect) leaves it to helm. Only the
        charts are asked whose values a path is in, or that are below it; all of them unless one is given.
        """
        path = tuple(about)
        return all(
            _accepts(rule.schema, part)
            for rule in self._rules
            if path[: len(rule.above)] == rule.above[: len(path)] and (part := rule.part_of(values)) is not ABSENT
        )

    def refused_in(self, values: Values) -> list[tuple[str, ...]]:
        """Give the keys of what the schemas refuse in values; of alternatives, those of the value that fits none.

        A rule that cannot be read here refuses nothing.
        """
        from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in

        found: list[tuple[str, ...]] = []
        for rule in self._rules:
            part = rule.part_of(values)
            if part is not ABSENT:
                try:
                    errors = list(islice(errors_in(part, rule.schema), _MOST_ERRORS))
                except UNDECIDABLE:
                    continue
                found += [(*rule.above, *map(str, error.absolute_path)) for error in errors]
        return found

    def schemas_at(self, address: str) -> list[Mapping[str, Any]]:
        """Give what the schemas say of one key, with local references followed."""
        found = []
        for rule in self._rules:
            path = steps(address)
            if tuple(path[: len(rule.above)]) == rule.above:
                found += list(_below(rule.schema, rule.schema, path[len(rule.above) :]))
        return found

    def others(self, address: str, value: Any) -> Iterator[Any]:
        """Give candidates for another value of a key, the most ordinary first; not all of them are acceptable."""
        schemas = self.schemas_at(address)
        for schema in schemas:
            yield from _listed(schema)
        if isinstance(value, bool):
            yield not value
        elif isinstance(value, int | float):
            yield from (value + 1, value - 1, value * 2)
        elif isinstance(value, str):
            yield from _other_texts(value, schemas)
        elif isinstance(value, list):
            yield from ([*value, item] for item in (*value[:1], *_items(schemas)))
            if value:
                yield value[:-1]
        elif isinstance(value, Mapping):
            yield from ({"changed": item} for item in _entries(schemas))
            yield from ({key: item} for key, item in _properties(schemas))
        else:
            yield from (item for schema in schemas for item in _examples(schema))
            yield from ("changed", {"changed": "changed"}, ["changed"], 7, True)


def all_accepted(changes: Mapping[str, Any], accepts: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """Give those of the changes that are accepted: all of them at once, else those of each half."""
    if not changes or accepts(changes):
        return dict(changes)
    half = len(changes) // 2
    parts = (dict(islice(changes.items(), half)), dict(islice(changes.items(), half, None))) if half else ()
    return {key: value for part in parts for key, value in all_accepted(part, accepts).items()}


class _Rule(NamedTuple):
    above: tuple[str, ...]
    schema: Mapping[str, Any]

    def part_of(self, values: Values) -> Any:
        return lookup(values, join(*self.above))


def _rules(chart: Chart, above: tuple[str, ...]) -> Iterator[_Rule]:
    if chart.schema:
        yield _Rule(above, chart.schema)
    for subchart in chart.subcharts:
        yield from _rules(subchart, (*above, subchart.name))


def _accepts(schema: Mapping[str, Any], values: Any) -> bool:
    from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in

    try:
        return next(errors_in(values, schema), None) is None
    except UNDECIDABLE:
        return True


def _resolved(root: Mapping[str, Any], schema: Any) -> Iterator[Mapping[str, Any]]:
    """Give a schema with what it refers to inside of its file, and the alternatives that it names, each once."""
    seen: set[int] = set()
    rest = [schema]
    while rest:
        found = rest.pop(0)
        if isinstance(found, Mapping) and id(found) not in seen:
            seen.add(id(found))
            yield found
            alternatives = [schema for key in ("allOf", "anyOf", "oneOf") for schema in list_of(found.get(key))]
            rest = [referenced(root, found.get("$ref")), *alternatives, *rest]


def _below(root: Mapping[str, Any], schema: Any, path: list[str]) -> Iterator[Mapping[str, Any]]:
    for found in _resolved(root, schema):
        if not path:
            yield {**found, "$root": root}
            continue
        properties = found.get("properties")
        if isinstance(properties, Mapping) and path[0] in properties:
            yield from _below(root, properties[path[0]], path[1:])
        else:
            yield from _below(root, found.get("additionalProperties"), path[1:])


def _listed(schema: Mapping[str, Any]) -> Iterator[Any]:
    for key in ("enum", "examples"):
        yield from list_of(schema.get(key))
    if "const" in schema:
        yield schema["const"]


def _other_texts(value: str, schemas: list[Mapping[str, Any]]) -> Iterator[str]:
    if value:
        yield f"{value}x"
        digits = [index for index, character in enumerate(value) if character.isdigit()]
        for index in reversed(digits):
            yield f"{value[:index]}{(int(value[index]) + 1) % 10}{value[index + 1 :]}"
        yield f"x{value}"
        yield "x" * len(value)
    yield from _TEXTS
    for schema in schemas:
        # `^(Always|Never)$` is an enumeration as well.
        yield from _WORD.findall(str(schema.get("pattern", "")))
    yield ""


def _items(schemas: list[Mapping[str, Any]]) -> Iterator[Any]:
    """Give items for a list, by what its schema says of them; without a schema, what lists usually hold."""
    for schema in schemas:
        yield from (item for below in _below_key(schema, "items") for item in _examples(below))
    yield from ("changed", {"name": "changed"}, 7)


def _entries(schemas: list[Mapping[str, Any]]) -> Iterator[Any]:
    for schema in schemas:
        yield from (item for below in _below_key(schema, "additionalProperties") for item in _examples(below))
    yield from ("changed", 7)


def _properties(schemas: list[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for schema in schemas:
        for key, rule in map_of(schema.get("properties")).items():
            for resolved in _resolved(schema["$root"], rule):
                yield from ((key, item) for item in _examples({**resolved, "$root": schema["$root"]}))


def _below_key(schema: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    for found in _resolved(schema["$root"], schema.get(key)):
        yield {**found, "$root": schema["$root"]}


def _examples(schema: Mapping[str, Any], depth: int = 3) -> Iterator[Any]:
    """Make values of the type that a schema names; the caller checks its other rules."""
    yield from _listed(schema)
    types = schema.get("type")
    for kind in [types] if isinstance(types, str) else list_of(types):
        if kind == "string":
            yield from _other_texts("", [schema])
        elif kind in ("integer", "number"):
            yield from (schema.get("minimum", 7), 7)
        elif kind == "boolean":
            yield True
        elif kind == "array":
            # An empty one is false to a template, as nothing is.
            yield from ([item] for item in _items([schema]))
            yield []
        elif kind == "object" and depth:
            yield from _objects(schema, depth)


def _objects(schema: Mapping[str, Any], depth: int) -> Iterator[Values]:
    """Make maps with the required keys, each key with the first value that its own schema accepts."""
    made: Values = {}
    for key in texts_in(schema.get("required")):
        rule = map_of(schema.get("properties")).get(key, {})
        root = schema["$root"]
        found = (item for below in _resolved(root, rule) for item in _examples({**below, "$root": root}, depth - 1))
        made[key] = next((item for item in found if _fits(root, rule, item)), "changed")
    if not made:
        yield {"changed": "changed"}
    yield made


def _fits(root: Mapping[str, Any], rule: Any, item: Any) -> bool:
    """Tell whether one value fits one rule of a schema file."""
    file = {key: value for key, value in root.items() if key in ("$schema", "definitions", "$defs")}
    return _accepts({**file, "allOf": [rule]}, item)


def values_elsewhere(address: str, value: Any, layers: Iterable[Values]) -> Iterator[Any]:
    """Give what other values have at a key: somebody has shown that these can be used."""
    for values in layers:
        found = lookup(values, address)
        if found is not ABSENT and type(found) is type(value):
            yield found


def allows(schema: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Tell whether a schema lets a key be set at all; `global` and keys that no schema mentions are allowed."""
    return _lets(schema, schema, path)


def _lets(root: Mapping[str, Any], schema: Any, path: tuple[str, ...]) -> bool:
    if not path or not isinstance(schema, Mapping):
        return schema is not False
    said = list(_resolved(root, schema))
    named = [properties[path[0]] for s in said if path[0] in (properties := map_of(s.get("properties")))]
    if named:
        return any(_lets(root, below, path[1:]) for below in named)
    others = [s["additionalProperties"] for s in said if "additionalProperties" in s and not _patterned(s, path[0])]
    return all(_lets(root, below, path[1:]) for below in others)


def _patterned(schema: Mapping[str, Any], key: str) -> bool:
    """Tell whether a key fits one of the patterns for names of keys, or they cannot be read here."""
    try:
        return any(is_found(pattern, key) for pattern in map_of(schema.get("patternProperties")))
    except UnreadablePattern:
        return True


def leaves_keys_to_users(schema: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Tell whether a schema names a key, or has a rule for keys of any name where it is."""
    return bool(schema) and _is_named(schema, schema, path)


def _is_named(root: Mapping[str, Any], schema: Any, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    for said in _resolved(root, schema):
        properties = said.get("properties")
        if isinstance(properties, Mapping) and path[0] in properties:
            if _is_named(root, properties[path[0]], path[1:]):
                return True
        elif isinstance(said.get("additionalProperties"), Mapping) or said.get("patternProperties"):
            return True
    return False
