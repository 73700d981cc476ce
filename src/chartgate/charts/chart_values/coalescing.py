"""Values as helm merges them.

What is below `coalesce` is helm's own procedure, step by step, with its maps that are shared and changed in place: what
comes out depends on that. Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/common/util/coalesce.go and
pkg/chart/v2/util/dependencies.go. Helm 3.17 differs in one thing: a null among a chart's own values for a subchart
deletes the subchart's default there, and counts for nothing in 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import steps
from chartgate.model import Chart, Values


def overlay(*layers: Mapping[str, Any]) -> Values:
    """Lay values over values as several `--values` files: maps merge, all else replaces, nulls stay.

    What only one of them has is the same object afterwards: values are not changed in place.
    """
    merged: Values = {}
    for layer in layers:
        for key, value in layer.items():
            below = merged.get(key)
            if isinstance(below, dict) and isinstance(value, Mapping):
                merged[key] = overlay(below, value)
            else:
                merged[key] = value
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

    Keys that helm leaves at null are left out as well: to a template, both are empty. Helm refuses a value for a
    subchart that is no map; here, it stays as it is.
    """
    tree = _tree(chart, chart.name)
    _disable(tree, dict(overrides), "")
    _import(tree)
    return _without_nulls(_coalesced(tree, _copied(overrides), is_merge=False))


@dataclass
class _Node:
    """A chart while helm works at it."""

    chart: Chart
    name: str
    values: Values
    subcharts: list[_Node]
    dependencies: list[dict[str, Any]] | None
    """What Chart.yaml declares; None where it declares nothing."""


def _tree(chart: Chart, name: str) -> _Node:
    """Give what helm begins with: the subcharts have their own names until it gets to the chart that renames them."""
    declared = chart.metadata.get("dependencies")
    there = {(subchart.metadata.get("name", subchart.name), subchart.digest): subchart for subchart in chart.subcharts}
    return _Node(
        chart,
        name,
        chart.own_values,
        [_tree(subchart, own_name) for (own_name, _), subchart in there.items()],
        None if declared is None else [dict(entry) for entry in declared],
    )


def _coalesced(chart: _Node, values: Values, *, is_merge: bool) -> Values:
    """Complete values by the defaults of a chart and its subcharts; where they are merged only, nulls stay."""
    _complete(chart, values, is_merge=is_merge)
    for subchart in chart.subcharts:
        below = values.setdefault(subchart.name, {})
        if isinstance(below, dict):  # helm refuses anything else
            _hand_down_globals(below, values)
            _coalesced(subchart, below, is_merge=is_merge)
    return values


def _complete(chart: _Node, values: Values, *, is_merge: bool) -> None:
    subcharts = {subchart.name for subchart in chart.subcharts}
    for key, default in chart.values.items():
        if key not in values:
            if is_merge or default is not None:
                values[key] = _copied_default(default, keeps_nulls=is_merge)
        elif values[key] is None and not is_merge:
            del values[key]
        elif isinstance(values[key], dict) and isinstance(default, dict):
            keeps_nulls = is_merge or key in subcharts
            _complete_map(values[key], _copied_default(default, keeps_nulls=keeps_nulls), is_merge=keeps_nulls)
    _sort(values, chart.values)


def _complete_map(values: Values, defaults: Values, *, is_merge: bool) -> Values:
    """Complete a map by another one, which is changed as well: the nulls of the first get into it."""
    set_by_default = {key for key, default in defaults.items() if default is not None}
    defaults.update({key: None for key, value in values.items() if value is None})
    for key, default in list(defaults.items()):
        if key not in values:
            values[key] = default
        elif values[key] is None:
            if not is_merge and key in set_by_default:
                del values[key]
        elif isinstance(values[key], dict) and isinstance(default, dict):
            _complete_map(values[key], default, is_merge=is_merge)
    _sort(values, defaults)
    return values


def _sort(values: Values, defaults: Values) -> None:
    """Put the keys into the order that people know from values.yaml; others follow."""
    known = {key: values.pop(key) for key in defaults if key in values}
    others = dict(values)
    values.clear()
    values.update(known | others)


