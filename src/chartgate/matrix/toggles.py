"""What a toggle of a matrix sets, and the combinations of all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chartgate.charts.chart_values.coalescing import nested
from chartgate.documents.addresses import lookup
from chartgate.model import Values


@dataclass(frozen=True)
class Toggle:
    """A feature that is on or off."""

    switches: tuple[str, ...]
    """The addresses of the booleans that are true where it is on."""
    companions: Mapping[str, Any] = field(default_factory=dict)
    """What it needs besides, by address: set where it is on, and left alone where it is off."""

    def is_on(self, values: Values) -> bool:
        """Tell whether values have it on."""
        return all(lookup(values, address) is True for address in self.switches)


def toggle_of(written: str | Mapping[str, Any]) -> Toggle:
    """Give a toggle as a matrix writes it: the address of its boolean, or addresses and what is set there."""
    if isinstance(written, str):
        return Toggle((written,))
    switches = tuple(address for address, value in written.items() if value is True)
    return Toggle(switches, {address: value for address, value in written.items() if value is not True})


def switched_values(toggles: Mapping[str, Toggle], on: Sequence[str]) -> Values:
    """Give the values with these toggles on and the others off; a boolean that one of several needs is true."""
    values: dict[str, Any] = {}
    for toggle in toggles.values():
        values |= dict.fromkeys(toggle.switches, False)
    for name in on:
        values |= toggles[name].companions
    # Last: what is a companion of one toggle may be the switch of another.
    for name in on:
        values |= dict.fromkeys(toggles[name].switches, True)
    return nested(values)


def combinations(toggles: Sequence[str]) -> Iterator[list[str]]:
    """Give every combination, the empty one first, small ones before large ones; none where there is no toggle."""
    if toggles:
        for size in range(len(toggles) + 1):
            yield from (list(on) for on in itertools.combinations(toggles, size))


def combination_name(on: Sequence[str], toggles: Sequence[str]) -> str:
    """Give the name of the scenario that only has these on: `off`, `web+cache`, `all_on`."""
    return {0: "off", len(toggles): "all_on"}.get(len(on), "+".join(on))
