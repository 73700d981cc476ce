"""What a reference inside of a schema file leads to; nothing is fetched."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.samples import Rules
from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in, validator
from chartgate.documents.json_documents.schema_references import referenced
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import helms
from tests.engine.toys import CHART, chart_from, write

ROOT: dict[str, Any] = {
    "$id": "https://example.com/schema.json",
    "definitions": {"a": {"type": "string"}, "b/c~d": {}, "with space": True, "text": "words", "nothing": None},
    "allOf": [{"minimum": 1}],
}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#", ROOT),
        ("#/definitions/a", {"type": "string"}),
        ("#/definitions/b~1c~0d", {}),
        ("#/definitions/with%20space", True),
        ("#/allOf/0", {"minimum": 1}),
    ],
)
def test_a_reference_into_the_file(reference: str, expected: object) -> None:
    assert referenced(ROOT, reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "#/definitions/gone",
        "#/definitions/a/type/x",
        "#/definitions/nothing/x",
        "#/allOf/1",
        "#/allOf/x",
        "#anchor",
        "other.json#/definitions/a",
        "https://example.com/other.json",
        "http://[not-a-url",
        5,
        None,
    ],
)
def test_a_reference_out_of_the_file_or_to_nothing(reference: object) -> None:
    assert referenced(ROOT, reference) is ABSENT


STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"properties": {"a": {"prefixItems": [STRING]}}}, {"a": [1]}),
        ({"properties": {"a": {"contains": STRING, "minContains": 2}}}, {"a": ["x"]}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        ({"unevaluatedProperties": False, "properties": {"b": {}}}, {"a": 2}),
        ({"definitions": {"d": STRING}, "properties": {"a": {"$ref": "#/definitions/d", "maxLength": 1}}}, {"a": "xx"}),
    ],
    ids=["prefixItems", "minContains", "dependentRequired", "unevaluatedProperties", "beside $ref"],
)
@pytest.mark.parametrize("draft", ["", "https://json-schema.org/draft/2020-12/schema"])
def test_a_schema_that_names_no_draft_is_one_of_the_newest(
    schema: dict[str, Any], values: dict[str, Any], draft: str, tools: Tools, tmp_path: Path
) -> None:
    """Only helm 4 judges so; helm 3 knows none of these words, or ignores what is beside a reference."""
    named = {"$schema": draft, **schema} if draft else schema
    assert not validator(named).is_valid(values)
    assert [_is_accepted(helm, named, values, tmp_path) for helm in helms(tools)] == [True, False]


@pytest.mark.parametrize("schema", [{"dependencies": {"a": ["b"]}}, {"properties": {"a": {"const": 2}}}])
def test_what_both_helms_judge_alike(schema: dict[str, Any], tools: Tools, tmp_path: Path) -> None:
    assert not validator(schema).is_valid({"a": 1})
    assert [_is_accepted(helm, schema, {"a": 1}, tmp_path) for helm in helms(tools)] == [False, False]


def test_a_list_of_items_without_a_draft_is_for_helm_to_judge(tools: Tools, tmp_path: Path) -> None:
    schema = {"properties": {"a": {"items": [STRING]}}}
    with pytest.raises(UNDECIDABLE):
        validator(schema).is_valid({"a": ["x"]})
    assert [_is_accepted(helm, schema, {"a": ["x"]}, tmp_path) for helm in helms(tools)] == [True, False]
    old = {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
    assert validator(old).is_valid({"a": ["x"]})
    assert _is_accepted(tools.helm, old, {"a": ["x"]}, tmp_path)


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": 5},
        {"$schema": ["a"]},
        {"$id": 5},
        {"properties": {"a": {"$id": 5}}},
        {"type": 5},
        {"type": "text"},
        {"properties": 5},
        {"allOf": 5},
        {"allOf": [5]},
        {"required": 5},
        {"patternProperties": 5},
        {"properties": {"a": 5}},
        {"properties": {"a": {"multipleOf": 0}}},
        {"$ref": "#"},
        {"$ref": "#/definitions/a", "definitions": {"a": {"allOf": [{"$ref": "#/definitions/a"}]}}},
    ],
    ids=json.dumps,
)
def test_what_is_no_schema_or_never_ends_is_for_helm_to_refuse(
    schema: dict[str, Any], tools: Tools, tmp_path: Path
) -> None:
    with pytest.raises(UNDECIDABLE):
        list(errors_in({"a": 1}, schema))
    files = {"Chart.yaml": CHART, "values.schema.json": json.dumps(schema), "templates/a.yaml": ""}
    assert Rules(chart_from(tmp_path, files)).accept({"a": 1})
    assert [_is_accepted(helm, schema, {"a": 1}, tmp_path) for helm in helms(tools)] == [False, False]


def test_nobody_waits_for_references_that_double_at_each_level() -> None:
    """Helm does, until its time is over."""
    parts: dict[str, Any] = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": parts | {"a40": {}}, "properties": {"a": {"$ref": "#/$defs/a0"}}}
    with pytest.raises(UNDECIDABLE, match=r"^more than 100000 references have to be followed$"):
        list(errors_in({"a": 1}, schema))
    started = time.process_time()
    for _ in range(100):
        with pytest.raises(UNDECIDABLE):
            list(errors_in({"a": 1}, schema))
    assert time.process_time() - started < 1
    assert list(errors_in({"b": 1}, {"properties": {"b": {"$ref": "#"}}})) == []


def test_a_fault_of_ours_is_not_taken_for_one_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise TypeError("ours")

    monkeypatch.setattr("chartgate.documents.json_documents.json_schemas.is_found", broken)
    with pytest.raises(TypeError, match=r"^ours$"):
        list(errors_in({"a": "b"}, {"properties": {"a": {"pattern": "b"}}}))


def _is_accepted(helm: Path, schema: dict[str, Any], values: dict[str, Any], folder: Path) -> bool:
    files = {"Chart.yaml": CHART, "values.yaml": json.dumps(values), "values.schema.json": json.dumps(schema)}
    chart = write(folder, files | {"templates/a.yaml": "a: 1"})
    command = [str(helm), "template", str(chart)]
    return subprocess.run(command, capture_output=True, check=False, timeout=100).returncode == 0
