"""What a review found, as plain data: the comparison makes it, reports read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.addresses import ABSENT
from chartgate.model import Waiver

Level = Literal["note", "caution", "danger"]
"""How much a risk matters."""

LEVELS: tuple[Level, ...] = ("note", "caution", "danger")
"""From what is good to know to what breaks a release or loses data."""

Bump = Literal["none", "patch", "minor", "major"]
"""The part of a version that is raised."""

BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")

Fate = Literal["added", "removed", "renamed", "moved", "changed"]
"""What became of an object."""

Section = Literal["version", "resources", "values", "schema", "scenarios", "gate"]
"""Where an entry was found."""


@dataclass(frozen=True)
class Risk:
    """One class of risk that an entry shows, and why."""

    name: str
    """The class: `docs/risks.md` lists them."""
    level: Level
    bump: Bump
    """The part of the version that has to be raised for it, accepted or not."""
    reason: str
    waiver: Waiver | None = None
    """What accepts it."""
    is_settled: bool = False
    """Whether the version was raised by as much as it demands: then users are told, and it is not what fails."""


@dataclass(frozen=True)
class Entry:
    """One change, as a reader sees it."""

    section: Section
    fate: Fate
    subjects: tuple[str, ...]
    """The objects that change alike, as `Kind namespace/name`; one file, or scenarios, outside of `resources`."""
    addresses: tuple[str, ...] = ()
    """Where in each of them; none for the objects themselves."""
    before: Any = ABSENT
    """The old value; ABSENT where there is none, and on both sides where there is no value to show."""
    after: Any = ABSENT
    risks: tuple[Risk, ...] = ()
    scenarios: tuple[str, ...] = ()
    condition: str = ""
    """Where it happens, in words."""
    subchart: str = ""
    """The subchart that it comes from; empty for the chart itself."""

    @property
    def address(self) -> str:
        """The first of the addresses; empty for the objects themselves."""
        return self.addresses[0] if self.addresses else ""

    def is_of(self, name: str) -> bool:
        """Tell whether a class of risk is among its own."""
        return any(risk.name == name for risk in self.risks)

    @property
    def unwaived(self) -> tuple[Risk, ...]:
        """The risks that no waiver accepts."""
        return tuple(risk for risk in self.risks if risk.waiver is None)

    @property
    def level(self) -> Level | None:
        """The highest level of the risks that no waiver accepts; None where there are none."""
        return max((risk.level for risk in self.unwaived), key=LEVELS.index, default=None)

    @property
    def open_level(self) -> Level | None:
        """The same of the risks that the version does not settle either."""
        found = (risk.level for risk in self.unwaived if not risk.is_settled)
        return max(found, key=LEVELS.index, default=None)


@dataclass(frozen=True)
class Versions:
    """The versions of both sides, what the changes demand of the newer one, and whether it is that."""

    before: str
    after: str
    app_before: str
    """appVersion of Chart.yaml, empty where there is none."""
    app_after: str
    required: Bump
    """What the changes demand."""
    enough: Bump
    """The part that has to be raised at least; before 1.0.0, a minor version may contain breaking changes."""
    actual: Bump | None
    """The part that was raised; "none" for the same version, None for a lower one or one that is not SemVer."""
    is_enough: bool
    """Whether that is at least the part that has to be raised; a pre-release promises nothing."""
    is_changed: bool
    """Whether any file of the chart differs, its version apart."""
    is_released: bool | None
    """Whether a tag carries the version of HEAD, or BASE's is known to be in use; None where there are no tags."""
    tags_before: frozenset[str] = frozenset()
    """The tags of all images that the old chart renders."""
    tags_after: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SubchartChange:
    """One subchart, by its path of names; a version is empty on the side that does not have it."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Review:
    """The comparison of two versions of a chart."""

    chart: str
    base: str
    head: str
    matrix: str
    versions: Versions
    entries: tuple[Entry, ...]
    """What changes, the most dangerous first."""
    subcharts: tuple[SubchartChange, ...]
    compared: int
    """The number of scenarios that both sides render, apart from those that only turn a switch."""
    newly_rendered: tuple[str, ...]
    """Scenarios that BASE refuses and HEAD renders."""
    refused: tuple[str, ...]
    """Scenarios that both sides refuse, and so say nothing about the change."""
    notes: tuple[str, ...]
    """What a reader should know about how the comparison was made."""
    tool_change: str = ""
    """What changes besides the chart: `helm 3.17.3 -> 4.2.3`; empty for nothing."""
    turned: tuple[str, ...] = ()
    """Scenarios that only turn a switch, of a chart without a matrix; what changes elsewhere too is not of these."""

    @property
    def level(self) -> Level | None:
        """The highest level of all risks that neither a waiver nor the version settles; None where there are none."""
        return max(filter(None, (entry.open_level for entry in self.entries)), key=LEVELS.index, default=None)
