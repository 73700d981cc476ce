"""Which keys helm asks for when it refuses values, read from the words of its message, and samples for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup, steps

_ADDRESS = re.compile(r"(?<![\w/.])(?:\$?\.?Values\.)?+([A-Za-z_][\w-]*+(?:\.[A-Za-z_][\w-]*+)++)")
_WORD = re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*+(?![\w.-]*\()")
_NUMBERS = re.compile(r"replicas|count|port$|number|max|min|size$|limit", re.IGNORECASE)
_SHORTEST = 4
"""Letters of a word that may be a key: `key` and `set` are in every other message."""
# By the end of a key's name, in small letters; what no row is about is a word.
_TEXTS = {
    "host": "example.com",
    "hostname": "example.com",
    "domain": "example.com",
    "url": "https://example.com",
    "uri": "https://example.com",
    "endpoint": "https://example.com",
    "path": "/example",
    "email": "someone@example.com",
}


def asked_keys(message: str, address: str, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, Any]:
    """Give the keys that a message names, with values that it may be content with; none that are set already.

    Args:
        message: helm's.
        address: the key that was set, so that a mere last word, `maxReplicas`, is taken for its neighbour's.
        values: those that helm refused.
        read: the addresses that templates read, in values.yaml or not.
    """
    known = [one for one in dict.fromkeys(read) if one != address]
    named = [one for one in _ADDRESS.findall(message) if one in known]
    if not named:
        words = {word for word in _WORD.findall(message) if len(word) >= _SHORTEST}
        above = steps(address)[:-1]
        near = [one for one in known if steps(one)[-1] in words and above and steps(one)[: len(above)] == above]
        named = sorted(near, key=lambda one: len(steps(one)))[:1]
    return dict(_samples(named, values))


def _samples(addresses: Iterable[str], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for address in addresses:
        there = lookup(values, address)
        name = steps(address)[-1]
        if isinstance(there, bool):
            yield address, not there
        elif there in (ABSENT, None, "", 0, [], {}):
            if isinstance(there, list | dict):
                continue
            yield address, _sample(name, is_text=isinstance(there, str))


def _sample(name: str, *, is_text: bool) -> Any:
    if not is_text and name in ("enabled", "create"):
        return True
    if not is_text and _NUMBERS.search(name):
        return 5
    return next((text for end, text in _TEXTS.items() if name.lower().endswith(end)), "example")


def read_addresses(paths: Iterable[tuple[str, ...]]) -> list[str]:
    """Give paths as addresses, each once."""
    return list(dict.fromkeys(join(*path) for path in paths))
