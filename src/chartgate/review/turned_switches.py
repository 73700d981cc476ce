"""What a chart without a matrix hides: each of its switches, turned once on both sides, and each item of a list."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.compared_texts import below_items
from chartgate.documents.addresses import join, lookup
from chartgate.documents.walking import Keys, nodes
from chartgate.documents.words import listed
from chartgate.matrix.conditions import Conditions
from chartgate.matrix.derivations.derived import with_values
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Scenario
from chartgate.review.contract.changed_keys import written_defaults
from chartgate.review.contract.renamed_keys import renamed_addresses
from chartgate.review.review import LEVELS
from chartgate.review.scenario_changes import Change

_MOST = 16
"""Switches that are turned, and items; each is two more starts of helm."""
_MOST_NAMES = 5
_USUAL = ("enabled", "create")


@dataclasses.dataclass(frozen=True)
class TurnedSwitches:
    """The scenarios in which a switch is turned, and the switches that stay as they are."""

    scenarios: tuple[Scenario, ...] = ()
    left: tuple[str, ...] = ()
    for_base: Mapping[str, Scenario] = dataclasses.field(default_factory=dict)
    """Those of the scenarios that BASE calls a switch of otherwise in, as they are for BASE, by name."""

    @property
    def by_name(self) -> dict[str, str]:
        """Give the switch that each scenario turns, by its name."""
        return {scenario.name: list(scenario.changes)[-1] for scenario in self.scenarios}

    def behind_switches(self, changes: Iterable[tuple[Scenario, Change]]) -> Iterator[tuple[Scenario, Change]]:
        """Leave out, where switches are turned, what also changes where none is, or fewer of them; these come first."""
        known: dict[tuple[str, str, str], list[set[str]]] = {}
        plain: dict[tuple[str, str, str], dict[str, int]] = {}
        said: dict[tuple[str, str, str, str], int] = {}
        turned = self.by_name
        unstable: set[tuple[str, str]] = set()
        for scenario, change in changes:
            switches = {*scenario.changes} if scenario.name in turned else set[str]()
            place = change.subject, change.place
            if switches and place in unstable:
                continue  # keys and certificates are made once for all of these: the other one is no other change
            if any(risk.name == "unstable" for risk in change.risks):
                unstable.add(place)
            is_image = [risk.name for risk in change.risks] == ["image"]
            facts = ("", "", change.content) if is_image else (change.subject, change.address, change.sides)
            levels = {risk.name: LEVELS.index(risk.level) for risk in change.risks}
            told = plain.get(facts)
            if switches and told is not None and all(level <= told.get(name, -1) for name, level in levels.items()):
                continue  # it says the same of less: a volume less, say; or of an image, in another object
            reasons = {(*place, risk.name, risk.reason): LEVELS.index(risk.level) for risk in change.risks}
            if not switches:
                plain[facts] = levels
                said |= reasons
            elif reasons:
                new = [level > said.get(reason, -1) for reason, level in reasons.items()]
                if not any(new):
                    continue
                change = dataclasses.replace(change, risks=tuple(itertools.compress(change.risks, new)))
            there = known.setdefault(change.key, [])
            if not switches or not any(fewer <= switches for fewer in there):
                there.append(switches)
                yield scenario, change

    def with_changes(self, changes: Iterable[tuple[Scenario, Change]]) -> list[Scenario]:
        """Give the scenarios that turn a switch behind which something changes that changes nowhere else.

        What else changes with every version, such as a label, does so behind each of them.
        """
        turned, found = self.by_name, list(changes)
        known = {change.content for scenario, change in found if scenario.name not in turned}
        own = {scenario.name for scenario, change in found if scenario.name in turned and change.content not in known}
        return [scenario for scenario in self.scenarios if scenario.name in own]

    def described(self, conditions: Conditions) -> Callable[[Sequence[str]], str]:
        """Give what describes sets of scenarios: those that turn a switch, by their names only."""
        turned = self.by_name

        def describe(scenarios: Sequence[str]) -> str:
            plain = [name for name in scenarios if name not in turned]
            return conditions.describe(plain) if plain else listed(scenarios, _MOST_NAMES)

        return describe

    def notes(self, refused: Sequence[str]) -> list[str]:
        """Say which switches nobody has turned: those that are left, and those that BASE refuses to be turned."""
        names = list(dict.fromkeys([*refused, *self.left]))
        if not names:
            return []
        shown = listed(names, _MOST_NAMES)
        return [f"Never turned, so nobody knows what changes behind them: {shown}. A matrix, or files in ci/, would."]


def turned_switches(base: Chart, head: Chart, matrix: Matrix) -> TurnedSwitches:
    """Turn each switch that both charts have, with the same default, and that no scenario turns; those above it are on.

    One that only has another name is turned by the name that it has on each side, as whoever upgrades does.
    A list in which the templates of both look for an item gets it, where they write something else for it. A matrix
    says itself what is turned.

    Args:
        base: the older chart.
        head: the newer one.
        matrix: that of the newer one.
    """
    if not matrix.is_conventional or not matrix.rendering:
        return TurnedSwitches()
    first = matrix.rendering[0]
    rules = Rules(head)
    first_of_base = dataclasses.replace(first, chart=base, values=coalesce(base, first.overrides))
    scenarios, left, for_base = list[Scenario](), list[str](), dict[str, Scenario]()
    renamed = {new: old for old, new in renamed_addresses(written_defaults(base), written_defaults(head))}
    for keys, value, name in _turns(base, head, matrix, renamed):
        address = join(*keys)
        if len(scenarios) == _MOST:
            left.append(address)
            continue
        changes: dict[str, Any] = dict.fromkeys(_above(first, keys), True) | {address: value}
        scenario = with_values(first, f"turned.{address}", changes)
        if not rules.accept(scenario.values):
            left.append(address)
            continue
        scenarios.append(dataclasses.replace(scenario, name=name, traits=frozenset([name])))
        if renamed.keys() & changes.keys():
            old = {renamed.get(key, key): to for key, to in changes.items()}
            for_base[name] = dataclasses.replace(with_values(first_of_base, "", old), name=name)
    ordered = sorted(scenarios, key=lambda scenario: len(scenario.changes))
    return TurnedSwitches(tuple(ordered), tuple(left), for_base)


def _turns(base: Chart, head: Chart, matrix: Matrix, renamed: Mapping[str, str]) -> Iterator[tuple[Keys, Any, str]]:
    """Give what is set to another value, to which one, and what that is called; the most usual first."""
    switches = [(keys, value) for keys, value in _same(base, head, matrix, renamed) if isinstance(value, bool)]
    for is_usual in (True, False):
        for keys, value in switches:
            if (keys[-1] in _USUAL) == is_usual:
                yield keys, not value, f"{join(*keys)}={str(not value).lower()}"
        if is_usual:
            yield from _items(base, head, matrix)


def _items(base: Chart, head: Chart, matrix: Matrix) -> Iterator[tuple[Keys, Any, str]]:
    """Give the lists with an item more, as far as what is written for it has changed."""
    had, has = below_items(base), below_items(head)
    both = _same(base, head, matrix, {}) if had and has else ()
    lists = {keys: value for keys, value in both if isinstance(value, list)}
    for (path, item), below in has.items():
        if had.get((path, item), below) != below and item not in lists.get(path, [item]):
            yield path, [*lists[path], item], f"{join(*path)} has {item}"


def _same(base: Chart, head: Chart, matrix: Matrix, renamed: Mapping[str, str]) -> Iterator[tuple[Keys, Any]]:
    """Give the values that both charts have by default, and that no scenario changes."""
    for keys, value in nodes(matrix.rendering[0].values, lists=False):
        address = join(*keys)
        places = (base.defaults, renamed.get(address, address)), (head.defaults, address)
        defaults = {repr(lookup(side, place)) for side, place in places}
        others = {repr(lookup(scenario.values, address)) for scenario in matrix.rendering}
        if keys and isinstance(value, bool | list) and defaults | others == {repr(value)}:
            yield keys, value


def _above(scenario: Scenario, keys: Keys) -> Iterator[str]:
    """Give the switches of the sections that a key is in, as far as they are off."""
    for depth in range(1, len(keys)):
        address = join(*keys[:depth], "enabled")
        if address != join(*keys) and lookup(scenario.values, address) is False:
            yield address
