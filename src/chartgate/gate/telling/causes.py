"""Puts what the items of a run gave together: each cause once, with what the cases that have it have in common."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.words import listed
from chartgate.errors import InputError
from chartgate.gate.fingerprints import once
from chartgate.gate.gate import Gate
from chartgate.gate.item import Item, Kind
from chartgate.gate.items import PolicyHolds
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Causes, Finding, ItemResult, Problem, order_of
from chartgate.gate.rules.changed_sources import ChangedSources, since_by_default
from chartgate.gate.telling.broken_toggles import summed_up
from chartgate.gate.telling.matrix_lines import MatrixLines
from chartgate.matrix.conditions import Conditions

_MOST_NAMED = 6
_CALLED = "error calling include:"
"""As helm says of each named template on the way to the one in which it stops."""


@dataclass(frozen=True)
class JudgedItem:
    """An item of a run as plain data, and what it gave."""

    kind: Kind
    policy: str
    """The policy that it is about; empty for none."""
    case: str
    """What it judged: the case of a policy, or its own name."""
    result: ItemResult
    scenario: str = ""
    """The scenario of the matrix that it is about: of a pair, the second; empty for all of them, or none."""
    where: str = ""
    """What is done in its case, in words; empty where its name says so."""


def judged_item(item: Item, result: ItemResult, masker: Masker) -> JudgedItem:
    """Give an item with its result, in words that hold no secret value."""
    is_of_all = isinstance(item, PolicyHolds) and item.policy.judges_all_at_once
    last = item.scenarios[-1] if item.scenarios and not is_of_all else None
    return JudgedItem(
        kind=item.kind,
        policy=item.about.name if item.about else "",
        case=masker.name(item.case.name if isinstance(item, PolicyHolds) else item.name),
        result=result,
        scenario=masker.name(last.origin or last.name) if last else "",
        where=item.case.where if isinstance(item, PolicyHolds) else "",
    )


def causes_of(judged: Sequence[JudgedItem], judgement: Judgement, given: Iterable[Problem] = ()) -> Causes:
    """Give what is red, each cause once, and the line of the chart that it comes from.

    Where nothing else tells why a scenario does not render, those who wait for it do.

    Args:
        judged: what the run has judged.
        judgement: of the run.
        given: problems that were found before.
    """
    gate = judgement.gate
    places = _Places(judged, gate)
    problems = [*given, *(problem for item in judged for problem in item.result.problems)]
    told = {problem.message for problem in problems if problem.kind == "renders"}
    untold = {problem.cases: problem for item in judged for problem in item.result.causes}
    problems += [problem for problem in untold.values() if problem.message not in told]
    findings = list(once(finding for item in judged for finding in item.result.findings))
    red = {finding.policy.name for finding in findings if not (finding.baseline or finding.is_tolerated)}
    merged = _without_consequences(_merged(problems, gate), red)
    causes = Causes(
        findings=tuple(dataclasses.replace(finding, where=places.of(finding)) for finding in findings),
        problems=tuple(
            dataclasses.replace(problem, where=places.of(problem))
            for problem in summed_up(merged, places.rendering, gate.matrix)
        ),
        unjudged=tuple((item.policy, item.case) for item in judged if item.result.unjudged and item.policy),
    )
    has_lines = {"nothing": False, "red": causes.is_red, "all": causes.is_red or bool(causes.open)}
    located = _with_lines(causes, judgement) if has_lines[gate.finds_lines_of] else causes
    if not located.findings:
        return located
    from chartgate.gate.telling.moved_objects import with_causes
    from chartgate.gate.telling.same_lines import of_one_line

    return dataclasses.replace(located, findings=of_one_line(with_causes(located.findings)))


def _with_lines(causes: Causes, judgement: Judgement) -> Causes:
    """Add the lines of the chart's source; nothing is looked for while all is green."""
    from chartgate.gate.telling.kept_lines import located_once

    important = [*causes.failing, *causes.tolerated]
    written = {finding.fingerprint: finding.written for finding in located_once(important, judgement)}
    findings = [dataclasses.replace(finding, written=written.get(finding.fingerprint)) for finding in causes.findings]
    of_matrix = MatrixLines(judgement.gate)
    findings = list(map(of_matrix.of_finding, findings))
    problems = list(map(of_matrix.of_problem, _problems_with_lines(causes, judgement)))
    if not (causes.is_red or judgement.gate.since):  # asking git would cost more than all else of a run that is known
        return dataclasses.replace(causes, findings=tuple(findings))
    marked = marking(judgement)
    return dataclasses.replace(
        causes,
        findings=tuple(map(marked, findings)),
        problems=tuple(sorted(map(marked, problems), key=lambda p: (p.kind != "renders", order_of(p)))),
    )


