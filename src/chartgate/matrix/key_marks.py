"""Marks: under many keys at once a value that is nowhere else, to see which of them show up in what is rendered."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chartgate.charts.samples import Rules
from chartgate.documents.addresses import ABSENT, is_inside, lookup
from chartgate.matrix.derived import with_values
from chartgate.model import Scenario

_FIRST = 10_000
MARK = re.compile(r"m(\d{5})k|\b(1\d{4})\b")
"""A mark in a text, by its number: `m10042k`, or 10042 where a number was."""


def marks_in(text: str) -> set[int]:
    """Give the numbers of the marks in a text."""
    return {int(one or two) - _FIRST for one, two in MARK.findall(text)}


def marked(value: Any, number: int) -> Any:
    """Give a value of the same type with a mark; ABSENT for a switch, and for what is a template itself."""
    mark = f"m{_FIRST + number}k"
    if isinstance(value, bool) or (isinstance(value, str) and "{{" in value):
        return ABSENT
    if isinstance(value, str):
        return f"{value}{mark}"
    if isinstance(value, int):
        return _FIRST + number
    if isinstance(value, float):
        return _FIRST + number + 0.5
    if isinstance(value, list):
        return [*value, _as(value[0], mark)] if value else [_item(mark)]
    if isinstance(value, Mapping):
        return {**value, mark: mark}
    return mark


def _item(mark: str) -> Any:
    """Give an item for a list of which nobody knows what it holds: objects of Kubernetes, named things, texts."""
    return {"apiVersion": "v1", "kind": mark, "metadata": {"name": mark}, "name": mark, "key": mark}


def _as(item: Any, mark: str) -> Any:
    """Give an item like another one, with the mark for its texts."""
    if isinstance(item, Mapping):
        return {key: _as(value, mark) for key, value in item.items()}
    return mark if isinstance(item, str) else copy.deepcopy(item)


def with_marks(scenario: Scenario, suffix: str, keys: Mapping[str, int], rules: Rules) -> Scenario:
    """Derive a scenario with the marks of these numbers under these keys, but for those that a schema refuses."""
    found = {key: marked(_value(scenario, key), number) for key, number in keys.items()}
    changes = {key: value for key, value in found.items() if value is not ABSENT}
    derived = with_values(scenario, suffix, changes)
    for _ in range(_TRIES):
        refused = rules.refused(derived.values)
        if not refused:
            break
        changes = {key: value for key, value in changes.items() if not _is_at(key, refused)}
        derived = with_values(scenario, suffix, changes)
    return derived


_TRIES = 3


def _value(scenario: Scenario, key: str) -> Any:
    value = lookup(scenario.values, key)
    return None if value is ABSENT else value


def _is_at(key: str, refused: Sequence[str] | set[str]) -> bool:
    return any(is_inside(place, key) or (place and is_inside(key, place)) for place in refused)
