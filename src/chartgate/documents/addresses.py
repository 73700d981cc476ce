r"""Addresses inside a manifest, the way a person writes them: `spec.containers[web].env[0].name`.

A bracket holds a literal key (`metadata.labels[app.kubernetes.io/name]`), an index, or the name of a list
item, which is how strategic merge patches address most lists of Kubernetes. In brackets, `]` and `\` are
written `\]` and `\\`.
"""

from __future__ import annotations

import re
from typing import Any

_BRACKETS = r"\[(?P<literal>(?:\\[\]\\]|[^\]])*)\]"
_FIRST = re.compile(rf"(?P<plain>[^.\[\]]+)|{_BRACKETS}")
_NEXT = re.compile(rf"\.(?P<plain>[^.\[\]]+)|{_BRACKETS}")


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
    found: list[str] = []
    position = 0
    while position < len(address):
        step = (_NEXT if position else _FIRST).match(address, position)
        if step is None:
            raise ValueError(f"{address!r} is no address: see position {position}")
        found.append(step["plain"] or re.sub(r"\\([\]\\])", r"\1", step["literal"]))
        position = step.end()
    return found


def lookup(document: Any, address: str) -> Any:
    """Give the value at an address, or ABSENT; the empty address is the document itself."""
    value = document
    for step in steps(address):
        value = _child(value, step)
        if value is ABSENT:
            break
    return value


def _child(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, ABSENT)
    if isinstance(value, list):
        if re.fullmatch(r"-?[0-9]+", step):
            index = int(step)
            return value[index] if -len(value) <= index < len(value) else ABSENT
        return next((item for item in value if isinstance(item, dict) and item.get("name") == step), ABSENT)
    return ABSENT


def join(*parts: str) -> str:
    """Join keys to an address, in brackets where a key has characters of its own (`a.b[x.y/z]`)."""
    address = ""
    for part in parts:
        plain = re.fullmatch(r"[A-Za-z_][\w-]*", part)
        literal = re.sub(r"([\]\\])", r"\\\1", part)
        address += (f".{part}" if address else part) if plain else f"[{literal}]"
    return address


def is_inside(address: str, place: str) -> bool:
    """Tell whether an address is this place, or inside of it."""
    return address == place or address.startswith((f"{place}.", f"{place}["))
