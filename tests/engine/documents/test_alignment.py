"""Long lists are aligned by their beginnings and ends, others by difflib."""

from __future__ import annotations

import difflib
import time

import pytest

from chartgate.documents.alignment import Opcode, opcodes
from chartgate.documents.words import near

MANY = [str(number % 7) for number in range(5000)]


@pytest.mark.parametrize(("before", "after"), [("abcd", "abed"), ("", "a"), ("a", ""), ("", ""), ("aabba", "abab")])
def test_short_lists_are_aligned_as_difflib_does(before: str, after: str) -> None:
    expected = difflib.SequenceMatcher(None, list(before), list(after), autojunk=False).get_opcodes()
    assert list(opcodes(list(before), list(after))) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (MANY, MANY, [("equal", 0, 5000, 0, 5000)]),
        (MANY, [*MANY, "x"], [("equal", 0, 5000, 0, 5000), ("replace", 5000, 5000, 5000, 5001)]),
        (["x", *MANY], MANY, [("replace", 0, 1, 0, 0), ("equal", 1, 5001, 0, 5000)]),
        (
            [*MANY, "x", *MANY],
            [*MANY, "y", "z", *MANY],
            [
                ("equal", 0, 5000, 0, 5000),
                ("replace", 5000, 5001, 5000, 5002),
                ("equal", 5001, 10_001, 5002, 10_002),
            ],
        ),
        (MANY, ["x"] * 5000, [("replace", 0, 5000, 0, 5000)]),
    ],
    ids=["same", "one more", "one less", "between", "other"],
)
def test_long_lists(before: list[str], after: list[str], expected: list[Opcode]) -> None:
    start = time.thread_time()
    assert list(opcodes(before, after)) == expected
    assert time.thread_time() - start < 1


def test_a_long_name_is_near_to_nothing_soon() -> None:
    start = time.thread_time()
    assert near("x" * 1_000_000, ["policy_of_names"] * 200) == []
    assert near("scret", ["secret", "config"]) == ["secret"]
    assert time.thread_time() - start < 1
