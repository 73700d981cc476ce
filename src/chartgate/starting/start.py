"""A starting matrix as data: toggles, axes, what is common to all scenarios, and what was left out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from chartgate.documents.walking import leaves
from chartgate.matrix.pairwise import covering_rows
from chartgate.matrix.toggles import switched_values, toggle_of
from chartgate.model import Values
from chartgate.starting.found_switches import LeftOut, Switch
from chartgate.starting.trials import Changes

_RESERVED = ("off", "all_on", "defaults", "chartgate")
"""Names that scenarios have."""


class Way(NamedTuple):
    """One value of an axis: what it sets, nothing where it is how the chart comes."""

    sets: Changes = MappingProxyType({})
    api_versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Axis:
    """What has several forms, by their names; the first is how the chart comes."""

    name: str
    ways: Mapping[str, Way]
    why: str

    def without(self, way: str) -> Axis:
        """Give the axis without one of its values."""
        return Axis(self.name, {name: each for name, each in self.ways.items() if name != way}, self.why)


@dataclass(frozen=True)
class StartingMatrix:
    """What is written as a matrix, and what was tried and left out."""

    release: str
    namespace: str
    values: Values = field(repr=False)
    """What the chart cannot be rendered without; empty where its defaults do."""
    values_from: str
    """Where these are from."""
    api_versions: tuple[str, ...]
    """Kinds of Kubernetes itself that templates ask for: clusters serve them, and helm without one knows no kinds."""
    toggles: Mapping[str, Switch]
    shared: Mapping[str, Sequence[str]]
    """What a toggle changes of objects that are not its own, as patterns of `Kind name`."""
    axes: tuple[Axis, ...]
    without: Mapping[str, Axis]
    """What is on by default and turned off in a scenario of its own, by the name of that."""
    ci_files: tuple[str, ...]
    """The values files of ci/ that are scenarios."""
    has_defaults: bool
    """Whether a scenario of its own sets nothing: no file of ci/ is called so, and the chart renders like that."""
    left_out: tuple[LeftOut, ...]


def switched(toggles: Mapping[str, Switch], on: Iterable[str]) -> dict[str, Any]:
    """Give what is set where these toggles are on, and the others off, by address."""
    known = {name: toggle_of(written(switch)) for name, switch in toggles.items()}
    return dict(leaves(switched_values(known, list(on))))


def written(switch: Switch) -> str | dict[str, Any]:
    """Give a toggle as a matrix writes it."""
    return {switch.address: True, **switch.needs} if switch.needs else switch.address


def rows(axes: Sequence[Axis]) -> list[dict[str, str]]:
    """Give rows, one value an axis, in which every pair of values is together at least once."""
    return covering_rows({axis.name: axis.ways for axis in axes}, set()) if axes else []


def word(address: str, taken: Iterable[str] = ()) -> str:
    """Give a key of values as the name of a toggle or an axis: `serviceMonitor.enabled` is `service_monitor`.

    Args:
        address: the key, or a text that it may have.
        taken: the names that mean something else already.
    """
    short = re.sub(r"\.(?:enabled?|create)$", "", address)
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", short).lower()
    name = re.sub(r"[^a-z0-9]+", "_", name).strip("_") or "value"
    known, number, found = {*taken, *_RESERVED}, 2, name
    while found in known:
        found, number = f"{name}_{number}", number + 1
    return found


def words(texts: Iterable[str]) -> list[str]:
    """Give names for the values of an axis: `ClusterIP` is `cluster_ip`."""
    names: list[str] = []
    for text in texts:
        names.append(word(text, names))
    return names
