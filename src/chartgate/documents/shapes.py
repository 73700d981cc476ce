"""The lists of a manifest, as far as their items are what they should be; that all are is for a schema to say."""

from __future__ import annotations

from typing import Any


def maps_in(value: Any) -> list[dict[str, Any]]:
    """Give the maps in a list; nothing where there is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_in(value: Any) -> list[str]:
    """Give the texts in a list; nothing where there is no list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def json_type(value: Any) -> str:
    """Give the JSON type of a value."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
