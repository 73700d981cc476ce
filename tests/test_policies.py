"""The gate: every scenario renders or is refused, every policy holds, and every policy can fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from chartgate.model import Case, Chart, Scenario, Waiver
from chartgate.policy.policy import Counterexample, Policy
from chartgate.policy.proofs import literal_renderings, prove
from chartgate.policy.verdicts import Verdict, examines_something, unsaid_words
from chartgate.policy.waivers import accepts_something
from chartgate.rendering.renderings import Renderings
from chartgate.reports.pytest_failure import (
    proof_text,
    unrefused_text,
    unrendered_text,
    verdict_text,
    waived_text,
    waiver_text,
)

Again = Callable[[Sequence[Scenario]], list[str]]


def test_renders(scenario: Scenario, renderings: Renderings, again: Again) -> None:
    rendering = renderings.of(scenario)
    if rendering.error or rendering.hook_error:
        pytest.fail(unrendered_text(rendering, again([scenario])), pytrace=False)


def test_refused(refused_scenario: Scenario, renderings: Renderings, again: Again) -> None:
    rendering = renderings.of(refused_scenario)
    if unsaid_words(rendering):
        pytest.fail(unrefused_text(rendering, again([refused_scenario])), pytrace=False)


def test_policy(policy: Policy, case: Case, judged: Callable[[Policy, Case], Verdict], again: Again) -> None:
    verdict = judged(policy, case)
    if verdict.open or verdict.unrendered:
        pytest.fail(verdict_text(verdict, again(case.scenarios)), pytrace=False)
    if verdict.waived:
        pytest.xfail(waived_text(verdict))


def test_waiver_is_used(waiver: Waiver, gate: Gate, matrix: Matrix, renderings: Renderings) -> None:
    def is_used() -> bool:
        return accepts_something(waiver, gate.policies, matrix.rendering, renderings.of)

    problem = gate.waiver_problem(waiver, is_used)
    if problem:
        pytest.fail(waiver_text(waiver, matrix.source, problem), pytrace=False)


def test_examines_something(policy: Policy, gate: Gate, matrix: Matrix, renderings: Renderings) -> None:
    examines = examines_something(policy, matrix.rendering, renderings.of)
    problem = gate.examination_problem(policy, examines)
    if problem:
        pytest.fail(problem, pytrace=False)
    if not examines and matrix.is_conventional:
        pytest.skip(f"{policy.name} has nothing to examine in {matrix.source}, and no matrix says that it should")


def test_counterexample(counterexample: Counterexample, chart: Chart, matrix: Matrix, renderings: Renderings) -> None:
    if counterexample.manifests:
        healthy = literal_renderings(counterexample, chart)
    else:
        healthy = [renderings.of(matrix.scenarios[name]) for name in counterexample.scenarios]
    for rendering in healthy:
        if rendering.error:
            pytest.fail(unrendered_text(rendering, ()), pytrace=False)
    proof = prove(counterexample, healthy)
    if proof.before or not proof.noticed:
        pytest.fail(proof_text(counterexample, proof), pytrace=False)
