"""The packs are proved here, where they are made: no project that uses one repeats its counterexamples."""

from __future__ import annotations

import pytest

from chartgate.policy.loading import load_policies, packs_there
from chartgate.policy.policy import Counterexample
from chartgate.policy.proofs import literal_renderings, proof_problem, prove
from chartgate.pytest_plugin.collecting import marks_of

EVERY = [example for policy in load_policies(packs_there()) for example in policy.counterexamples]


@pytest.mark.parametrize(
    "example", [pytest.param(example, id=str(example), marks=marks_of(example.policy)) for example in EVERY]
)
def test_counterexample(example: Counterexample) -> None:
    assert proof_problem(prove(example, literal_renderings(example))) == ""
