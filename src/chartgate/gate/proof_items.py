"""The items that prove a gate: each counterexample is noticed, each waiver is used."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from chartgate.errors import InputError, ToolError
from chartgate.gate.item import Item
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import ItemResult
from chartgate.gate.wording import words_of
from chartgate.model import Case, Check, Scenario, Waiver
from chartgate.policy.policy import Counterexample, Policy
from chartgate.policy.proofs import Proof, literal_renderings, proof_problem, prove


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
        is_red_before = False
        try:
            whole = prove(self.counterexample, healthy)
            if not proof_problem(whole):
                memory.keep_proof(self.counterexample, self.starts_from)
                return ItemResult()
            proof = self._beyond_what_is_accepted(whole, judgement)
            if proof is None:
                return ItemResult(idle=f"{self.name} starts from accepted findings of its policy, and adds no other")
            message, is_red_before = proof_problem(proof), bool(proof.before)
        except ToolError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises: the message says where
            message = words_of(error)
            # Of what is not there any longer, the findings of the policy may tell; they do where it has any.
            is_red_before = isinstance(error, InputError) and bool(self.starts_from)
        if message and message == judgement.failure_of(self.about):
            return ItemResult(problems=(judgement.words.problem("crash", self.about.name, message),))
        problem = judgement.words.problem("counterexample", self.name, message)
        problem = dataclasses.replace(problem, follows=self.about.name if is_red_before else "")
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
        is_of_nothing = False
        if all(policy.name != waiver.policy for policy in gate.policies):
            message = f"there is no policy {waiver.policy!r} to waive a finding of"
        elif waiver.is_expired(gate.today):
            message = f"it expired on {waiver.expires}: mend what it accepts, or let {waiver.owner} decide anew"
        elif not judgement.is_used(waiver):
            if unrendered := judgement.unrendered():
                return ItemResult(idle=f"{self.name} is not judged: scenario {unrendered} did not render")
            message = "it accepts no finding in any scenario: take it out of the matrix"
            is_of_nothing = True
        else:
            return ItemResult()
        patterns = {"resource": waiver.resource, "scenario": waiver.scenario, "path": waiver.path}
        where = ", ".join(f"{name} {pattern}" for name, pattern in patterns.items() if pattern)
        intro = (
            f"{gate.matrix.source} waives findings of {waiver.policy}{f' on {where}' if where else ''}:\n  {waiver}\n"
        )
        problem = judgement.words.problem("waiver", self.name, intro + message)
        return ItemResult(problems=(dataclasses.replace(problem, is_of_nothing=is_of_nothing),))
