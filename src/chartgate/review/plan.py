"""From where both sides are looked at: HEAD's matrix for HEAD, and for BASE what its values would have been."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.charts.coalescing import coalesce
from chartgate.charts.read import files_digest
from chartgate.documents import go_yaml
from chartgate.documents.addresses import join
from chartgate.documents.json_schemas import UNDECIDABLE, validator
from chartgate.errors import InputError
from chartgate.matrix.choice import matrix_for
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Scenario, Values, Waiver
from chartgate.review.sides import Side, matrix_of
from chartgate.review.versions import carries
from chartgate.system.git import Repository

_MOST = 5
"""Keys that a note names."""


@dataclass(frozen=True)
class Viewpoint:
    """Everything that both sides are rendered with."""

    matrix: Matrix
    """HEAD's."""
    scenarios: tuple[Scenario, ...]
    """What is compared, as it is for HEAD: the matrix, and the values files that were named."""
    users: tuple[Scenario, ...]
    """What BASE's own matrix has and HEAD's has no more: only whether it still renders counts."""
    of_base: Mapping[str, Scenario]
    """All of these as they are for BASE, by name."""
    waivers: tuple[Waiver, ...]
    """The waivers of risks that have not expired."""
    is_released: bool
    """Whether the version of HEAD is in use already."""
    files_differ: bool
    """Whether the two charts differ in anything but the version of Chart.yaml."""
    notes: tuple[str, ...]


def viewpoint(base: Side, head: Side, values_files: Sequence[str], today: datetime.date) -> Viewpoint:
    """Put together what both sides are rendered with.

    Args:
        base: the older side.
        head: the newer side; its matrix counts.
        values_files: further values to compare both sides with.
        today: the day that waivers expire by.

    Raises:
        InputError: HEAD's matrix or a values file cannot be used.
    """
    matrix = matrix_of(head)
    notes: list[str] = []
    given = tuple(_of_file(file, matrix, head.chart) for file in values_files)
    scenarios = (*matrix.rendering, *given)
    for_base = {scenario.name: scenario for scenario in _for_base(base, head, matrix, notes)}
    of_base = {s.name: for_base.get(s.name) or _under(base.chart, s) for s in scenarios}
    users = tuple(_of_users(base, head, matrix, notes))
    of_base |= {scenario.name: _under(base.chart, scenario) for scenario in users}
    unknown: dict[str, None] = {}
    of_base = {name: _without_unknown(base.chart, scenario, unknown) for name, scenario in of_base.items()}
    if unknown:
        more = f" and {len(unknown) - _MOST} more" if len(unknown) > _MOST else ""
        keys = ", ".join(list(unknown)[:_MOST])
        notes.append(f"The schema of {base.label} has no {keys}{more}: it is rendered without.")
    is_released = _is_released(base, head, notes)
    live = tuple(waiver for waiver in matrix.risk_waivers if not waiver.is_expired(today))
    notes += [f"The waiver of {w.policy} expired on {w.expires}." for w in matrix.risk_waivers if w not in live]
    differ = _content(base.chart) != _content(head.chart)
    return Viewpoint(matrix, scenarios, users, of_base, live, is_released, differ, tuple(notes))


def _of_file(name: str, matrix: Matrix, chart: Chart) -> Scenario:
    try:
        values = go_yaml.load(Path(name).read_text("utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--values={name}: cannot be read: {error}") from error
    if not isinstance(values, dict | None):
        raise InputError(f"--values={name}: expected a map of values")
    if name in matrix.scenarios:
        raise InputError(f"--values={name}: the matrix has a scenario of this name")
    return dataclasses.replace(matrix.base, name=name, overrides=values or {}, values=coalesce(chart, values or {}))


def _for_base(base: Side, head: Side, matrix: Matrix, notes: list[str]) -> tuple[Scenario, ...]:
    """Read HEAD's matrix for BASE's chart, whose lists may have other items."""
    if matrix.is_conventional:
        return ()
    try:
        return matrix_for(head.choice, base.chart).rendering
    except InputError as error:
        notes.append(f"The matrix does not fit {base.label}, which gets the values of HEAD's scenarios: {error}")
        return ()


def _of_users(base: Side, head: Side, matrix: Matrix, notes: list[str]) -> Iterator[Scenario]:
    """Give the scenarios of BASE's own matrix whose values none of HEAD's has."""
    try:
        own = matrix_of(base)
    except InputError as error:
        notes.append(f"The matrix of {base.label} cannot be used: {error}")
        return
    known = [scenario.overrides for scenario in matrix.scenarios.values()]
    for scenario in own.rendering:
        if scenario.overrides not in known:
            name = f"{scenario.name} of {base.label}"
            yield dataclasses.replace(scenario, name=name, values=coalesce(head.chart, scenario.overrides))


def _under(chart: Chart, scenario: Scenario) -> Scenario:
    return dataclasses.replace(scenario, values=coalesce(chart, scenario.overrides))


def _without_unknown(chart: Chart, scenario: Scenario, unknown: dict[str, None]) -> Scenario:
    """Take out of a scenario what the chart's schema refuses as a key that it does not know."""
    overrides = _known(chart, scenario.overrides, unknown)
    if overrides == scenario.overrides:
        return scenario
    return dataclasses.replace(scenario, overrides=overrides, values=coalesce(chart, overrides))


def _known(chart: Chart, overrides: Values, unknown: dict[str, None], *above: str) -> Values:
    refused = _refused_keys(chart.schema, overrides)
    unknown.update(dict.fromkeys(join(*above, *keys) for keys in sorted(refused)))
    kept = _without(overrides, refused)
    for subchart in chart.subcharts:
        below = kept.get(subchart.name)
        if isinstance(below, dict):
            kept[subchart.name] = _known(subchart, below, unknown, *above, subchart.name)
    return kept


def _refused_keys(schema: Mapping[str, Any], values: Values) -> set[tuple[str, ...]]:
    """Give the keys, by the steps to them, that a schema refuses because it does not name them."""
    refused: set[tuple[str, ...]] = set()
    try:
        for error in validator(schema).iter_errors(values):
            rule, instance = error.schema, error.instance
            if error.validator == "additionalProperties" and isinstance(rule, Mapping) and isinstance(instance, dict):
                patterns = rule.get("patternProperties", {})
                refused |= {
                    (*map(str, error.absolute_path), key)
                    for key in instance
                    if key not in rule.get("properties", {}) and not any(re.search(p, key) for p in patterns)
                }
    except UNDECIDABLE:
        pass  # helm says what is wrong with them
    return refused


def _without(values: Values, refused: set[tuple[str, ...]], *above: str) -> Values:
    return {
        key: _without(value, refused, *above, key) if isinstance(value, dict) else value
        for key, value in values.items()
        if (*above, key) not in refused
    }


def _is_released(base: Side, head: Side, notes: list[str]) -> bool:
    """Tell whether a tag carries HEAD's version, or BASE is a packaged chart of the same version."""
    if base.is_archive and base.chart.version == head.chart.version:
        return True
    try:
        repository = Repository.around(head.source, head.label)
    except InputError:
        return False
    tags = repository.tags()
    if not tags:
        notes.append(
            "The repository has no tags here, so no version counts as released: `git fetch --tags` brings them."
        )
    return any(carries(tag, head.chart.name, head.chart.version) for tag in tags)


def _content(chart: Chart) -> tuple[str, dict[str, Any]]:
    """Give all that a chart is, its version apart."""
    metadata = {key: value for key, value in chart.metadata.items() if key != "version"}
    return files_digest(chart.folder, without=frozenset(["Chart.yaml"])), metadata
