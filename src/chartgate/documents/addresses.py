r"""Addresses inside a manifest, the way a person writes them: `spec.containers[web].env[0].name`.

A bracket holds a literal key (`metadata.labels[app.kubernetes.io/name]`), the index of a list item, or what tells the
item from the others of its list: its name, or another of its merge keys. In brackets, `]` and `\` are written `\]`
and `\\`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

_BRACKETS = r"\[(?P<literal>(?:\\[\]\\]|[^\]])*+)\]"
_FIRST = re.compile(rf"(?P<plain>[^.\[\]]+)|{_BRACKETS}")
_NEXT = re.compile(rf"\.(?P<plain>[^.\[\]]+)|{_BRACKETS}")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")
_INDEX = re.compile(r"-?[0-9]{1,9}")
_MERGE_KEYS = ("name", "mountPath", "devicePath", "containerPort", "key", "port", "ip", "topologyKey", "type")
"""By which field the items of a list are told apart: the first that all of them have, each with a value of its own."""


class _Absent:
    """The value of an address that leads nowhere; equal to itself only, so that no expectation meets it."""

    def __repr__(self) -> str:
        return "(absent)"

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: dict[int, Any]) -> _Absent:
        return self


ABSENT = _Absent()


def steps(address: str) -> list[str]:
    """Split an address into its keys.

    Raises:
        ValueError: the address has unbalanced brackets or empty steps.
    """
    return [step for step, _ in written_steps(address)]


def is_address(words: str) -> bool:
    """Tell whether these are an address, and not a command, say."""
    try:
        found = steps(words)
    except ValueError:
        return False
    return " " not in "".join(found[:1])


@functools.lru_cache(maxsize=4096)
def written_steps(address: str) -> tuple[tuple[str, bool], ...]:
    """Give the keys of an address, each with whether it is written in brackets.

    Policies ask for the same few addresses in thousands of objects.

    Raises:
        ValueError: as for `steps`.
    """
    found, start = [], 0
    while start < len(address):
        step = (_NEXT if start else _FIRST).match(address, start)
        if step is None:
            raise ValueError(f"{address!r} is not an address: see position {start}")
        key = step["plain"] or re.sub(r"\\([\]\\])", r"\1", step["literal"])
        found.append((key, step["plain"] is None))
        start = step.end()
    return tuple(found)


def lookup(document: Any, address: str) -> Any:
    """Give the value at an address, or ABSENT; the empty address is the document itself."""
    value = document
    for step, _ in written_steps(address):
        value = child(value, step)
        if value is ABSENT:
            break
    return value


def child(value: Any, step: str) -> Any:
    """Give what one step of an address leads to: the value of a key, or an item of a list; else ABSENT."""
    if isinstance(value, dict):
        return value.get(step, ABSENT)
    if isinstance(value, list):
        index = position(value, step)
        return ABSENT if index is None else value[index]
    return ABSENT


def position(items: Sequence[Any], step: str) -> int | None:
    """Give the index of the list item that a step means: the number of one, or what tells it from the others."""
    if _is_index(step, items):
        return int(step)
    named = next((i for i, item in enumerate(items) if isinstance(item, dict) and item.get("name") == step), None)
    if named is not None:
        return named
    labels = item_steps(items)
    return labels.index(step) if step in labels else None


def item_steps(items: Sequence[Any]) -> list[str]:
    """Give for each item of a list the step that leads to it: what tells it from the others, or its index."""
    for key in _MERGE_KEYS if set(map(type, items)) == {dict} else ():
        labels = [str(label) for item in items if _is_label(label := item.get(key))]
        if len(labels) < len(items) or len(set(labels)) < len(items):
            continue
        # A number that is also an index would lead elsewhere.
        if not any(_is_index(label, items) for label in labels):
            return labels
    return [str(index) for index in range(len(items))]


def _is_index(step: str, items: Sequence[Any]) -> bool:
    return _INDEX.fullmatch(step) is not None and -len(items) <= int(step) < len(items)


def _is_label(value: Any) -> bool:
    return (type(value) is str and value != "") or type(value) is int


def join(*parts: str) -> str:
    """Join keys to an address, in brackets where a key has characters of its own (`a.b[x.y/z]`)."""
    address = ""
    for part in parts:
        address = below(address, part)
    return address


def below(address: str, key: str) -> str:
    """Give the address of a key in the map at an address."""
    if _is_plain(key):
        return f"{address}.{key}" if address else key
    return item(address, key)


@functools.lru_cache(maxsize=4096)
def _is_plain(key: str) -> bool:
    return _PLAIN_KEY.fullmatch(key) is not None


def item(address: str, step: str) -> str:
    """Give the address of an item in the list at an address: its step is always written in brackets."""
    literal = re.sub(r"([\]\\])", r"\\\1", step) if "]" in step or "\\" in step else step
    return f"{address}[{literal}]"


def around_it(address: str) -> Iterator[str]:
    """Give an address and those of all that it is inside of, as `is_inside` tells."""
    yield address
    yield from (address[:end] for end, sign in enumerate(address) if sign in ".[" and end)


def is_inside(address: str, place: str) -> bool:
    """Tell whether an address is this place, or inside of it."""
    return address == place or address.startswith((f"{place}.", f"{place}["))
