"""What stands for all that is known of a scenario, in the keys of what earlier runs found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from chartgate.model import Scenario
from chartgate.system.store import key_of


class ScenarioKeys:
    """Gives the key of a scenario; other scenarios have other keys, whatever their names."""

    def __init__(self, known: Mapping[str, Scenario]) -> None:
        """Take the scenarios of the matrix, by name: what others are derived from."""
        self._known = known
        self._keys: dict[str, tuple[Scenario, str]] = {}
        self._texts_of_declared: dict[int, str] = {}

    def __call__(self, scenario: Scenario) -> str:
        """Give what stands for all that is known of a scenario, and of the one that it is derived from."""
        known = self._keys.get(scenario.name)
        if known is not None and known[0] is scenario:
            return known[1]
        origin = self._known.get(scenario.origin)
        above = self(origin) if origin is not None and origin is not scenario else ""
        key = key_of("scenario", above, self._written(scenario))
        self._keys[scenario.name] = scenario, key
        return key

    def _written(self, scenario: Scenario) -> list[str]:
        """Write all that is known of a scenario; its chart is that of the run, and its base is above."""
        texts = []
        for field in dataclasses.fields(scenario):
            value = getattr(scenario, field.name)
            if field.name == "declared":
                if id(value) not in self._texts_of_declared:
                    self._texts_of_declared[id(value)] = _text(value)
                texts.append(self._texts_of_declared[id(value)])
            elif field.name not in ("chart", "derived_from"):
                texts.append(_text(value))
        return texts


def _text(value: Any) -> str:
    """Write a value so that other values have other texts: sets have no order, and classes may hide fields."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = ((field.name, _text(getattr(value, field.name))) for field in dataclasses.fields(value))
        return repr((type(value).__name__, *inside))
    if isinstance(value, frozenset | set):
        return repr(("set", *sorted(map(_text, value))))
    if isinstance(value, tuple):
        return repr(("tuple", *map(_text, value)))
    return repr(value)
