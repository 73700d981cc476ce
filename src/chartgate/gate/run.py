"""All verdicts of a run put together: what is red and why, and the same finding in many cases once."""

from __future__ import annotations

import dataclasses
import difflib
import os
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from chartgate.documents.masking import mask, masked
from chartgate.errors import InputError, ToolError
from chartgate.gate.gate import Gate
from chartgate.gate.outcome import Finding, Kind, Outcome, Problem, Selection
from chartgate.model import Case, Check, Rendering, Scenario
from chartgate.policy.policy import WHOLE_MATRIX, Policy
from chartgate.policy.verdicts import Verdict, judge, unsaid_words
from chartgate.rendering import helm_template

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def run(gate: Gate, selection: Selection, progress: Progress, given: Sequence[Problem] = ()) -> Outcome:
    """Render and judge what is selected; `given` are problems that were found before.

    Raises:
        InputError: there is no such policy or case, or a policy cannot choose its cases.
        ToolError: helm or kubectl is missing or hangs.
    """
    return _Run(gate, selection, progress).outcome(given)


class _Run:
    def __init__(self, gate: Gate, selection: Selection, progress: Progress) -> None:
        self.gate = gate
        self.matrix = gate.session.matrix
        self.renderings = gate.session.renderings
        self.selection = selection
        self.progress = progress
        source = f"{len(gate.policies)} policies"
        _check_names("policy", selection.policies, [policy.name for policy in gate.policies], source)
        self.policies = [p for p in gate.policies if not selection.policies or p.name in selection.policies]
        every = [(policy, case) for policy in self.policies for case in self._cases(policy)]
        names = [*self.matrix.scenarios, *(case.name for _, case in every)]
        _check_names("scenario", selection.scenarios, list(dict.fromkeys(names)), self.matrix.source)
        self.cases = [(policy, case) for policy, case in every if self._is_chosen(case.name)]
        self.alone = [] if selection.policies else [s for s in self.matrix.rendering if self._is_chosen(s.name)]
        self.refused = [] if selection.policies else [s for s in self.matrix.refused if self._is_chosen(s.name)]

    def outcome(self, given: Sequence[Problem]) -> Outcome:
        verdicts, crashes = self._judge()
        problems = [*given, *self._renders(), *self._refusals(), *crashes]
        # One scenario cannot show that a policy or a waiver does nothing anywhere.
        guards = not self.selection.scenarios and not self.gate.session.infrastructure
        if guards:
            problems += [*self._examinations(verdicts), *self._waivers(verdicts)]
        return Outcome(
            gate=self.gate,
            findings=tuple(self._entries(verdicts, lambda verdict: verdict.open)),
            waived=tuple(self._entries(verdicts, lambda verdict: verdict.waived)),
            problems=tuple(self._masked(problem) for problem in problems),
            policies=tuple(self.policies),
            rendered=len(self.alone),
            refused=len(self.refused),
            judged=len(self.cases),
            unjudged=tuple((v.policy.name, v.case.name) for v in verdicts if v.unrendered),
            guards=guards,
        )

    def _cases(self, policy: Policy) -> list[Case]:
        # Policies that compare speak of other values than those deployed: a key without effect here has one elsewhere.
        is_deployment = bool(self.gate.session.infrastructure)
        if is_deployment and policy.over == WHOLE_MATRIX:
            return []
        try:
            cases = policy.cases(self.matrix.rendering)
            return [c for c in cases if not is_deployment or _is_given(c)]
        except Exception as error:  # whatever the user's code raises: the message says where
            raise InputError(
                f"policy {policy.name} cannot choose its scenarios in {self.matrix.source}: {_words(error)}:"
                " choose policies that fit with --policies=FOLDER"
            ) from error

    def _is_chosen(self, name: str) -> bool:
        return not self.selection.scenarios or name in self.selection.scenarios

    def _judge(self) -> tuple[list[Verdict], list[Problem]]:
        """Render all that is needed, and judge each case as soon as its scenarios are there."""
        scenarios = [*self.alone, *self.refused, *(scenario for _, case in self.cases for scenario in case)]
        needed = {scenario.name: scenario for scenario in scenarios}
        place = {name: number for number, name in enumerate(needed)}
        last = [max(place[scenario.name] for scenario in case) for _, case in self.cases]
        found: dict[int, Verdict | Problem] = {}
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            renderings = {name: pool.submit(self.renderings.of, scenario) for name, scenario in needed.items()}
            for number in sorted(range(len(self.cases)), key=last.__getitem__):
                policy, case = self.cases[number]
                for scenario in case:
                    renderings[scenario.name].result()
                found[number] = self._judged(policy, case)
                self.progress("judged", len(found), len(self.cases))
            for done, rendering in enumerate(renderings.values(), 1):
                rendering.result()
                self.progress("rendered", done, len(renderings))
        finally:
            pool.shutdown(cancel_futures=True)
        results = [found[number] for number in range(len(self.cases))]
        crashes = [result for result in results if isinstance(result, Problem)]
        return [result for result in results if isinstance(result, Verdict)], list(_merged(crashes))

    def _judged(self, policy: Policy, case: Case) -> Verdict | Problem:
        """Judge a case; a policy that raises is red, as its item in pytest is."""
        try:
            return judge(policy, case, self.renderings.of, self.gate.waivers)
        except ToolError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises: the message says where
            return Problem("crash", policy.name, _words(error), (case.name,), self._again(case))

    def _renders(self) -> Iterator[Problem]:
        failed = [r for r in map(self.renderings.of, self.alone) if r.error or r.hook_error]
        return _merged(self._problem("renders", r, r.error or f"a hook fails: {r.hook_error}") for r in failed)

    def _refusals(self) -> Iterator[Problem]:
        for rendering in map(self.renderings.of, self.refused):
            if words := unsaid_words(rendering):
                said = rendering.error or f"nothing: it rendered {len(rendering.resources)} resources"
                wanted = ", ".join(map(repr, words))
                yield self._problem(
                    "refused", rendering, f"must be refused with the words {wanted}; helm said:\n{said}"
                )

    def _problem(self, kind: Kind, rendering: Rendering, message: str) -> Problem:
        case = Case(rendering.scenario.name, (rendering.scenario,))
        return Problem(kind, "", message, (case.name,), self._again(case))

    def _examinations(self, verdicts: Sequence[Verdict]) -> Iterator[Problem]:
        examining = {verdict.policy.name for verdict in verdicts if verdict.checks}
        for policy in self.policies:
            if message := self.gate.examination_problem(policy, policy.name in examining):
                yield Problem("examines", policy.name, message)

    def _waivers(self, verdicts: Sequence[Verdict]) -> Iterator[Problem]:
        used = {waiver for verdict in verdicts for waiver in verdict.used_waivers}
        for name, waiver in self.gate.named_waivers().items():
            if self.selection.policies and waiver.policy not in self.selection.policies:
                continue
            if message := self.gate.waiver_problem(waiver, lambda waiver=waiver: waiver in used):  # type: ignore[misc]
                yield Problem("waiver", name, f"{waiver}: {message}")

    def _entries(self, verdicts: Sequence[Verdict], part: Callable[[Verdict], Collection[Check]]) -> Iterator[Finding]:
        """Give the findings of one part of each verdict, equal ones together."""
        found: dict[tuple[str, ...], list[tuple[Verdict, Check]]] = {}
        for verdict in verdicts:
            for check in part(verdict):
                what = (verdict.policy.name, check.subject, check.template, check.path)
                found.setdefault((*what, repr(check.expected), repr(check.actual)), []).append((verdict, check))
        for same in found.values():
            (verdict, check), cases = same[0], tuple(dict.fromkeys(verdict.case.name for verdict, _ in same))
            finding = dataclasses.replace(
                check,
                scenario="",
                subject=mask(check.subject, self._secrets),
                path=mask(check.path, self._secrets),
                expected=masked(check.expected, self._secrets),
                actual=masked(check.actual, self._secrets),
            )
            waivers = dict.fromkeys(w for v, c in same for w in v.accepting(c))
            yield Finding(verdict.policy, finding, cases, self._again(verdict.case, check.scenario), tuple(waivers))

    def _again(self, case: Case, scenario: str = "") -> tuple[str, ...]:
        """Give the commands that render a case: a pair's both sides, of more only the scenario with the finding."""
        scenarios: Sequence[Scenario] = case.scenarios
        if len(scenarios) > 2:
            scenarios = [s for s in scenarios if s.name == scenario] or scenarios[:1]
        session = self.gate.session
        source = "" if self.matrix.is_conventional else self.matrix.source
        return tuple(
            mask(
                helm_template.command(session.chart, s, self.renderings.tools, source, session.infrastructure),
                self._secrets,
            )
            for s in scenarios
        )

    @property
    def _secrets(self) -> tuple[str, ...]:
        return self.gate.secrets

    def _masked(self, problem: Problem) -> Problem:
        return dataclasses.replace(problem, message=mask(problem.message, self._secrets))


def _check_names(what: str, given: Sequence[str], known: Sequence[str], source: str) -> None:
    """Refuse a name that nothing has, and list those that are near it."""
    for name in given:
        if name not in known:
            near = [other for other in known if name and name in other][:5]
            near = near or difflib.get_close_matches(name, known, n=5)
            meant = f"did you mean {', '.join(near)}?" if near else f"there are, say, {', '.join(known[:5])}"
            raise InputError(f"no {what} {name!r} in {source}: {meant}")


def _is_given(case: Case) -> bool:
    """Tell whether a case is one scenario, and not one that a policy derived."""
    return len(case.scenarios) == 1 and not case.scenarios[0].origin


def _merged(problems: Iterator[Problem] | Sequence[Problem]) -> Iterator[Problem]:
    """Give problems that say the same once, with all their cases."""
    found: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        key = (problem.kind, problem.subject, problem.message)
        first = found.get(key)
        found[key] = dataclasses.replace(first, cases=first.cases + problem.cases) if first else problem
    yield from found.values()


def _words(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
