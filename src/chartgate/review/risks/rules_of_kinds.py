"""What a definition says of its kind besides its form: rules in CEL, defaults, short names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join, steps
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.review import Level
from chartgate.review.risks.risk_class import Hit

_RULES = ".x-kubernetes-validations"
_LISTS = ".x-kubernetes-list-type"
_DEFAULT = re.compile(r"\.properties(?:\.[\w-]++|\[[^\[\]]++\])\.default$")
_OF_SCHEMAS = ("properties", "items", "additionalProperties")


def more_rules(pair: Pair) -> Iterator[Hit]:
    """Say which rules objects have to keep now: a caution for one in place of another, which may be wider.

    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
    """
    places = dict.fromkeys(d.address.partition(_RULES)[0] for d in pair.differences if _RULES in d.address)
    for place in places if pair.both else ():
        had, has = (_rules(resource.at(place + _RULES)) for resource in pair.both or ())
        level: Level | None = "caution" if len(has) <= len(had) else None
        for rule in (rule for rule in has if rule not in had):
            yield Hit(place + _RULES, f"{_field(place)} has to keep {rule}", level)


def other_lists(pair: Pair) -> Iterator[Hit]:
    """Say in which lists nothing may be there twice now."""
    for difference in pair.differences:
        if difference.address.endswith(_LISTS) and difference.after in ("set", "map") and difference.before != "set":
            yield Hit(
                difference.address, f"{_field(difference.address.removesuffix(_LISTS))} may have nothing twice now"
            )


def other_defaults(pair: Pair) -> Iterator[Hit]:
    """Say what objects are that leave a field out."""
    for difference in pair.differences:
        if _DEFAULT.search(difference.address) and ABSENT not in (difference.before, difference.after):
            field = _field(difference.address.removesuffix(".default"))
            words = f"what leaves out {field} has {difference.after} there now, and had {difference.before}"
            yield Hit(difference.address, words, "caution", "minor")


def lost_names(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say by which names nobody finds the kind any longer."""
    for field in ("shortNames", "categories"):
        had, has = (texts_in(resource.at(f"spec.names.{field}")) for resource in (before, after))
        if lost := [name for name in had if name not in has]:
            yield Hit(f"spec.names.{field}", f"it is no longer found as {listed(lost, 3)}", "caution", "minor")


def _rules(found: Any) -> list[str]:
    return [" ".join(str(rule.get("rule")).split()) for rule in maps_in(found)]


def _field(place: str) -> str:
    """Give the field of an object that a part of a schema is about."""
    inside = steps(place.partition(".openAPIV3Schema")[2].lstrip("."))
    names = [key for key, above in zip(inside, ["", *inside], strict=False) if _is_name(key, above)]
    return join(*names) if names else "an object"


def _is_name(key: str, above: str) -> bool:
    return key not in _OF_SCHEMAS or above == "properties"
