"""What a review found, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from chartgate.review.contract.subchart_versions import SubchartChange
from chartgate.review.entries import Entry
from chartgate.review.levels import LEVELS, Level
from chartgate.review.versions import Versions


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
    """The number of scenarios that both sides render."""
    accepted: tuple[str, ...]
    """Scenarios that BASE refuses and HEAD renders."""
    refused: tuple[str, ...]
    """Scenarios that both sides refuse, and so tell nothing."""
    notes: tuple[str, ...]
    """What a reader should know about how the comparison was made."""

    @property
    def level(self) -> Level | None:
        """The highest level of what nobody has accepted; None where nothing is."""
        return max(filter(None, (entry.level for entry in self.entries)), key=LEVELS.index, default=None)
