"""The review itself: both sides compared over HEAD's matrix, and put together as one Review."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartgate.charts.reading.read import notes_on
from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.words import listed
from chartgate.gate.fingerprints import neutral_name
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.conditions import Conditions
from chartgate.model import Scenario
from chartgate.review.both_sides import (
    ScenarioComparison,
    check_that_one_renders,
    compare_scenarios,
    notes_on_chances,
    notes_on_refused,
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
from chartgate.review.contract.changed_keys import written_defaults
from chartgate.review.contract.kube_versions import subchart_changes
from chartgate.review.contract.renamed_keys import renamed_addresses
from chartgate.review.flaw_notes import notes_on_flaws
from chartgate.review.folding import folded
from chartgate.review.judged_sides import judged
from chartgate.review.means import Means
from chartgate.review.plan import ReviewPlan
from chartgate.review.repeated_entries import not_told_yet, once_below_global, once_per_cause, once_per_reason
from chartgate.review.review import LEVELS, Entry, Review, Versions
from chartgate.review.scenario_changes import Change
from chartgate.review.side_gates import Judges
from chartgate.review.sides import Side
from chartgate.review.versions import compare_versions, highest
from chartgate.review.waived_risks import check_waivers, notes_on_unused, settled, with_waivers
from chartgate.review.weakening.gate_change import GateChange

_OF_KUBE_VERSIONS = "chart requires kubeVersion"
_MOST_KEYS = 2
NOBODY = Judges((), Settings())
"""No policy judges."""


@dataclass(frozen=True)
class _Compared:
    """What was found of each scenario, and how it is put into words."""

    found: Mapping[str, ScenarioComparison]
    """By the scenario's name, those that a side does not render among them."""
    scenarios: tuple[Scenario, ...]
    """Those that both sides render."""
    plain: tuple[Scenario, ...]
    """Those of them that do not only turn a switch."""
    masker: Masker

    @functools.cached_property
    def conditions(self) -> Conditions:
        """What puts scenarios into words."""
        return Conditions({scenario.name: scenario.traits for scenario in self.plain})

    def changes(self, plan: ReviewPlan) -> Iterator[tuple[Scenario, Change]]:
        """Give what changes in each scenario; what also changes where no switch is turned, there only."""
        # Masked before they are folded: what shows the same is the same for a reader.
        every = (
            (scenario, change.masked(self.masker))
            for scenario in self.scenarios
            for change in self.found[scenario.name].changes
        )
        return plan.turned.behind_switches(every)

    def renames(self, base: Side, head: Side) -> list[tuple[str, str]]:
        """Give the old and the new names of objects and keys that only have another one, as fingerprints have them."""
        of_objects = (
            (neutral_name(old, scenario, base.chart), neutral_name(new, scenario, head.chart))
            for scenario in self.scenarios
            for old, new in self.found[scenario.name].renames
        )
        of_keys = renamed_addresses(*map(written_defaults, (base.chart, head.chart)))
        # A key at the top is a word that may mean anything.
        return list(dict.fromkeys((*of_objects, *(pair for pair in of_keys if all("." in name for name in pair)))))


