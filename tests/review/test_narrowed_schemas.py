"""What a schema refuses that it accepted: a table, and a proof over random schemas that nothing is overlooked."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import jsonschema
import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart
from chartgate.review.contract.narrowed_schemas import narrowings
from tests.engine.toys import chart_from

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    """Give a chart without values, templates and schema."""
    return chart_from(tmp_path_factory.mktemp("charts") / "bare", {"values.yaml": "", "values.schema.json": "{}"})


def _narrowed(bare: Chart, before: Any, after: Any, old: str = "{}", new: str = "{}") -> dict[str, str]:
    sides = [
        dataclasses.replace(bare, schema=schema, defaults=go_yaml.load(defaults, "defaults"))
        for schema, defaults in ((before, old), (after, new))
    ]
    return {narrowing.address: narrowing.reason for narrowing in narrowings(sides[0], sides[1])}


def _of(**properties: Any) -> Schema:
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}

PAIRS = {**_of(a=TEXT, b=TEXT), "required": ["a", "b"], "additionalProperties": False}
CHOICE = {"oneOf": [{"required": ["b"], "not": {"required": ["c"]}}, {"required": ["c"], "not": {"required": ["b"]}}]}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({**PAIRS, "required": []}, {**PAIRS, **CHOICE, "required": []}, {"": "its oneOf is different"}),
        ({**PAIRS, "additionalProperties": True}, {**PAIRS, **CHOICE, "additionalProperties": True},
         {"": "its oneOf is different"}),
        (_of(a=TEXT), _of(a=NUMBER), {"a": "it may no longer be string, only integer"}),
        (_of(a={"type": ["string", "null"]}), _of(a=TEXT), {"a": "it may no longer be null, only string"}),
        (_of(a={"type": "number"}), _of(a=NUMBER), {"a": "it may no longer be number, only integer"}),
        (_of(a=TEXT), _of(a={**TEXT, "enum": ["x"]}), {"a": 'only "x" is accepted now'}),
        (_of(a={"enum": [1, 2, 3]}), _of(a={"enum": [3]}), {"a": "1, 2 are no longer accepted"}),
        (_of(a=NUMBER), _of(a={**NUMBER, "minimum": 1}), {"a": "minimum is 1 now"}),
        (_of(a={**NUMBER, "maximum": 9}), _of(a={**NUMBER, "maximum": 5}), {"a": "maximum is 5 now, it was 9"}),
        (_of(a=TEXT), _of(a={**TEXT, "pattern": "^x"}), {"a": "pattern is ^x now"}),
        (_of(a=TEXT), _of(a={"anyOf": [TEXT, {"type": "object"}]}), {}),
        (_of(a=TEXT), _of(a={"anyOf": [TEXT]}), {}),
        (_of(a=TEXT), _of(a={"items": NUMBER}), {}),
        (_of(a=TEXT), _of(a={"properties": {"b": NUMBER}, "additionalProperties": False}), {}),
        (_of(a={"anyOf": [_of(b=TEXT)]}), _of(a={"anyOf": [_of(b=NUMBER)]}),
         {"a.b": "it may no longer be string, only integer"}),
        (_of(a={"anyOf": [TEXT, NUMBER]}), _of(a={"anyOf": [NUMBER, TEXT, {"type": "null"}]}), {}),
        (_of(a={"anyOf": [TEXT, NUMBER]}), _of(a={"type": ["integer", "string"]}), {}),
        (_of(a={"anyOf": [TEXT, NUMBER]}), _of(a=TEXT), {"a": "it must be string now"}),
        (_of(a={"anyOf": [TEXT, NUMBER]}), _of(a={"anyOf": [TEXT, {"type": "null"}]}), {"a": "its anyOf is different"}),
        (_of(a=TEXT), _of(a={"oneOf": [TEXT, NUMBER]}), {}),
        (_of(a=TEXT), _of(a={"oneOf": [TEXT, {"minLength": 2}]}), {"a": "its oneOf is different"}),
        (_of(a={"if": TEXT, "then": {"minLength": 1}}), _of(a={"if": TEXT, "then": {"minLength": 0}}), {}),
        (_of(a={"if": _of(b=TEXT), "then": _of(c=TEXT)}), _of(a={"if": _of(b=TEXT), "then": _of(c=TEXT, d=TEXT)}), {}),
        (_of(a={"if": TEXT, "then": {"minLength": 1}}), _of(a={"if": NUMBER, "then": {"minLength": 1}}),
         {"a": "its if is different"}),
        (_of(a=TEXT), {**_of(a=TEXT), "required": ["a"]}, {"a": "it is required now"}),
        (_of(a=TEXT), {**_of(a=TEXT), "additionalProperties": False},
         {"": "keys that the schema does not name are refused now"}),
        ({**_of(a=TEXT, b=TEXT)}, {**_of(a=TEXT), "additionalProperties": False},
         {"b": "the schema no longer knows this key", "": "keys that the schema does not name are refused now"}),
        (_of(a={"type": "array", "items": TEXT}), _of(a={"type": "array", "items": NUMBER}),
         {"a[*]": "it may no longer be string, only integer"}),
        ({"additionalProperties": TEXT}, {"additionalProperties": NUMBER},
         {"[*]": "it may no longer be string, only integer"}),
        ({"additionalProperties": TEXT, **_of(a=TEXT)}, {"additionalProperties": TEXT, **_of(a=NUMBER)},
         {"a": "it may no longer be string, only integer"}),
        ({"additionalProperties": TEXT}, {"additionalProperties": TEXT, **_of(a=NUMBER)},
         {"a": "it may no longer be string, only integer"}),
        (_of(a={"type": "array"}), _of(a={"type": "array", "items": False}), {"a": "its items is different"}),
        ({"$defs": {"t": TEXT}, **_of(a={"$ref": "#/$defs/t"})},
         {"$defs": {"t": NUMBER}, **_of(a={"$ref": "#/$defs/t"})},
         {"a": "it may no longer be string, only integer"}),
        (_of(a=TEXT), {"allOf": [_of(a=NUMBER)]}, {"a": "it may no longer be string, only integer"}),
        (_of(a=_of(b=TEXT)), _of(a=_of(b=NUMBER)), {"a.b": "it may no longer be string, only integer"}),
        (_of(a=TEXT), _of(a={"not": {"const": "x"}, **TEXT}), {"a": "its not is different"}),
    ],
)  # fmt: skip
def test_what_is_narrower(bare: Chart, before: Schema, after: Schema, expected: dict[str, str]) -> None:
    assert _narrowed(bare, before, after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_of(a=TEXT), _of(a=TEXT)),
        (_of(a=TEXT), _of(a={**TEXT, "description": "new", "default": "x", "title": "y"})),
        (_of(a=NUMBER), _of(a={"type": "number"})),
        (_of(a=TEXT), _of(a={"type": ["string", "null"]})),
        (_of(a={"enum": [1]}), _of(a={"enum": [2, 1]})),
        (_of(a={**NUMBER, "minimum": 1, "maximum": 5}), _of(a={**NUMBER, "minimum": 0, "maximum": 9})),
        ({**_of(a=TEXT), "required": ["a"]}, _of(a=TEXT)),
        ({**_of(a=TEXT), "additionalProperties": False}, _of(a=TEXT)),
        ({**_of(a=TEXT), "additionalProperties": False}, {**_of(a=TEXT, b=TEXT), "additionalProperties": False}),
        (_of(a={**TEXT, "pattern": "x"}), _of(a=TEXT)),
        (_of(a=TEXT), {}),
        (_of(a={"type": "array"}), _of(a={"type": "array", "minItems": 0, "uniqueItems": False, "items": {}})),
        (_of(a=TEXT), {**_of(a={**TEXT, "pattern": ".*", "allOf": [], "anyOf": [{}]}), "patternProperties": {}}),
        (_of(a=TEXT), {**_of(a={**TEXT, "minLength": 0}), "minProperties": 0, "required": []}),
        (_of(a=TEXT), {"$defs": {"t": TEXT}, **_of(a={"$ref": "#/$defs/t"})}),
        (_of(a=TEXT), {"allOf": [_of(a=TEXT)], "type": "object"}),
        ({"$defs": {"t": _of(t={"$ref": "#/$defs/t"})}, "$ref": "#/$defs/t"},
         {"$defs": {"t": _of(t={"$ref": "#/$defs/t"})}, "$ref": "#/$defs/t"}),
        (PAIRS, {**PAIRS, **CHOICE, "required": ["a"], "properties": {"a": TEXT, "b": TEXT, "c": TEXT}}),
        (PAIRS, {**PAIRS, "anyOf": CHOICE["oneOf"]}),
    ],
)  # fmt: skip
def test_what_is_no_narrower(bare: Chart, before: Schema, after: Schema) -> None:
    assert _narrowed(bare, before, after) == {}


@pytest.mark.parametrize(
    ("before", "after", "old", "new", "expected"),
    [
        # A chart without a schema accepted everything, and a default says what was meant.
        ({}, _of(a=TEXT), "{a: x}", "{a: x}", {}),
        ({}, _of(a=NUMBER), "{a: x}", "{a: 1}", {"a": "it must be integer now, its default was string"}),
        ({}, _of(a=NUMBER), "{}", "{a: 1}", {}),
        ({}, {**_of(a=TEXT), "required": ["a"]}, "{a: x}", "{a: x}", {}),
        # Where there is a default, helm takes a null for the wish to have none.
        (_of(a={"type": ["null", "string"]}), _of(a=TEXT), "{a: null}", "{a: x}", {}),
        # A default of null says that there is a key, and not of what type.
        ({}, _of(a={"type": "null"}), "{a: null}", "{a: null}", {"a": "it may only be null now"}),
        ({}, _of(a={"type": ["null", "string"]}), "{a: null}", "{a: null}", {}),
        ({}, _of(a={"type": "null"}), "{}", "{a: null}", {}),
        ({}, {**_of(a=TEXT), "required": ["a"]}, "{}", "{}", {"a": "it is required now"}),
        (
            {},
            {**_of(a=TEXT), "required": ["a"]},
            "{}",
            "{a: x}",
            {"": "new and required: a; --reuse-values, which leaves that out, is refused"},
        ),
    ],
)
def test_defaults_count(
    bare: Chart, before: Schema, after: Schema, old: str, new: str, expected: dict[str, str]
) -> None:
    assert _narrowed(bare, before, after, old, new) == expected


def _schema(rng: random.Random, depth: int = 2) -> Schema:
    """Make a schema with a type, whose objects all name the same keys: what no chart knew is nobody's."""
    kind = rng.choice(["string", "integer", "number", "boolean", "null", "array", *["object"] * 2 * depth])
    schema: Schema = {"type": kind}
    if rng.random() < 0.2:
        schema["type"] = sorted({kind, rng.choice(["null", "string", "integer"])})
    if kind == "string" and rng.random() < 0.5:
        word, value = rng.choice(
            [
                ("enum", ["x", "yy"]),
                ("enum", ["x"]),
                ("minLength", rng.randint(0, 2)),
                ("maxLength", 1),
                ("pattern", "^x"),
            ]
        )
        schema[word] = value
    if kind in ("integer", "number") and rng.random() < 0.6:
        word = rng.choice(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
        schema[word] = rng.randint(1, 3)
    if kind == "array" and depth:
        schema |= rng.choice([{}, {"items": _schema(rng, depth - 1)}, {"maxItems": 1}, {"minItems": 1}])
    if kind == "object" and depth:
        schema["properties"] = {key: _schema(rng, depth - 1) for key in "ab"}
        schema |= rng.choice([{}, {"required": ["a"]}, {"required": ["b"]}, {"minProperties": 1}])
        schema |= rng.choice([{}, {"additionalProperties": False}, {"additionalProperties": _schema(rng, 0)}])
    if depth and rng.random() < 0.25:
        parts = [_schema(rng, depth - 1), _schema(rng, depth - 1)]
        schema |= rng.choice([{"anyOf": parts}, {"oneOf": parts}, {"if": parts[0], "then": parts[1]}])
        if rng.random() < 0.5:
            schema = {key: value for key, value in schema.items() if key in ("anyOf", "oneOf", "if", "then")}
    return schema


LEADING_BACK = [
    {"$ref": "#/definitions/a", "title": "a tree"},
    {"allOf": [{"$ref": "#/definitions/a"}, {"title": "a tree"}]},
    {"anyOf": [{"$ref": "#/definitions/a"}, {"type": "null"}]},
    {"oneOf": [{"$ref": "#/definitions/a"}, {"type": "null"}]},
    {"anyOf": [{"$ref": "#/definitions/a"}, {"$ref": "#/definitions/b"}], "title": "one of two"},
    {"type": "array", "items": {"$ref": "#/definitions/a", "title": "a tree"}},
    {"additionalProperties": {"$ref": "#/definitions/a", "title": "a tree"}},
]


@pytest.mark.parametrize("below", LEADING_BACK)
@pytest.mark.parametrize(
    "place", [lambda below: {"properties": {"a": below}}, lambda below: below], ids=["key", "itself"]
)
def test_what_leads_back_to_itself_is_compared_once(bare: Chart, below: Schema, place: Any) -> None:
    tree = {"type": "object", "properties": {"size": TEXT}}
    other = {"anyOf": [{"$ref": "#/definitions/a"}, NUMBER]}
    before, after = (
        {**_of(key={"$ref": "#/definitions/a"}), "definitions": {"a": {**tree, **place(below), "x": more}, "b": other}}
        for more in (1, 2)
    )
    assert _narrowed(bare, before, after) == {}
    _narrowed(bare, {}, after, old="{key: {a: {}}}")


WORD_LIST = """
    $ref type enum const default minimum minLength required properties patternProperties additionalProperties items
    prefixItems allOf anyOf oneOf not if then dependencies pattern
"""
ODD: list[Any] = [None, True, 1, 1.5, "x", [], [1], ["a", None], [[]], {}, {"a": 1}, {"a": []}]


@pytest.mark.parametrize("word", WORD_LIST.split())
def test_what_is_no_schema_is_not_compared(bare: Chart, word: str) -> None:
    """Helm refuses it whatever the values are, which the review tells; a CRD's schema may be as odd."""
    plain = _of(a={"type": "string", "enum": ["x"], "minLength": 2, "required": ["b"]})
    for odd in ODD:
        for after in ({word: odd}, _of(a={word: odd}), _of(a={"allOf": [{word: odd}, {"type": "string"}]})):
            for sides in ((plain, after), (after, plain), (after, after)):
                _narrowed(bare, *sides)
    assert _narrowed(bare, plain, _of(a={**plain["properties"]["a"], "type": 5, "minLength": 3})) == {
        "a": "minLength is 3 now, it was 2"
    }


def _changed(rng: random.Random, schema: Schema) -> Schema:
    """Change one place of a schema."""
    keys = [key for key in ("properties", "items") if key in schema]
    if not keys or rng.random() < 0.4:
        return {**schema, **_schema(rng, 1)} if rng.random() < 0.5 else _schema(rng, 1)
    if rng.choice(keys) == "items" or "properties" not in schema:
        return {**schema, "items": _changed(rng, schema["items"])}
    if isinstance(schema.get("additionalProperties"), dict) and rng.random() < 0.5:
        return {**schema, "additionalProperties": _schema(rng, 0)}
    key = rng.choice("ab")
    return {**schema, "properties": {**schema["properties"], key: _changed(rng, schema["properties"][key])}}


def _value(rng: random.Random, depth: int = 3) -> Any:
    kinds: list[Any] = ["", "x", "yy", "xyz", 0, 1, 2, 3, 4, 1.5, True, False, None]
    if depth and rng.random() < 0.6:
        if rng.random() < 0.3:
            return [_value(rng, depth - 1) for _ in range(rng.randint(0, 2))]
        return {key: _value(rng, depth - 1) for key in "abc" if rng.random() < 0.6}
    return rng.choice(kinds)


@pytest.mark.parametrize("seed", range(40))
def test_no_refusal_is_overlooked(bare: Chart, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    values = [{key: _value(rng) for key in "abc" if rng.random() < 0.8} for _ in range(60)]
    refused = 0
    for _ in range(40):
        before = {**_of(a=_schema(rng), b=_schema(rng)), "additionalProperties": rng.random() < 0.5}
        after = {**before, "properties": {**before["properties"], "a": _changed(rng, before["properties"]["a"])}}
        accepts = [jsonschema.Draft202012Validator(schema).is_valid for schema in (before, after)]
        lost = [value for value in values if accepts[0](value) and not accepts[1](value)]
        if lost:
            refused += 1
            assert _narrowed(bare, before, after), (before, after, lost[0])
    assert refused, "the schemas are too alike to show anything"
