"""One run without pytest: the selected items judged as their scenarios are rendered, and put together to an outcome."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from chartgate.charts.reading.read import notes_on
from chartgate.documents.words import cut, near
from chartgate.errors import InputError
from chartgate.gate.fingerprints import once
from chartgate.gate.gate import Gate
from chartgate.gate.item import Item
from chartgate.gate.items import PolicyHolds, items_of, look_ahead
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import (
    BaselineReport,
    ChartSummary,
    Finding,
    ItemResult,
    Outcome,
    Problem,
)
from chartgate.gate.results.record import Record
from chartgate.gate.telling.causes import JudgedItem, causes_of, judged_item
from chartgate.model import Rendering
from chartgate.policy.policy import Policy
from chartgate.rendering.shellcheck import unread_words
from chartgate.system.git import work_tree_around
from chartgate.system.parallel import result_of, worker_threads

Progress = Callable[[str, int, int, Callable[[], str]], None]
"""Called with what is being done, how much of it is done, how much there is, and what says what was found first."""


@dataclass(frozen=True)
class Selection:
    """What a run is narrowed to: policies, cases of these names; everything where nothing is named."""

    policies: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    proofs: bool = False
    """Whether counterexamples are judged, too."""

    def takes(self, item: Item) -> bool:
        """Tell whether an item is selected; one scenario cannot show that a policy or a waiver does nothing."""
        policy = item.about.name if item.about else item.name.rpartition("-")[0] if item.kind == "waiver" else ""
        if self.policies and policy not in self.policies:
            return False
        if item.kind == "counterexample":
            return self.proofs
        if not self.scenarios:
            return True
        return (item.case.name if isinstance(item, PolicyHolds) else item.name) in self.scenarios and item.kind not in (
            "examines",
            "waiver",
        )


def run(
    gate: Gate,
    selection: Selection,
    progress: Progress,
    given: Sequence[Problem] = (),
    *,
    recorded: bool = False,
) -> Outcome:
    """Render and judge what is selected.

    Args:
        gate: what there is to judge.
        selection: what of it.
        progress: who is told how far it is.
        given: problems that were found before.
        recorded: whether the outcome is to have a record of all that was judged.

    Raises:
        InputError: there is no such policy or case, or a policy cannot choose its cases.
        ToolError: helm or kubectl is missing or hangs.
    """
    judgement = Judgement(gate)
    for name in selection.policies:
        if name in gate.left_out:
            raise InputError(f"policy {name} does not judge here: {gate.left_out[name]}")
    _check_names("policy", selection.policies, [p.name for p in gate.policies], f"{len(gate.policies)} policies")
    policies = [policy for policy in gate.policies if policy.name in (selection.policies or (policy.name,))]
    every = list(_prepared(items_of(gate, judgement, policies), policies, progress))
    cases = [item.case.name for item in every if isinstance(item, PolicyHolds)]
    _check_names(
        "scenario", selection.scenarios, list(dict.fromkeys([*gate.matrix.scenarios, *cases])), gate.matrix.source
    )
    chosen = [item for item in every if selection.takes(item)]
    seconds: dict[str, float] = defaultdict(float)
    results = _judged(chosen, judgement, progress, seconds)
    masker = gate.masker
    judged = [judged_item(item, result, masker) for item, result in zip(chosen, results, strict=True)]
    outcome = outcome_of(judged, judgement, len(policies), given, recorded=policies if recorded else None)
    return dataclasses.replace(outcome, seconds=seconds)


def outcome_of(
    judged: Sequence[JudgedItem],
    judgement: Judgement,
    policies: int,
    given: Sequence[Problem] = (),
    *,
    recorded: Sequence[Policy] | None = None,
) -> Outcome:
    """Put together what a run has judged.

    Args:
        judged: each item with what it gave.
        judgement: of the run.
        policies: how many were selected.
        given: problems that were found before.
        recorded: the policies whose cases the outcome is to record; None for no record.
    """
    gate = judgement.gate
    causes = causes_of(judged, judgement, given)
    waived = tuple(once(finding for item in judged for finding in item.result.waived))
    here = Path.cwd()
    return Outcome(
        chart=ChartSummary(gate.chart.name, gate.chart.version, gate.chart.source),
        matrix=gate.matrix.source,
        infrastructure=gate.infrastructure,
        helm=gate.renderings.tools.helm_version,
        findings=causes.findings,
        waived=waived,
        problems=causes.problems,
        unjudged=causes.unjudged,
        policies=policies,
        judged=Counter(item.kind for item in judged),
        notes=(*notes_on(gate.chart), *unread_words(gate.renderings.shellcheck.unread)),
        fail_on=gate.settings.fail_on,
        left_out=gate.left_out,
        not_judged=judgement.unjudged(),
        baseline=BaselineReport(gate.baseline.file, judgement.mended())
        if gate.baseline and gate.baseline.is_there
        else None,
        idle=() if gate.settings.guard_packs else judgement.idle(),
        cases=Counter(item.policy for item in judged if item.kind == "policy"),
        checks=sum(item.result.checks for item in judged),
        started_in=here.as_posix(),
        work_tree=work_tree_around(here),
        record=None if recorded is None else _record(judged, (*causes.findings, *waived), recorded, judgement),
    )


def _record(
    judged: Sequence[JudgedItem], findings: Sequence[Finding], policies: Sequence[Policy], judgement: Judgement
) -> Record:
    from chartgate.gate.telling.recording import record_of  # few reports have one

    return record_of(judged, findings, policies, judgement)


def _prepared(items: Iterable[Item], policies: Sequence[Policy], progress: Progress) -> Iterator[Item]:
    """Give the items, and tell of how many policies they are: those of a large chart take seconds to derive."""
    numbers = {policy.name: number for number, policy in enumerate(policies, 1)}
    for item in items:
        if about := item.about:
            progress("prepared", numbers[about.name], len(numbers), str)
        yield item


def _judged(
    items: Sequence[Item], judgement: Judgement, progress: Progress, seconds: dict[str, float]
) -> list[ItemResult]:
    """Render all that is needed, and judge each item as soon as its scenarios are there; add up what policies take."""
    needed = {scenario.name: scenario for item in items for scenario in item.scenarios}
    place = {name: number for number, name in enumerate(needed)}
    # What needs nothing of its own, the guards, profits from all that was judged before.
    last = [max((place[s.name] for s in item.scenarios), default=len(needed)) for item in items]
    results: dict[int, ItemResult] = {}
    red = 0
    first: Callable[[], str] = str
    with worker_threads(judgement.gate.renderings.at_once) as pool:
        look_ahead(items, judgement)
        unknown = {s.name: s for item in items if not item.is_known(judgement) for s in item.scenarios}
        renderings = {name: pool.submit(judgement.rendering, scenario) for name, scenario in unknown.items()}
        for number in sorted(range(len(items)), key=last.__getitem__):
            _wait_for(renderings[scenario.name] for scenario in items[number].scenarios if scenario.name in renderings)
            started = time.monotonic()
            results[number] = items[number].judge(judgement)
            if about := items[number].about:
                seconds[about.name] += time.monotonic() - started
            if results[number].is_red:
                red += 1
                if first is str and (results[number].failing or results[number].problems):
                    first = cache(partial(_first_of, results[number], judgement))
            progress(f"{red} red; judged" if red else "judged", len(results), len(items), first)
    return [results[number] for number in range(len(items))]


def _first_of(result: ItemResult, judgement: Judgement) -> str:
    from chartgate.gate.telling.first_cause import first_cause  # of red runs that somebody watches

    return first_cause(result, judgement)


def _wait_for(renderings: Iterable[Future[Rendering]]) -> None:
    for rendering in renderings:
        result_of(rendering)


def _check_names(what: str, given: Sequence[str], known: Sequence[str], source: str) -> None:
    """Refuse a name that nothing has, and list those that are near it."""
    for name in given:
        if name not in known:
            meant = near(name, known, 5)
            hint = f"did you mean {', '.join(meant)}?" if meant else f"there are, say, {', '.join(known[:5])}"
            raise InputError(f"there is no {what} {cut(name, 100)!r} in {source}: {hint}")
