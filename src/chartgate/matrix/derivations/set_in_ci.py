"""What a file in ci/ sets by itself: that is what it is to show, and no fault of the chart."""

from __future__ import annotations

import itertools

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.documents.addresses import is_address, steps
from chartgate.documents.walking import nodes, scalars
from chartgate.model import Chart, Scenario

_CONTAINERS, _VOLUMES = ("container", "sidecar"), ("volume", "mount")
_NAMES, _HOOKS = (("name",), ("topologyKey",)), "lifecycle"
_LISTS = {
    **dict.fromkeys(("containers", "initContainers"), _CONTAINERS),
    **dict.fromkeys(("volumes", "volumeMounts"), _VOLUMES),
    "env": ("env",),
    "topologySpreadConstraints": ("spread",),
    "backendRefs": ("backendref",),
}
"""Lists of a pod, and what the keys are called by which users add to them."""


def names_text(scenario: Scenario, text: str) -> bool:
    """Tell whether a file in ci/ has this text, alone or inside another one."""
    return scenario.is_installation and any(text in given for given in scalars(scenario.overrides))


def has_line_of(scenario: Scenario, key: str) -> bool:
    """Tell whether a text in a file in ci/ has one line that begins with a key, and no other one."""
    texts = (given.splitlines() for given in scalars(scenario.overrides))
    return scenario.is_installation and any(
        sum(line.lstrip(" -").startswith(f"{key}:") for line in lines) == 1 for lines in texts
    )


def names_key(scenario: Scenario, key: str) -> bool:
    """Tell whether a file in ci/ has a key of this name, at any depth, with a value that is not false."""
    return scenario.is_installation and any(
        keys[-1:] == (key,) and value is not False for keys, value in nodes(scenario.overrides)
    )


def gives_item(scenario: Scenario, address: str) -> bool:
    """Tell whether an address is inside of a container, a volume or a variable that a file in ci/ lists as its own.

    So it is with the handler of a hook, and with how it spreads pods, but for the labels, which the chart may add. Not
    where such a container mounts a volume that the file lists as well: the chart has put them into different pods.
    """
    keys = steps(address) if scenario.is_installation and is_address(address) else ()
    if any(field == "volumeMounts" and _gives_volume(scenario, name) for field, name in itertools.pairwise(keys)):
        return False
    handler = tuple(keys[keys.index(_HOOKS) :][:3]) if _HOOKS in keys else ()
    if len(handler) > 2 and any(path[-3:] == handler for path, _ in nodes(scenario.overrides)):
        return True
    inside = itertools.pairwise(keys) if "labelSelector" not in keys else ()
    return any(_lists(scenario, field, name) for field, name in inside if field in _LISTS)


def _lists(scenario: Scenario, field: str, name: str) -> bool:
    items = [keys[-3:-2] for keys, value in nodes(scenario.overrides) if keys[-1:] in _NAMES and value == name]
    items += [keys[-2:-1] for keys, _ in nodes(scenario.overrides) if field == "env" and keys[-1:] == (name,)]
    return any(word in str(key).lower() for keys in items for key in keys for word in _LISTS[field])


def _gives_volume(scenario: Scenario, name: str) -> bool:
    given = (str(keys[-3:-2]) for keys, value in nodes(scenario.overrides) if keys[-1:] == ("name",) and value == name)
    return any("olume" in key and "ount" not in key for key in given)


def gives_objects_of(scenario: Scenario, chart: Chart, template: str) -> bool:
    """Tell whether a file in ci/ gives the objects that a template prints as they are: `extraObjects`."""
    extra = (value for keys, value in nodes(scenario.overrides, lists=False) if str(keys[-1:]).startswith("('extra"))
    return scenario.is_installation and any(extra) and gives_objects(chart, template)
