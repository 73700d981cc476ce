"""What differs at each rendering of the same input: no change where it does on both sides, a risk on the newer one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from chartgate.charts.template_texts.template_calls import Calls, calls_of
from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.kubernetes.changes.differences import Difference
from chartgate.model import Identity, Rendering, Resource
from chartgate.review.pairing import Pair, pairs

_Addresses = Mapping[Identity, frozenset[str]]
"""By object, where it differs; an object whose name differs has the empty address."""


@dataclass(frozen=True)
class ByChance:
    """Where each side of one scenario differs at each rendering."""

    before: _Addresses
    after: _Addresses
    calls: tuple[Calls, Calls]

    @staticmethod
    def of(sides: tuple[Rendering, Rendering], again: tuple[Rendering | None, Rendering | None]) -> ByChance:
        """Compare both sides with the same, rendered once more."""
        before, after = (_differing(one, two) for one, two in zip(sides, again, strict=True))
        return ByChance(before, after, (calls_of(sides[0].chart), calls_of(sides[1].chart)))

    def without(self, pair: Pair) -> tuple[Pair | None, list[str]]:
        """Give what of a pair is no chance, None if all of it is; and what both sides make up each time."""
        old, new = self._at(self.before, pair.before), self._at(self.after, pair.after)
        if not (old or new) or not self._both_call(pair):
            return pair, []
        either = old | new
        label = pair.resource.identity.label
        if "" in either and pair.fate in ("added", "removed", "renamed"):
            return None, [label]
        kept = tuple(d for d in pair.differences if _is_key_gone(d) or not _is_among(d.address, either))
        told = [f"{label} {d.address}" for d in pair.differences if d not in kept]
        is_left = bool(kept) or pair.fate != "changed"
        return (dataclasses.replace(pair, differences=kept) if is_left else None), told

    def new_in(self, pair: Pair) -> list[str]:
        """Give the addresses of a pair at which only the newer side differs each time.

        A template that begins to look up what is there keeps it, where there is a cluster: policies judge whether it
        does. One that did so before looked up something else.
        """
        if pair.before is None or self._both_call(pair):
            return []
        looked_up = [
            calls.looks_up(side.template) for calls, side in zip(self.calls, (pair.before, pair.resource), strict=True)
        ]
        if looked_up[1] - looked_up[0]:
            return []
        old, new = self._at(self.before, pair.before), self._at(self.after, pair.after)
        return [d.address for d in pair.differences if _is_among(d.address, new) and not _is_among(d.address, old)]

    @staticmethod
    def _at(addresses: _Addresses, resource: Resource | None) -> frozenset[str]:
        return addresses.get(resource.identity, frozenset()) if resource else frozenset()

    def _both_call(self, pair: Pair) -> bool:
        """Tell whether the templates of both sides call chance or the time: two times may be the same by chance."""
        return all(
            resource is None or calls.may_differ_in(resource.template)
            for resource, calls in zip((pair.before, pair.after), self.calls, strict=True)
        )


def _is_key_gone(difference: Difference) -> bool:
    """Tell whether a Secret or a ConfigMap has lost a key, whatever was in it."""
    return difference.after is ABSENT and difference.address.startswith("data")


def _is_among(address: str, places: frozenset[str]) -> bool:
    return any(place and (is_inside(address, place) or is_inside(place, address)) for place in places)


def _differing(one: Rendering, two: Rendering | None) -> _Addresses:
    """Say where the objects of a rendering differ from the same input, rendered once more."""
    found: dict[Identity, frozenset[str]] = {}
    for pair in pairs(one.after_hooks, two.after_hooks) if two else ():
        if pair.before is not None:
            is_named = pair.fate in ("renamed", "removed")
            found[pair.before.identity] = frozenset([*(d.address for d in pair.differences), *[""] * is_named])
    return found
