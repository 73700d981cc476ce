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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from chartgate.errors import ToolError
from chartgate.gate.fingerprints import once
from chartgate.gate.gate import Gate
from chartgate.gate.judgement import Judgement, words_of
from chartgate.gate.outcome import ItemResult
from chartgate.model import Case, Check, Scenario, Waiver
from chartgate.policy.policy import Counterexample, Policy
from chartgate.policy.proofs import Proof, literal_renderings, proof_problem, prove
from chartgate.policy.verdicts import unsaid_words

Kind = Literal["renders", "refused", "policy", "examines", "counterexample", "waiver"]


@dataclass(frozen=True)
class Item:
    """One thing that a run passes or fails; its name tells it from the others of its kind."""

    kind: ClassVar[Kind]

    @property
    def name(self) -> str:
        """What is in the brackets of a test's id."""
        raise NotImplementedError

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What must be rendered to judge it; what it may look for beyond that, it renders itself."""
        return ()

    def is_known(self, judgement: Judgement) -> bool:  # noqa: ARG002 - the signature of all
        """Tell whether earlier runs have found all that it is judged by, so that nothing need be rendered for it."""
        return False

    @property
    def about(self) -> Policy | None:
        """The policy that it is about."""
        return None

    def judge(self, judgement: Judgement) -> ItemResult:
        """Say what is wrong.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        raise NotImplementedError


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
        return ItemResult(problems=(judgement.problem("refused", "", message, self.case),))


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
        """Those of the case."""
        return self.case.scenarios

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
            return ItemResult(problems=(judgement.problem("crash", self.policy.name, words_of(error), self.case),))
        findings = tuple(once(judgement.finding(self.policy, self.case, check) for check in verdict.unwaived))
        waived = tuple(
            once(
                judgement.finding(self.policy, self.case, check, tuple(verdict.accepting(check)))
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
                return ItemResult(problems=(judgement.problem("crash", self.name, failure),))
            if unrendered := judgement.unrendered():
                return ItemResult(idle=f"{self.name} is not guarded: scenario {unrendered} did not render")
            message = f"{self.name} examines nothing in all of {matrix.source}: it proves nothing"
        if message:
            return ItemResult(problems=(judgement.problem("examines", self.name, message),))
        is_idle = not examines and reason is None
        idle = f"{self.name} has nothing to examine in {matrix.source}, and no matrix says that it should"
        return ItemResult(idle=idle if is_idle else "")


@dataclass(frozen=True)
class CounterexampleNoticed(Item):
    """A policy must pass before a counterexample's change, and fail after it."""

    kind = "counterexample"
    counterexample: Counterexample
    starts_from: tuple[Scenario, ...]

    @property
    def name(self) -> str:
        """The policy's and the counterexample's."""
        return str(self.counterexample)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What it starts from; none for literal manifests."""
        return self.starts_from

    def is_known(self, judgement: Judgement) -> bool:
        """Tell whether it is known to prove something."""
        return judgement.gate.memory.is_proved(self.counterexample, self.starts_from)

    @property
    def about(self) -> Policy:
        """The policy."""
        return self.counterexample.policy

    def judge(self, judgement: Judgement) -> ItemResult:
        """Say why the counterexample proves nothing."""
        memory = judgement.gate.memory
        if self.is_known(judgement):
            return ItemResult()
        if self.counterexample.manifests:
            healthy = literal_renderings(self.counterexample, judgement.gate.chart)
        else:
            healthy = [judgement.rendering(scenario) for scenario in self.starts_from]
        if unrendered := tuple(rendering.scenario.name for rendering in healthy if rendering.error):
            return ItemResult(unjudged=unrendered, causes=judgement.causes(unrendered, self.starts_from))
        try:
            whole = prove(self.counterexample, healthy)
            if not proof_problem(whole):
                memory.keep_proof(self.counterexample, self.starts_from)
                return ItemResult()
            proof = self._beyond_what_is_accepted(whole, judgement)
            if proof is None:
                return ItemResult(idle=f"{self.name} starts from accepted findings of its policy, and adds no other")
            message = proof_problem(proof)
        except ToolError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises: the message says where
            message = words_of(error)
        if message and message == judgement.failure_of(self.about):
            return ItemResult(problems=(judgement.problem("crash", self.about.name, message),))
        problem = judgement.problem("counterexample", self.name, message)
        return ItemResult(problems=(problem,) if message else ())

    def _beyond_what_is_accepted(self, proof: Proof, judgement: Judgement) -> Proof | None:
        """Leave out the findings that are waived or in the baseline; None where a change to these shows nothing."""
        case = Case("..".join(scenario.name for scenario in self.starts_from), self.starts_from)

        def new(checks: Sequence[Check]) -> tuple[Check, ...]:
            return tuple(check for check in checks if not judgement.accepts(self.about, case, check))

        if not self.starts_from or not proof.before:
            return proof
        rest = dataclasses.replace(proof, before=new(proof.before), after=new(proof.after))
        return rest if rest.before or rest.noticed else None


@dataclass(frozen=True)
class WaiverUsed(Item):
    """A waiver must accept a finding, and its last day must not be over."""

    kind = "waiver"
    label: str
    waiver: Waiver

    @property
    def name(self) -> str:
        """The policy's, and the waiver's number among those of that policy."""
        return self.label

    def judge(self, judgement: Judgement) -> ItemResult:
        """Say that its policy is not known, that it has expired, or that it accepts nothing."""
        waiver, gate = self.waiver, judgement.gate
        if all(policy.name != waiver.policy for policy in gate.policies):
            message = f"there is no policy {waiver.policy!r} to waive a finding of"
        elif waiver.is_expired(gate.today):
            message = f"it expired on {waiver.expires}: mend what it accepts, or let {waiver.owner} decide anew"
        elif not judgement.is_used(waiver):
            if unrendered := judgement.unrendered():
                return ItemResult(idle=f"{self.name} is not judged: scenario {unrendered} did not render")
            message = "it accepts no finding in any scenario: take it out of the matrix"
        else:
            return ItemResult()
        patterns = {"resource": waiver.resource, "scenario": waiver.scenario, "path": waiver.path}
        where = ", ".join(f"{name} {pattern}" for name, pattern in patterns.items() if pattern)
        intro = (
            f"{gate.matrix.source} waives findings of {waiver.policy}{f' on {where}' if where else ''}:\n  {waiver}\n"
        )
        return ItemResult(problems=(judgement.problem("waiver", self.name, intro + message),))


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
