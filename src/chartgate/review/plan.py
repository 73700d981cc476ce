"""What a review compares over: HEAD's matrix for HEAD, and for BASE what its values would have been."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.secret_values import ValueTexts, value_texts
from chartgate.charts.reading.read import files_digest
from chartgate.documents.addresses import join
from chartgate.documents.json_documents.json_schemas import UNDECIDABLE, errors_in, names_key
from chartgate.documents.words import counted, listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.choice import matrix_for
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Scenario, Values, Waiver
from chartgate.review.new_keys import KnownToBoth, known_to_both
from chartgate.review.sides import Side, matrix_of
from chartgate.review.turned_switches import TurnedSwitches, turned_switches
from chartgate.review.versions import carries
from chartgate.system.files import read_bytes
from chartgate.system.git import Repository

_MOST_KEYS = 5
"""Keys that a note names."""


@dataclass(frozen=True)
class ReviewPlan:
    """Everything that both sides are rendered with, and what else counts for the comparison."""

    matrix: Matrix
    """HEAD's."""
    scenarios: tuple[Scenario, ...]
    """What is compared, as it is for HEAD: the matrix, and the values files that were named."""
    turned: TurnedSwitches
    """Of a chart without a matrix: the scenarios among these that turn a switch, and the switches that stay."""
    dropped: tuple[Scenario, ...]
    """What BASE's own matrix has and HEAD's no longer has: only whether it still renders counts."""
    for_base: Mapping[str, Scenario]
    """All of these as they are for BASE, by name."""
    known_to_both: Mapping[str, KnownToBoth]
    """Those of them that set keys which BASE does not have, without these, by name."""
    waivers: tuple[Waiver, ...]
    """The waivers of risks that have not expired."""
    is_released: bool | None
    """Whether the version of HEAD is in use already; None where nobody can tell."""
    files_differ: bool
    """Whether the two charts differ in anything but the version of Chart.yaml."""
    notes: tuple[str, ...]
    """What a reader should know about how they were chosen."""
    texts: ValueTexts
    """The secret values of both sides, in all scenarios, and what is not secret."""
    today: datetime.date
    """The day that waivers expire by."""

    @property
    def source(self) -> str:
        """Where the scenarios come from, for a reader."""
        number = len(self.turned.scenarios)
        return self.matrix.source + (f", with {counted(number, 'switch', 'switches')} turned once" if number else "")

    def live(self, waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
        """Give the waivers that have not expired."""
        return tuple(waiver for waiver in waivers if not waiver.is_expired(self.today))


def plan_review(base: Side, head: Side, values_files: Sequence[str], today: datetime.date) -> ReviewPlan:
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
    turned = turned_switches(base.chart, head.chart, matrix)
    scenarios = (*matrix.rendering, *given, *turned.scenarios)
    read_for_base = {scenario.name: scenario for scenario in _read_for_base(base, head, matrix, notes)}
    dropped = tuple(_dropped(base, head, matrix, notes))
    read_for_base |= turned.for_base
    for_base = {s.name: read_for_base.get(s.name) or _with_defaults_of(base.chart, s) for s in scenarios}
    for_base |= {s.name: _with_defaults_of(base.chart, s) for s in dropped}
    unknown: dict[str, None] = {}
    for name, scenario in for_base.items():
        for_base[name], left_out = _without_unknown_keys(base.chart, scenario)
        unknown |= dict.fromkeys(left_out)
    if unknown:
        keys = listed(list(unknown), _MOST_KEYS)
        notes.append(f"The schema of {base.label} has no {keys}: it is rendered without.")
    is_released = _is_released(base, head, notes)
    live = tuple(waiver for waiver in matrix.risk_waivers if not waiver.is_expired(today))
    notes += [f"The waiver of {w.policy} expired on {w.expires}." for w in matrix.risk_waivers if w not in live]
    return ReviewPlan(
        matrix=matrix,
        scenarios=scenarios,
        dropped=dropped,
        turned=turned,
        for_base=for_base,
        known_to_both=known_to_both(base.chart, head.chart, [s for s in scenarios if s.name not in turned.for_base]),
        waivers=live,
        is_released=is_released,
        files_differ=_all_but_version(base.chart) != _all_but_version(head.chart),
        notes=tuple(notes),
        today=today,
        texts=value_texts(
            (side.chart, values)
            for side, given in ((head, (*scenarios, *dropped)), (base, for_base.values()))
            for values in (side.chart.own_values, side.chart.defaults, *(scenario.values for scenario in given))
        ),
    )


def _of_file(name: str, matrix: Matrix, chart: Chart) -> Scenario:
    values = go_yaml.load_values(read_bytes(Path(name), f"--values={name}"), f"--values={name}")
    if name in matrix.scenarios:
        raise InputError(f"--values={name}: the matrix has a scenario of this name")
    return dataclasses.replace(matrix.base, name=name, overrides=values, values=coalesce(chart, values))


def _read_for_base(base: Side, head: Side, matrix: Matrix, notes: list[str]) -> tuple[Scenario, ...]:
    """Read HEAD's matrix for BASE's chart, whose lists may have other items; the ci files are HEAD's, as all values."""
    if matrix.is_conventional:
        return ()
    try:
        return matrix_for(head.choice, dataclasses.replace(base.chart, ci_values=head.chart.ci_values)).rendering
    except InputError as error:
        notes.append(f"The matrix does not fit {base.label}, which gets the values of HEAD's scenarios: {error}")
        return ()


def _dropped(base: Side, head: Side, matrix: Matrix, notes: list[str]) -> Iterator[Scenario]:
    """Give the scenarios of BASE's own matrix whose values, in such a cluster, none of HEAD's has."""
    try:
        own = matrix_of(base)
    except InputError as error:
        notes.append(f"The matrix of {base.label} cannot be used: {error}")
        return
    known = [(scenario.overrides, scenario.api_versions) for scenario in matrix.scenarios.values()]
    for scenario in own.rendering:
        if (scenario.overrides, scenario.api_versions) not in known:
            name = f"{scenario.name} of BASE"
            yield dataclasses.replace(scenario, name=name, values=coalesce(head.chart, scenario.overrides))


def _with_defaults_of(chart: Chart, scenario: Scenario) -> Scenario:
    return dataclasses.replace(scenario, values=coalesce(chart, scenario.overrides), chart=chart)


def _is_released(base: Side, head: Side, notes: list[str]) -> bool | None:
    """Tell whether a tag carries HEAD's version, or BASE is a packaged chart of the same version.

    None outside of git, where there are no tags to look at.
    """
    if base.is_archive and base.chart.version == head.chart.version:
        return True
    try:
        repository = Repository.around(head.source, head.label)
    except InputError:
        return None
    tags = repository.tags()
    if not tags:
        notes.append(
            "The repository has no tags here, so no version counts as released: `git fetch --tags` brings them."
        )
    return any(carries(tag, head.chart.name, head.chart.version) for tag in tags)


def _all_but_version(chart: Chart) -> tuple[str, dict[str, Any]]:
    """Give all that a chart is, its version apart: the digest of its files, and its metadata."""
    metadata = {key: value for key, value in chart.metadata.items() if key != "version"}
    return files_digest(chart.files, without=frozenset(["Chart.yaml"])), metadata


def _without_unknown_keys(chart: Chart, scenario: Scenario) -> tuple[Scenario, list[str]]:
    """Leave out the keys of a scenario that the chart's schemas do not name and refuse; give their addresses, too."""
    unknown: list[str] = []
    overrides = _known(chart, scenario.overrides, unknown)
    if not unknown:
        return scenario, []
    return dataclasses.replace(scenario, overrides=overrides, values=coalesce(chart, overrides)), unknown


def _known(chart: Chart, overrides: Values, unknown: list[str], *above: str) -> Values:
    """Give what the chart and its subcharts know, and add the addresses of the rest to `unknown`."""
    refused = _refused_keys(chart.schema, overrides)
    unknown += [join(*above, *keys) for keys in sorted(refused)]
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
        for error in errors_in(values, schema):
            rule, instance = error.schema, error.instance
            if error.validator == "additionalProperties" and isinstance(rule, Mapping) and isinstance(instance, dict):
                refused |= {(*map(str, error.absolute_path), key) for key in instance if not names_key(rule, str(key))}
    except UNDECIDABLE:
        pass  # helm says what is wrong with them
    return refused


def _without(values: Values, refused: set[tuple[str, ...]], *above: str) -> Values:
    return {
        key: _without(value, refused, *above, key) if isinstance(value, dict) else value
        for key, value in values.items()
        if (*above, key) not in refused
    }
