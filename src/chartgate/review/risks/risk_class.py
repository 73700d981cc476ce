"""What a class of risk is: a rule that looks at a change, its level, the version it demands, its reason and source."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartgate.review.review import Bump, Level, Risk


class Hit(NamedTuple):
    """Where a rule applies, and why."""

    address: str
    reason: str
    level: Level | None = None
    """Where it is not that of the class."""
    bump: Bump | None = None


@dataclass(frozen=True)
class RiskClass:
    """One kind of risk; its rule's name is its identifier, the rule's docstring its title and explanation."""

    rule: Callable[[Any], Iterator[Hit]]
    level: Level
    bump: Bump
    """The part of the chart's version that has to be raised for a change of this class."""
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

    def because(self, hit: Hit) -> Risk:
        """Give a risk of this class, as a change shows it."""
        return Risk(self.name, hit.level or self.level, hit.bump or self.bump, hit.reason)


def risk(*, level: Level, bump: Bump, source: str) -> Callable[[Callable[[Any], Iterator[Hit]]], RiskClass]:
    """Make a risk class of a rule: a generator over a pair of resources, a change of the values, or of the version."""
    return lambda rule: RiskClass(rule, level, bump, source)


def risks_in(change: Any, rules: Iterable[RiskClass]) -> tuple[Risk, ...]:
    """Give every risk that rules see in a change."""
    return tuple(rule.because(hit) for rule in rules for hit in rule(change))
