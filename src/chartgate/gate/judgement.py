"""Judges the policies of a run, and remembers of it what guards, waivers and the baseline ask for."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypedDict

from chartgate.errors import ToolError
from chartgate.gate.gate import Gate
from chartgate.gate.named_scenarios import chosen_cases
from chartgate.gate.results.outcome import HOOK_FAILS, AcceptedFinding, Finding, Problem
from chartgate.gate.wording import Wording, words_of
from chartgate.model import Case, Check, Rendering, Resources, Scenario, Waiver
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import Verdict, judge
from chartgate.rendering.shellcheck import unread_words


class Notes(TypedDict):
    """What one process of a run has judged, as plain data."""

    cases: dict[str, int]
    busy: list[str]
    judged: dict[str, list[str]]
    unjudged: list[str]
    told: dict[str, list[str]]
    found: list[str]
    unread: list[str]


class Judgement:
    """Judges cases of policies, and remembers which policies have examined, and which waivers accepted something."""

    def __init__(self, gate: Gate) -> None:
        """Start with nothing judged."""
        self.gate = gate
        self.words = Wording(gate, self.rendering)
        self._judged: dict[str, set[str]] = defaultdict(set)
        self._examining: set[str] = set()
        self._used: set[Waiver] = set()
        self._unrendered: dict[str, tuple[str, ...]] = {}
        self._cases: dict[str, int] = {}
        self._chosen: dict[str, list[Case]] = {}
        self._unjudged: dict[str, None] = {}
        self._told: dict[str, set[str]] = defaultdict(set)
        self._findings: set[str] = set()
        self._unread: set[str] = set()
        self._failures: dict[str, str] = {}
        self._because: dict[str, tuple[Problem, ...]] = {}

    def rendering(self, scenario: Scenario) -> Rendering:
        """Give the rendering of a scenario, made once a run.

        What is derived from one that does not render is not tried, and what is derived from all that is switched on is
        not where helm refuses that: nothing would be judged by it.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        base = scenario.derived_from
        is_needed = base is not None and (not base.is_trial or base.is_all_on)
        if base and is_needed and not self.gate.memory.renders(base) and (error := self.rendering(base).error):
            return Rendering(scenario, self.gate.chart, Resources(), Resources(), error=error)
        rendering = self.gate.renderings.of(scenario)
        self.gate.memory.keep_rendering(rendering)
        return rendering

    def renders(self, scenario: Scenario) -> bool:
        """Tell whether a scenario renders with its hooks; one that an earlier run rendered is not rendered for it."""
        if self.gate.memory.renders(scenario):
            return True
        rendering = self.rendering(scenario)
        return not (rendering.error or rendering.hook_error)

    def cases(self, policy: Policy) -> list[Case]:
        """Give what a policy judges in this run.

        What an Argo-style file deploys is one scenario: policies that compare say nothing of it.

        Raises:
            InputError: the policy cannot choose its scenarios.
        """
        if policy.name not in self._chosen:
            cases = chosen_cases(policy, self.gate.matrix_for(policy), self.gate.masker.text)
            if self.gate.infrastructure:
                cases = [case for case in cases if not policy.judges_all_at_once and _is_the_deployed_one(case)]
            self._chosen[policy.name], self._cases[policy.name] = cases, len(cases)
        return self._chosen[policy.name]

    def verdict(self, policy: Policy, case: Case) -> Verdict:
        """Judge one case.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        self._judged[policy.name].add(case.name)
        known = self.gate.memory.checks(policy, case)
        verdict = self._found(policy, case) if known is None else Verdict(policy, case, known, (), self.gate.waivers)
        self._examining |= {policy.name} if verdict.checks else set()
        self._unjudged.update(dict.fromkeys(check.unjudged for check in verdict.checks if check.unjudged))
        busy = self.gate.renderings.unanswered.intersection(scenario.name for scenario in case)
        self._unjudged.update((f"{name} (helm gave no answer in time)", None) for name in sorted(busy))
        if verdict.unrendered:
            self._unrendered.setdefault(policy.name, verdict.unrendered)
        self._used.update(verdict.used_waivers)
        return verdict

    def _found(self, policy: Policy, case: Case) -> Verdict:
        """Judge one case that no earlier run has judged."""
        memory = self.gate.memory
        renderings = [self.rendering(scenario) for scenario in case] if memory.knows_renderings(policy) else []
        equal = memory.equal_checks(policy, case, renderings)
        if equal is not None:
            return Verdict(policy, case, equal, (), self.gate.waivers)
        shellcheck = self.gate.renderings.shellcheck
        asked = shellcheck.asked_in_vain
        try:
            verdict = judge(policy, case, self.rendering, self.gate.waivers)
        except ToolError:
            raise
        except (Exception, SystemExit) as error:  # whatever the user's code raises
            self._failures.setdefault(policy.name, words_of(error))
            raise
        if broken := () if verdict.unrendered else self._broken_origins(case):
            return dataclasses.replace(verdict, checks=(), unrendered=broken)
        # What could not be judged is told by the run that asks for it.
        if not verdict.unrendered and shellcheck.asked_in_vain == asked:
            memory.keep_checks(policy, case, verdict.checks, () if verdict.saw_chart else renderings)
        return verdict

    def _broken_origins(self, case: Case) -> tuple[str, ...]:
        """Give the scenarios of the matrix that do not render, and so do not where a policy derives others."""
        known = self.gate.matrix.scenarios
        tried = [scenario for scenario in case if scenario.origin and self.rendering(scenario).error]
        origins = dict.fromkeys(scenario.origin for scenario in tried if scenario.origin in known)
        return tuple(name for name in origins if self.rendering(known[name]).error)

    def examines(self, policy: Policy) -> bool:
        """Tell whether a policy makes a check in any of its cases; judges on only until one is found."""
        return policy.name in self._examining or any(verdict.checks for verdict in self._rest(policy))

    def failure_of(self, policy: Policy) -> str:
        """Say how a policy itself failed in a case, where it did; what follows from that says the same, and is one."""
        return self._failures.get(policy.name, "")

    def unrendered(self) -> str:
        """Name a scenario that does not render: what nobody sees may be in it; empty where all do.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        return next((s.name for s in self.gate.matrix.rendering if not self.renders(s)), "")

    def causes(self, names: Iterable[str], scenarios: Iterable[Scenario]) -> tuple[Problem, ...]:
        """Say why these did not render; they are among the scenarios, or those of the matrix.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        known = {**self.gate.matrix.scenarios, **{scenario.name: scenario for scenario in scenarios}}
        return tuple(problem for name in names if name in known for problem in self.why_unrendered(known[name]))

    def why_unrendered(self, scenario: Scenario) -> tuple[Problem, ...]:
        """Give what keeps a scenario from rendering, or its hooks from succeeding; nothing where all is well.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        if scenario.name not in self._because:
            rendering = self.rendering(scenario)
            message = rendering.error or (rendering.hook_error and f"{HOOK_FAILS}{rendering.hook_error}")
            case = Case(scenario.name, (scenario,))
            self._because[scenario.name] = (self.words.problem("renders", "", message, case),) if message else ()
        return self._because[scenario.name]

    def idle(self) -> tuple[str, ...]:
        """Name the policies of packs that could judge all of their cases, and examined nothing in any."""
        busy = self._examining | set(self._unrendered)
        packs = [policy.name for policy in self.gate.policies if policy.is_of_a_pack]
        return tuple(
            name for name in packs if name not in busy and len(self._judged[name]) == self._cases.get(name, -1)
        )

    def unjudged(self) -> tuple[str, ...]:
        """Name what no policy could judge, though nothing is wrong with it as far as anybody knows."""
        # What masks is made of all values, and mostly there is nothing to mask.
        return tuple(self.gate.masker.text(words) for words in self._unjudged)

    def unread_scripts(self) -> tuple[str, ...]:
        """Say how many scripts nothing here could read, in this process or in those whose notes it has."""
        return unread_words(self._unread | self.gate.renderings.shellcheck.unread)

    def accepts(self, policy: Policy, case: Case, check: Check) -> bool:
        """Tell whether a finding is waived or in the baseline."""
        is_waived = any(waiver.accepts(policy.name, case.name, check) for waiver in self.gate.waivers)
        return is_waived or self.words.finding(policy, case, check).baseline is not None

    def tell(self, policy: Policy, case: Case, findings: Iterable[Finding]) -> None:
        """Remember the findings of a case that could be judged, waived ones too."""
        self._told[policy.name].add(case.name)
        self._findings.update(finding.fingerprint for finding in findings)

    def mended(self) -> tuple[AcceptedFinding, ...]:
        """Give the entries of the baseline whose findings are gone, as far as their policies have judged all cases.

        What one version of Kubernetes or one deployment does not show may be there in the matrix.
        """
        gate = self.gate
        if gate.baseline is None or gate.infrastructure or gate.kube_version:
            return ()
        here = {policy.name for policy in gate.policies}
        done = {name for name in here if len(self._told[name]) == self._cases.get(name, -1)}

        def is_mended(entry: AcceptedFinding) -> bool:
            is_no_policy = not gate.is_selection and entry.policy not in here and entry.policy not in gate.left_out
            return entry.fingerprint not in self._findings and (is_no_policy or entry.policy in done)

        return tuple(filter(is_mended, gate.baseline.entries))

    def notes(self) -> Notes:
        """Give what `idle` is made from, for another process that judges the other items of the run."""
        busy = sorted(self._examining | set(self._unrendered))
        judged = {name: sorted(cases) for name, cases in self._judged.items()}
        return {
            "cases": dict(self._cases),
            "busy": busy,
            "judged": judged,
            "unjudged": list(self._unjudged),
            "told": {name: sorted(cases) for name, cases in self._told.items()},
            "found": sorted(self._findings),
            "unread": sorted(self._unread | self.gate.renderings.shellcheck.unread),
        }

    def add(self, notes: Notes) -> None:
        """Take in the notes of another process."""
        self._cases.update(notes["cases"])
        self._examining.update(notes["busy"])
        self._unjudged.update(dict.fromkeys(notes["unjudged"]))
        self._findings.update(notes["found"])
        self._unread.update(notes["unread"])
        for name, cases in notes["judged"].items():
            self._judged[name].update(cases)
        for name, cases in notes["told"].items():
            self._told[name].update(cases)

    def is_used(self, waiver: Waiver) -> bool:
        """Tell whether a waiver accepts a finding in any case of its policy; judges on only until one is found."""
        policies = [policy for policy in self.gate.policies if policy.name == waiver.policy]
        rest = (verdict for policy in policies for verdict in self._rest(policy))
        return waiver in self._used or any(waiver in verdict.used_waivers for verdict in rest)

    def _rest(self, policy: Policy) -> Iterator[Verdict]:
        """Judge the cases that nobody has asked for yet; one in which the policy itself fails tells nothing."""
        for case in self.cases(policy):
            if case.name not in self._judged[policy.name]:
                try:
                    yield self.verdict(policy, case)
                except ToolError:
                    raise
                except (Exception, SystemExit):  # noqa: BLE001, S112 - whatever the user's code raises: its own item tells
                    continue


def _is_the_deployed_one(case: Case) -> bool:
    return len(case.scenarios) == 1 and not case.scenarios[0].origin
