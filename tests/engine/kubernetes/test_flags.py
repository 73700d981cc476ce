"""Flags of programs, whichever way their values are written."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.programs.flags import flags


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], []),
        (["serve", "now"], []),
        (["--a=b"], [(0, "--a", "b")]),
        (["--a=b=c", "-d="], [(0, "--a", "b=c"), (1, "-d", "")]),
        (["run", "--a", "b", "--c"], [(1, "--a", "b"), (3, "--c", "")]),
        (["--a", "--b", "-1"], [(0, "--a", ""), (1, "--b", "")]),
        (["--a=one\ntwo", "--", "-", "--1"], [(0, "--a", "one\ntwo")]),
        (["--a b", "a--b"], []),
    ],
)
def test_flags(words: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert list(flags(words)) == expected
