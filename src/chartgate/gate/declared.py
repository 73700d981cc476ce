"""What scenarios know besides their matrix: what the settings demand, and in what words helm refuses switches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from chartgate.gate.rules.settings import Settings
from chartgate.matrix.derivations.switch_turns import all_on, may_be_refused
from chartgate.matrix.matrix import Matrix
from chartgate.model import Scenario

_MOST = 4
"""How often helm is asked; each time but the last is one more start of it."""


def demanding(matrix: Matrix, settings: Settings, refusals: tuple[str, ...] = ()) -> Matrix:
    """Give a matrix whose scenarios know the settings' level of pods, and helm's words about their switches."""
    changes: dict[str, Any] = {"pod_security": settings.pod_security, "refusals": refusals}
    changes = {name: value for name, value in changes.items() if value}
    if not changes:
        return matrix
    # Scenarios share what their matrix declares, and what is made of it.
    shared = {id(scenario.declared): scenario.declared for scenario in (matrix.base, *matrix.scenarios.values())}
    declared = {key: dataclasses.replace(value, **changes) for key, value in shared.items()}
    base, *scenarios = (
        dataclasses.replace(scenario, declared=declared[id(scenario.declared)])
        for scenario in (matrix.base, *matrix.scenarios.values())
    )
    return dataclasses.replace(matrix, scenarios=dict(zip(matrix.scenarios, scenarios, strict=True)), base=base)


def refusals_of(matrix: Matrix, ask: Callable[[Scenario], str]) -> tuple[str, ...]:
    """Give helm's words as it refuses every switch that is on, and then those that are left of them.

    `ask` gives helm's words about a scenario, empty ones where it renders it; it is asked a few times. Nothing where
    the matrix says what is on, or where no template refuses anything.
    """
    words: tuple[str, ...] = ()
    while len(words) < _MOST and matrix.rendering and may_be_refused(matrix.rendering[0]):
        on = all_on(demanding(matrix, Settings(), words).rendering)
        said = ask(on) if on is not None else ""
        if not said:
            break
        words = (*words, said)
    return words
