"""From matrix.yaml to scenarios: product of the toggles, rows of the axes, named ones, ci files, refusals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from chartgate.charts.chart_values.coalescing import coalesce, overlay
from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.walking import leaves
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.application import read_application
from chartgate.matrix.ci_files import fitting, patterns_of, read_ci_values, scenario_name
from chartgate.matrix.content import Point
from chartgate.matrix.file import MatrixFile, Steps, read_matrix_file
from chartgate.matrix.keyed_lists import KeyedList
from chartgate.matrix.matrix import CONVENTIONAL, Matrix, Reason
from chartgate.matrix.name_checks import check_axis, check_names, check_scenario_names
from chartgate.matrix.pairwise import computed_rows
from chartgate.matrix.reasons import of_combination, of_point, of_rows
from chartgate.matrix.served_apis import with_their_groups
from chartgate.matrix.toggles import Toggle, combination_name, combinations, switched_values, toggle_of
from chartgate.model import Chart, Declarations, Scenario, Schemas, Values
from chartgate.system.files import read_bytes

_MOST_TOGGLES = 13
"""Each one doubles their combinations, and 8,192 renderings take many minutes."""
_JUDGED = ("values", "release", "namespace", "kube_version", "api_versions")


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
        self.toggles = {name: toggle_of(written) for name, written in self.content.toggles.items()}
        self.axes = self.content.axes
        self.lists = {
            address: KeyedList(address, rule.key, rule.name) for address, rule in self.content.keyed_lists.items()
        }

    def matrix(self) -> Matrix:
        check_names(self.file, self.chart, self.toggles, self.lists)
        scenarios: dict[str, Scenario] = {}
        reasons: dict[str, Reason] = {}
        found = list(self._scenarios())
        if all(scenario.refusal for _, scenario, _ in found):
            reason = Reason("defaults", "what every scenario has")
            found.append((["scenarios"], self._scenario(["scenarios"], "defaults"), reason))
        for place, scenario, reason in found:
            if scenario.name in scenarios:
                raise self.file.error(place, f"there is already a scenario {scenario.name!r}")
            scenarios[scenario.name], reasons[scenario.name] = scenario, reason
        check_scenario_names(self.file, scenarios)
        return Matrix(
            str(self.file.path),
            scenarios,
            self.toggles,
            self.content.after_hooks,
            self.content.nothing_to_examine,
            snapshots=self.content.snapshots,
            waivers=tuple(accepted.waiver for accepted in self.content.waivers if accepted.policy),
            reasons=reasons,
            base=self._scenario([], CONVENTIONAL.name),
            risk_waivers=tuple(accepted.waiver for accepted in self.content.waivers if accepted.risk),
        )

    def _scenarios(self) -> Iterator[tuple[Steps, Scenario, Reason]]:
        yield from self._product()
        yield from self._rows()
        for name, point in self.content.scenarios.items():
            place = ["scenarios", name]
            layers = [*self._on(place, point), *self._chosen([*place, "axes"], point.axes), point]
            yield place, self._scenario(place, name, *layers), of_point(point, list(self.toggles))
        for file, values in self._ci_files().items():
            name, reason = f"ci-{scenario_name(file)}", Reason("ci", f"the values of the chart's ci/{file}")
            yield (
                ["ci_files"],
                dataclasses.replace(self._scenario(["ci_files"], name, Point(values=values)), is_installation=True),
                reason,
            )
        for name, point in self.content.refusals.items():
            place = ["refusals", name]
            layers = [*self._on(place, point), point]
            yield (
                place,
                self._scenario(place, name, *layers, refusal=point.stderr),
                of_point(point, list(self.toggles)),
            )

    def _product(self) -> Iterator[tuple[Steps, Scenario, Reason]]:
        every = list(self.toggles)
        if len(every) > _MOST_TOGGLES:
            raise self.file.error(
                ["toggles"],
                f"{len(every)} toggles make {2 ** len(every)} scenarios, and the most are {_MOST_TOGGLES} toggles:"
                " keep those that work together, and make `axes` of the others",
            )
        for on in combinations(every):
            scenario = self._scenario(["toggles"], combination_name(on, every), self._switches(on))
            yield ["toggles"], dataclasses.replace(scenario, switched=frozenset(on)), of_combination(on, every)

    def _rows(self) -> Iterator[tuple[Steps, Scenario, Reason]]:
        written, master = self.content.pairwise, self.content.master
        rows = computed_rows(self.file) if written is None else written
        sections: tuple[tuple[Literal["all_on", "master_off"], dict[str, dict[str, str]], list[str]], ...] = (
            ("all_on", rows.all_on, list(self.toggles)),
            ("master_off", rows.master_off, [toggle for toggle in self.toggles if toggle != master]),
        )
        for section, named, on in sections:
            reasons = dict(of_rows(section, named, on, list(self.toggles)))
            for name, choice in named.items():
                place = ["axes"] if written is None else ["pairwise", section, name]
                scenario = self._scenario(place, name, self._switches(on), *self._chosen(place, choice))
                yield place, scenario, reasons[name]

    def _ci_files(self) -> dict[str, Values]:
        """Give the values of the chart's ci/ files that are scenarios, by the name of the file."""
        given, there = self.content.ci_files, self.chart.ci_values
        if given is False:
            return {}
        for pattern in patterns_of(given):
            if not fitting(pattern, there):
                known = ", ".join(there) or "none"
                raise self.file.error(
                    ["ci_files"], f"no *-values.yaml in the chart's ci/ is {pattern!r}; there is: {known}"
                )
        names = [name for name in there if any(name in fitting(pattern, there) for pattern in patterns_of(given))]
        return {name: read_ci_values(self.chart, name) for name in names}

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
        return Point(values=switched_values(self.toggles, on))

    def _chosen(self, place: Steps, choice: Mapping[str, str]) -> list[Point]:
        for axis, value in choice.items():
            check_axis(self.file, place, axis, value)
        return [self.axes[axis][value] for axis, value in choice.items()]

    def _scenario(self, place: Steps, name: str, *layers: Point, refusal: tuple[str, ...] = ()) -> Scenario:
        """Lay the layers over each other: later ones win."""
        given: dict[str, Any] = {key: getattr(self.content, key) for key in ("release", "namespace", "kube_version")}
        served = [*self.content.api_versions, *(version for layer in layers for version in layer.api_versions or ())]
        # What an Argo-style file deploys is exactly that.
        is_deployed = any(layer.infrastructure is not None for layer in layers)
        overrides: Values = {} if is_deployed else overlay(self.content.values)
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
        given["api_versions"] = with_their_groups(served)
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
            schemas=self._schemas(),
        )

    def _schemas(self) -> Schemas:
        named = self.file.content.schemas
        if not (named.kinds or named.keys or named.crds):
            return Schemas(unjudged=named.unjudged)
        from chartgate.matrix.named_schemas import read_schemas  # and a library that only they need

        return read_schemas(self.file)

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


