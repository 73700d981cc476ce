"""Why the next run of the same chart will take as long: what helm gives differently each time is not kept for it."""

from __future__ import annotations

from chartgate.charts.template_texts.repeatable import chance
from chartgate.documents.words import counted
from chartgate.gate.gate import Gate


def kept_nothing(gate: Gate) -> str:
    """Say of how many scenarios nothing is kept, and what is in the way; empty for none.

    Nor is anything said where a run keeps nothing at all, or its helm is not known by its content.
    """
    scenarios = [scenario for scenario in gate.matrix.rendering if not gate.renderings.is_repeatable(scenario)]
    if not scenarios or not gate.renderings.helm_digest:
        return ""
    why = chance(gate.chart, scenarios[0].values) or "a text that may become a template"
    of = counted(len(scenarios), "scenario")
    return f"nothing is kept of {of} for the next run: {why} may give something else each time"
