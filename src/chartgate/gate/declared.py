"""What scenarios know besides their matrix: what the settings demand, and what helm says of others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from chartgate.gate.rules.settings import Settings
from chartgate.matrix.derivations.filled_keys import refusable
from chartgate.matrix.matrix import Matrix
from chartgate.model import Scenario

_MOST = 8
"""How often helm is asked; of a rendering that policies ask for as well, it is no more starts."""


def demanding(matrix: Matrix, settings: Settings, answers: Mapping[str, str] | None = None) -> Matrix:
    """Give a matrix whose scenarios know the settings' level of pods, and what helm said of some."""
    changes: dict[str, Any] = {"pod_security": settings.pod_security, "answers": answers}
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


def answers_of(matrix: Matrix, ask: Callable[[Scenario], str]) -> dict[str, str]:
    """Give what helm says of the scenarios on which it depends what else is derived, by their `question`.

    `ask` gives helm's words about a scenario, empty ones where it renders it; it is asked a few times, and for nothing
    that the scenarios know.
    """
    answers = {**matrix.base.declared.answers}
    while len(answers) < _MOST:
        asked = (
            one for one in refusable(demanding(matrix, Settings(), answers).rendering) if one.question not in answers
        )
        one = next(asked, None)
        if one is None:
            break
        answers = {**answers, one.question: ask(one)}
    return answers
