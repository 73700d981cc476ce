"""What a class of risk is: a rule that looks at a change, its level, the version it demands, its reason and source."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartgate.review.levels import Bump, Level


class Hit(NamedTuple):
    """Where a rule applies, and why."""

    address: str
    reason: str


@dataclass(frozen=True)
class RiskClass:
    """One kind of risk; its rule's name is its identifier, the rule's docstring its title and explanation."""

    rule: Callable[[Any], Iterator[Hit]]
    level: Level
    bump: Bump
    """The part of the chart's version that a change of this class demands to be raised."""
    source: str
    """Where the rule behind it is written."""

    @property
    def name(self) -> str:
        """Its stable identifier."""
        return self.rule.__name__

    @property
    def documentation(self) -> str:
        """Title and explanation."""
        return inspect.cleandoc(self.rule.__doc__ or "")

    @property
    def title(self) -> str:
        """The first line of its documentation."""
        return self.documentation.partition("\n")[0]

    def __call__(self, change: Any) -> Iterator[Hit]:
        """Give where the rule applies in a change; nothing where it does not."""
        return self.rule(change)


def risk(*, level: Level, bump: Bump, source: str) -> Callable[[Callable[[Any], Iterator[Hit]]], RiskClass]:
    """Make a risk class of a rule: a generator over a pair of resources, a change of the values, or of the version."""
    return lambda rule: RiskClass(rule, level, bump, source)


@dataclass(frozen=True)
class Risk:
    """One class of risk, and why it applies."""

    risk_class: RiskClass
    reason: str
