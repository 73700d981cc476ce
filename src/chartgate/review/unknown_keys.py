"""What an older schema cannot know: the keys of a scenario that it refuses, taken out so that the chart renders."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.documents.addresses import join
from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in, names_key
from chartgate.model import Chart, Scenario, Values


def without_unknown_keys(chart: Chart, scenario: Scenario) -> tuple[Scenario, list[str]]:
    """Leave out the keys of a scenario that the chart's schemas do not name and refuse; give their addresses, too."""
    unknown: list[str] = []
    overrides = _known(chart, scenario.overrides, unknown)
    if not unknown:
        return scenario, []
    return dataclasses.replace(scenario, overrides=overrides, values=coalesce(chart, overrides)), unknown


def _known(chart: Chart, overrides: Values, unknown: list[str], *above: str) -> Values:
    """Give what the chart and its subcharts know, and add the addresses of the rest to `unknown`."""
    refused = _refused_keys(chart.schema, overrides)
    unknown += [join(*above, *keys) for keys in sorted(refused)]
    kept = _without(overrides, refused)
    for subchart in chart.subcharts:
        below = kept.get(subchart.name)
        if isinstance(below, dict):
            kept[subchart.name] = _known(subchart, below, unknown, *above, subchart.name)
    return kept


def _refused_keys(schema: Mapping[str, Any], values: Values) -> set[tuple[str, ...]]:
    """Give the keys, by the steps to them, that a schema refuses because it does not name them."""
    refused: set[tuple[str, ...]] = set()
    try:
        for error in errors_in(values, schema):
            rule, instance = error.schema, error.instance
            if error.validator == "additionalProperties" and isinstance(rule, Mapping) and isinstance(instance, dict):
                refused |= {(*map(str, error.absolute_path), key) for key in instance if not names_key(rule, str(key))}
    except UNDECIDABLE:
        pass  # helm says what is wrong with them
    return refused


def _without(values: Values, refused: set[tuple[str, ...]], *above: str) -> Values:
    return {
        key: _without(value, refused, *above, key) if isinstance(value, dict) else value
        for key, value in values.items()
        if (*above, key) not in refused
    }
