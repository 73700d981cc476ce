"""Canaries: under every secret value of a chart a text that is nowhere else, to see where the values go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from chartgate.charts.samples import Rules
from chartgate.charts.secret_values import marked_keys
from chartgate.documents.addresses import lookup
from chartgate.documents.writings import VARIABLE
from chartgate.matrix.derived import chart_of, corners, with_values
from chartgate.model import Chart, Scenario

# The first that the schema accepts: with everything that quoting and encoding change, without white space, plain.
# Always plain where only the name says that the value is secret: it may be that of an object, which nobody quotes.
_SHAPES = ("{} p+a/ss w'o\"rd: #1\\ =", "{}+/'\"#1\\=", "{}-_", "{}")


def canaries(chart: Chart, scenario: Scenario) -> dict[str, str]:
    """Give a canary for each secret value of a chart, by its address; none where the schema accepts no such text.

    Nor for a value that is only called like a secret, and names the variable that holds it (`${PASSWORD}`).
    """
    rules, marked = Rules(chart), marked_keys(chart)
    found: dict[str, str] = {}
    for key in chart.secret_keys:
        if key not in marked and VARIABLE.fullmatch(str(lookup(scenario.values, key))):
            continue
        mark = f"Canary{hashlib.sha256(key.encode()).hexdigest()[:20]}"
        for text in (shape.format(mark) for shape in (_SHAPES if key in marked else _SHAPES[-1:])):
            if rules.accept(with_values(scenario, "canaries", {key: text}).values):
                found[key] = text
                break
    return found


def with_canaries(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Derive the scenarios with all toggles off and all on, each with a canary under every secret value."""
    return [
        with_values(corner, "canaries", canaries(chart, corner))
        for corner in corners(scenarios)
        if (chart := chart_of(corner)).secret_keys
    ]
