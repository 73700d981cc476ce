"""Whether what judges the chart demands less than it did."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.weakening.weakening import Weakening

_CODE_OWNERS = "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners"


@risk(level="danger", bump="none", source=_CODE_OWNERS)
def gate_weakened(change: Weakening) -> Iterator[Hit]:
    """The gate demands less than it did.

    A waiver, an entry of the baseline or a disabled policy makes a red change green, in the same pull request: whoever
    owns the gate has to agree. Only a waiver that was there before accepts it, since a change cannot excuse itself.
    """
    yield Hit(change.address, change.reason)
