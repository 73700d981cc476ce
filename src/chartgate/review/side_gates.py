"""What judges the two sides of a review: a gate for one of them, with HEAD's policies, settings and scenarios."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from chartgate.gate.declared import answers_of, demanding
from chartgate.gate.gate import Gate
from chartgate.gate.memory import Memory
from chartgate.gate.rules.own_policies import OwnPolicies
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.matrix import Matrix
from chartgate.model import Scenario
from chartgate.policy.policy import Policy
from chartgate.rendering.renderings import Renderings
from chartgate.review.means import Means
from chartgate.review.plan import ReviewPlan
from chartgate.review.sides import Side
from chartgate.system.store import Store

_NO_OWN = OwnPolicies((), Store(None))


@dataclass(frozen=True)
class Judges:
    """What judges both sides."""

    policies: tuple[Policy, ...]
    settings: Settings
    """Those of the project: which policies it does not want, and other severities."""
    own: OwnPolicies = _NO_OWN
    """The code of those that are the project's own."""


class SideGates:
    """Gives what judges one side, BASE by the number 0 and HEAD by 1."""

    def __init__(
        self, sides: tuple[Side, Side], compared: Sequence[Scenario], plan: ReviewPlan, judges: Judges, means: Means
    ) -> None:
        """Take the sides and the scenarios in which they are compared, as they are for HEAD."""
        self._sides, self._compared, self._plan, self._judges, self._means = sides, compared, plan, judges, means
        self._answers = functools.cache(self._answered)

    def gate(self, number: int, scenarios: Sequence[Scenario], policies: Sequence[Policy]) -> Gate:
        """Give what judges one side by these policies in these scenarios, which are those of HEAD.

        Raises:
            InputError: this helm reads other values from a chart than it is judged by.
        """
        matrix = demanding(self._matrix(number, scenarios), self._judges.settings, self._answers(number))
        renderings = self._renderings(number)
        return Gate(
            chart=self._sides[number].chart,
            matrix=matrix,
            renderings=renderings,
            memory=Memory(renderings, self._judges.own, matrix.scenarios),
            policies=list(policies),
            options="",
            today=datetime.datetime.now(datetime.UTC).date(),
            is_selection=True,
            settings=self._judges.settings,
            finds_lines_of="nothing",
        )

    def _matrix(self, number: int, scenarios: Sequence[Scenario]) -> Matrix:
        chart, matrix = self._sides[number].chart, self._plan.matrix
        of_side = scenarios if number else [self._plan.for_base[scenario.name] for scenario in scenarios]
        return dataclasses.replace(
            matrix,
            scenarios={scenario.name: dataclasses.replace(scenario, chart=chart) for scenario in of_side},
            base=dataclasses.replace(matrix.base, chart=chart),
        )

    def _renderings(self, number: int) -> Renderings:
        base, head = self._sides
        return self._means.renderings((base.chart, head.chart), self._plan.matrix.hooks)[number]

    def _answered(self, number: int) -> dict[str, str]:
        return answers_of(self._matrix(number, self._compared), self._renderings(number).refusal_of)
