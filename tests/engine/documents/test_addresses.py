"""Addresses lead to one value, and every key can be written as one."""

from __future__ import annotations

import copy
import itertools

import pytest

from chartgate.documents.addresses import ABSENT, item_steps, join, lookup, steps

DOCUMENT = {
    "spec": {
        "containers": [{"name": "web", "env": [{"name": "A", "value": "1"}]}, {"name": "db", "ports": [80, 81]}],
        "0": "a key that looks like an index",
    },
    "metadata": {"labels": {"app.kubernetes.io/name": "x", "a]b": "y"}, "name": None},
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("a.b-c.d_e", ["a", "b-c", "d_e"]),
        ("a[b.c/d].e", ["a", "b.c/d", "e"]),
        ("[a.b][c]", ["a.b", "c"]),
        ("a[0][-1]", ["a", "0", "-1"]),
        ("a b.c", ["a b", "c"]),
        ("a[]", ["a", ""]),
        (r"[a\]b]", ["a]b"]),
        (r"[a\\]", ["a\\"]),
        (r"[C:\dir]", [r"C:\dir"]),
    ],
)
def test_steps(address: str, expected: list[str]) -> None:
    assert steps(address) == expected


@pytest.mark.parametrize(
    ("address", "position"),
    [("a..b", 1), (".a", 0), ("a.", 1), ("a[b", 1), ("a]b", 1), ("[a]b", 3), ("a.[b]", 1), ("[", 0)],
)
def test_what_is_not_an_address(address: str, position: int) -> None:
    with pytest.raises(ValueError, match=f"is not an address: see position {position}$"):
        steps(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", DOCUMENT),
        ("spec.containers[web].env[A].value", "1"),
        ("spec.containers[0].env[0].name", "A"),
        ("spec.containers[-1].ports[1]", 81),
        ("spec.containers[2]", ABSENT),
        ("spec.containers[-3]", ABSENT),
        ("spec.containers[nobody]", ABSENT),
        ("spec.containers[db].ports[name]", ABSENT),
        ("spec.containers[²]", ABSENT),
        ("spec.0", "a key that looks like an index"),
        ("metadata.labels[app.kubernetes.io/name]", "x"),
        ("metadata.labels.app", ABSENT),
        ("metadata.name", None),
        ("metadata.name.first", ABSENT),
        ("nothing.at.all", ABSENT),
    ],
)
def test_lookup(address: str, expected: object) -> None:
    assert lookup(DOCUMENT, address) is expected or lookup(DOCUMENT, address) == expected


def test_absent_is_equal_to_itself_only() -> None:
    assert copy.deepcopy({"a": ABSENT})["a"] is ABSENT
    others: list[object] = [None, False, "", 0, [], {}, "(absent)"]
    assert [value for value in others if value == ABSENT] == []
    assert str(ABSENT) == "(absent)"
    assert not ABSENT


KEYS = [
    "a",
    "a-b",
    "_a",
    "0",
    "-1",
    "",
    " ",
    ".",
    "a.b",
    "[",
    "]",
    "a]b",
    "\\",
    "a\\",
    "\\]",
    "]\\",
    "é",
    "a/b",
    "a\nb",
]


def test_every_key_survives_join_and_steps() -> None:
    chains = [*itertools.product(KEYS), *itertools.product(KEYS, KEYS)]
    assert [keys for keys in chains if steps(join(*keys)) != [*keys]] == []


def test_join_brackets_what_has_characters_of_its_own() -> None:
    assert join("a", "b", "x.y/z", "0") == "a.b[x.y/z][0]"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "9"], ["a", "9"]),
        (["a", "9" * 5000], ["a", "9" * 5000]),
        (["a", "1"], ["0", "1"]),
        (["a", "-1"], ["0", "1"]),
    ],
)
def test_items_have_steps_that_lead_to_them(names: list[str], expected: list[str]) -> None:
    items = [{"name": name} for name in names]
    assert item_steps(items) == expected
    assert [lookup(items, join(step)) for step in item_steps(items)] == items
