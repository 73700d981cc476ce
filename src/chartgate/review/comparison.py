"""The review itself: both sides compared over HEAD's matrix, and put together as one Review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chartgate.charts.read import notes_on
from chartgate.documents.masking import Masker
from chartgate.gate.settings import Settings
from chartgate.matrix.conditions import Conditions
from chartgate.rendering.renderings import Renderings
from chartgate.review.both_sides import (
    Notify,
    ScenarioComparison,
    check_that_one_renders,
    compare_scenarios,
    notes_on_chances,
    notes_on_sides,
)
from chartgate.review.chart_entries import (
    entries_of_kube_versions,
    entries_of_refusals,
    entries_of_restarts,
    entries_of_schemas,
    entries_of_values,
    entries_of_version,
    without_secrets,
)
from chartgate.review.contract.subchart_versions import subchart_changes
from chartgate.review.flaw_notes import notes_on_flaws
from chartgate.review.folding import folded
from chartgate.review.judged_sides import Judges, judged
from chartgate.review.plan import ReviewPlan
from chartgate.review.repeated_entries import once_below_global, once_per_reason
from chartgate.review.review import LEVELS, Entry, Review, Versions
from chartgate.review.sides import Side
from chartgate.review.versions import compare_versions, highest
from chartgate.review.waived_risks import check_waivers, notes_on_unused, settled, with_waivers
from chartgate.review.weakening.gate_change import GateChange
from chartgate.system.store import Store
from chartgate.system.toolchain import Tools

NOBODY = Judges((), Settings())
"""No policy judges."""


def compare(
    base: Side,
    head: Side,
    plan: ReviewPlan,
    tools: Tools,
    folder: Path,
    notify: Notify | None = None,
    judges: Judges = NOBODY,
    gate: GateChange | None = None,
    store: Store | None = None,
    base_tools: Tools | None = None,
    tool_change: str = "",
) -> Review:
    """Render both sides and compare them.

    Args:
        base: the older side.
        head: the newer side.
        plan: the scenarios of both sides, and what else a matrix and tags say.
        tools: helm and kubectl.
        folder: where the renderings of this run are kept.
        notify: called after each scenario, with how far the comparison is.
        judges: the policies that judge both sides.
        base_tools: what BASE is rendered with, where that is not what HEAD is.
        tool_change: what changes besides the chart, in words.
        gate: what both sides are judged by, to compare that as well.
        store: what earlier runs made; nothing where none is given.

    Raises:
        InputError: neither side renders in any scenario, or a waiver names no class of risk.
        ToolError: helm or kubectl is missing or hangs.
    """
    check_waivers(plan.waivers)
    old, new = (
        Renderings(side.chart, used_tools, plan.matrix.hooks, folder / name, store)
        for side, name, used_tools in ((base, "base", base_tools or tools), (head, "head", tools))
    )
    found = dict(compare_scenarios(old, new, plan, notify))
    masker = Masker(plan.texts.secrets, plan.texts.plain, old.names | new.names)
    check_that_one_renders(base, head, found.values(), masker)
    compared = [scenario for scenario in plan.scenarios if found[scenario.name].is_rendered]
    turned = plan.turned.by_name
    plain = [scenario for scenario in compared if scenario.name not in turned]
    conditions = Conditions({scenario.name: scenario.traits for scenario in plain})
    # Masked before they are folded: what shows the same is the same for a reader.
    changes = ((s, change.masked(masker)) for s in compared for change in found[s.name].changes)
    news = plan.turned.behind_switches(changes)
    others = (
        *once_per_reason(
            once_below_global(
                [*entries_of_values(base.chart, head.chart), *entries_of_schemas(base.chart, head.chart)],
                base.chart,
                head.chart,
            )
        ),
        *entries_of_kube_versions(base.chart, head.chart),
        *entries_of_refusals({n: c.head_error for n, c in found.items() if c.head_error and not c.base_error}),
    )
    entries = [*folded(news, plan.turned.described(conditions)), *(without_secrets(entry, masker) for entry in others)]
    renames = list(dict.fromkeys(names for s in compared for names in found[s.name].renames))
    folders = folder / "base", folder / "head"
    entries += entries_of_restarts({s.name: found[s.name].restarts for s in plain}, conditions, masker)
    findings = judged((base, head), plain, plan, judges, (base_tools or tools, tools), folders, store, notify, renames)
    entries += [without_secrets(entry, masker) for entry in findings.entries]
    # What other tools make of the same chart is no change of that chart.
    of_chart = [] if tool_change and not plan.files_differ else entries
    versions = _versions(base, head, of_chart, plan, list(found.values()))
    told = (*entries, *entries_of_version(versions))
    entries = [settled(with_waivers(entry, plan.waivers), versions) for entry in told]
    gate = gate or GateChange()
    used = {risk.name for entry in entries for risk in entry.risks}
    entries += [with_waivers(without_secrets(entry, masker), plan.live(gate.waivers)) for entry in gate.entries(used)]
    unturned = [turned[n] for n, c in found.items() if c.base_error and n in turned]
    flaws = notes_on_flaws(base.label, head.label, found.values())
    of_charts = (*notes_on(base.chart), *notes_on(head.chart))
    return Review(
        chart=head.chart.name,
        base=base.label,
        head=head.label,
        matrix=plan.source,
        tool_change=tool_change,
        versions=versions,
        entries=tuple(sorted(entries, key=_rank)),
        subcharts=tuple(subchart_changes(base.chart, head.chart)),
        compared=len(plain),
        turned=tuple(scenario.name for scenario in compared if scenario.name in turned),
        newly_rendered=tuple(n for n, c in found.items() if c.base_error and not c.head_error and n not in turned),
        refused=tuple(n for n, c in found.items() if c.base_error and c.head_error and n not in turned),
        notes=(
            *map(masker.text, (*plan.notes, *plan.turned.notes(unturned), *gate.notes, *of_charts, *flaws)),
            *notes_on_sides(base, head, found.values(), masker),
            *notes_on_chances(found.values(), masker),
            *map(masker.text, findings.notes),
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
