"""The review itself: both sides compared over HEAD's matrix, and put together as one Review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chartgate.charts.read import notes_on
from chartgate.documents.masking import Masker
from chartgate.matrix.conditions import Conditions
from chartgate.rendering.renderings import Renderings
from chartgate.review.both_sides import Notify, ScenarioComparison, check_that_both_render, compare_scenarios
from chartgate.review.chart_entries import (
    entries_of_refusals,
    entries_of_schemas,
    entries_of_values,
    entries_of_version,
    without_secrets,
)
from chartgate.review.contract.subchart_versions import subchart_changes
from chartgate.review.flaw_notes import notes_on_flaws
from chartgate.review.folding import folded
from chartgate.review.plan import ReviewPlan
from chartgate.review.review import LEVELS, Entry, Review, Versions
from chartgate.review.sides import Side
from chartgate.review.versions import compare_versions, highest
from chartgate.review.waived_risks import check_waivers, notes_on_unused, with_waivers
from chartgate.review.weakening.gate_change import GateChange
from chartgate.system.store import Store
from chartgate.system.toolchain import Tools


def compare(
    base: Side,
    head: Side,
    plan: ReviewPlan,
    tools: Tools,
    folder: Path,
    notify: Notify | None = None,
    gate: GateChange | None = None,
    store: Store | None = None,
) -> Review:
    """Render both sides and compare them.

    Args:
        base: the older side.
        head: the newer side.
        plan: the scenarios of both sides, and what else a matrix and tags say.
        tools: helm and kubectl.
        folder: where the renderings of this run are kept.
        notify: called after each scenario, with how far the comparison is.
        gate: what both sides are judged by, to compare that as well.
        store: what earlier runs made; nothing where none is given.

    Raises:
        InputError: one side renders in no scenario at all, or a waiver names no class of risk.
        ToolError: helm or kubectl is missing or hangs.
    """
    check_waivers(plan.waivers)
    old, new = (
        Renderings(side.chart, tools, plan.matrix.hooks, folder / name, store)
        for side, name in ((base, "base"), (head, "head"))
    )
    found = dict(compare_scenarios(old, new, plan, notify))
    masker = Masker(plan.texts.secrets, plan.texts.plain, old.names | new.names)
    check_that_both_render(base, head, found.values(), masker)
    compared = [scenario for scenario in plan.scenarios if found[scenario.name].is_rendered]
    conditions = Conditions({scenario.name: scenario.traits for scenario in compared})
    # Masked before they are folded: what shows the same is the same for a reader.
    changes = ((s, change.masked(masker)) for s in compared for change in found[s.name].changes)
    others = (
        *entries_of_values(base.chart, head.chart),
        *entries_of_schemas(base.chart, head.chart),
        *entries_of_refusals({n: c.head_error for n, c in found.items() if c.head_error and not c.base_error}),
    )
    entries = [*folded(changes, conditions), *(without_secrets(entry, masker) for entry in others)]
    versions = _versions(base, head, entries, plan, list(found.values()))
    entries = [with_waivers(entry, plan.waivers) for entry in (*entries, *entries_of_version(versions))]
    gate = gate or GateChange()
    used = {risk.name for entry in entries for risk in entry.risks}
    weakened = [with_waivers(without_secrets(entry, masker), plan.live(gate.waivers)) for entry in gate.entries(used)]
    entries += weakened
    of_charts = (*notes_on(base.chart), *notes_on(head.chart))
    return Review(
        chart=head.chart.name,
        base=base.label,
        head=head.label,
        matrix=plan.matrix.source,
        versions=versions,
        entries=tuple(sorted(entries, key=_rank)),
        subcharts=tuple(subchart_changes(base.chart, head.chart)),
        compared=len(compared),
        newly_rendered=tuple(n for n, c in found.items() if c.base_error and not c.head_error),
        refused=tuple(n for n, c in found.items() if c.base_error and c.head_error),
        notes=(
            *map(
                masker.text,
                (*plan.notes, *gate.notes, *of_charts, *notes_on_flaws(base.label, head.label, found.values())),
            ),
            *notes_on_unused(plan.waivers, entries),
        ),
    )


def _rank(entry: Entry) -> int:
    """Put the most dangerous first, and what has no level last."""
    return -LEVELS.index(entry.level) if entry.level else 1


def _versions(
    base: Side, head: Side, entries: Sequence[Entry], plan: ReviewPlan, found: Sequence[ScenarioComparison]
) -> Versions:
    is_changed = bool(entries) or plan.files_differ
    app_before, app_after = (str(side.chart.metadata.get("appVersion") or "") for side in (base, head))
    return compare_versions(
        base.chart.version,
        head.chart.version,
        required=highest(["patch" if is_changed else "none", *(r.bump for entry in entries for r in entry.risks)]),
        is_changed=is_changed,
        is_released=plan.is_released,
        apps=(app_before, app_after),
        tags=(
            frozenset().union(*(scenario.base_tags for scenario in found)),
            frozenset().union(*(scenario.head_tags for scenario in found)),
        ),
    )