def _hand_down_globals(values: Values, above: Values) -> None:
    """Hand `global` down to a subchart: the parent's value wins, unless one is a map and the other is not."""
    own, shared = values.get("global", {}), above.get("global", {})
    if not isinstance(own, dict) or not isinstance(shared, dict):
        return
    for key, value in shared.items():
        if not isinstance(value, dict):
            if not isinstance(own.get(key), dict):
                own[key] = value
        elif key not in own:
            own[key] = dict(value)
        elif isinstance(own[key], dict):
            # Only the outermost map is a copy, as in helm: below it, the subchart's values get into the parent's.
            own[key] = _complete_map(dict(value), own[key], is_merge=True)
    values["global"] = own


def _disable(chart: _Node, given: Values, path: str) -> None:
    """Give the subcharts their aliases, and take out those that `condition` or `tags` of Chart.yaml disable.

    Below a chart that declares nothing, helm does neither. For a subchart, it completes the values of the whole by the
    subchart's own, so that `tags` of these count beside them, and what is below an alias does not.
    """
    if chart.dependencies is None:
        return
    chart.subcharts = [_tree(subchart, subchart.name) for subchart in chart.chart.subcharts]
    for entry in chart.dependencies:
        entry["name"] = entry.get("alias") or entry["name"]
    values = _coalesced(chart, _copied(given), is_merge=False)
    enabled = {entry["name"]: _is_enabled(entry, values, path) for entry in chart.dependencies}
    chart.subcharts = [subchart for subchart in chart.subcharts if enabled.get(subchart.name, True)]
    for subchart in chart.subcharts:
        _disable(subchart, values, f"{path}{subchart.name}.")
    chart.dependencies = [entry for entry in chart.dependencies if enabled[entry["name"]]] or None


def _is_enabled(entry: Mapping[str, Any], values: Values, path: str) -> bool:
    """Evaluate `condition` (the first that is a boolean decides), else `tags`."""
    for condition in filter(None, entry.get("condition", "").strip().split(",")):
        *above, key = f"{path}{condition}".split(".")
        decided = (_table(values, above) or {}).get(key)
        if isinstance(decided, bool):
            return decided
    tags = values.get("tags")
    given = [tags.get(tag) for tag in entry.get("tags") or ()] if isinstance(tags, dict) else []
    return any(tag is True for tag in given) or not any(tag is False for tag in given)


def _table(values: Values, path: list[str]) -> Values | None:
    """Give the map at a path; None if there is none."""
    for step in path:
        below = values.get(step)
        if not isinstance(below, dict):
            return None
        values = below
    return values


def _import(chart: _Node) -> None:
    """Complete a chart's own values by what its dependencies' `import-values` bring, from the bottom up."""
    for subchart in chart.subcharts:
        _import(subchart)
    if chart.dependencies is None:
        return
    values = _coalesced(chart, {}, is_merge=True)
    imported: Values = {}
    for entry in chart.dependencies:
        for child, parent in _wanted(entry):
            found = _table(values, [entry["name"], *child.split(".")])
            if found is not None:
                for step in reversed([] if parent == "." else parent.split(".")):
                    found = {step: found}
                _complete_map(imported, found, is_merge=True)
    chart.values = _complete_map(_copied(values), imported, is_merge=True)


def _wanted(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give where each of `import-values` is in the subchart, and where it goes; helm passes over other forms."""
    for wanted in entry.get("import-values") or ():
        if isinstance(wanted, Mapping):
            child, parent = (wanted.get(key) for key in ("child", "parent"))
            yield "<nil>" if child is None else str(child), "<nil>" if parent is None else str(parent)
        elif isinstance(wanted, str):
            yield f"exports.{wanted}", "."


def _copied(values: Mapping[str, Any]) -> Values:
    """Copy maps, which are changed here; lists are not."""
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in values.items()}


def _copied_default(default: Any, *, keeps_nulls: bool) -> Any:
    """Copy a default as far as it is changed here: its maps, without the keys that are null unless these stay."""
    if not isinstance(default, dict):
        return default
    return {
        key: _copied_default(value, keeps_nulls=keeps_nulls) if isinstance(value, dict) else value
        for key, value in default.items()
        if keeps_nulls or value is not None
    }


def _without_nulls(values: Mapping[str, Any]) -> Values:
    """Copy values, all of them, without the keys that are null; in lists, nulls stay."""
    return {
        key: _without_nulls(value) if isinstance(value, dict) else _own(value)
        for key, value in values.items()
        if value is not None
    }


def _own(value: Any) -> Any:
    """Copy what can be changed: texts and numbers, nearly all that there is, cannot."""
    if isinstance(value, list):
        return [_own(item) for item in value]
    return {key: _own(item) for key, item in value.items()} if isinstance(value, dict) else value
