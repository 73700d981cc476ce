"""What a reference inside of a schema file leads to; nothing is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_schemas import referenced

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
