"""What a file in ci/ sets by itself: that is what it is to show, and no fault of the chart."""

from __future__ import annotations

from chartgate.documents.walking import nodes, scalars
from chartgate.model import Scenario


def names_text(scenario: Scenario, text: str) -> bool:
    """Tell whether a file in ci/ has this text, alone or inside another one."""
    return scenario.is_installation and any(text in given for given in scalars(scenario.overrides))


def names_key(scenario: Scenario, key: str) -> bool:
    """Tell whether a file in ci/ has a key of this name, at any depth, with a value that is not false."""
    return scenario.is_installation and any(
        keys[-1:] == (key,) and value is not False for keys, value in nodes(scenario.overrides)
    )


def names_item(scenario: Scenario, name: str) -> bool:
    """Tell whether a file in ci/ lists something of this name, as the containers that it adds."""
    return scenario.is_installation and any(
        keys[-1:] == ("name",) and value == name for keys, value in nodes(scenario.overrides)
    )
