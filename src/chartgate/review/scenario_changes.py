"""What changes in one scenario: the differences of its two renderings, each with the risks that rules see in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chartgate.charts.secret_values import secret_values
from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.equality import canonical
from chartgate.documents.masking import masked
from chartgate.kubernetes.changes.differences import Difference
from chartgate.model import Rendering
from chartgate.review.pairing import Fate, Pair, pairs
from chartgate.review.risks.risk_class import Risk, RiskClass

_HASH_LENGTHS = (32, 40, 64, 128)


@dataclass(frozen=True)
class Change:
    """One difference of one object: what it was and is, and what is risky about it."""

    fate: Fate
    subject: str
    """The object, as `Kind namespace/name`."""
    template: str
    address: str
    """Where in the object; empty for the object itself."""
    before: Any
    after: Any
    risks: tuple[Risk, ...]

    @cached_property
    def content(self) -> str:
        """What changed, whichever object it is in: changes of the same content are one for a reader."""
        sides = [_shown(side) for side in (self.before, self.after)]
        risks = [(risk.risk_class.name, risk.reason) for risk in self.risks]
        # An image that several containers run is another one in all of them at once.
        is_image = [name for name, _ in risks] == ["image"]
        return json.dumps([self.fate, "" if is_image else self.address, *sides, risks], default=str)


def changes(before: Rendering, after: Rendering, rules: Sequence[RiskClass]) -> Iterator[Change]:
    """Compare two renderings, as they are once their hooks have run; no secret value of either is in the result."""
    secrets = (
        *secret_values(before.chart, before.scenario.values),
        *secret_values(after.chart, after.scenario.values),
    )
    for pair in pairs(before.after_hooks, after.after_hooks):
        for change in of_pair(pair, rules):
            yield _without(change, secrets)


def of_pair(pair: Pair, rules: Sequence[RiskClass]) -> Iterator[Change]:
    """Give the changes of one object: one for each difference, and one for the object if it came, went or moved."""
    hits = [(rule, hit) for rule in rules for hit in rule(pair)]
    resource, differences = pair.resource, list(pair.differences)
    if pair.fate != "changed":
        differences.insert(0, Difference("", ABSENT, ABSENT))
    found: dict[int, list[Risk]] = {}
    for rule, hit in hits:
        number = _place(hit.address, differences)
        if number is None:
            # A rule sees more than what differs, such as what now holds because something else is gone.
            differences.append(Difference(hit.address, ABSENT, ABSENT))
            number = len(differences) - 1
        found.setdefault(number, []).append(Risk(rule, hit.reason))
    for number, difference in enumerate(differences):
        risks = tuple(found.get(number, ()))
        fate: Fate = pair.fate if not difference.address else "changed"
        sides = difference.before, difference.after
        yield Change(fate, resource.identity.label, resource.template, difference.address, *sides, risks)


def _place(address: str, differences: Sequence[Difference]) -> int | None:
    """Give the difference at which a reader looks for what a rule found.

    The one there, the first one inside of it, or the one around it; rather one that shows something new than one that
    shows what is gone.
    """
    fits: tuple[Callable[[str], bool], ...] = (
        lambda place: place == address,
        lambda place: bool(address) and is_inside(place, address),
        lambda place: bool(place) and is_inside(address, place),
    )
    for fit in fits:
        found = [number for number, difference in enumerate(differences) if fit(difference.address)]
        if found:
            return min(found, key=lambda number: differences[number].after is ABSENT)
    return None


def _without(change: Change, secrets: Sequence[str]) -> Change:
    if not secrets:
        return change
    shown = [masked(side, secrets) for side in (change.before, change.after)]
    risks = tuple(Risk(risk.risk_class, masked(risk.reason, secrets)) for risk in change.risks)
    return Change(
        change.fate, change.subject, change.template, masked(change.address, secrets), shown[0], shown[1], risks
    )


def _shown(value: Any) -> str:
    """Write a value for comparison; one checksum is like any other, since what it is of is listed by itself."""
    if isinstance(value, str) and len(value) in _HASH_LENGTHS and set(value) <= set("0123456789abcdef"):
        return "<checksum>"
    return canonical(value)
