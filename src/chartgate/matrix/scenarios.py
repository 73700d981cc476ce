"""From matrix.yaml to scenarios: the product of the toggles, the pairwise rows, the named ones, the refusals."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chartgate.charts.coalescing import coalesce, nested, overlay
from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.go_patterns import UnreadablePattern, group_count
from chartgate.documents.words import near
from chartgate.errors import InputError
from chartgate.matrix.application import read_application
from chartgate.matrix.content import Point
from chartgate.matrix.file import MatrixFile, Steps, read_matrix_file
from chartgate.matrix.keyed_lists import KeyedList
from chartgate.matrix.matrix import CONVENTIONAL, Matrix, Snapshots
from chartgate.matrix.named_schemas import read_schemas
from chartgate.matrix.traits import traits
from chartgate.model import Chart, Declarations, Scenario, Values
from chartgate.system.files import read_bytes


def load_matrix(path: Path, chart: Chart, kube_version: str = "") -> Matrix:
    """Read a matrix file for a chart; `kube_version`, when given, replaces that of every scenario that renders.

    Raises:
        InputError: the file is not of the accepted form, names something that does not exist, or gives a name twice.
    """
    return _Reading(read_matrix_file(path), chart, kube_version).matrix()


class _Reading:
    def __init__(self, file: MatrixFile, chart: Chart, kube_version: str) -> None:
        self.file = file
        self.content = file.content
        self.chart = chart
        self.kube_version = kube_version
        self.declared = self._declarations()
        self.toggles = self.content.toggles
        self.axes = self.content.axes
        self.lists = {
            address: KeyedList(address, rule.key, rule.name) for address, rule in self.content.keyed_lists.items()
        }

    def matrix(self) -> Matrix:
        self._check_names()
        scenarios: dict[str, Scenario] = {}
        for place, scenario in self._scenarios():
            if scenario.name in scenarios:
                raise self.file.error(place, f"there is already a scenario {scenario.name!r}")
            scenarios[scenario.name] = scenario
        for index, thing in enumerate(self.content.external):
            for name in thing.scenarios:
                if name not in scenarios:
                    raise self.file.error(
                        ["external", index, "scenarios"], f"{name!r} is not a scenario of this matrix"
                    )
        self._check_snapshots({name for name, scenario in scenarios.items() if not scenario.refusal})
        return Matrix(
            str(self.file.path),
            scenarios,
            self.toggles,
            self.content.after_hooks,
            self.content.nothing_to_examine,
            snapshots=self.content.snapshots,
            waivers=tuple(accepted.waiver for accepted in self.content.waivers if accepted.policy),
            base=self._scenario([], CONVENTIONAL.name),
            risk_waivers=tuple(accepted.waiver for accepted in self.content.waivers if accepted.risk),
        )

    def _check_snapshots(self, rendering: set[str]) -> None:
        """Refuse snapshots of what does not render."""
        wanted = self.content.snapshots or Snapshots()
        named: list[tuple[Steps, str]] = [(["snapshots", "in_full", name], name) for name in wanted.in_full]
        named += [(["snapshots", "in_full", name], other) for name, other in wanted.in_full.items() if other]
        named += [(["snapshots", "after_hooks", index], name) for index, name in enumerate(wanted.after_hooks)]
        for place, name in named:
            if name not in rendering:
                near_it = ", ".join(near(name, sorted(rendering), 5)) or ", ".join(sorted(rendering)[:5])
                raise self.file.error(place, f"{name!r} is no scenario of this matrix that renders; near it: {near_it}")

    def _check_names(self) -> None:
        """Refuse names that mean nothing: a toggle without a boolean, a master or an axis that is not one."""
        for address, keyed in self.lists.items():
            self._lookup(["keyed_lists", address], self.chart.defaults, address)
            place = ["keyed_lists", address, "name"]
            try:
                groups = group_count(keyed.name)
            except UnreadablePattern as error:
                raise self.file.error(place, str(error)) from error
            if groups == 0:
                raise self.file.error(place, f"{keyed.name!r} has no group: write (...) around the item's name")
        for name, address in self.toggles.items():
            if not isinstance(self._lookup(["toggles", name], self.chart.defaults, address), bool):
                raise self.file.error(["toggles", name], f"{self.chart.name} has no boolean value {address!r}")
        for toggle in self.content.shared:
            if toggle not in self.toggles:
                raise self.file.error(
                    ["shared", toggle], f"{toggle!r} is not a toggle; accepted: {', '.join(self.toggles)}"
                )
        master = self.content.master
        if master is not None and master not in self.toggles:
            raise self.file.error(["master"], f"{master!r} is not a toggle; accepted: {', '.join(self.toggles)}")
        for index, rule in enumerate(self.content.exclude):
            for axis, value in rule.together.items():
                self._check_axis(["exclude", index, "together"], axis, value)

    def _lookup(self, place: Steps, values: Values, address: str) -> Any:
        try:
            return lookup(values, address)
        except ValueError as error:
            raise self.file.error(place, str(error)) from error

    def _check_axis(self, place: Steps, axis: str, value: str) -> None:
        if axis not in self.axes:
            raise self.file.error(
                [*place, axis], f"{axis!r} is not an axis; accepted: {', '.join(self.axes) or 'none'}"
            )
        if value not in self.axes[axis]:
            raise self.file.error(
                [*place, axis], f"{axis} has no value {value!r}; accepted: {', '.join(self.axes[axis])}"
            )

    def _scenarios(self) -> Iterator[tuple[Steps, Scenario]]:
        for on in _subsets(list(self.toggles)):
            yield (
                ["toggles"],
                dataclasses.replace(
                    self._scenario(["toggles"], _product_name(on, list(self.toggles)), self._switches(on)),
                    switched=frozenset(on),
                ),
            )
        rows, master = self.content.pairwise, self.content.master
        for section, named, on in (
            ("all_on", rows.all_on, list(self.toggles)),
            ("master_off", rows.master_off, [t for t in self.toggles if t != master]),
        ):
            for name, choice in named.items():
                place = ["pairwise", section, name]
                yield place, self._scenario(place, name, self._switches(on), *self._chosen(place, choice))
        for name, point in self.content.scenarios.items():
            place = ["scenarios", name]
            layers = [*self._on(place, point), *self._chosen([*place, "axes"], point.axes), point]
            yield place, self._scenario(place, name, *layers)
        for name, point in self.content.refusals.items():
            place = ["refusals", name]
            layers = [*self._on(place, point), point]
            yield place, self._scenario(place, name, *layers, refusal=point.stderr)

    def _on(self, place: Steps, point: Point) -> list[Point]:
        if point.toggles is None:
            return []
        on = list(self.toggles) if point.toggles == "all" else list(point.toggles)
        for toggle in on:
            if toggle not in self.toggles:
                raise self.file.error(
                    [*place, "toggles"], f"{toggle!r} is not a toggle; accepted: {', '.join(self.toggles)}"
                )
        return [self._switches(on)]

    def _switches(self, on: list[str]) -> Point:
        return Point(values=nested({address: toggle in on for toggle, address in self.toggles.items()}))

    def _chosen(self, place: Steps, choice: Mapping[str, str]) -> list[Point]:
        for axis, value in choice.items():
            self._check_axis(place, axis, value)
        return [self.axes[axis][value] for axis, value in choice.items()]

    def _scenario(self, place: Steps, name: str, *layers: Point, refusal: tuple[str, ...] = ()) -> Scenario:
        """Lay the layers over each other: later ones win."""
        given: dict[str, Any] = {key: getattr(self.content, key) for key in ("release", "namespace", "kube_version")}
        overrides: Values = {}
        for layer in layers:
            given |= {key: getattr(layer, key) for key in given if getattr(layer, key) is not None}
            if layer.infrastructure is not None:
                try:
                    application = read_application(self.file.relative(layer.infrastructure), self.chart.name)
                except InputError as error:
                    raise self.file.error([*place, "infrastructure"], str(error)) from error
                given["namespace"] = application.namespace
                overrides = overlay(overrides, application.values)
            for file in layer.values_files or ():
                overrides = overlay(overrides, self._values_file(place, file))
            overrides = overlay(overrides, layer.values or {})
        for layer in layers:
            for address, changes in (layer.items or {}).items():
                overrides = overlay(overrides, self._items(place, overrides, address, changes))
        if self.kube_version and not refusal:
            given["kube_version"] = self.kube_version
        values = coalesce(self.chart, overrides)
        return Scenario(
            name=name,
            **given,
            overrides=overrides,
            values=values,
            refusal=refusal,
            traits=traits(given, values, self.toggles, self.axes),
            declared=self.declared,
            chart=self.chart,
        )

    def _declarations(self) -> Declarations:
        return Declarations(
            shared=self.content.shared,
            echoes=self.content.echoes,
            external=self.content.external,
            one_per=self.content.one_per,
            schemas=read_schemas(self.file),
        )

    def _values_file(self, place: Steps, name: str) -> Values:
        file = self.file.relative(name)
        try:
            return go_yaml.load_values(read_bytes(file, f"values file {file}"), f"values file {file}")
        except InputError as error:
            raise self.file.error(place, str(error)) from error

    def _items(self, place: Steps, overrides: Values, address: str, changes: Mapping[str, Any]) -> Values:
        if address not in self.lists:
            accepted = ", ".join(self.lists) or "none"
            raise self.file.error([*place, "items"], f"{address!r} is not a keyed list; accepted: {accepted}")
        merged = coalesce(self.chart, overrides)
        if lookup(merged, address) is ABSENT:
            raise self.file.error([*place, "items"], f"{self.chart.name} has no value {address!r}")
        try:
            return self.lists[address].changed(merged, changes)
        except LookupError as error:
            raise self.file.error([*place, "items"], str(error)) from error


def _subsets(toggles: list[str]) -> Iterator[list[str]]:
    """Give every combination, the empty one first, small ones before large ones."""
    if toggles:
        for size in range(len(toggles) + 1):
            yield from (list(on) for on in itertools.combinations(toggles, size))


def _product_name(on: list[str], toggles: list[str]) -> str:
    return {0: "off", len(toggles): "all_on"}.get(len(on), "+".join(on))
