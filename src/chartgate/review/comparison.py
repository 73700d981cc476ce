"""The review itself: both sides rendered over HEAD's matrix, compared scenario by scenario, and told as entries."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import InputError
from chartgate.kubernetes.workloads import containers
from chartgate.model import Chart, Missing, Rendering, Scenario, Waiver
from chartgate.renderings import Renderings
from chartgate.review.changes import Change, Risk, changes
from chartgate.review.classes import LEVELS, Level, RiskClass
from chartgate.review.conditions import Conditions
from chartgate.review.contract import key_changes
from chartgate.review.entries import Entry, Section, with_waivers
from chartgate.review.folding import folded
from chartgate.review.narrowing import narrowings
from chartgate.review.risks.catalog import CLASSES, OF_RESOURCES, OF_SCENARIOS, OF_SCHEMAS, OF_VALUES, OF_VERSIONS
from chartgate.review.risks.values import Refusal
from chartgate.review.sides import Side
from chartgate.review.subcharts import SubchartChange, subchart_changes
from chartgate.review.versions import Versions, highest
from chartgate.review.viewpoints import Viewpoint
from chartgate.toolchain import Tools

Progress = Callable[[int, int], None]
"""Is told how many scenarios are compared, of how many."""


@dataclass(frozen=True)
class Review:
    """The comparison of two versions of a chart."""

    chart: str
    base: str
    head: str
    matrix: str
    versions: Versions
    entries: tuple[Entry, ...]
    """What changes, the most dangerous first."""
    subcharts: tuple[SubchartChange, ...]
    compared: int
    """The number of scenarios that both sides render."""
    accepted: tuple[str, ...]
    """Scenarios that BASE refuses and HEAD renders."""
    refused: tuple[str, ...]
    """Scenarios that both sides refuse, and so tell nothing."""
    notes: tuple[str, ...]
    """What a reader should know about how the comparison was made."""

    @property
    def level(self) -> Level | None:
        """The highest level of what nobody has accepted; None where nothing is."""
        return max(filter(None, (entry.level for entry in self.entries)), key=LEVELS.index, default=None)


def compare(
    base: Side, head: Side, viewpoint: Viewpoint, tools: Tools, folder: Path, progress: Progress | None = None
) -> Review:
    """Render both sides and compare them.

    Args:
        base: the older side.
        head: the newer side.
        viewpoint: the scenarios of both sides, and what else a matrix and tags say.
        tools: helm and kubectl.
        folder: a folder of this run.
        progress: is told how far the comparison is.

    Raises:
        InputError: one side renders in no scenario at all, or a waiver names no class of risk.
        ToolError: helm or kubectl is missing or hangs.
    """
    _check_waivers(viewpoint.waivers)
    hooks = viewpoint.matrix.hooks
    sides = [Renderings(side.chart, tools, hooks, folder / name) for side, name in ((base, "base"), (head, "head"))]
    outcomes = dict(_outcomes(viewpoint, sides, progress))
    compared = {s.name: s.traits for s in viewpoint.scenarios if not outcomes[s.name].errors}
    _check_any(base, head, outcomes)
    conditions = Conditions(compared)
    entries = folded(((s, change) for s in viewpoint.scenarios for change in outcomes[s.name].changes), conditions)
    entries += _of_contract(base.chart, head.chart)
    entries += _refusals(outcomes)
    versions = _versions(base.chart, head.chart, entries, viewpoint, list(outcomes.values()))
    entries += _of_version(versions)
    waived = [with_waivers(entry, viewpoint.waivers) for entry in entries]
    used = {waiver for entry in waived for waiver in entry.waivers}
    unused = tuple(f"The waiver of {w.policy} accepts nothing: {w}." for w in viewpoint.waivers if w not in used)
    ordered = sorted(waived, key=lambda entry: -LEVELS.index(entry.level) if entry.level else 1)
    return Review(
        chart=head.chart.name,
        base=base.label,
        head=head.label,
        matrix=viewpoint.matrix.source,
        versions=versions,
        entries=tuple(ordered),
        subcharts=tuple(subchart_changes(base.chart, head.chart)),
        compared=len(compared),
        accepted=tuple(name for name, outcome in outcomes.items() if set(outcome.errors) == {"base"}),
        refused=tuple(name for name, outcome in outcomes.items() if set(outcome.errors) == {"base", "head"}),
        notes=viewpoint.notes + unused,
    )


@dataclass(frozen=True)
class _Outcome:
    """What one scenario gave."""

    errors: Mapping[str, str]
    """By side (`base`, `head`), why it does not render."""
    changes: tuple[Change, ...] = ()
    tags: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """The tags of all images, of both sides."""


def _outcomes(
    viewpoint: Viewpoint, sides: Sequence[Renderings], progress: Progress | None
) -> Iterator[tuple[str, _Outcome]]:
    """Compare one scenario after the other, and keep no rendering: those of a large chart fill the memory."""

    def outcome(scenario: Scenario) -> _Outcome:
        before, after = sides[0].render(viewpoint.of_base[scenario.name]), sides[1].render(scenario)
        errors = {
            name: rendering.error or rendering.hook_error
            for name, rendering in (("base", before), ("head", after))
            if rendering.error or rendering.hook_error
        }
        if errors or scenario in viewpoint.users:
            return _Outcome(errors)
        return _Outcome({}, tuple(changes(before, after, OF_RESOURCES)), (_tags(before), _tags(after)))

    scenarios = (*viewpoint.scenarios, *viewpoint.users)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, (scenario, found) in enumerate(zip(scenarios, pool.map(outcome, scenarios), strict=True), 1):
            if progress is not None:
                progress(done, len(scenarios))
            yield scenario.name, found


def _check_any(base: Side, head: Side, outcomes: Mapping[str, _Outcome]) -> None:
    """Refuse to compare with a side that renders nothing."""
    for name, side in (("base", base), ("head", head)):
        errors = [outcome.errors.get(name) for outcome in outcomes.values()]
        if errors and all(errors):
            raise InputError(f"{side.label} renders in none of {len(errors)} scenarios; the first says:\n{errors[0]}")


def _tags(rendering: Rendering) -> frozenset[str]:
    found: set[str] = set()
    for resource in rendering.after_hooks:
        try:
            images = [container.at("image") for container in containers(resource)]
        except Missing:
            continue
        found.update(str(image).partition("@")[0].rpartition("/")[2].partition(":")[2] for image in images)
    return frozenset(found - {""})


def _entry(section: Section, subject: str, address: str, risks: Sequence[Risk]) -> Entry:
    return Entry(
        section=section,
        fate="changed",
        subjects=(subject,),
        addresses=(address,) if address else (),
        before=None,
        after=None,
        risks=tuple(risks),
        waivers=(None,) * len(risks),
    )


def _risks(rules: Sequence[RiskClass], change: object) -> list[Risk]:
    return [Risk(rule, hit.reason) for rule in rules for hit in rule(change)]


def _of_contract(before: Chart, after: Chart) -> Iterator[Entry]:
    """Give the changes of values.yaml and values.schema.json."""
    for change in key_changes(before, after):
        entry = _entry("values", "values.yaml", change.address, _risks(OF_VALUES, change))
        yield dataclasses.replace(entry, before=change.before, after=change.after, subchart=change.subchart)
    for narrowing in narrowings(before, after):
        entry = _entry("schema", "values.schema.json", narrowing.address, _risks(OF_SCHEMAS, narrowing))
        yield dataclasses.replace(entry, subchart=narrowing.subchart)


def _refusals(outcomes: Mapping[str, _Outcome]) -> Iterator[Entry]:
    """Give what BASE renders and HEAD refuses; the same refusal of many scenarios is one entry."""
    by_error: dict[str, list[str]] = {}
    for name, outcome in outcomes.items():
        if set(outcome.errors) == {"head"}:
            by_error.setdefault(outcome.errors["head"], []).append(name)
    for error, names in by_error.items():
        entry = _entry("scenarios", ", ".join(names), "", _risks(OF_SCENARIOS, Refusal(names[0], error)))
        yield dataclasses.replace(entry, scenarios=tuple(names), condition=", ".join(names))


def _versions(
    before: Chart, after: Chart, entries: Sequence[Entry], viewpoint: Viewpoint, outcomes: Sequence[_Outcome]
) -> Versions:
    tags = [frozenset(tag for outcome in outcomes for tag in outcome.tags[side]) for side in (0, 1)]
    is_changed = bool(entries) or viewpoint.files_differ
    return Versions(
        before=before.version,
        after=after.version,
        app_before=str(before.metadata.get("appVersion") or ""),
        app_after=str(after.metadata.get("appVersion") or ""),
        required=highest(["patch" if is_changed else "none", *(entry.bump for entry in entries)]),
        is_changed=is_changed,
        is_released=viewpoint.is_released,
        tags_before=tags[0],
        tags_after=tags[1],
    )


def _of_version(versions: Versions) -> Iterator[Entry]:
    for risk in _risks(OF_VERSIONS, versions):
        yield _entry("version", "Chart.yaml", "version", [risk])


def _check_waivers(waivers: Sequence[Waiver]) -> None:
    for waiver in waivers:
        if waiver.policy not in CLASSES:
            raise InputError(f"a waiver is about the risk {waiver.policy!r}; accepted: {', '.join(CLASSES)}")