def traits(
    given: Mapping[str, Any], values: Values, toggles: Mapping[str, Toggle], axes: Mapping[str, Mapping[str, Point]]
) -> frozenset[str]:
    """Give the names of the toggles that are on, and `axis=value` for what the merged values have of an axis.

    Args:
        given: release, namespace, kube_version and api_versions of the scenario.
        values: its merged values.
        toggles: what each toggle sets.
        axes: what each value of each axis sets.
    """
    on = {name for name, toggle in toggles.items() if toggle.is_on(values)}
    return frozenset(on.union(*(_of_axis(axis, choices, given, values) for axis, choices in axes.items())))


def _of_axis(axis: str, choices: Mapping[str, Point], given: Mapping[str, Any], values: Values) -> Iterator[str]:
    """Give the values of an axis that hold; the one that sets nothing holds where no other does."""
    judged = {name: point for name, point in choices.items() if (set_by := _set_by(point)) and set_by <= {*_JUDGED}}
    held = [name for name, point in judged.items() if _holds(point, given, values)]
    if not held and len(judged) + 1 == len(choices):
        held = [name for name, point in choices.items() if not _set_by(point)]
    yield from (f"{axis}={name}" for name in held)


def _set_by(point: Point) -> set[str]:
    return {name for name, value in vars(point).items() if value is not None and name not in ("axes", "stderr")}


def _holds(point: Point, given: Mapping[str, Any], values: Values) -> bool:
    if any(given[key] != getattr(point, key) for key in _set_by(point) - {"values", "api_versions"}):
        return False
    if not {*(point.api_versions or ())} <= {*given["api_versions"]}:
        return False
    return all(lookup(values, address) == value for address, value in leaves(point.values or {}))
