"""`chartgate check` gives pytest's verdicts on this repository's chart."""

from __future__ import annotations

from chartgate.gate.gate import Gate
from chartgate.gate.run import Selection, run
from chartgate.rendering.renderings import Renderings

SOME = ("off", "all_on", "defaults", "off..lightspeed")
"""Cases, one of them a pair; that each of all is green is what the items of test_policies.py say."""


def test_nothing_is_wrong_with_the_chart(gate: Gate, renderings: Renderings) -> None:
    """All of these cases that are items of test_policies.py are judged, and none of them is red."""
    matrix = gate.matrix
    assert renderings is gate.renderings
    outcome = run(gate, Selection(scenarios=SOME), lambda *_: None)
    assert (outcome.findings, outcome.problems) == ((), ())
    judged = [case.name for policy in gate.policies for case in policy.cases(matrix.rendering) if case.name in SOME]
    assert outcome.judged["policy"] == len(judged)
    assert set(judged) == set(SOME)
    assert outcome.judged["renders"] == sum(scenario.name in SOME for scenario in matrix.rendering)
    accepting = {waiver for finding in outcome.waived for waiver in finding.waivers}
    assert accepting
    assert accepting <= set(matrix.waivers)
