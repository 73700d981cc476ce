"""Other values for a key, as a schema accepts them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.samples import Rules, allows, values_elsewhere
from chartgate.model import Chart
from tests.engine.toys import CHART, chart_from


def _chart(folder: Path, rule: Any, **more: Any) -> Chart:
    schema = {"properties": {"key": rule}, **more}
    return chart_from(folder, {"values.schema.json": json.dumps(schema)})


DEFINITIONS = {"definitions": {"name": {"type": "string", "pattern": "^[a-z]{3}$", "examples": ["abc"]}}}


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"type": "boolean"}, True, False),
        ({"type": "integer", "maximum": 3}, 3, 2),
        ({"type": "integer"}, 3, 4),
        ({"enum": ["a", "b"]}, "a", "b"),
        ({"type": "string"}, "text", "textx"),
        ({"type": "string", "maxLength": 4}, "text", "xxxx"),
        ({"type": "string", "pattern": "^[0-9]+Gi$"}, "9Gi", "0Gi"),
        ({"type": "string", "pattern": "^(Always|Never)$"}, "Never", "Always"),
        ({"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"}, "", f"sha256:{'c' * 64}"),
        ({"type": "string", "minLength": 5}, "", "changed"),
        ({"$ref": "#/definitions/name"}, "xyz", "abc"),
        ({"type": "array", "items": {"type": "integer"}}, [], [7]),
        ({"type": "array", "uniqueItems": True, "maxItems": 1}, ["a"], []),
        (
            {"type": "array", "items": {"type": "object", "required": ["name"], "additionalProperties": False,
             "properties": {"name": {"$ref": "#/definitions/name"}}}},
            [],
            [{"name": "abc"}],
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {}, {"changed": "changed"}),
        (
            {"type": "object", "additionalProperties": False, "properties": {"cpu": {"type": "integer"}}},
            {},
            {"cpu": 7},
        ),
        ({"type": ["integer", "null"]}, None, 7),
        # What is empty is nothing to a template, as null is.
        ({"type": ["object", "null"]}, None, {"changed": "changed"}),
        ({"type": ["array", "null"]}, None, ["changed"]),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, None, [7]),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, None, True),
        ({}, "text", "textx"),
        ({}, {}, {"changed": "changed"}),
    ],
)  # fmt: skip
def test_the_first_that_is_accepted(rule: Any, value: Any, expected: Any, tmp_path: Path) -> None:
    rules = Rules(_chart(tmp_path, rule, **DEFINITIONS))
    accepted = (other for other in rules.others("key", value) if other != value and rules.accept({"key": other}))
    assert next(accepted) == expected


def test_a_constant_has_no_other(tmp_path: Path) -> None:
    rules = Rules(_chart(tmp_path, {"const": "only"}))
    assert [other for other in rules.others("key", "only") if rules.accept({"key": other})] == ["only"]


@pytest.mark.parametrize(
    "rule",
    [{"$ref": "https://example.com/schema.json"}, {"$ref": "#/definitions/gone"}, {"pattern": "x(?!y)"}],
    ids=["remote", "broken", "not Go's"],
)
def test_what_cannot_be_read_here_is_left_to_helm(rule: Any, tmp_path: Path) -> None:
    """Nothing is fetched either: pytest makes an error of the warning that it would give."""
    assert Rules(_chart(tmp_path, rule)).accept({"key": "x"})


WORDS = ("type", "enum", "examples", "required", "properties", "items", "additionalProperties", "allOf", "anyOf")
ODD: list[Any] = [None, True, 1.5, "x", [1], [["a"]], {"a": 1}, {"a": []}]
VALUES: list[Any] = ["x", 1, [], {}, None]


@pytest.mark.parametrize("word", [*WORDS, "$ref", "minimum", "pattern", "patternProperties"])
def test_what_is_no_schema_offers_what_it_can(word: str, tmp_path: Path) -> None:
    """Helm refuses it whatever the values are; here, what it says elsewhere is still read."""
    chart = _chart(tmp_path, {"type": "boolean"})
    for odd in ODD:
        rule = {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "object"}, "b": {word: odd}},
            word: odd,
        }
        schema = {"properties": {**chart.schema["properties"], "odd": rule, "odder": {"allOf": [rule], word: odd}}}
        rules = Rules(dataclasses.replace(chart, schema=schema))
        for value in VALUES:
            assert all(list(rules.others(address, value)) for address in ("odd", "odder", "odd.b"))
        assert next(rules.others("key", False)) is True
        assert allows(schema, ("key",))


@pytest.mark.parametrize(("value", "accepted"), [("É", True), ("é", False), ("1", False)])
def test_patterns_are_read_as_go_reads_them(value: str, accepted: bool, tmp_path: Path) -> None:
    assert Rules(_chart(tmp_path, {"pattern": r"^\p{Lu}"})).accept({"key": value}) is accepted


def test_a_schema_that_refers_to_itself(tmp_path: Path) -> None:
    rule = {"$ref": "#/definitions/tree"}
    tree = {"allOf": [{"$ref": "#/definitions/tree"}, {"properties": {"size": {"enum": [1, 2]}, "child": rule}}]}
    rules = Rules(_chart(tmp_path, rule, definitions={"tree": tree}))
    assert 2 in list(rules.others("key.child.child.size", 1))


def test_a_subchart_has_its_say(tmp_path: Path) -> None:
    files = {
        "charts/child/Chart.yaml": CHART.replace("toy", "child"),
        "charts/child/values.schema.json": json.dumps({"properties": {"size": {"enum": [1, 2]}}}),
        "values.schema.json": json.dumps({"properties": {"child": {"properties": {"size": {"type": "integer"}}}}}),
    }
    rules = Rules(chart_from(tmp_path, files))
    assert rules.accept({"child": {"size": 2}})
    assert not rules.accept({"child": {"size": 3}})
    assert rules.accept({})
    assert 2 in list(rules.others("child.size", 1))


CLOSED = {
    "properties": {
        "a": {"properties": {"b": {}}, "additionalProperties": False},
        "c": {"additionalProperties": {"properties": {"d": {}}, "additionalProperties": False}},
        "e": {"$ref": "#/definitions/open"},
        "f": False,
    },
    "patternProperties": {"^x-": {}},
    "additionalProperties": False,
    "definitions": {"open": {"type": "object"}},
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [("a", True), ("a.b", True), ("a.b.c", True), ("a.x", False), ("x", False), ("c.any.d", True), ("c.any.x", False),
     ("e.any", True), ("f", False), ("x-any", True)],
)  # fmt: skip
def test_what_a_schema_lets_be_set(address: str, expected: bool) -> None:
    assert allows(CLOSED, tuple(address.split("."))) is expected


def test_values_elsewhere_are_of_the_same_type() -> None:
    assert list(values_elsewhere("a", "x", [{"a": "y"}, {"a": 1}, {}, {"a": True}, {"a": "z"}])) == ["y", "z"]
