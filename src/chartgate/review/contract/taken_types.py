"""Whether values.schema.json takes the old default of a key as well as the new one, which is of another type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.chart_values.schema_parts import SchemaPart, applying, of_key
from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in
from chartgate.documents.shapes import map_of, type_name
from chartgate.kubernetes.changes.differences import Difference
from chartgate.model import Chart


def takes_both(chart: Chart, difference: Difference) -> bool:
    """Tell whether the schemas of a chart say something about a key, and take both of its defaults."""
    sides = difference.before, difference.after
    if difference.in_list or ABSENT in sides or type_name(sides[0]) == type_name(sides[1]):
        return False
    about = [(one, keys) for one, keys in _schemas(chart, steps(difference.address)) if _says_something(one, keys)]
    return bool(about) and all(_takes(one, keys, side) for one, keys in about for side in sides)


def _schemas(chart: Chart, keys: Sequence[str]) -> Iterator[tuple[Chart, Sequence[str]]]:
    """Give the charts whose schemas a key meets, each with the key as that chart knows it."""
    yield chart, keys
    for subchart in chart.subcharts:
        if len(keys) > 1 and subchart.name == keys[0]:
            yield from _schemas(subchart, keys[1:])


def _says_something(chart: Chart, keys: Sequence[str]) -> bool:
    parts = [SchemaPart(chart.schema, chart.schema)]
    for key in keys:
        parts = list(of_key(applying(parts), key))
    return any(part.schema for part in parts)


def _takes(chart: Chart, keys: Sequence[str], value: Any) -> bool:
    try:
        errors = list(errors_in(_put(chart.defaults, keys, value), chart.schema))
    except UNDECIDABLE:
        return False
    return not any(list(map(str, error.absolute_path))[: len(keys)] == list(keys) for error in errors)


def _put(values: Any, keys: Sequence[str], value: Any) -> Any:
    """Give values with another one at a key."""
    return {**map_of(values), keys[0]: _put(map_of(values).get(keys[0]), keys[1:], value)} if keys else value
