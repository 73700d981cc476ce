"""A rule over several fields of one part of an object, and the shapes that most rules have.

A null is a field that is left out; an empty map is not: `tcpSocket: {}` is a handler. What has the wrong type is for
the schemas to refuse, and breaks no rule here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import is_whole
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource

Part = Place[Resource]


class Breach(NamedTuple):
    """Where a rule is broken, and what is there."""

    place: Part
    found: str
    is_omission: bool = False
    """Whether nothing there is wrong, and something is not given."""


Breaches = Callable[[Part], Iterator[Breach]]


@dataclass(frozen=True)
class FieldRule:
    """What holds for every part of a sort."""

    part: str
    """The sort of part: a kind (`Service`), or what is inside of it (`probe`)."""
    demand: str
    """The rule in words: `exactly one of exec, grpc, httpGet and tcpSocket`."""
    source: str
    """The function of the API server's own validation: `core validateHandler`."""
    breaches: Breaches
    is_of_values: bool = False
    """Whether one text of the values, mostly, is in all the parts that break it: they have one cause."""


def listed(part: Part, fields: tuple[str, ...]) -> list[str]:
    """Give those of the fields that a part has."""
    return [field for field in fields if part.is_map and (part / field).is_set]


def words(fields: list[str], none: str = "none of them") -> str:
    """Join names as a sentence does."""
    return " and ".join(filter(None, (", ".join(fields[:-1]), fields[-1]))) if fields else none


def exactly_one(*fields: str) -> Breaches:
    """Demand one of these fields, and no second one."""

    def breaches(part: Part) -> Iterator[Breach]:
        there = listed(part, fields)
        if part.is_map and len(there) != 1:
            yield Breach(part, words(there))

    return breaches


def at_most_one(*fields: str) -> Breaches:
    """Demand no second one of these fields."""

    def breaches(part: Part) -> Iterator[Breach]:
        there = listed(part, fields)
        if len(there) > 1:
            yield Breach(part, words(there))

    return breaches


def between(least: int, most: int | None, *addresses: str) -> Breaches:
    """Demand that the numbers at these addresses, where there are any, are in a range."""

    def breaches(part: Part) -> Iterator[Breach]:
        for place in (part.place(address) for address in addresses):
            if is_whole(place.value) and (place.value < least or (most is not None and place.value > most)):
                yield Breach(place, str(place.value))

    return breaches


def filled(*fields: str) -> Breaches:
    """Demand that these fields are there, and hold a list, a map or a text that is not empty."""

    def breaches(part: Part) -> Iterator[Breach]:
        for place in (part / field for field in fields if part.is_map):
            if not place.is_set or place.value in ("", [], {}):
                yield Breach(place, "nothing", is_omission=True)

    return breaches


def not_empty(*fields: str) -> Breaches:
    """Demand that these fields are not empty where they are there: that they are there is for the schemas to say."""

    def breaches(part: Part) -> Iterator[Breach]:
        empty = (field for field in fields if part.at(field) in ("", []))
        yield from (Breach(part / field, "nothing", is_omission=True) for field in empty)

    return breaches


def never(*fields: str, because: str) -> Breaches:
    """Demand that these fields are not there; `because` says what is there instead."""

    def breaches(part: Part) -> Iterator[Breach]:
        yield from (Breach(part / field, f"{field}, and {because}") for field in listed(part, fields))

    return breaches


def quantities(*addresses: str) -> Breaches:
    """Demand that what is in the maps at these addresses are quantities: `1Gi`, `500m`, not `1Gb` or `2 GB`."""

    def breaches(part: Part) -> Iterator[Breach]:
        for amounts in (part.place(address) for address in addresses):
            for _, place in amounts.entries() if amounts.is_map else ():
                is_replaced = place.text.startswith("<")  # what a GitOps tool puts in later
                if isinstance(place.value, str) and not is_replaced and quantity(place.value) is None:
                    yield Breach(place, f"{place.value!r}, which is none")

    return breaches
