"""Going through a document of maps and lists, with the keys that lead to each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join

Keys = tuple[str, ...]
"""The keys and indexes that lead to a text; `join` makes an address of them."""


def strings(value: Any, above: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Give every text in a document and where it stands; the keys of a map are texts too."""
    if isinstance(value, str):
        yield above, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield (*above, str(key)), str(key)
            yield from strings(below, (*above, str(key)))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from strings(below, (*above, str(index)))


def scalars(value: Any) -> Iterator[str]:
    """Give text and numbers wherever they stand in a value; a switch is no secret."""
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from scalars(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give the address and value of everything that is no map with keys."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, str(key)))
        else:
            yield join(*above, str(key)), value
