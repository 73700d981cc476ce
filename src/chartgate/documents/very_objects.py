"""Things as keys by what they are and not by what is in them: what is made of the very same object is made once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar, TypeVarTuple

from chartgate.documents.looks import look_inside

Thing = TypeVar("Thing")
Things = TypeVarTuple("Things")
Made = TypeVar("Made")


class TheVery(Generic[Thing]):
    """An object as a key: equal to no other one, however alike."""

    def __init__(self, thing: Thing) -> None:
        self.it = thing
        look_inside(thing)

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TheVery) and other.it is self.it


def once_for(most: int) -> Callable[[Callable[[*Things], Made]], Callable[[*Things], Made]]:
    """Let a function be called once for the very same objects, as long as few others are asked for in between."""

    def decorate(function: Callable[[*Things], Made]) -> Callable[[*Things], Made]:
        @functools.lru_cache(maxsize=most)
        def make(*keys: TheVery[Any]) -> Made:
            return function(*(key.it for key in keys))

        @functools.wraps(function)
        def give(*things: *Things) -> Made:
            keys: Iterable[Any] = things
            return make(*map(TheVery, keys))

        return give

    return decorate
