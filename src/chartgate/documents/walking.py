"""Going through a document of maps and lists: what is in it, under which keys, and the same with other texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of

Keys = tuple[str, ...]
"""The keys and indexes that lead to a value; `join` makes an address of them."""


def nodes(value: Any, above: Keys = (), *, lists: bool = True) -> Iterator[tuple[Keys, Any]]:
    """Give a value and all that is in it, each with the keys that lead to it.

    Without `lists`, a list is a value like any other, and not gone into.
    """
    # Without recursion: each value would come up through as many generators as it is deep.
    waiting: list[tuple[Keys, Any]] = [(above, value)]
    while waiting:
        node = waiting.pop()
        yield node
        keys, inside = node
        if isinstance(inside, str | int):
            continue
        if isinstance(inside, list):
            waiting += [((*keys, str(index)), item) for index, item in enumerate(inside) if lists][::-1]
        else:
            waiting += [((*keys, str(key)), item) for key, item in map_of(inside).items()][::-1]


def strings(value: Any, above: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Give every text in a document and where it is; the keys of a map are texts too."""
    for keys, node in nodes(value, above):
        if isinstance(node, str):
            yield keys, node
        elif isinstance(node, Mapping):
            yield from (((*keys, str(key)), str(key)) for key in node)


def printed_by_go(text: str, given: Mapping[str, Any]) -> list[str]:
    """Give the names of those values of which Go printed all that a text is, as a map: each word of one is in it."""
    words = {name: [word for _, word in strings(value)] for name, value in given.items() if text.startswith("map[")}
    return [name for name, found in words.items() if found and all(word in text for word in found)]


def scalars(value: Any) -> Iterator[str]:
    """Give every text and number in a value, as text; a switch is not a secret."""
    for _, node in nodes(value):
        if isinstance(node, str | int | float) and not isinstance(node, bool):
            yield str(node)


def leaves(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the address and value of everything that is not a map with keys."""
    for keys, node in nodes(values, lists=False):
        if keys and not (isinstance(node, Mapping) and node):
            yield join(*keys), node


def replaced(value: Any, change: Callable[[str], str], *, keys: bool = False) -> Any:
    """Give a document with every text changed; the keys of its maps only where that is asked for."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {
            replaced(key, change) if keys else key: replaced(item, change, keys=keys) for key, item in value.items()
        }
    if isinstance(value, list | set | frozenset) or type(value) is tuple:
        return type(value)(replaced(item, change, keys=keys) for item in value)
    return value
