"""Names in a matrix that mean nothing: each is refused with its place, and with what is accepted there."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from chartgate.documents.addresses import below, join, lookup, steps
from chartgate.documents.json_documents.go_patterns import UnreadablePattern, group_count
from chartgate.documents.walking import nodes
from chartgate.documents.words import near
from chartgate.documents.yaml_texts.written_places import nearest, written_documents
from chartgate.matrix.file import MatrixFile, Steps
from chartgate.matrix.keyed_lists import KeyedList
from chartgate.matrix.matrix import Snapshots
from chartgate.matrix.toggles import Toggle
from chartgate.model import Chart, Scenario, Values

_LIKE = 0.8
"""How alike a key is that was meant: a letter or two are wrong."""


def check_names(file: MatrixFile, chart: Chart, toggles: Mapping[str, Toggle], lists: Mapping[str, KeyedList]) -> None:
    """Refuse a toggle without a boolean, a master or an axis that is not one, a list without names.

    Raises:
        InputError: there is one.
    """
    for address, keyed in lists.items():
        _check_list(file, chart, address)
        place = ["keyed_lists", address, "name"]
        try:
            groups = group_count(keyed.name)
        except UnreadablePattern as error:
            raise file.error(place, str(error)) from error
        if groups == 0:
            raise file.error(place, f"{keyed.name!r} has no group: write (...) around the item's name")
    for name, toggle in toggles.items():
        _check_toggle(file, chart, name, toggle)
    accepted = f"accepted: {', '.join(toggles) or 'none'}"
    for shared in file.content.shared:
        if shared not in toggles:
            raise file.error(["shared", shared], f"{shared!r} is not a toggle; {accepted}")
    master = file.content.master
    if master is not None and master not in toggles:
        raise file.error(["master"], f"{master!r} is not a toggle; {accepted}")
    for index, rule in enumerate(file.content.exclude):
        for axis, value in rule.together.items():
            check_axis(file, ["exclude", index, "together"], axis, value)


def check_axis(file: MatrixFile, place: Steps, axis: str, value: str) -> None:
    """Refuse a value that no axis of this name has.

    Raises:
        InputError: there is no such axis, or it has no such value.
    """
    axes = file.content.axes
    if axis not in axes:
        raise file.error([*place, axis], f"{axis!r} is not an axis; accepted: {', '.join(axes) or 'none'}")
    if value not in axes[axis]:
        raise file.error([*place, axis], f"{axis} has no value {value!r}; accepted: {', '.join(axes[axis])}")


def check_scenario_names(file: MatrixFile, scenarios: Mapping[str, Scenario]) -> None:
    """Refuse external objects of scenarios that are not there, and snapshots of what does not render.

    Raises:
        InputError: there are some.
    """
    for index, thing in enumerate(file.content.external):
        for name in thing.scenarios:
            if name not in scenarios:
                raise file.error(["external", index, "scenarios"], f"{name!r} is not a scenario of this matrix")
    rendering = sorted(name for name, scenario in scenarios.items() if not scenario.refusal)
    wanted = file.content.snapshots or Snapshots()
    named: list[tuple[Steps, str]] = [(["snapshots", "in_full", name], name) for name in wanted.in_full]
    named += [(["snapshots", "in_full", name], other) for name, other in wanted.in_full.items() if other]
    named += [(["snapshots", "after_hooks", index], name) for index, name in enumerate(wanted.after_hooks)]
    for place, name in named:
        if name not in rendering:
            near_it = ", ".join(near(name, rendering, 5)) or ", ".join(rendering[:5])
            raise file.error(place, f"{name!r} is no scenario of this matrix that renders; near it: {near_it}")


def _check_toggle(file: MatrixFile, chart: Chart, name: str, toggle: Toggle) -> None:
    place: Steps = ["toggles", name]
    if not toggle.switches:
        raise file.error(place, "none of its values is `true`: name the boolean that switches it, `ADDRESS: true`")
    for address in (*toggle.switches, *toggle.companions):
        found = _lookup(file, place, chart.defaults, address)
        if address in toggle.switches and not isinstance(found, bool):
            raise file.error(place, f"{chart.name} has no boolean value {address!r}{_nearly(chart, address)}")
        *above, _ = itertools.accumulate(steps(address), below, initial="")
        for list_ in above:
            if isinstance(lookup(chart.defaults, list_), list):
                raise file.error(place, f"{address!r} is in a list, which helm takes as a whole: set {list_}")


def _check_list(file: MatrixFile, chart: Chart, address: str) -> None:
    """Refuse a list that values.yaml has elsewhere: below another key, or one that is misspelt."""
    place: Steps = ["keyed_lists", address]
    if _lookup(file, place, chart.defaults, address):
        return
    last = steps(address)[-1]
    others = [keys for keys, node in nodes(chart.own_values) if keys and keys[-1] == last and isinstance(node, list)]
    if len(others) == 1:
        path = list(map(str, others[0]))
        raise file.error(place, f"nothing is there: values.yaml has {join(*path)}{_line_of(chart, path)}")
    if hint := _nearly(chart, address):
        raise file.error(place, f"{chart.name} has no such list{hint}")


def _nearly(chart: Chart, address: str) -> str:
    """Say which key of the values is nearly called like the first one of an address that is missing."""
    values: Any = chart.defaults
    path = steps(address)
    for depth, step in enumerate(path):
        if isinstance(values, dict) and step not in values:
            there = near(step, list(values), 1, _LIKE)
            at = _line_of(chart, [*path[:depth], *there])
            return f"; its values.yaml has {there[0]!r} instead of {step!r}{at}" if there else ""
        values = values.get(step) if isinstance(values, dict) else None
    return ""


def _line_of(chart: Chart, path: list[str]) -> str:
    """Say in which line values.yaml gives a key; empty where a subchart's does."""
    for document in written_documents(chart.files.get("values.yaml", b"").decode(errors="replace")):
        node, left = nearest(document, join(*path))
        if not left:
            return f", line {node.text.count(chr(10), 0, node.place) + 1}"
    return ""


def _lookup(file: MatrixFile, place: Steps, values: Values, address: str) -> Any:
    try:
        return lookup(values, address)
    except ValueError as error:
        raise file.error(place, str(error)) from error
