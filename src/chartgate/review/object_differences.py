"""Where two versions of one object differ, as far as it means something to Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.json_documents.equality import canonical
from chartgate.kubernetes.changes.differences import Difference, differences
from chartgate.kubernetes.changes.lifecycle import OF_WORDS, words_in
from chartgate.kubernetes.changes.spare_objects import spare
from chartgate.kubernetes.permissions import granted, is_role
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Manifest, Resource
from chartgate.review.hidden_secrets import content, hidden

_AMOUNT = re.compile(
    r"(?:\.resources\.(?:requests|limits)|\.(?:hard|capacity|overhead))(?:\.[^.\[]++|\[[^\]]++\])$"
    r"|\.(?:sizeLimit|averageValue|divisor)$"
)
_OF_WORDS = frozenset(join("metadata", "annotations", name) for name in OF_WORDS)
RULES = "rules"


def differences_of(old: Resource, new: Resource) -> list[Difference]:
    """Compare two manifests; what a Secret holds is never shown, however it is written.

    What the API server fills in counts as written. The rules of a role are a set of permissions, however they are split
    up: one difference, from those that are gone to those that are new.
    """
    if canonical(old.manifest) == canonical(new.manifest):
        return []
    written = content(old), content(new)
    sides = spare(written[0]), spare(written[1])
    is_of_roles = is_role(old) and is_role(new)
    if is_of_roles:
        sides = _without_rules(sides[0]), _without_rules(sides[1])
    found = [
        _as_written(difference, written, sides)
        for difference in differences(*sides, _holds_yaml(old))
        if not _is_the_same(old.kind, difference)
    ]
    found += _of_rules(old, new) if is_of_roles else ()
    return [hidden(difference) for difference in found] if old.kind == "Secret" else found


def _without_rules(role: Manifest) -> Manifest:
    return {key: value for key, value in role.items() if key != RULES}


def _of_rules(old: Resource, new: Resource) -> Iterator[Difference]:
    """Compare what two roles grant; what another permission includes is not lost with the words for it."""
    had, has = granted(old), granted(new)
    lost, gained = has.missing(had), had.missing(has)
    if lost or gained:
        yield Difference(RULES, lost or ABSENT, gained or ABSENT)


def _as_written(
    difference: Difference, written: tuple[Manifest, Manifest], spared: tuple[Manifest, Manifest]
) -> Difference:
    """Give a difference as the manifests have it: with the defaults that are written out."""
    address = difference.address
    before, after = (
        _written(value, lookup(whole, address), lookup(part, address))
        for value, whole, part in zip((difference.before, difference.after), written, spared, strict=True)
    )
    return Difference(address, before, after, difference.in_list)


def _written(value: Any, whole: Any, part: Any) -> Any:
    """Give what is written at an address, where the address leads to the same place with defaults and without."""
    if value is ABSENT:
        return whole if part is ABSENT and not isinstance(whole, dict | list) else ABSENT
    return whole if part is value and type(whole) is type(value) and isinstance(value, dict | list) else value


def _is_the_same(kind: str, difference: Difference) -> bool:
    """Tell whether a difference means nothing to Kubernetes.

    A field that is null, a description's line breaks, an amount in another unit, the order of a hook's events; the
    namespace is the pair's own, whether the manifest names it or not.
    """
    sides = difference.before, difference.after
    if difference.address == "metadata.namespace":
        return True
    if _AMOUNT.search(difference.address) and quantity(sides[0]) is not None:
        return quantity(sides[0]) == quantity(sides[1])
    if difference.address in _OF_WORDS and ABSENT not in sides:
        return set(words_in(sides[0])) == set(words_in(sides[1]))
    if all(side is None or side is ABSENT for side in sides):
        return not difference.address.startswith("data")
    is_prose = kind == "CustomResourceDefinition" and difference.address.endswith(".description")
    return is_prose and str(sides[0]).split() == str(sides[1]).split()


def _holds_yaml(resource: Resource) -> Callable[[tuple[str, ...]], bool]:
    return lambda keys: resource.kind == "ConfigMap" and keys[:1] == ("data",) and len(keys) == 2
