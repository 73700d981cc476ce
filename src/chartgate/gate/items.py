"""The items: everything that a run passes or fails, and in which words; pytest and `check` run the same ones.

An item is red when

- `renders`: a scenario does not render, or one of its hooks fails;
- `refused`: helm renders what it must refuse, or refuses it in other words;
- `policy`: a policy has a finding in a case that is neither waived nor in the baseline, of a severity that counts, or
  raises an exception;
- `examines`: a policy examines nothing anywhere, though all rendered, or something where the matrix says it would not;
- `counterexample`: a policy does not notice a change that it must notice;
- `waiver`: a waiver has expired, accepts nothing any longer, though all rendered, or names no policy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chartgate.errors import ToolError
from chartgate.gate.fingerprints import once
from chartgate.gate.gate import Gate
from chartgate.gate.item import Item
from chartgate.gate.judgement import Judgement
from chartgate.gate.proof_items import CounterexampleNoticed, WaiverUsed
from chartgate.gate.results.outcome import ItemResult
from chartgate.gate.wording import words_of
from chartgate.model import Case, Scenario
from chartgate.policy.policy import THE_CHART, Policy
from chartgate.policy.verdicts import unsaid_words


@dataclass(frozen=True)
class OfScenario(Item):
    """What helm must do with one scenario."""

    scenario: Scenario

    @property
    def name(self) -> str:
        """The scenario's."""
        return self.scenario.name

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """That scenario."""
        return (self.scenario,)

    @property
    def case(self) -> Case:
        """The scenario by itself."""
        return Case(self.name, self.scenarios)


@dataclass(frozen=True)
class Renders(OfScenario):
    """A scenario must render, and its hooks must succeed."""

    kind = "renders"

    def is_known(self, judgement: Judgement) -> bool:
        """Tell whether it is known to render."""
        return judgement.gate.memory.renders(self.scenario)

    def judge(self, judgement: Judgement) -> ItemResult:
        """Give helm's own error."""
        if self.is_known(judgement):
            return ItemResult()
        return ItemResult(problems=judgement.why_unrendered(self.scenario))


@dataclass(frozen=True)
class Refused(OfScenario):
    """Helm must refuse a scenario, and say why in these words."""

    kind = "refused"

    def judge(self, judgement: Judgement) -> ItemResult:
        """Give the words that helm did not say, and what it said."""
        rendering = judgement.rendering(self.scenario)
        unsaid = unsaid_words(rendering)
        if not unsaid:
            return ItemResult()
        said = rendering.error or f"nothing: it rendered {len(rendering.resources)} resources"
        message = f"helm does not say {', '.join(map(repr, unsaid))}; it says:\n{said}"
        return ItemResult(problems=(judgement.words.problem("refused", "", message, self.case),))


