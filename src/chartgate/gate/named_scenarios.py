"""The scenarios that policies judge in a matrix, by the names that reports show: those that they derive included."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chartgate.errors import InputError
from chartgate.gate.wording import words_of
from chartgate.matrix.matrix import Matrix
from chartgate.model import Case, Scenario
from chartgate.policy.policy import Policy


def derived_scenario(name: str, matrix: Matrix, policies: Iterable[Policy]) -> Scenario | None:
    """Give the scenario of a name that one of the policies derives; None where none does.

    Raises:
        InputError: a policy cannot choose its scenarios.
    """
    cases = (case for policy in policies for case in chosen_cases(policy, matrix))
    return next((scenario for case in cases for scenario in case if scenario.name == name), None)


def chosen_cases(policy: Policy, matrix: Matrix, shown: Callable[[str], str] = str) -> list[Case]:
    """Give what a policy judges in a matrix; `shown` masks what its code says when it fails.

    Raises:
        InputError: it cannot choose its scenarios.
    """
    try:
        return policy.cases(matrix.rendering)
    except (Exception, SystemExit) as error:  # whatever the user's code raises: the message says where
        raise InputError(
            f"policy {policy.name} cannot choose its scenarios in {matrix.source}: {shown(words_of(error))}:"
            " choose policies that fit with --policies=FOLDER"
        ) from error
