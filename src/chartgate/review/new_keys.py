"""Scenarios that set what the older version does not know: who upgrades has not set it, and gets nothing of it.

A scenario that comes with a feature sets its key on both sides, and BASE does nothing with it: all that the feature
does would look as if the upgrade did it. Such a scenario is rendered once more without the key.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_reads import words_of
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.walking import Keys
from chartgate.documents.words import listed
from chartgate.model import Chart, Scenario, Values
from chartgate.review.contract.changed_keys import ReadKeys, written_defaults
from chartgate.review.review import BUMPS, Bump, Level, Risk
from chartgate.review.scenario_changes import Change

_MOST = 2
"""Keys that a reason names."""
_LASTING = ("rbac_widened", "security_loosened", "exposed")
"""What somebody has to look at, whoever turns it on."""


@dataclasses.dataclass(frozen=True)
class KnownToBoth:
    """A scenario without the keys that only the newer version knows."""

    scenario: Scenario
    keys: tuple[str, ...]
    """What it leaves out."""

    def of_upgrades(self, every: Iterable[Change], without: Collection[Change]) -> Iterator[Change]:
        """Give what changes; what does so only where such a key is set is no more than good to know.

        Args:
            every: what changes in the scenario as it is.
            without: what changes without the keys.
        """
        yield from without
        known = {change.key for change in without}
        for change in every:
            if change.key not in known:
                risks = tuple(_asked_for(risk, self.keys) for risk in change.risks)
                yield dataclasses.replace(change, risks=risks)


def _asked_for(risk: Risk, keys: tuple[str, ...]) -> Risk:
    level: Level = "caution" if risk.name in _LASTING and risk.level != "note" else "note"
    bump: Bump = min(risk.bump, "minor", key=BUMPS.index)
    reason = f"where {listed(keys, _MOST)} is set, which is new: {risk.reason}"
    return dataclasses.replace(risk, level=level, bump=bump, reason=reason)


def known_to_both(base: Chart, head: Chart, scenarios: Iterable[Scenario]) -> dict[str, KnownToBoth]:
    """Give the scenarios that set keys which only HEAD has, by their names.

    A key is new where BASE neither has a default of it nor reads it, and HEAD has one.

    Args:
        base: the older chart.
        head: the newer one.
        scenarios: those of HEAD.
    """
    was, now = written_defaults(base), written_defaults(head)
    read, words = ReadKeys.of(all_uses(base)), _words(base)

    def is_new(keys: Keys) -> bool:
        address = join(*keys)
        has = lookup(was, address) is ABSENT and lookup(now, address) is not ABSENT
        return has and keys[-1] not in words and not read.has(address)

    found = {}
    for scenario in scenarios:
        left_out: list[str] = []
        overrides = _without(scenario.overrides, is_new, left_out)
        if left_out:
            plain = dataclasses.replace(scenario, overrides=overrides, values=coalesce(head, overrides))
            found[scenario.name] = KnownToBoth(plain, tuple(left_out))
    return found


def _without(values: Values, is_new: Callable[[Keys], bool], left_out: list[str], *above: str) -> Values:
    kept: dict[str, Any] = {}
    for key, value in values.items():
        keys = (*above, str(key))
        if is_new(keys):
            left_out.append(join(*keys))
        else:
            kept[key] = _without(value, is_new, left_out, *keys) if isinstance(value, dict) else value
    return kept


def _words(chart: Chart) -> frozenset[str]:
    return words_of(chart).union(*(_words(subchart) for subchart in chart.subcharts))
