"""When two values are the same, as JSON has it, and where two documents are not."""

from __future__ import annotations

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import canonical, same, unequal


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        (0, False, False),
        ("1", 1, False),
        (None, ABSENT, False),
        (ABSENT, ABSENT, True),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, True),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": True}]}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1], [1, 1], False),
    ],
)
def test_same(one: object, two: object, expected: bool) -> None:
    assert same(one, two) is expected


def test_equal_documents_are_written_alike() -> None:
    assert canonical({"a": 1, "b": [2]}) == canonical({"b": [2], "a": 1})
    assert len({canonical(value) for value in (1, True, "1", 1.0, None, [1])}) == 6


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": {"x.y": 1}}, {"a": {}}, [("a[x.y]", 1, ABSENT)]),
        ({}, {"a": None}, [("a", ABSENT, None)]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [("a[1].b", 2, 3)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a", [1], [1, 2])]),
    ],
)
def test_differences(before: object, after: object, expected: list[object]) -> None:
    assert list(unequal(before, after)) == expected