def _problems_with_lines(causes: Causes, judgement: Judgement) -> Iterable[Problem]:
    if not causes.problems:
        return ()
    from chartgate.gate.telling.helm_errors import with_lines

    return with_lines(causes.problems, judgement)


Red = TypeVar("Red", Finding, Problem)


def marking(judgement: Judgement) -> Callable[[Red], Red]:
    """Give what marks that something is about lines which differ from a commit; nothing where no repository knows."""
    gate = judgement.gate
    since = gate.since or since_by_default(Path(gate.chart.source), os.environ)
    try:
        changed = ChangedSources(since, gate.chart.source, ChartPaths(gate.chart)) if since else None
    except InputError:
        changed = None

    def marked(red: Red) -> Red:
        if changed is None or red.written is None:
            return red
        try:
            return dataclasses.replace(red, written=changed.marked(red.written))
        except InputError:
            return red

    return marked


class _Places:
    """Says in which of the judged scenarios something is, by the shortest condition that holds in these alone."""

    def __init__(self, judged: Sequence[JudgedItem], gate: Gate) -> None:
        cases = {item.case for item in judged}
        self._words = {item.case: item.where for item in judged if item.where}
        names = {gate.masker.name(scenario.name): scenario for scenario in gate.matrix.rendering}
        self.rendering = [scenario for name, scenario in names.items() if name in cases]
        self._scenarios = {name for name in names if name in cases}
        self._is_matrix = not gate.matrix.is_conventional
        self._conditions = Conditions({name: names[name].traits for name in names if name in cases})

    def of(self, red: Finding | Problem) -> str:
        """Give `in 16 of 73 scenarios: all with cache`, or the first names; empty where it is about no case."""
        count = len(red.cases)
        if count <= 1:
            return "".join(self._words.get(case, f"in {case}") for case in red.cases)
        if not self._scenarios.issuperset(red.cases):
            return f"in {count} cases: {listed(red.cases, _MOST_NAMED)}"
        share = f"in {count} of {len(self._scenarios)} scenarios"
        if count == len(self._scenarios):
            return share
        words = self._conditions.describe(red.cases) if self._is_matrix else listed(red.cases, _MOST_NAMED)
        return f"{share}: {words}"


def _merged(problems: Iterable[Problem], gate: Gate) -> Iterator[Problem]:
    """Give problems that say the same once, with all their cases; names of release and namespace make no difference.

    Nor does who called the named template in which helm stops: the shortest way to it is told.
    """
    named = {name for scenario in gate.matrix.rendering for name in (scenario.release, scenario.namespace)}
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(named, key=len, reverse=True)))})(?!\w)")
    found: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        stop = problem.message.rpartition(_CALLED)[2]
        message = names.sub("", stop) if named and problem.kind == "renders" else problem.message
        found.setdefault((problem.kind, problem.subject, message), []).append(problem)
    for same in found.values():
        shortest = min(same, key=lambda problem: problem.message.count(_CALLED))
        yield dataclasses.replace(shortest, cases=tuple(case for problem in same for case in problem.cases))


def _without_consequences(problems: Iterable[Problem], red: Collection[str]) -> Iterator[Problem]:
    """Mark what follows from what keeps scenarios from rendering, which comes first, or from findings of a policy.

    Args:
        problems: each once.
        red: the policies that found something.
    """
    every = list(problems)
    errors = tuple(f"\n{problem.message}".rpartition(_CALLED)[2] for problem in every if problem.kind == "renders")
    for problem in sorted(every, key=lambda problem: problem.kind != "renders"):
        is_refused_alike = problem.kind == "refused" and problem.message.endswith(errors)
        follows = is_refused_alike or problem.follows in red or (problem.is_of_nothing and bool(red))
        yield dataclasses.replace(problem, is_consequence=follows)
