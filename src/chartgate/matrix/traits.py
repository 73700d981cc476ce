"""What a scenario has in terms of the matrix: toggles that are on, and the value of each axis that its values show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.walking import leaves
from chartgate.matrix.content import Point
from chartgate.matrix.toggles import Toggle
from chartgate.model import Values

_JUDGED = ("values", "release", "namespace", "kube_version", "api_versions")


def traits(
    given: Mapping[str, Any], values: Values, toggles: Mapping[str, Toggle], axes: Mapping[str, Mapping[str, Point]]
) -> frozenset[str]:
    """Give the names of the toggles that are on, and `axis=value` for what the merged values have of an axis.

    Args:
        given: release, namespace, kube_version and api_versions of the scenario.
        values: its merged values.
        toggles: what each toggle sets.
        axes: what each value of each axis sets.
    """
    on = {name for name, toggle in toggles.items() if toggle.is_on(values)}
    return frozenset(on.union(*(_of_axis(axis, choices, given, values) for axis, choices in axes.items())))


def _of_axis(axis: str, choices: Mapping[str, Point], given: Mapping[str, Any], values: Values) -> Iterator[str]:
    """Give the values of an axis that hold; the one that sets nothing holds where no other does."""
    judged = {name: point for name, point in choices.items() if (set_by := _set_by(point)) and set_by <= {*_JUDGED}}
    held = [name for name, point in judged.items() if _holds(point, given, values)]
    if not held and len(judged) + 1 == len(choices):
        held = [name for name, point in choices.items() if not _set_by(point)]
    yield from (f"{axis}={name}" for name in held)


def _set_by(point: Point) -> set[str]:
    return {name for name, value in vars(point).items() if value is not None and name not in ("axes", "stderr")}


def _holds(point: Point, given: Mapping[str, Any], values: Values) -> bool:
    if any(given[key] != getattr(point, key) for key in _set_by(point) - {"values", "api_versions"}):
        return False
    if not {*(point.api_versions or ())} <= {*given["api_versions"]}:
        return False
    return all(lookup(values, address) == value for address, value in leaves(point.values or {}))
