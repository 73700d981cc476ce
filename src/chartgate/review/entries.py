"""What a reader sees: one entry for each change, with its risks and what accepts them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.model import Check, Waiver
from chartgate.review.levels import LEVELS, Bump, Level
from chartgate.review.pairing import Fate
from chartgate.review.risks.risk_class import Risk
from chartgate.review.versions import highest

Section = Literal["version", "resources", "values", "schema", "scenarios"]


@dataclass(frozen=True)
class Entry:
    """One thing that a review tells."""

    section: Section
    fate: Fate
    subjects: tuple[str, ...]
    """The objects that change alike, as `Kind namespace/name`; one file or scenario outside of `resources`."""
    addresses: tuple[str, ...]
    """Where in each of them; none for the objects themselves."""
    before: Any
    after: Any
    risks: tuple[Risk, ...] = ()
    waivers: tuple[Waiver | None, ...] = ()
    """For each risk, what accepts it."""
    scenarios: tuple[str, ...] = ()
    condition: str = ""
    """Where it happens, in words."""
    subchart: str = ""
    """The subchart that it comes from; empty for the chart itself."""

    @property
    def address(self) -> str:
        """The first of the addresses; empty for the objects themselves."""
        return self.addresses[0] if self.addresses else ""

    @property
    def open(self) -> tuple[Risk, ...]:
        """The risks that nobody has accepted."""
        return tuple(risk for risk, waiver in zip(self.risks, self.waivers, strict=True) if waiver is None)

    @property
    def level(self) -> Level | None:
        """The highest level of what nobody has accepted; None where nothing is."""
        return max((risk.risk_class.level for risk in self.open), key=LEVELS.index, default=None)

    @property
    def bump(self) -> Bump:
        """The part of the version that it demands to be raised, accepted or not; a plain change is a patch."""
        return highest(["patch", *(risk.risk_class.bump for risk in self.risks)])


def with_waivers(entry: Entry, waivers: Sequence[Waiver]) -> Entry:
    """Note which risks of an entry are accepted: by a waiver that fits every object and scenario of it."""
    found = tuple(next((waiver for waiver in waivers if _accepts(waiver, risk, entry)), None) for risk in entry.risks)
    return dataclasses.replace(entry, waivers=found)


def _accepts(waiver: Waiver, risk: Risk, entry: Entry) -> bool:
    return all(
        waiver.accepts(risk.risk_class.name, scenario, Check(subject, address, None, None, passed=False))
        for subject in entry.subjects
        for address in entry.addresses or ("",)
        for scenario in entry.scenarios or ("",)
    )
