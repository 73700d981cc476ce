"""Values as helm merges them."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join, lookup, steps
from chartgate.model import Chart, Values


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


def nested(changes: Mapping[str, Any]) -> Values:
    """Give values by address as the maps that `--values` takes."""
    layers = []
    for address, value in changes.items():
        for step in reversed(steps(address)):
            value = {step: value}
        layers.append(value)
    return overlay(*layers)


def coalesce(chart: Chart, overrides: Mapping[str, Any]) -> Values:
    """Merge overrides over the chart's defaults and its enabled subcharts' as helm does; a null deletes a key.

    Keys that helm leaves at null are left out as well: to a template, both are empty.
    Source: pkg/chart/common/util/coalesce.go and pkg/chart/v2/util/dependencies.go of helm 4.2.
    """
    return _without_nulls(_laid_out(_active(chart, _laid_out(chart, overrides)), overrides))


def _laid_out(chart: Chart, given: Mapping[str, Any]) -> Values:
    """Lay values over the defaults of a chart and of all its subcharts; nulls stay, to delete what is below them."""
    children = {subchart.name for subchart in chart.subcharts}
    # A null among the defaults counts for nothing, unless it is for a subchart of which something is given.
    kept = {key: value for key, value in chart.own_values.items() if key in children and key in given}
    defaults = _without_nulls(chart.own_values)
    values = _without_deleted(overlay(defaults, kept, given), defaults, children)
    for name, subchart in ((subchart.name, subchart) for subchart in chart.subcharts):
        below = values.get(name) or {}
        if isinstance(below, dict):  # helm refuses anything else
            values[name] = _laid_out(subchart, _with_globals(below, values))
    return values


def _without_deleted(values: Values, defaults: Values, children: Collection[str] = ()) -> Values:
    """Take out what a null deletes here; where there is nothing to delete, it may mean a subchart's default."""
    left: Values = {}
    for key, value in values.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict) and key not in children:
            left[key] = _without_deleted(value, default)
        elif value is not None or default is None:
            left[key] = value
    return left


def _with_globals(below: Values, above: Values) -> Values:
    """Hand `global` down to a subchart: the parent's value wins, unless one is a map and the other is not."""
    own, shared = below.get("global", {}), above.get("global", {})
    if not isinstance(own, dict) or not isinstance(shared, dict):
        return below
    fitting = {k: v for k, v in shared.items() if k not in own or isinstance(own[k], dict) == isinstance(v, dict)}
    return below | {"global": overlay(own, fitting)}


def _active(chart: Chart, values: Values, *path: str, decides: bool = True) -> Chart:
    """Give the chart without disabled subcharts, its own values completed by `import-values`.

    A chart that declares no dependencies disables none, and helm then looks no deeper either.
    """
    decides = decides and bool(chart.metadata.get("dependencies"))
    enabled = [s for s in chart.subcharts if not decides or _is_enabled(chart, s.name, values, path)]
    subcharts = tuple(_active(s, values, *path, s.name, decides=decides) for s in enabled)
    active = dataclasses.replace(chart, subcharts=subcharts)
    imported = overlay(*reversed(list(_imports(active))))
    return dataclasses.replace(active, own_values=overlay(imported, _laid_out(active, {}))) if imported else active


def _is_enabled(chart: Chart, name: str, values: Values, path: tuple[str, ...]) -> bool:
    """Evaluate `condition` (the first that is a boolean decides), else `tags`, of Chart.yaml."""
    tags = overlay(chart.own_values.get("tags") or {}, values.get("tags") or {})
    for dependency in _dependencies(chart, name):
        for condition in filter(None, (dependency.get("condition") or "").strip().split(",")):
            decided = lookup(values, join(*path, *condition.split(".")))
            if isinstance(decided, bool):
                return decided
        given = [tags[tag] for tag in dependency.get("tags") or [] if isinstance(tags.get(tag), bool)]
        return any(given) if given else True
    return True


def _imports(chart: Chart) -> Iterator[Values]:
    """Give what the dependencies' `import-values` bring to the chart's own values; the first one wins."""
    for subchart in chart.subcharts:
        for dependency in _dependencies(chart, subchart.name):
            for wanted in dependency.get("import-values") or []:
                child, parent = (
                    (wanted.get("child"), wanted.get("parent"))
                    if isinstance(wanted, dict)
                    else (f"exports.{wanted}", ".")
                )
                found = lookup(_laid_out(chart, {}), join(subchart.name, *str(child).split(".")))
                if isinstance(found, dict):
                    for step in reversed([] if parent == "." else str(parent).split(".")):
                        found = {step: found}
                    yield found


def _dependencies(chart: Chart, name: str) -> list[dict[str, Any]]:
    """Give the entries of Chart.yaml for the subchart of this name or alias."""
    return [d for d in chart.metadata.get("dependencies") or [] if (d.get("alias") or d.get("name")) == name]


def _without_nulls(values: Mapping[str, Any]) -> Values:
    return {
        key: _without_nulls(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