@dataclass(frozen=True)
class PolicyHolds(Item):
    """A policy must have no finding in a case, except for waived ones and those in the baseline."""

    kind = "policy"
    policy: Policy
    case: Case

    @property
    def name(self) -> str:
        """The policy's and the case's."""
        return f"{self.policy.name}-{self.case.name}"

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those of the case, but for a policy that looks at none of them."""
        return () if self.policy.over == THE_CHART else self.case.scenarios

    def is_known(self, judgement: Judgement) -> bool:
        """Tell whether it is known what the policy says of the case."""
        return judgement.gate.memory.checks(self.policy, self.case) is not None

    @property
    def about(self) -> Policy:
        """That policy."""
        return self.policy

    def judge(self, judgement: Judgement) -> ItemResult:
        """Give the findings; waived ones separately."""
        try:
            verdict = judgement.verdict(self.policy, self.case)
        except ToolError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises: the message says where
            return ItemResult(
                problems=(judgement.words.problem("crash", self.policy.name, words_of(error), self.case),)
            )
        if not (verdict.findings or verdict.unrendered):
            judgement.tell(self.policy, self.case, ())
            return ItemResult(checks=len(verdict.checks))
        findings = tuple(once(judgement.words.finding(self.policy, self.case, check) for check in verdict.unwaived))
        waived = tuple(
            once(
                judgement.words.finding(self.policy, self.case, check, tuple(verdict.accepting(check)))
                for check in verdict.waived
            )
        )
        if not verdict.unrendered:
            judgement.tell(self.policy, self.case, (*findings, *waived))
        causes = judgement.causes(verdict.unrendered, self.case.scenarios)
        return ItemResult(
            findings=findings,
            waived=waived,
            unjudged=verdict.unrendered,
            causes=causes,
            checks=len(verdict.checks),
        )


@dataclass(frozen=True)
class Examines(Item):
    """The guard: a policy must examine something somewhere, unless the matrix says why it cannot."""

    kind = "examines"
    policy: Policy

    @property
    def name(self) -> str:
        """The policy's."""
        return self.policy.name

    @property
    def about(self) -> Policy:
        """That policy."""
        return self.policy

    def judge(self, judgement: Judgement) -> ItemResult:
        """Say that it examines nothing, or something where the matrix says it would not."""
        matrix, examines = judgement.gate.matrix, judgement.examines(self.policy)
        reason = matrix.nothing_to_examine.get(self.name)
        message = ""
        if examines and reason is not None:
            message = f"{matrix.source} says that {self.name} has nothing to examine: it does"
        elif not examines and not reason and not matrix.is_conventional:
            if failure := judgement.failure_of(self.policy):
                return ItemResult(problems=(judgement.words.problem("crash", self.name, failure),))
            if unrendered := judgement.unrendered():
                return ItemResult(idle=f"{self.name} is not guarded: scenario {unrendered} did not render")
            message = f"{self.name} examines nothing in all of {matrix.source}: it proves nothing"
        if message:
            problem = judgement.words.problem("examines", self.name, message)
            follows = self.name if examines else ""
            return ItemResult(problems=(dataclasses.replace(problem, is_of_nothing=not examines, follows=follows),))
        is_idle = not examines and reason is None
        idle = f"{self.name} has nothing to examine in {matrix.source}, and no matrix says that it should"
        return ItemResult(idle=idle if is_idle else "")


def look_ahead(items: Iterable[Item], judgement: Judgement) -> None:
    """Read at once what earlier runs have found of these, which are then judged one by one."""
    judgement.gate.memory.look_ahead((item.policy, item.case) for item in items if isinstance(item, PolicyHolds))


def items_of(gate: Gate, judgement: Judgement, policies: Sequence[Policy]) -> Iterator[Item]:
    """Give everything that a run passes or fails; of a deployment, no guards and no proofs.

    The counterexamples of a pack are proved where the pack is made, not in every project that uses it; its guards are
    there where the settings ask for them.

    Args:
        gate: what the run judges.
        judgement: what the items will be judged with.
        policies: those of the gate that the run asks for; only these choose their cases.

    Raises:
        InputError: a policy cannot choose its scenarios.
    """
    matrix = gate.matrix
    yield from map(Renders, matrix.rendering)
    yield from map(Refused, matrix.refused)
    yield from (PolicyHolds(policy, case) for policy in policies for case in judgement.cases(policy))
    if gate.infrastructure:
        return
    # The proofs of a pack are its own: that a chart gives one of its policies nothing to examine is no fault.
    guarded = (policy for policy in policies if gate.settings.guard_packs or not policy.is_of_a_pack)
    yield from map(Examines, guarded)
    for policy in policies:
        for example in () if policy.is_of_a_pack else policy.counterexamples:
            yield CounterexampleNoticed(example, tuple(matrix.scenarios[name] for name in example.scenarios))
    if gate.rules_from:
        return  # a waiver that is no longer needed is for the newer matrix to drop
    yield from (WaiverUsed(name, waiver) for name, waiver in gate.named_waivers().items())
