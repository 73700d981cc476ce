"""What a CustomResourceDefinition says of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.kubernetes.validity.bundled_schemas import SchemaError, misfits_of
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.model import Resource

EMBEDDED = {
    "type": "object",
    "x-kubernetes-embedded-resource": True,
    "properties": {"spec": {"type": "object", "properties": {"a": {}}}},
}


def definition(schema: dict[str, Any] | None) -> Resource:
    version = {"name": "v1"} if schema is None else {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    return Resource({"kind": "CustomResourceDefinition", "spec": {"versions": [version]}}, "", "")


@pytest.mark.parametrize(
    ("schema", "spec", "fits"),
    [
        ({"properties": {"size": {"type": "integer"}}}, {"size": 1}, True),
        ({"properties": {"size": {"type": "integer"}}}, {"sise": 1}, False),
        ({"properties": {}, "x-kubernetes-preserve-unknown-fields": True}, {"sise": 1}, True),
        ({"properties": {"port": {"x-kubernetes-int-or-string": True}}}, {"port": "http"}, True),
        ({"properties": {"port": {"x-kubernetes-int-or-string": True}}}, {"port": []}, False),
        ({"properties": {"size": {"type": "integer", "nullable": True}}}, {"size": None}, True),
        ({"properties": {"size": {"type": "integer"}}}, {"size": None}, False),
        ({"properties": {"size": {"enum": ["large"], "nullable": True}}}, {"size": None}, True),
        ({"properties": {"any": {"type": "object"}}}, {"any": {"a": 1}}, False),
        (
            {"properties": {"any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}},
            {"any": {"a": 1}},
            True,
        ),
        (
            {
                "x-kubernetes-preserve-unknown-fields": True,
                "properties": {"inner": {"type": "object", "properties": {"size": {}}}},
            },
            {"any": 1, "inner": {"sise": 1}},
            False,
        ),
        ({"additionalProperties": {"type": "string"}}, {"any": "text"}, True),
        ({"additionalProperties": {"type": "string"}}, {"any": 1}, False),
        ({"properties": {"of": {"items": {"type": "object", "properties": {"a": {}}}}}}, {"of": [{"b": 1}]}, False),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"], "properties": {"a": {"enum": [1]}}}]}, {"a": 1}, True),
        ({"properties": {"a": {}}, "not": {"required": ["a"]}}, {"a": 1}, False),
        ({"properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}}}, {"a": 1}, False),
        ({"properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": False}}}, {"a": 1}, True),
        ({"properties": {"a": {"type": "string", "pattern": r"^\p{L}+$"}}}, {"a": "é"}, True),
        ({"properties": {"a": {"type": "string", "pattern": r"^\p{L}+$"}}}, {"a": "1"}, False),
        ({"properties": {"a": {"type": "string", "pattern": "^b(?!c)"}}}, {"a": "1"}, True),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"a": 1}}}, True),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1", "kind": "Pod", "spec": {"b": 1}}}, False),
        ({"properties": {"pod": EMBEDDED}}, {"pod": {"apiVersion": "v1"}}, False),
    ],
)
def test_definitions_prune_what_they_do_not_name(schema: dict[str, Any], spec: dict[str, Any], fits: bool) -> None:
    crd = definition({"type": "object", "properties": {"spec": {"type": "object", **schema}}})
    document = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec}
    assert (misfits_of(document, crd_schema(crd, "v1")) == ()) is fits


@pytest.mark.parametrize("crd", [definition(None), definition({}), Resource({"spec": []}, "", "")])
def test_definitions_without_a_schema(crd: Resource) -> None:
    assert crd_schema(crd, "v1") == ""


BROKEN: list[dict[str, Any]] = [
    {"type": "text"},
    {"type": None},
    {"properties": []},
    {"properties": {"a": None}},
    {"items": [{}]},
    {"pattern": 5},
    {"required": [1]},
    {"anyOf": {}},
    {"allOf": [None]},
    {"type": []},
    *({word: ["string", "string"]} for word in ("type", "required")),
    *({word: given} for word, given in {"anyOf": [], "not": 5, "enum": "a", "format": 5, "minimum": "1"}.items()),
    *({word: given} for word, given in {"maxLength": -1, "minItems": True, "uniqueItems": 1, "multipleOf": 0}.items()),
]


@pytest.mark.parametrize("schema", BROKEN, ids=str)
def test_definitions_with_a_schema_that_is_not_one(schema: dict[str, Any]) -> None:
    assert crd_schema(definition({"type": "object", "properties": {"spec": schema}}), "v1") == ""


def test_an_error_below_a_nullable_field_keeps_its_address() -> None:
    inner = {"type": "object", "nullable": True, "properties": {"size": {"type": "integer"}}}
    crd = definition({"type": "object", "properties": {"spec": inner}})
    document = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {}, "spec": {"size": "large"}}
    (error,) = misfits_of(document, crd_schema(crd, "v1"))
    assert error == SchemaError("spec.size", "string, where the schema has integer")