def compare(
    base: Side,
    head: Side,
    plan: ReviewPlan,
    means: Means,
    judges: Judges = NOBODY,
    gate: GateChange | None = None,
    tool_change: str = "",
) -> Review:
    """Render both sides and compare them.

    Args:
        base: the older side.
        head: the newer side.
        plan: the scenarios of both sides, and what else a matrix and tags say.
        means: what renders them.
        judges: the policies that judge both sides.
        gate: what both sides are judged by, to compare that as well.
        tool_change: what changes besides the chart, in words.

    Raises:
        InputError: neither side renders in any scenario, or a waiver names no class of risk.
        ToolError: helm or kubectl is missing or hangs.
    """
    check_waivers(plan.waivers)
    compared = _compared(base, head, plan, means)
    masker, found = compared.masker, compared.found
    changes = list(compared.changes(plan))
    entries = folded(changes, plan.turned.described(compared.conditions))
    entries += [without_secrets(entry, masker) for entry in _entries_of_charts(base, head, compared, plan)]
    entries += entries_of_restarts(
        {s.name: found[s.name].restarts for s in compared.plain}, compared.conditions, masker
    )
    turned = plan.turned.with_changes(changes)
    findings = judged((base, head), compared.plain, plan, judges, means, compared.renames(base, head), turned)
    entries += [without_secrets(entry, masker) for entry in not_told_yet(findings.entries, entries)]
    # What other tools make of the same chart is no change of that chart.
    of_chart = [] if tool_change and not plan.files_differ else entries
    versions = _versions(base, head, of_chart, plan, list(found.values()))
    told = (*entries, *entries_of_version(versions))
    entries = [settled(with_waivers(entry, plan.waivers), versions) for entry in told]
    gate = gate or GateChange()
    used = {risk.name for entry in entries for risk in entry.risks}
    entries += [with_waivers(without_secrets(entry, masker), plan.live(gate.waivers)) for entry in gate.entries(used)]
    names = plan.turned.by_name
    return Review(
        chart=head.chart.name,
        base=base.label,
        head=head.label,
        matrix=plan.source,
        tool_change=tool_change,
        versions=versions,
        entries=tuple(sorted(entries, key=_rank)),
        subcharts=tuple(subchart_changes(base.chart, head.chart)),
        compared=len(compared.plain),
        turned=tuple(scenario.name for scenario in compared.scenarios if scenario.name in names),
        newly_rendered=tuple(n for n, c in found.items() if c.base_error and not c.head_error and n not in names),
        refused=tuple(n for n, c in found.items() if c.base_error and c.head_error and n not in names),
        notes=(
            *_notes(base, head, plan, gate, compared),
            *map(masker.text, findings.notes),
            *notes_on_unused(plan.waivers, entries),
        ),
    )


def _compared(base: Side, head: Side, plan: ReviewPlan, means: Means) -> _Compared:
    old, new = means.renderings((base.chart, head.chart), plan.matrix.hooks)
    found = dict(compare_scenarios(old, new, plan, means.notify))
    masker = Masker(plan.texts.secrets, plan.texts.plain, old.names | new.names)
    check_that_one_renders(base, head, found.values(), masker)
    scenarios = tuple(scenario for scenario in plan.scenarios if found[scenario.name].is_rendered)
    turned = plan.turned.by_name
    return _Compared(found, scenarios, tuple(s for s in scenarios if s.name not in turned), masker)


def _entries_of_charts(before: Side, after: Side, compared: _Compared, plan: ReviewPlan) -> Iterator[Entry]:
    """Give what users of the charts meet: values, schemas, versions of Kubernetes, scenarios that HEAD refuses."""
    base, head = before.chart, after.chart
    contract = once_below_global([*entries_of_values(base, head), *entries_of_schemas(base, head)], base, head)
    raised = list(entries_of_kube_versions(base, head))
    errors = {name: one.head_error for name, one in compared.found.items() if one.head_error and not one.base_error}
    for name, one in compared.found.items():
        if one.unset_error:
            keys = listed(plan.known_to_both[name].keys, _MOST_KEYS)
            errors[f"{name} without {keys}, which is new"] = one.unset_error
    # That a version of Kubernetes is refused is told once.
    told = {name for name, error in errors.items() if raised and _OF_KUBE_VERSIONS in error}
    untold = {name: error for name, error in errors.items() if name not in told}
    refusals = list(entries_of_refusals(untold, plan.turned.by_name))
    yield from (*once_per_reason(once_per_cause(contract, refusals)), *raised)


def _notes(base: Side, head: Side, plan: ReviewPlan, gate: GateChange, compared: _Compared) -> Iterator[str]:
    found, masker, turned = compared.found, compared.masker, plan.turned.by_name
    unturned = [turned[name] for name, one in found.items() if one.base_error and name in turned]
    of_charts = (*notes_on(base.chart), *notes_on(head.chart), *notes_on_flaws(base.label, head.label, found.values()))
    yield from map(
        masker.text, (*base.notes, *head.notes, *plan.notes, *plan.turned.notes(unturned), *gate.notes, *of_charts)
    )
    yield from notes_on_sides(base, head, found.values(), masker)
    yield from notes_on_refused(found, turned, masker)
    yield from notes_on_chances(found.values(), masker)


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
