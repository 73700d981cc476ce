"""Whether somebody looked at something: an answer does not depend on what nobody looked at while it was found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=type)


class _Looks(threading.local):
    number = 0


_looks = _Looks()
_HOLDERS: set[type] = set()


def looks() -> int:
    """Say how often this thread has looked at what is counted: two equal answers tell that nobody did in between."""
    return _looks.number


def counting_looks(field: str) -> Callable[[Kind], Kind]:
    """Count who reads a field of a class, by `getattr`, by `dataclasses.replace` or by comparing two of them."""

    def decorate(kind: Kind) -> Kind:
        setattr(kind, field, _Counted(field))
        _HOLDERS.add(kind)
        return kind

    return decorate


def look_inside(thing: object) -> None:
    """Count a look at something that has such a field: what is remembered of it is not read a second time."""
    if type(thing) in _HOLDERS:
        _looks.number += 1


class _Counted:
    """Stands in a class for a field that its objects have in their own `__dict__`."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __get__(self, owner: object | None, kind: type | None = None) -> Any:
        if owner is None:
            return self
        _looks.number += 1
        return owner.__dict__[self._field]

    def __set__(self, owner: object, value: Any) -> None:
        owner.__dict__[self._field] = value
