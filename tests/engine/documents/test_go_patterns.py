"""Patterns of schemas mean here what they mean to helm, at both ends of the versions that are supported."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chartgate.documents.json_documents.go_patterns import (
    UnreadablePattern,
    first_group,
    group_count,
    is_found,
    is_readable,
)
from chartgate.documents.json_documents.json_schemas import GO_FORMATS, UNDECIDABLE, validator
from chartgate.system.toolchain import OLDEST, PINNED, Release
from tests.engine.toys import CHART, write

MATCHED = (
    ("a{1000}", "a" * 1000, True),
    (r"^\p{L}+$", "é", True),
    (r"^\pN$", "٣", True),
    (r"^\d$", "٣", False),
    (r"^[^\d]$", "٣", True),
    (r"^\w$", "é", False),
    (r"^\s$", "\u00a0", False),
    ("^a$", "a\n", False),
    (r"a\z", "a", True),
    ("(?i)^A$", "a", True),
    (r"\bfoo\b", "a foo b", True),
    (r"^\x{10FFFF}$", "\U0010ffff", True),
    ("^.$", "\U0001f600", True),
    ("^.$", "\n", False),
    ("(?s)^.$", "\n", True),
    ("^[[:alpha:]]$", "a", True),
    ("^(?P<n>a)$", "a", True),
    ("^(?<n>a)$", "a", True),
    ("^a{,3}$", "aa", False),
    ("^a{,3}$", "a{,3}", True),
    (r"^\Qa.b\E$", "a.b", True),
    (r"^\/\_$", "/_", True),
    ("^é$", "é", True),
    ("a\x00b", "a\x00b", True),
    ("", "x", True),
    ("^(a+)+$", "a" * 5000 + "b", False),
)
UNREADABLE = (
    *("a(?!b)", "(?<=a)b", r"(a)\1", "a{1001}", "(?:a{1000}){2}", r"a\Z"),
    *("(", "[a", "a**", "a*+", r"\u00e9", "(?>a)", r"\h"),
)


EITHER = pytest.mark.parametrize("release", [PINNED, OLDEST], ids=lambda release: str(release.helm))


def _refusal(release: Release, folder: Path, schema: dict[str, Any], values: dict[str, Any]) -> str:
    write(
        folder,
        {
            "Chart.yaml": CHART,
            "values.yaml": json.dumps(values, ensure_ascii=False),
            "values.schema.json": json.dumps(schema),
            "templates/a.yaml": "{kind: ConfigMap, apiVersion: v1, metadata: {name: a}}",
        },
    )
    done = subprocess.run(
        [release.tool("helm"), "template", folder], capture_output=True, check=False, text=True, timeout=60
    )
    assert bool(done.returncode) == bool(done.stderr)
    return done.stderr


@EITHER
def test_helm_matches_alike(release: Release, tmp_path: Path) -> None:
    """In one schema, of which helm names every value that does not fit."""
    rules = {f"v{number}v": {"pattern": pattern} for number, (pattern, _, _) in enumerate(MATCHED)}
    values = {f"v{number}v": text for number, (_, text, _) in enumerate(MATCHED)}
    refusal = _refusal(release, tmp_path, {"properties": rules}, values)
    assert [name for name in rules if name in refusal] == [
        f"v{number}v" for number, (_, _, fits) in enumerate(MATCHED) if not fits
    ]


@pytest.mark.parametrize(("pattern", "text", "fits"), MATCHED)
def test_patterns_match_alike(pattern: str, text: str, fits: bool) -> None:
    assert is_found(pattern, text) is fits
    assert validator({"properties": {"v": {"pattern": pattern}}}).is_valid({"v": text}) is fits
    assert validator({"propertyNames": {"pattern": pattern}}).is_valid({text: 1}) is fits
    assert validator({"patternProperties": {pattern: {"type": "string"}}}).is_valid({text: 1}) is not fits
    others = {"patternProperties": {pattern: {}}, "additionalProperties": False}
    assert validator(others).is_valid({text: 1}) is fits


@pytest.mark.parametrize("pattern", UNREADABLE)
@pytest.mark.parametrize("where", ["pattern", "patternProperties"])
@EITHER
def test_helm_refuses_a_schema_that_it_cannot_read(pattern: str, where: str, release: Release, tmp_path: Path) -> None:
    """Whatever the values are: the key is not among them."""
    schema: dict[str, Any] = {"properties": {"w": {where: pattern if where == "pattern" else {pattern: {}}}}}
    refusal = _refusal(release, tmp_path, schema, {"v": "a"})
    assert "values don't meet the specifications of the schema(s)" in refusal
    with pytest.raises(jsonschema.SchemaError):
        jsonschema.Draft202012Validator.check_schema(schema, format_checker=GO_FORMATS)


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_go_does_not_know(pattern: str) -> None:
    assert not is_readable(pattern)
    with pytest.raises(UnreadablePattern, match="is not one that Go reads"):
        is_found(pattern, "a")
    schemas: list[dict[str, Any]] = [{"pattern": pattern}, {"patternProperties": {pattern: {}}}]
    for schema in (*schemas, {"propertyNames": schemas[0]}):
        with pytest.raises(UNDECIDABLE):
            validator(schema).is_valid({"a": 1} if "pattern" not in schema else "a")


@pytest.mark.parametrize(("text", "fits"), [("\ud800", True), ("a\udfff", False), ("\ud83d\ude00", True)])
def test_half_a_character_is_one_character(text: str, fits: bool) -> None:
    assert is_found("^.$", text) is fits


def test_groups() -> None:
    assert group_count("!([^!]+)$") == 1
    assert first_group("!([^!]+)$", "oci://a!b") == "b"
    assert first_group("!([^!]+)$", "oci://a") == ""
    assert first_group("a(b)?", "ac") == ""


def test_keys_beyond_the_patterns_are_named() -> None:
    judge = validator({"patternProperties": {r"^\p{L}$": {}}, "properties": {"ab": {}}, "additionalProperties": False})
    assert [error.message for error in judge.iter_errors({"é": 1, "ab": 1, "1": 1, "2": 1})] == [
        "'1', '2' do not match any of the regexes: '^\\\\p{L}$'"
    ]
    numbers = validator({"patternProperties": {"^é$": {}}, "additionalProperties": {"type": "integer"}})
    assert [error.json_path for error in numbers.iter_errors({"é": "x", "a": 1, "b": "x"})] == ["$.b"]


def test_what_is_not_evaluated_beside_patterns_is_for_helm() -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "unevaluatedProperties": False}
    with pytest.raises(jsonschema.ValidationError, match="Unevaluated properties are not allowed"):
        validator(schema).validate({"a": 1})
    with pytest.raises(UNDECIDABLE):
        validator({**schema, "allOf": [{"patternProperties": {"^a": {}}}]}).validate({"a": 1})


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "(.*a){20}$", "(?:a?){500}a{500}b", r"\p{L}{90}$"])
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.thread_time()
    assert not is_found(pattern, "a" * 100_000 + "!")
    assert time.thread_time() - start < 2
