"""What a list or a map has too much, and what it lacks, is said in words beside both."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.reports.value_text import difference_words


@pytest.mark.parametrize(
    ("expected", "actual", "words"),
    [
        (["a", "b", "c"], ["a", "c", "d"], "missing: b; too much: d"),
        (["a", "b"], ["b", "a"], "in another order"),
        ([1, True], ["1", 1], 'missing: true; too much: "1"'),
        (["a", "a", "b"], ["a", "b"], "missing: a"),
        ([{"a": 1}], [{"a": 1}, {"b": [1]}], 'too much: {"b": [1]}'),
        ([0], list(range(9)), "too much: 1, 2, 3, 4, 5 and 3 more"),
        ({"a": 1, "b": 2}, {"a": 1, "c": 3}, "missing: b; too much: c"),
        ({"a": 1, "b": [2]}, {"a": True, "b": [2]}, "other: a"),
        # Where anybody sees it, or nothing is to be compared.
        (["a"], ["b"], ""),
        ([], ["a", "b", "c"], ""),
        (["a", "b"], ["a", "b"], ""),
        ({"a": 1, "b": 2}, ["a", "b"], ""),
        ("one of a, b", ["a", "b"], ""),
        (None, ["a", "b", "c"], ""),
    ],
)
def test_what_differs(expected: Any, actual: Any, words: str) -> None:
    assert difference_words(expected, actual) == words
