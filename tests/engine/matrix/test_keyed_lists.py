"""One item of a list is switched by its exact name, and the rest of the list is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.matrix.keyed_lists import KeyedList

LIST = KeyedList("sub.plugins", "package", "!([^!]+)$")
VALUES: dict[str, Any] = {
    "sub": {
        "other": 1,
        "plugins": [
            {"package": "oci://x!chat", "disabled": True},
            {"package": "oci://x!chat-backend", "disabled": True, "config": {"a": 1}},
            {"package": "./local"},
            {"disabled": True},
            "text",
        ],
    }
}


def test_names() -> None:
    assert LIST.names(VALUES) == ["chat", "chat-backend", "", "", ""]
    assert LIST.names({"sub": {"plugins": None}}) == []
    assert LIST.names({}) == []
    assert KeyedList("a", "k", "x(y)?").names({"a": [{"k": "x"}, {"k": "xy"}, {"k": 5}]}) == ["", "y", ""]


def test_a_change_repeats_the_rest() -> None:
    changed = LIST.changed(VALUES, {"chat": {"disabled": False}, "chat-backend": {"config": {"b": 2}}})
    expected = [
        {"package": "oci://x!chat", "disabled": False},
        {"package": "oci://x!chat-backend", "disabled": True, "config": {"b": 2}},
        *VALUES["sub"]["plugins"][2:],
    ]
    assert changed == {"sub": {"plugins": expected}}
    assert VALUES["sub"]["plugins"][0]["disabled"] is True


@pytest.mark.parametrize(
    ("values", "wanted", "message"),
    [
        (VALUES, "back", "sub.plugins has no single item 'back'; it has chat, chat-backend"),
        (VALUES, "", "sub.plugins has no single item ''"),
        ({"sub": {"plugins": [{"package": "a!x"}, {"package": "b!x"}]}}, "x", "has no single item 'x'; it has x, x"),
        ({"sub": {"plugins": []}}, "x", "sub.plugins has no single item 'x'; it has none"),
        ({"sub": {"plugins": "text"}}, "x", "sub.plugins has no single item 'x'; it has none"),
        ({"sub": {}}, "x", "sub.plugins has no single item 'x'; it has none"),
    ],
)
def test_a_name_that_is_not_there_once(values: dict[str, Any], wanted: str, message: str) -> None:
    with pytest.raises(LookupError) as error:
        LIST.changed(values, {wanted: {"disabled": False}})
    assert message in str(error.value)
