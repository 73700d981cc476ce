"""A value as a map, a list or a number, the maps or texts in a list, where others are ignored, and JSON types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard


def map_of(value: Any) -> Mapping[str, Any]:
    """Give a value that is a map, else an empty map."""
    # A dict is what it nearly always is, and what an abstract class takes ten times as long to tell.
    return value if isinstance(value, dict) or isinstance(value, Mapping) else {}  # noqa: SIM101


def list_of(value: Any) -> list[Any]:
    """Give a value that is a list, else an empty list."""
    return value if isinstance(value, list) else []


def maps_in(value: Any) -> list[dict[str, Any]]:
    """Give the maps in a list; nothing where there is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_in(value: Any) -> list[str]:
    """Give the texts in a list; nothing where there is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def is_whole(value: object) -> TypeGuard[int]:
    """Tell whether a value is a whole number; to Python, a switch is one as well."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number, and no switch."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_NUMBER = re.compile("[0-9]{1,15}")


def whole_number(text: str) -> int | None:
    """Give the number that a text of digits is; None for anything else, and for more digits than one counts with."""
    return int(text) if _NUMBER.fullmatch(text) else None


def json_type(value: Any) -> str:
    """Give the JSON type of a value; as in JSON schemas, 1.0 is an integer."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    names = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def type_name(value: Any) -> str:
    """Give the JSON type of a value; an integer is a number like any other."""
    found = json_type(value)
    return "number" if found == "integer" else found


def type_words(value: Any) -> str:
    """Say in words what a value is: `a map`, `null`."""
    words = {"object": "a map", "array": "a list", "string": "a text", "null": "null"}
    return words.get(type_name(value), f"a {type_name(value)}")
