"""What else a key of values.yaml could be, and what must be set beside it for the key to matter."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from chartgate.charts.chart_values.samples import Rules, values_elsewhere
from chartgate.charts.metadata.dependencies import condition_paths, own_subcharts
from chartgate.charts.template_texts.key_readers import (
    all_uses,
    compared,
    conditions,
    files_reading,
    paths_behind,
    words_asked_beside,
)
from chartgate.charts.template_texts.marks import mark_of, marks_in
from chartgate.charts.template_texts.template_reads import Path
from chartgate.charts.template_texts.unread_keys import OF_UMBRELLAS
from chartgate.documents.addresses import ABSENT, around_it, join, lookup, steps
from chartgate.documents.json_documents.equality import canonical, same
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import leaves, replaced
from chartgate.matrix.derivations.derived import corners, with_values
from chartgate.matrix.derivations.marked_values import GUESSED, all_marked, only
from chartgate.model import Chart, Rendering, Scenario

from .key_effects import templates_of_echoes
from .tries_together import ChangesTogether, KeyTry

_SWITCHES = ("enabled", "create")


def own_keys(chart: Chart, *above: str) -> Iterator[str]:
    """Give the address of every key in values.yaml, and in those of the subcharts that are written with the chart.

    Not the one that is for the charts above alone.
    """
    paths = (tuple(steps(address)) for address, _ in leaves(chart.own_values))
    yield from (join(*above, *path) for path in paths if path != OF_UMBRELLAS)
    for subchart in own_subcharts(chart):
        yield from own_keys(subchart, *above, subchart.name)


def switches_off(scenario: Scenario, key: str) -> dict[str, bool]:
    """Give the switches above a key that are off in a scenario, each with the value that turns it on."""
    path = steps(key)
    switches = (join(*path[:depth], switch) for depth in range(1, len(path)) for switch in _SWITCHES)
    return {switch: True for switch in switches if switch != key and lookup(scenario.values, switch) is False}


class KeysOfChart:
    """The keys of a chart in the scenario with all toggles on: who reads them, and what else they could be."""

    def __init__(self, base: Rendering) -> None:
        self.chart = base.chart
        self.base = dataclasses.replace(base.scenario, chart=base.chart)
        self.addresses = list(dict.fromkeys(own_keys(self.chart)))
        self.rules = Rules(self.chart)
        marked = (address for s in all_marked(self.base) for address in marks_in(s.values).values())
        self._marked = {key for address in marked for key in around_it(address)} & set(self.addresses)
        self._echoing = templates_of_echoes(base)
        self.uses = [
            use for use in all_uses(base.chart) if not any(name.endswith(f"/{use.template}") for name in self._echoing)
        ]
        off = {name: True for key in self.addresses for name in switches_off(self.base, key)}
        self.switched_on = with_values(self.base, "with.all-switches", off) if off else None
        self._conditions = tuple(
            path
            for _, one in self.chart.with_subcharts()
            for entry in maps_in(one.metadata.get("dependencies"))
            for path in condition_paths(entry)
        )
        self._files: dict[tuple[str, bool], frozenset[str]] = {}
        self._switched_and_marked: dict[frozenset[str], Scenario | None] = {}
        self._together: dict[tuple[int, ...], tuple[Scenario, Scenario]] = {}
        self._paths: dict[frozenset[str], set[Path]] = {}
        self._tries: dict[str, tuple[list[KeyTry], Iterator[KeyTry]]] = {}
        self._elsewhere: dict[tuple[str, str], KeyTry | None] = {}
        self._read: dict[str, set[str]] = {}
        self._asked = words_asked_beside(self.chart)

    def with_marks(self, keys: frozenset[str]) -> Scenario | None:
        """Give the scenario with the switches on and marks under these keys; None where there are none to plant."""
        if self.switched_on is None:
            return None
        if keys not in self._switched_and_marked:
            marks = {
                address: scenario
                for scenario in all_marked(self.switched_on)
                for address in marks_in(scenario.values).values()
                if not keys.isdisjoint(around_it(address))
            }
            self._switched_and_marked[keys] = only(self.switched_on, GUESSED, marks) if marks else None
        return self._switched_and_marked[keys]

    def scenarios(self, group: ChangesTogether) -> tuple[Scenario, Scenario]:
        """Give the scenarios of a group; of the same tries, the same ones."""
        tries = tuple(map(id, group.tries))  # which are kept here
        if tries not in self._together:
            self._together[tries] = group.scenarios()
        return self._together[tries]

    def files(self, key: str, *, by_name: bool = False) -> frozenset[str]:
        """Give the templates that may do something with a key."""
        if (key, by_name) not in self._files:
            found = files_reading(tuple(steps(key)), self.uses, self.chart, by_name=by_name)
            self._files[key, by_name] = found - self._echoing
        return self._files[key, by_name]

    def attempt(self, key: str, number: int, given: Sequence[Scenario]) -> KeyTry | None:
        """Give what to try with a key where all toggles are on, the likeliest first; None when there is no more."""
        if key not in self._tries:
            self._tries[key] = ([], self._made(key, given))
        made, more = self._tries[key]
        made += islice(more, max(0, number + 1 - len(made)))
        return made[number] if number < len(made) else None

    def _made(self, key: str, given: Sequence[Scenario]) -> Iterator[KeyTry]:
        path = tuple(steps(key))
        yield from self._changed(self.base, key, given)
        off = switches_off(self.base, key)
        if off and self.switched_on is not None:
            yield from self._changed(self.switched_on, key, given)
        was = lookup(self.base.values, key)
        if was is ABSENT or isinstance(was, str):
            texts = (text for text in compared(path, self.uses) if self._is_other(self.base, key, text))
            yield from (self._try(self.base, key, text) for text in texts)
        for needed in (off, *(off | needed for needed in conditions(path, self.uses, self.base.values))):
            if needed:
                yield from self._changed(self.base, key, given, needed)

    def attempt_in(self, scenario: Scenario, key: str, given: Sequence[Scenario]) -> KeyTry | None:
        """Give what to try with a key in another scenario; None where that differs in nothing that matters."""
        if (key, scenario.name) not in self._elsewhere:
            self._elsewhere[key, scenario.name] = self._made_in(scenario, key, given)
        return self._elsewhere[key, scenario.name]

    def _made_in(self, scenario: Scenario, key: str, given: Sequence[Scenario]) -> KeyTry | None:
        # What nobody reads, no toggle brings to life.
        if not self.files(key) and scenario not in corners([self.base, *given]):
            return None
        seen = self._read.setdefault(key, {self._read_beside(key, self.base)})
        beside = self._read_beside(key, scenario)
        if beside in seen:
            return None
        seen.add(beside)
        found = next(self._changed(scenario, key, given), None)
        return found and found._replace(is_unlikely=True)

    def _changed(
        self, base: Scenario, key: str, given: Sequence[Scenario], needed: Mapping[str, Any] | None = None
    ) -> Iterator[KeyTry]:
        """Give a try with another value that the schema accepts, where there is one; before it, the same with a mark.

        What other scenarios have there comes first: those values are known to fit.
        """
        before = with_values(base, "", needed) if needed else base
        value = lookup(before.values, key)
        elsewhere = values_elsewhere(key, value, (self.base.values, *(scenario.values for scenario in given)))
        tried: list[object] = [value]
        for other in chain(elsewhere, self.rules.others(key, None if value is ABSENT else value)):
            if not any(same(other, old) for old in tried):
                tried.append(other)
                if self._is_other(before, key, other):
                    with_mark = replaced(other, lambda _: mark_of(key))
                    is_new = not same(with_mark, other) and (needed or (base is self.base and key not in self._marked))
                    if is_new and self._is_other(before, key, with_mark):
                        yield self._try(base, key, with_mark, needed, has_mark=True)
                    yield self._try(base, key, other, needed)
                    return

    def _is_other(self, before: Scenario, key: str, value: Any) -> bool:
        path = steps(key)
        is_switch = isinstance(value, bool) and (path[0] == "tags" or key.endswith(self._conditions))
        if isinstance(value, str | int | float | list) and path[0] != "global" and not is_switch:
            # It switches no subchart and is in no other place: the rest stays, and is not worked out once more.
            return not same(lookup(before.values, key), value) and self.rules.accept(
                _with(before.values, path, value), about=path
            )
        found = with_values(before, "", {key: value}).values
        return not same(lookup(before.values, key), lookup(found, key)) and self.rules.accept(found)

    def _try(
        self, base: Scenario, key: str, value: Any, needed: Mapping[str, Any] | None = None, *, has_mark: bool = False
    ) -> KeyTry:
        files, named_in = self.files(key), self.files(key, by_name=True)
        # Its mark showed up nowhere, nobody reads it, or it is of a feature that is off.
        is_unlikely = not has_mark and (
            key in self._marked or not files or not switches_off(base, key).keys() <= (needed or {}).keys()
        )
        asked = self._asked.get(steps(key)[-1], frozenset())
        return KeyTry(base, key, value, needed or {}, has_mark, files, named_in, is_unlikely, asked)

    def _read_beside(self, key: str, scenario: Scenario) -> str:
        """Give all that the templates that read a key make their text of, in a scenario."""
        values: Any = scenario.values
        if files := self.files(key):
            values = {join(*path): lookup(values, join(*path)) for path in self._paths_of(files)}
        return canonical([scenario.release, scenario.namespace, scenario.kube_version, values])

    def _paths_of(self, files: frozenset[str]) -> set[Path]:
        if files not in self._paths:
            self._paths[files] = paths_behind(files, self.uses, self.chart)
        return self._paths[files]


def _with(values: Any, path: Sequence[str], value: Any) -> dict[str, Any]:
    """Give values with another one at a path, the rest of them as it is; what is no map on the way becomes one."""
    below = values if isinstance(values, Mapping) else {}
    return {**below, path[0]: _with(below.get(path[0]), path[1:], value) if path[1:] else value}
