"""The contract with whoever writes values: which keys there are, and with which defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.charts.secret_values import secret_values
from chartgate.documents.addresses import ABSENT, join, steps
from chartgate.documents.equality import canonical
from chartgate.documents.masking import masked
from chartgate.kubernetes.changes.differences import Difference, differences
from chartgate.model import Chart


@dataclass(frozen=True)
class KeyChange:
    """One key of values.yaml that is another than before; ABSENT on the side that does not have it."""

    address: str
    before: Any
    after: Any
    in_list: bool = False
    """Whether it is an item of a list, or inside of one: then it is part of a default, and no key of its own."""
    renamed_to: str = ""
    subchart: str = ""
    """The subchart whose own values.yaml has it."""


def key_changes(before: Chart, after: Chart) -> list[KeyChange]:
    """Compare the defaults of two charts, their subcharts' included; a key that only has another name is one change."""
    was, now = (_written(chart.own_values, chart.defaults) for chart in (before, after))
    found = differences(was, now)
    renamed = _renamed([difference for difference in found if not difference.in_list])
    gone = set(renamed.values())
    secrets = (*secret_values(before, before.defaults), *secret_values(after, after.defaults))
    return [
        KeyChange(
            address=difference.address,
            before=masked(difference.before, secrets),
            after=masked(difference.after, secrets),
            in_list=difference.in_list,
            renamed_to=renamed.get(difference.address, ""),
            subchart=_subchart(difference.address, before, after),
        )
        for difference in found
        if difference.address not in gone
    ]


def _written(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Give the defaults with the keys whose default is null, which helm hands to no template: users may set them."""
    written = dict(defaults)
    for key, value in own.items():
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping):
            written[key] = _written(value, defaults[key])
        elif value is None:
            written.setdefault(key, None)
    return written


def _renamed(found: Sequence[Difference]) -> dict[str, str]:
    """Give the new name of each key that only has another one: one removed and one added key are alike, and no others.

    What was added is looked through with all that is in it: of a key that came to several places, none is the new name.
    """
    removed = [(difference.address, difference.before) for difference in found if difference.after is ABSENT]
    roots = [(difference.address, difference.after) for difference in found if difference.before is ABSENT]
    added = [node for address, value in roots for node in _nodes(value, tuple(steps(address)))]
    names: dict[str, str] = {}
    for address, value in removed:
        fits = [new for new, default in added if _is_same_key(address, value, new, default)]
        if len(fits) == 1:
            names[address] = fits[0]
    return {old: new for old, new in names.items() if list(names.values()).count(new) == 1}


def _nodes(value: Any, above: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Give a value and all that is in its maps, each with its address."""
    yield join(*above), value
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _nodes(below, (*above, str(key)))


def _is_same_key(old: str, before: Any, new: str, after: Any) -> bool:
    """Tell whether one key is the other under another name: the same default and a name or a place in common.

    A default such as `true` or `""` has many keys, so the last name must be the same, or the place of both.
    """
    if canonical(before) != canonical(after):
        return False
    one, two = steps(old), steps(new)
    if one[-1] == two[-1] or one[:-1] == two[:-1]:
        return True
    return before not in (None, "", {}, []) and not isinstance(before, bool | int)


def _subchart(address: str, *sides: Chart) -> str:
    """Give the subchart that a key belongs to; empty for one that a chart's own values.yaml sets."""
    keys = steps(address)
    of_subchart = any(subchart.name == keys[0] for chart in sides for subchart in chart.subcharts)
    return keys[0] if of_subchart and not any(_has(chart.own_values, keys) for chart in sides) else ""


def _has(values: Mapping[str, Any], keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True
