"""What quickly fits a schema fits it by jsonschema too, and nearly all that fits does so quickly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from chartgate.documents.json_documents.json_schemas import errors_in, validator
from chartgate.documents.json_documents.plain_schemas import PlainSchemas
from chartgate.kubernetes.validity import bundled_schemas
from chartgate.packs.kubernetes.healthy import pod, release

ODD: list[Any] = [None, True, 0, 1.5, 2**40, "", "odd", [], ["odd"], {}, {"odd": 1}]
WORDS = ["type", "properties", "required", "items", "enum", "const", "anyOf", "minimum", "format"]
WORDS += ["propertyNames", "minLength", "maxItems", "if"]
GIVEN: list[Any] = [None, 5, "a", True, [5], [{}], {"a": 5}, {"a": {}}]
DEFINITIONS: dict[str, Any] = {
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "enum": ["leaf", "twig"]},
            "size": {"type": ["integer", "null"], "format": "int32", "description": "in metres"},
            "port": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "below": {"items": {"$ref": "#/$defs/Tree"}, "type": "array"},
            "kind": {"enum": ["oak", None, False], "pattern": "^o"},
            "any": {"x-kubernetes-preserve-unknown-fields": True},
            "labels": {"additionalProperties": {"type": "string"}, "type": "object"},
        },
        "additionalProperties": False,
    },
    "Odd": {"not": {"type": "string"}},
    "Sizes": {"minLength": 2, "maxLength": 3, "minItems": 1, "maxItems": 2, "minProperties": 1, "maxProperties": 2},
    "Named": {"propertyNames": {"pattern": "^[a-z]+$"}, "minProperties": 1},
    "Waiver": {
        "if": {"required": ["risk"]},
        "then": {"properties": {"policy": False}},
        "else": {"required": ["policy"]},
    },
}


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        ({"name": "leaf", "size": 1, "port": 80, "below": [{"name": "twig", "below": []}], "any": [{}]}, True),
        ({"name": "leaf", "size": None, "port": "http", "labels": {"a": "b"}}, True),
        ({"name": "leaf", "kind": None}, True),
        ({"name": "leaf", "kind": False}, True),
        ({"name": "leaf", "kind": 0}, False),
        ({"name": "leaf", "kind": "oak"}, False),
        ({"name": "leaf", "size": True}, False),
        ({"name": "leaf", "size": 2**31}, False),
        ({"name": "leaf", "port": None}, False),
        ({"name": "leaf", "below": [{"size": 1}]}, False),
        ({"name": "leaf", "below": {}}, False),
        ({"name": "leaf", "labels": {"a": 1}}, False),
        ({"name": "root"}, False),
        ({"name": "leaf", "sise": 1}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_what_is_sure_to_fit(document: Any, fits: bool) -> None:
    schemas = PlainSchemas(DEFINITIONS, {"int32": lambda value: not isinstance(value, int) or value < 2**31})
    assert schemas.fits(document, "Tree") is fits


@pytest.mark.parametrize(
    ("definition", "fitting", "others"),
    [
        ("Sizes", ["ab", "abc", [1], [1, 2], {"a": 1}, {"a": 1, "b": 2}, 1], ["a", "abcd", [], [1, 2, 3], {}]),
        ("Named", [{"ab": 1}, []], [{"Ab": 1}, {"ab": 1, "": 2}, {}]),
        ("Waiver", [{"risk": 1}, {"policy": 1}, 5], [{"risk": 1, "policy": 1}, {}]),
    ],
)
def test_sizes_names_and_conditions(definition: str, fitting: list[Any], others: list[Any]) -> None:
    schemas = PlainSchemas(DEFINITIONS, {}, re.search)
    assert [document for document in (*fitting, *others) if schemas.fits(document, definition)] == fitting


@pytest.mark.parametrize(
    ("document", "definition"),
    [
        (1, "Odd"),  # a word that is not known here
        ({1: "a", "name": "leaf"}, "Tree"),  # JSON knows no such key
        ({"name": "leaf", "size": 1.0}, "Tree"),  # an integer to JSON schema, and too odd to bother
        ("leaf", "Missing"),
    ],
)
def test_what_jsonschema_has_to_say(document: Any, definition: str) -> None:
    assert not PlainSchemas(DEFINITIONS, {}).fits(document, definition)


@pytest.mark.parametrize(
    "schema",
    [
        *({word: given} for word in WORDS for given in GIVEN),
        {"minimum": 1, "maximum": 3, "exclusiveMinimum": True},
        {"const": 1},
        {"propertyNames": {"minLength": 2}, "minProperties": 1, "maxProperties": 1, "maxLength": 2},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"maxProperties": 0}},
        {"if": {"required": ["a"], "minProperties": 2}, "else": {"type": "string"}},
        {"then": {"required": ["b"]}, "else": 5},
        {"enum": [None, True, "a", 2]},
        {"pattern": "^b"},
        {"type": ["string", "array"], "minLength": 2, "minItems": 1, "maxItems": 1, "uniqueItems": True},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}},
        {"$ref": "#"},
        {"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False},
        {"properties": {"a": {"$ref": "#"}, "b": {"minimum": 2, "maximum": 3.5}, "c": False}},
        {"dependentRequired": {"a": ["b"]}, "$comment": "x", "definitions": 5},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("draft", ["draft-04/schema#", "draft-07/schema#", "draft/2020-12/schema"])
def test_a_schema_of_a_chart_refuses_nothing_that_is_sure_to_fit(schema: dict[str, Any], draft: str) -> None:
    whole = {"$schema": f"http{'s' * ('2020' in draft)}://json-schema.org/{draft}", **schema}
    plain, slow = PlainSchemas({"": whole}, {}).of(""), validator(whole)
    for document in (*ODD, {"a": "a"}, {"a": 1, "b": 2}, {"b": 1}, {"b": 3.5}, {"c": 1}, "a", "b", 2, True, [1]):
        assert not plain(document) or slow.is_valid(document), document


_PART = {"allOf": [{"$ref": "#/$defs/s"}]}
_WITH_A_PART = {"properties": {"a": _PART, "b": {"type": "string"}}, "$defs": {"s": {"type": "integer"}}}


def test_what_is_not_plain_alone_is_asked_of_another_judge() -> None:
    asked: list[Any] = []

    def judge(part: Any) -> Callable[[Any], bool]:
        def fit(value: Any) -> bool:
            asked.append((part, value))
            return bool(value == 1)

        return fit

    plain = PlainSchemas({"": _WITH_A_PART}, {}, asks=judge).of("")
    assert [plain(document) for document in ({"b": "x"}, {"a": 1, "b": "x"}, {"a": 2})] == [True, True, False]
    assert asked == [(_PART, 1), (_PART, 2)]


@pytest.mark.parametrize(
    ("schema", "fitting", "other"),
    [
        (_WITH_A_PART, {"a": 1}, {"a": "x"}),
        ({"$id": "https://example.com/s.json", **_WITH_A_PART}, {"a": 1}, {"a": "x"}),
        # The reference leads to the definitions of what has a name of its own.
        (
            {"properties": {"c": {"$id": "https://example.com/c", **_WITH_A_PART}}, "$defs": {"s": {"type": "string"}}},
            {"c": {"a": 1}},
            {"c": {"a": "x"}},
        ),
        ({"properties": {"a": {"not": {"type": "string"}, "minimum": 2}}}, {"a": 2}, {"a": 1}),
        ({"items": {"oneOf": [{"minimum": 2}, {"type": "integer"}]}}, [1, 2.5], [2]),
    ],
    ids=["a part", "below a name", "below another name", "not", "oneOf"],
)
def test_parts_are_judged_as_in_their_place(schema: dict[str, Any], fitting: Any, other: Any) -> None:
    assert [any(errors_in(document, schema)) for document in (fitting, other)] == [False, True]


OBJECTS = [
    document
    for text in (pod.HEALTHY, release.HEALTHY)
    for document in yaml.safe_load_all(text)
    if bundled_schemas.is_known(document["apiVersion"], document["kind"], "1.36")
]


def _broken(document: Any) -> Iterator[Any]:
    """Give a document with each value in turn replaced by odd ones, and with a key more."""
    yield from ODD
    if isinstance(document, dict):
        yield {**document, "odd": "odd"}
        for key in document:
            yield {other: value for other, value in document.items() if other != key}
            yield from ({**document, key: value} for value in _broken(document[key]))
    elif isinstance(document, list):
        for place, item in enumerate(document):
            yield from ([*document[:place], value, *document[place + 1 :]] for value in _broken(item))


@pytest.mark.parametrize("document", OBJECTS, ids=map(str, range(len(OBJECTS))))
def test_it_agrees_with_jsonschema(document: dict[str, Any]) -> None:
    """On every object of the pack's healthy manifests, whole and broken in each place."""
    version = "1.36"
    definition = bundled_schemas._kinds(version)[document["apiVersion"], document["kind"]]
    plain, slow = bundled_schemas._plain(version), bundled_schemas._bundled_validator(version, definition)
    wrong = [
        broken for broken in (document, *_broken(document)) if plain.fits(broken, definition) != slow.is_valid(broken)
    ]
    assert wrong == []
