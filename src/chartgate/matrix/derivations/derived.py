"""Scenarios that differ from those of the matrix in values: what a policy derives to see what a value does."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce, nested, overlay
from chartgate.charts.chart_values.samples import Rules, all_accepted
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.walking import Keys, nodes
from chartgate.model import Chart, Scenario, Values


def with_values(scenario: Scenario, suffix: str, changes: Mapping[str, Any]) -> Scenario:
    """Derive a scenario in which these values, by address, are set as well; helm may refuse them.

    Raises:
        ValueError: the scenario was made by hand, and belongs to no chart.
    """
    overrides = overlay(scenario.overrides, nested(changes))
    values = coalesce(chart_of(scenario), overrides)
    given = {**scenario.changes, **changes}
    return scenario.derived(suffix, overrides=overrides, values=values, changes=given, is_trial=True)


def chart_of(scenario: Scenario) -> Chart:
    """Give the chart whose values a scenario sets.

    Raises:
        ValueError: the scenario was made by hand, and belongs to no chart.
    """
    if scenario.chart is None:
        raise ValueError(f"scenario {scenario.name} belongs to no chart: nothing can be derived from it")
    return scenario.chart


def accepted(base: Scenario, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give those of the values, by address, that the schemas of the chart accept beside those of a scenario.

    Raises:
        ValueError: the scenario was made by hand, and belongs to no chart.
    """
    rules = Rules(chart_of(base))
    return all_accepted(changes, lambda these: rules.accept(with_values(base, "", these).values))


def changes_at(values: Values, texts: Mapping[Keys, Any]) -> dict[str, Any]:
    """Give the changes that put these texts at their places: where a list is on the way, helm takes it as a whole."""
    changes: dict[str, Any] = {}
    for keys, text in texts.items():
        depth = _depth_of_list(values, keys)
        if depth is None:
            changes[join(*keys)] = text
        else:
            address = join(*keys[:depth])
            changes.setdefault(address, copy.deepcopy(lookup(values, address)))
            _put(changes[address], keys[depth:], text)
    return changes


def _depth_of_list(values: Any, keys: Keys) -> int | None:
    for depth, key in enumerate(keys):
        if isinstance(values, list):
            return depth
        values = values.get(key) if isinstance(values, Mapping) else None
    return None


def _put(value: Any, keys: Sequence[str], text: Any) -> None:
    for key in keys[:-1]:
        value = value[int(key)] if isinstance(value, list) else value[key]
    if isinstance(value, list):
        value[int(keys[-1])] = text
    else:
        value[keys[-1]] = text


def corners(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Give the scenarios with all toggles off and all on; all of them, where a matrix has no toggles."""
    product = [scenario for scenario in scenarios if scenario.switched is not None]
    most = max((len(scenario.switched or ()) for scenario in product), default=0)
    return [s for s in product if len(s.switched or ()) in (0, most)] or list(scenarios)


def fullest(scenarios: Sequence[Scenario], key: str = "") -> Scenario | None:
    """Give the scenario with all toggles on; where a matrix has none, the one that sets most in a key's section.

    What a scenario switches off counts against it, with all that values.yaml has in that section.
    """
    section = steps(key)[:1]
    return max(
        corners(scenarios),
        key=lambda s: (
            len(s.switched or ()),
            _size(lookup(s.overrides, join(*section))) if section else 0,
            _size(s.overrides) - _switched_off(s.overrides, s.values),
        ),
        default=None,
    )


def is_set(address: str, scenarios: Iterable[Scenario]) -> bool:
    """Tell whether some scenario sets a value, be it to its default."""
    return any(lookup(scenario.overrides, address) is not ABSENT for scenario in scenarios)


def _switched_off(overrides: Values, values: Values) -> int:
    """Count the values in the sections that a scenario switches off."""
    sections = (keys[:-1] for keys, value in nodes(overrides, lists=False) if value is False and keys[1:])
    return sum(_size(lookup(values, join(*keys))) for keys in sections)


def _size(values: Any) -> int:
    """Count keys and values, at any depth; what is absent counts for nothing."""
    return 0 if values is ABSENT else sum(1 for _ in nodes(values, lists=False))
