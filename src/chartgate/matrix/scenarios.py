"""From matrix.yaml to scenarios: the product of the toggles, the pairwise rows, the named ones, the refusals."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chartgate.charts.coalescing import coalesce, nested, overlay
from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT, lookup
from chartgate.errors import InputError
from chartgate.matrix.application import read_application
from chartgate.matrix.file import MatrixFile, Place, read_matrix_file
from chartgate.matrix.keyed_lists import KeyedList
from chartgate.matrix.matrix import CONVENTIONAL, Matrix, PatchHook
from chartgate.matrix.named_schemas import read_schemas
from chartgate.matrix.traits import traits
from chartgate.model import Chart, External, Scenario, Values, Waiver


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
        self.schemas = read_schemas(file)
        self.toggles: dict[str, str] = self.content.get("toggles", {})
        self.axes: dict[str, dict[str, Any]] = self.content.get("axes", {})
        self.lists = {
            address: KeyedList(address, rule["key"], rule["name"])
            for address, rule in self.content.get("keyed_lists", {}).items()
        }

    def matrix(self) -> Matrix:
        self._check_names()
        scenarios: dict[str, Scenario] = {}
        for place, scenario in self._scenarios():
            if scenario.name in scenarios:
                raise self.file.error(place, f"there is already a scenario {scenario.name!r}")
            scenarios[scenario.name] = scenario
        for index, thing in enumerate(self.content.get("external", [])):
            for name in thing.get("scenarios", []):
                if name not in scenarios:
                    raise self.file.error(["external", index, "scenarios"], f"{name!r} is no scenario of this matrix")
        hooks = tuple(PatchHook(**hook) for hook in self.content.get("after_hooks", []))
        reasons = self.content.get("nothing_to_examine", {})
        base, waivers = self._scenario([], CONVENTIONAL.name), tuple(self._waivers("policy"))
        return Matrix(
            str(self.file.path),
            scenarios,
            self.toggles,
            hooks,
            reasons,
            waivers,
            base=base,
            risk_waivers=tuple(self._waivers("risk")),
        )

    def _waivers(self, of: str) -> Iterator[Waiver]:
        """Give the waivers of policies, or of risks."""
        everything = dict.fromkeys(("resource", "scenario", "path"), "")
        for given in self.content.get("waivers", []):
            if of in given:
                patterns = {key: value for key, value in given.items() if key != of}
                expires = datetime.date.fromisoformat(given["expires"])
                yield Waiver(**{**everything, **patterns, "policy": given[of], "expires": expires})

    def _check_names(self) -> None:
        """Refuse names that mean nothing: a toggle without a boolean, a master or an axis that is none."""
        for address, keyed in self.lists.items():
            self._lookup(["keyed_lists", address], self.chart.defaults, address)
            if re.compile(keyed.name).groups == 0:
                place = ["keyed_lists", address, "name"]
                raise self.file.error(place, f"{keyed.name!r} has no group: write (...) around the item's name")
        for name, address in self.toggles.items():
            if not isinstance(self._lookup(["toggles", name], self.chart.defaults, address), bool):
                raise self.file.error(["toggles", name], f"{self.chart.name} has no boolean value {address!r}")
        for toggle in self.content.get("shared", {}):
            if toggle not in self.toggles:
                raise self.file.error(
                    ["shared", toggle], f"{toggle!r} is no toggle; accepted: {', '.join(self.toggles)}"
                )
        master = self.content.get("master")
        if master is not None and master not in self.toggles:
            raise self.file.error(["master"], f"{master!r} is no toggle; accepted: {', '.join(self.toggles)}")
        for index, rule in enumerate(self.content.get("exclude", [])):
            for axis, value in rule["together"].items():
                self._check_axis(["exclude", index, "together"], axis, value)

    def _lookup(self, place: Place, values: Values, address: str) -> Any:
        try:
            return lookup(values, address)
        except ValueError as error:
            raise self.file.error(place, str(error)) from error

    def _check_axis(self, place: Place, axis: str, value: str) -> None:
        if axis not in self.axes:
            raise self.file.error([*place, axis], f"{axis!r} is no axis; accepted: {', '.join(self.axes) or 'none'}")
        if value not in self.axes[axis]:
            raise self.file.error(
                [*place, axis], f"{axis} has no value {value!r}; accepted: {', '.join(self.axes[axis])}"
            )

    def _scenarios(self) -> Iterator[tuple[Place, Scenario]]:
        for on in _subsets(list(self.toggles)):
            yield (
                ["toggles"],
                dataclasses.replace(
                    self._scenario(["toggles"], _product_name(on, list(self.toggles)), self._switches(on)),
                    switched=frozenset(on),
                ),
            )
        rows = self.content.get("pairwise", {})
        master = self.content.get("master")
        for section, on in (
            ("all_on", list(self.toggles)),
            ("master_off", [t for t in self.toggles if t != master]),
        ):
            for name, choice in rows.get(section, {}).items():
                place = ["pairwise", section, name]
                yield place, self._scenario(place, name, self._switches(on), *self._chosen(place, choice))
        for name, point in self.content.get("scenarios", {}).items():
            place = ["scenarios", name]
            layers = [*self._on(place, point), *self._chosen([*place, "axes"], point.get("axes", {})), point]
            yield place, self._scenario(place, name, *layers)
        for name, point in self.content.get("refusals", {}).items():
            place = ["refusals", name]
            layers = [*self._on(place, point), point]
            yield place, self._scenario(place, name, *layers, refusal=tuple(point["stderr"]))

    def _on(self, place: Place, point: Mapping[str, Any]) -> list[dict[str, Any]]:
        if "toggles" not in point:
            return []
        on = list(self.toggles) if point["toggles"] == "all" else point["toggles"]
        for toggle in on:
            if toggle not in self.toggles:
                raise self.file.error(
                    [*place, "toggles"], f"{toggle!r} is no toggle; accepted: {', '.join(self.toggles)}"
                )
        return [self._switches(on)]

    def _switches(self, on: list[str]) -> dict[str, Any]:
        return {"values": nested({address: toggle in on for toggle, address in self.toggles.items()})}

    def _chosen(self, place: Place, choice: Mapping[str, str]) -> list[Mapping[str, Any]]:
        for axis, value in choice.items():
            self._check_axis(place, axis, value)
        return [self.axes[axis][value] for axis, value in choice.items()]

    def _scenario(self, place: Place, name: str, *layers: Mapping[str, Any], refusal: tuple[str, ...] = ()) -> Scenario:
        """Lay the layers over each other: later ones win."""
        given = {"release": self.content["release"], "namespace": self.content["namespace"]}
        given["kube_version"] = self.content.get("kube_version", "")
        overrides: Values = {}
        for layer in layers:
            given |= {key: layer[key] for key in given if key in layer}
            if "infrastructure" in layer:
                try:
                    application = read_application(self.file.relative(layer["infrastructure"]), self.chart.name)
                except InputError as error:
                    raise self.file.error([*place, "infrastructure"], str(error)) from error
                given["namespace"] = application.namespace
                overrides = overlay(overrides, application.values)
            for file in layer.get("values_files", []):
                overrides = overlay(overrides, self._values_file(place, file))
            overrides = overlay(overrides, layer.get("values", {}))
        for layer in layers:
            for address, changes in layer.get("items", {}).items():
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
            external=tuple(self._external(name)),
            schemas=self.schemas,
            shared={toggle: tuple(patterns) for toggle, patterns in self.content.get("shared", {}).items()},
            echoes=tuple(self.content.get("echoes", ())),
            chart=self.chart,
        )

    def _external(self, scenario: str) -> Iterator[External]:
        """Give the objects that are there without the chart: in every scenario, or in those that are named."""
        for thing in self.content.get("external", []):
            if scenario in thing.get("scenarios", [scenario]):
                given = {key: thing[key] for key in ("kind", "name", "namespace", "labels", "reason") if key in thing}
                yield External(**given, keys=tuple(thing.get("keys", ())))

    def _values_file(self, place: Place, name: str) -> Values:
        file = self.file.relative(name)
        try:
            values = go_yaml.load(file.read_text("utf-8"), str(file))
        except (OSError, UnicodeDecodeError) as error:
            raise self.file.error(place, f"values file {file} cannot be read: {error}") from error
        if not isinstance(values, dict):
            raise self.file.error(place, f"values file {file} is no map of values")
        return values

    def _items(self, place: Place, overrides: Values, address: str, changes: Mapping[str, Any]) -> Values:
        if address not in self.lists:
            accepted = ", ".join(self.lists) or "none"
            raise self.file.error([*place, "items"], f"{address!r} is no keyed list; accepted: {accepted}")
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
