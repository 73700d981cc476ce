"""What of a verdict is kept for later runs, and how it is read again."""

from __future__ import annotations

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.gate.kept_checks import NotPlainError, kept, read_kept
from chartgate.model import AskedObject, Check


def check(expected: object, *, passed: bool = False, unjudged: str = "") -> Check:
    asked = AskedObject("Service", "b", "a")
    return Check("Service a/b (v1)", "spec.x", expected, "is", passed, "t.yaml", "off", "warning", unjudged, "c", asked)


PLAIN: list[object] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    2**70,
    "",
    "1",
    "absent",
    "\ud800",
    "é",
    [],
    ["absent"],
    ["map", 1],
]
PLAIN += [{}, {"a": [1, {1: None}]}, (), ("a", ["b"]), ABSENT, [ABSENT], {"map": ABSENT}]


@pytest.mark.parametrize("value", PLAIN, ids=ascii)
def test_a_finding_is_kept_as_it_is(value: object) -> None:
    [found] = read_kept(kept([check(value)]))
    assert found == check(value)
    assert repr(found) == repr(check(value))


def test_of_what_passed_it_is_kept_how_much_and_what_was_left_unjudged() -> None:
    checks = [check(1, passed=True), check(2, passed=True), check(3, passed=True, unjudged="b"), check(4)]
    checks += [check(5, passed=True, unjudged="a"), check(6, passed=True, unjudged="b")]
    found = read_kept(kept(checks))
    passed = [(True, "")] * 2 + [(True, "b")] * 2
    assert [(c.passed, c.unjudged) for c in found] == [*passed, (False, ""), (True, "a")]
    assert found[4] == check(4)
    assert read_kept(kept([])) == ()


class Word(str):
    """A text of another class."""


@pytest.mark.parametrize("value", [{1, 2}, Word("a"), b"b", [object()], {("a", Word("b")): 1}])
def test_what_would_be_read_as_something_else_is_not_kept(value: object) -> None:
    with pytest.raises(NotPlainError):
        kept([check(value)])
