"""A value as a map, and the maps or texts in a list."""

from __future__ import annotations

from chartgate.documents.shapes import map_of, maps_in, texts_in, whole_number


def test_a_value_as_a_map() -> None:
    assert [map_of(value) for value in ({"a": 1}, None, "a", ["a"])] == [{"a": 1}, {}, {}, {}]


def test_maps_and_texts_in_a_list() -> None:
    assert maps_in([{"a": 1}, "b", None]) == [{"a": 1}]
    assert texts_in(["a", 1, None]) == ["a"]
    assert (maps_in({"a": 1}), texts_in("ab"), maps_in(None)) == ([], [], [])


def test_a_text_as_a_number() -> None:
    assert [whole_number(text) for text in ("0", "080", "9" * 15)] == [0, 80, 10**15 - 1]
    assert [whole_number(text) for text in ("", "-1", "1.0", " 1", "1\n", "\u00b2", "\u0663", "9" * 5000)] == [None] * 8
