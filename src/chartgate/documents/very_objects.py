"""Things as keys by what they are and not by what is in them: what is made of the very same object is made once."""

from __future__ import annotations

from typing import Generic, TypeVar

from chartgate.documents.looks import look_inside

Thing = TypeVar("Thing")


class TheVery(Generic[Thing]):
    """An object as a key: equal to no other one, however alike."""

    def __init__(self, thing: Thing) -> None:
        self.it = thing
        look_inside(thing)

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TheVery) and other.it is self.it
