"""What is in a document, under which keys, and the same document with other texts."""

from __future__ import annotations

from typing import Any

from chartgate.documents.walking import leaves, nodes, replaced, scalars, strings

DOCUMENT: dict[str, Any] = {"a": [1, None, True, {"b": 2.5}], "c": {}, "d.e": "text"}


def test_every_value_and_the_keys_to_it() -> None:
    assert list(nodes(DOCUMENT)) == [
        ((), DOCUMENT),
        (("a",), DOCUMENT["a"]),
        (("a", "0"), 1),
        (("a", "1"), None),
        (("a", "2"), True),
        (("a", "3"), {"b": 2.5}),
        (("a", "3", "b"), 2.5),
        (("c",), {}),
        (("d.e",), "text"),
    ]
    assert list(nodes(DOCUMENT, ("x",), lists=False)) == [
        (("x",), DOCUMENT),
        (("x", "a"), DOCUMENT["a"]),
        (("x", "c"), {}),
        (("x", "d.e"), "text"),
    ]


def test_texts_are_those_of_keys_too() -> None:
    assert list(strings({"a": [1, None, True, {"b": 2.5}]})) == [(("a",), "a"), (("a", "3", "b"), "b")]
    assert list(strings({1: "x"})) == [(("1",), "1"), (("1",), "x")]
    assert list(strings("x", ("a",))) == [(("a",), "x")]


def test_scalars_are_texts_and_numbers() -> None:
    assert list(scalars(DOCUMENT)) == ["1", "2.5", "text"]
    assert list(scalars("x")) == ["x"]


def test_leaves_are_what_is_not_a_map_with_keys() -> None:
    values: dict[str, Any] = {"a": {"b": 1, "c.d": []}, "e": {}, "f": None}
    assert list(leaves(values)) == [("a.b", 1), ("a[c.d]", []), ("e", {}), ("f", None)]
    assert list(leaves({})) == []


def test_other_texts_and_other_keys() -> None:
    document = {"a": ["a", 1, {"a": None}], 2: "b"}
    assert replaced(document, str.upper) == {"a": ["A", 1, {"a": None}], 2: "B"}
    assert replaced(document, str.upper, keys=True) == {"A": ["A", 1, {"A": None}], 2: "B"}
    assert document == {"a": ["a", 1, {"a": None}], 2: "b"}
