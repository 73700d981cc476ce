"""Which names of objects the user of a chart chose: a value says them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.walking import nodes, strings
from chartgate.model import Scenario

_NAMES = re.compile(
    r"(?:(?<!user)(?<!host)(?<!server)(?<!domain)(?<!database)(?<!db)(?<!file)(?<!login)names?"
    r"|override|namespace|secret|configmap|claim|class|account)$",
    re.IGNORECASE,
)
"""Keys of the values that are about names of objects: `username` and `hostname` are not."""
_OF_IMAGES = ("tag", "repository", "registry", "image")
_SHORTEST = 3
"""Characters of what counts as a part of a name: `a` is in many."""


class ChosenNames:
    """The names that the values of a scenario say."""

    def __init__(self, scenario: Scenario) -> None:
        """Read the values: whoever uses the chart can set all of them, and did set the overrides."""
        overrides = dict(_names(scenario.overrides))
        self._namespace = scenario.namespace
        self._whole = {text for _, text in _names(scenario.values)} | set(_keys(scenario.overrides))
        self._texts = [text for _, text in strings(scenario.overrides)]
        self._parts = [text for text in overrides.values() if len(text) >= _SHORTEST]

    def __contains__(self, name: str) -> bool:
        """Tell whether a name is a value, begins or ends with one that the user set, or is in a manifest there.

        What belongs to the cluster often has the namespace in front, which is no choice of a name.
        """
        bare = name.removeprefix(f"{self._namespace}-")
        return (
            name in self._whole
            or any(f"-{bare}-".startswith(f"-{part}-") or f"-{bare}-".endswith(f"-{part}-") for part in self._parts)
            or any(name in text for text in self._texts if "\n" in text)
        )

    def hold(self, host: str) -> bool:
        """Tell whether the user wrote a whole host name, in whichever text."""
        return any(host in text for text in self._texts)


def _names(values: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the texts that values hold under a key that is about names; an image has another sort of name."""
    images: set[tuple[str, ...]] = set()
    for keys, node in nodes(values):
        if isinstance(node, dict) and any(isinstance(node.get(key), str) for key in _OF_IMAGES):
            images.add(keys)
        is_of_image = keys[:-1] in images and keys[-1:] == ("name",)
        if isinstance(node, str) and node and keys and _NAMES.search(keys[-1]) and not is_of_image:
            yield keys, node


def _keys(values: Any) -> Iterator[str]:
    """Give the keys of the maps that the user set: objects may be made for each of them."""
    for _, node in nodes(values):
        if isinstance(node, dict):
            yield from map(str, node)
