"""Values as helm merges them, and which of them are secret."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.addresses import ABSENT, join, lookup, steps
from chartgate.model import Chart, Values

# Without a schema that marks its secrets, a chart's keys are known by their names.
_SECRET_NAME = re.compile(r"(password|passphrase|token|secret|api_?key|private_?key|credentials?)$", re.IGNORECASE)


def overlay(*layers: Mapping[str, Any]) -> Values:
    """Lay values over values as several `--values` files: maps merge, all else replaces, nulls stay."""
    merged: Values = {}
    for layer in layers:
        for key, value in layer.items():
            below = merged.get(key)
            if isinstance(below, dict) and isinstance(value, Mapping):
                merged[key] = overlay(below, value)
            else:
                merged[key] = copy.deepcopy(value)
    return merged


def coalesce(chart: Chart, overrides: Mapping[str, Any]) -> Values:
    """Merge overrides over the chart's defaults and its enabled subcharts' as helm does; a null deletes a key.

    Source: pkg/chart/common/util/coalesce.go of helm 4 (the same rules as in helm 3).
    """
    merged = _without_nulls(overlay(chart.own_values, overrides))
    for subchart in chart.subcharts:
        if not _is_enabled(chart, subchart, merged):
            continue
        given = merged.get(subchart.name)
        own: Values = given if isinstance(given, dict) else {}
        shared = merged.get("global")
        if isinstance(shared, dict):
            own["global"] = overlay(own.get("global") or {}, shared)
        merged[subchart.name] = coalesce(subchart, own)
    return merged


def _without_nulls(values: Values) -> Values:
    return {
        key: _without_nulls(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }


def _is_enabled(chart: Chart, subchart: Chart, values: Values) -> bool:
    """Evaluate `condition` (the first that is a boolean decides), then `tags`, of Chart.yaml."""
    for dependency in chart.metadata.get("dependencies") or []:
        if (dependency.get("alias") or dependency.get("name")) != subchart.name:
            continue
        for condition in filter(None, (dependency.get("condition") or "").split(",")):
            decided = lookup(values, condition.strip())
            if isinstance(decided, bool):
                return decided
        tags = [lookup(values, join("tags", tag)) for tag in dependency.get("tags") or []]
        given = [tag for tag in tags if isinstance(tag, bool)]
        return any(given) if given else True
    return True


def secret_keys(schema: Mapping[str, Any], values: Values, subcharts: tuple[Chart, ...]) -> tuple[str, ...]:
    """Give the addresses of secret values: `writeOnly: true` in a schema, or by name where none marks any."""
    marked = [*_write_only(schema)]
    for subchart in subcharts:
        marked += [f"{join(subchart.name)}.{key}" for key in subchart.secret_keys]
    if not marked and not schema:
        marked = [address for address, _ in leaves(values) if _SECRET_NAME.search(steps(address)[-1])]
    return tuple(sorted(set(marked)))


def _write_only(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[str]:
    for key, rule in (schema.get("properties") or {}).items():
        if isinstance(rule, Mapping):
            if rule.get("writeOnly") is True:
                yield join(*above, key)
            yield from _write_only(rule, (*above, key))


def secret_values(chart: Chart, values: Values) -> tuple[str, ...]:
    """Give every secret value of a scenario, longest first: what no report may show."""
    found = {str(value) for key in chart.secret_keys if (value := lookup(values, key)) not in (ABSENT, None, "")}
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


def leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give the address and value of everything that is no map with keys."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, str(key)))
        else:
            yield join(*above, str(key)), value
