"""What a policy is: a generator of checks with its counterexamples beside it, and how a folder of them is loaded."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.model import Case, Check, Scenario

Severity = Literal["error", "warning"]
Where = Callable[[Scenario], bool]
PairSelector = Callable[[Sequence[Scenario]], Iterable[tuple[Scenario, Scenario] | Case]]
"""From the scenarios of a matrix to what a policy compares: pairs, or cases that have names of their own."""

WHOLE_MATRIX: Literal["whole_matrix"] = "whole_matrix"
"""`over=WHOLE_MATRIX`: the policy gets the list of all renderings at once."""


def everywhere(scenario: Scenario) -> bool:  # noqa: ARG001 - the signature of every `where`
    """Hold in every scenario: the default `where`."""
    return True


@dataclass(frozen=True)
class Counterexample:
    """A small change to healthy renderings that the policy must notice."""

    policy: Policy
    name: str
    scenarios: tuple[str, ...]
    """The matrix scenarios that it starts from; empty when it starts from literal manifests."""
    manifests: str
    break_: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.policy.name}-{self.name}"


class Policy:
    """One invariant: the function yields checks, its docstring is title and rationale, its name the identity."""

    def __init__(
        self,
        function: Callable[..., Iterator[Check]],
        where: Where,
        over: PairSelector | Literal["whole_matrix"] | None,
        severity: Severity,
        remediation: str,
        spec: str,
    ) -> None:
        self.function = function
        self.where = where
        self.over = over
        self.severity = severity
        self.remediation = remediation
        self.spec = spec
        self.counterexamples: list[Counterexample] = []

    def __call__(self, *renderings: Any) -> Iterator[Check]:
        """Yield the checks on a rendering, on two of a pair, or on the list of all."""
        return self.function(*renderings)

    def __repr__(self) -> str:
        return f"<policy {self.family}.{self.name}>"

    @property
    def name(self) -> str:
        """Its only identity."""
        return self.function.__name__

    @property
    def judges_one(self) -> bool:
        """Whether its function takes one argument: a rendering, or all of them; else two, or any number (`*`)."""
        parameters = inspect.signature(self.function).parameters.values()
        return len(parameters) == 1 and all(p.kind is not p.VAR_POSITIONAL for p in parameters)

    @property
    def family(self) -> str:
        """The module it stands in: the family of invariants."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def place(self) -> str:
        """File and line where it is written."""
        code = self.function.__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    @property
    def is_of_a_pack(self) -> bool:
        """Whether it ships with the engine: then its proofs are the engine's own, and no project repeats them."""
        return self.function.__module__.startswith("chartgate.packs.")

    @property
    def group(self) -> str:
        """The package it stands in: that of one chart's spec, or `kubernetes` (any chart)."""
        return self.function.__module__.rpartition(".")[0].rpartition(".")[2]

    @property
    def title(self) -> str:
        """The first line of its docstring."""
        return self.documentation.partition("\n")[0]

    @property
    def documentation(self) -> str:
        """Title and rationale."""
        return inspect.cleandoc(self.function.__doc__ or "")

    def cases(self, scenarios: Sequence[Scenario]) -> list[Case]:
        """Give what this policy judges among the scenarios that render; possibly nothing."""
        if self.over is None:
            return [Case(s.name, (s,)) for s in scenarios if self.where(s)]
        if self.over == WHOLE_MATRIX:
            chosen = tuple(s for s in scenarios if self.where(s))
            return [Case(WHOLE_MATRIX, chosen)] if chosen else []
        cases = (_case(chosen) for chosen in self.over(scenarios))
        return [case for case in cases if all(self.where(scenario) for scenario in case)]

    def counterexample(
        self, *scenarios: str, manifests: str = ""
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a function that breaks deep copies of healthy renderings and returns them.

        It starts from scenarios of the matrix, or from literal manifests (generic policies, which know no matrix).

        Raises:
            TypeError: neither, or both, are given.
        """
        if bool(scenarios) == bool(manifests):
            raise TypeError(f"{self.name}.counterexample() takes scenario names or manifests=, one of the two")

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.counterexamples.append(Counterexample(self, function.__name__, scenarios, manifests, function))
            return function

        return register


def _case(chosen: tuple[Scenario, Scenario] | Case) -> Case:
    """Name a pair by what it compares; a case has its name."""
    return chosen if isinstance(chosen, Case) else Case("..".join(s.name for s in chosen), chosen)


def policy(
    *,
    where: Where = everywhere,
    over: PairSelector | Literal["whole_matrix"] | None = None,
    severity: Severity,
    remediation: str,
    spec: str = "",
) -> Callable[[Callable[..., Iterator[Check]]], Policy]:
    """Make a policy of a generator function.

    Args:
        where: which scenarios it judges; it sees values, release and namespace, never what was rendered.
        over: which pairs or cases of scenarios it compares, or WHOLE_MATRIX; each scenario by itself when not given.
        severity: a finding of an `error` breaks the release, one of a `warning` a convention.
        remediation: what to do about a finding, for someone who sees the policy for the first time.
        spec: the heading of the chart's spec that it proves.
    """
    return lambda function: Policy(function, where, over, severity, remediation, spec)
