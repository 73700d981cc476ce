"""The review itself: both sides rendered over HEAD's matrix, compared scenario by scenario, and told as entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chartgate.errors import InputError
from chartgate.model import Chart, Waiver
from chartgate.rendering.renderings import Renderings
from chartgate.review.both_sides import Progress, ScenarioOutcome, check_that_both_render, scenario_outcomes
from chartgate.review.conditions import Conditions
from chartgate.review.contract.changed_keys import key_changes
from chartgate.review.contract.narrowed_schemas import narrowings
from chartgate.review.contract.subchart_versions import subchart_changes
from chartgate.review.entries import Entry, Section, with_waivers
from chartgate.review.folding import folded
from chartgate.review.levels import LEVELS
from chartgate.review.plan import Viewpoint
from chartgate.review.review import Review
from chartgate.review.risks.risk_class import Risk, RiskClass
from chartgate.review.risks.risk_classes import CLASSES, OF_SCENARIOS, OF_SCHEMAS, OF_VALUES, OF_VERSIONS
from chartgate.review.risks.values_contract import Refusal
from chartgate.review.sides import Side
from chartgate.review.versions import Versions, highest
from chartgate.system.toolchain import Tools


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
    outcomes = dict(scenario_outcomes(viewpoint, sides, progress))
    compared = {s.name: s.traits for s in viewpoint.scenarios if not outcomes[s.name].errors}
    check_that_both_render(base, head, outcomes)
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


def _refusals(outcomes: Mapping[str, ScenarioOutcome]) -> Iterator[Entry]:
    """Give what BASE renders and HEAD refuses; the same refusal of many scenarios is one entry."""
    by_error: dict[str, list[str]] = {}
    for name, outcome in outcomes.items():
        if set(outcome.errors) == {"head"}:
            by_error.setdefault(outcome.errors["head"], []).append(name)
    for error, names in by_error.items():
        entry = _entry("scenarios", ", ".join(names), "", _risks(OF_SCENARIOS, Refusal(names[0], error)))
        yield dataclasses.replace(entry, scenarios=tuple(names), condition=", ".join(names))


def _versions(
    before: Chart, after: Chart, entries: Sequence[Entry], viewpoint: Viewpoint, outcomes: Sequence[ScenarioOutcome]
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
