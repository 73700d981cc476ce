"""What a policy is: a generator of checks, with its counterexamples beside it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from chartgate.documents.very_objects import TheVery
from chartgate.errors import InputError
from chartgate.model import Case, Chart, Check, Missing, Rendering, Resource, Scenario, Severity
from chartgate.policy.edits import Edit
from chartgate.policy.subjects import Subject

Where = Callable[[Scenario], bool]
PairSelector = Callable[[Sequence[Scenario]], Iterable[tuple[Scenario, Scenario] | Case]]
"""From the scenarios of a matrix to what a policy compares: pairs, or cases that have names of their own."""

Explorer = Callable[[Sequence[Rendering]], Iterable[Scenario]]
"""From what is rendered of a case to what shall be rendered as well, before the policy judges all of it."""

PACKS = "chartgate.packs"
_DEPTH_OF_PACKS = len(PACKS.split("."))

WHOLE_MATRIX: Literal["whole_matrix"] = "whole_matrix"
"""`over=WHOLE_MATRIX`: the policy gets the list of all renderings at once."""
THE_CHART: Literal["the_chart"] = "the_chart"
"""`over=THE_CHART`: the policy gets the chart itself, once; only for what it finds is anything rendered."""
AtOnce = Literal["whole_matrix", "the_chart"]


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
    change: tuple[Edit, ...] | Callable[..., Any]
    """What breaks the renderings: edits, one after the other, or a function that gets and gives deep copies."""

    def __str__(self) -> str:
        return f"{self.policy.name}-{self.name}"


class Policy:
    """One invariant: the function yields checks, its docstring is title and rationale, its name the identity."""

    def __init__(
        self,
        function: Callable[..., Iterator[Check]],
        where: Where,
        judges: Subject | None,
        over: PairSelector | AtOnce | None,
        severity: Severity,
        remediation: str,
        spec: str,
        rerenders: bool,
        explores: Explorer | None,
        is_choice: bool,
    ) -> None:
        self.function = function
        self.where = where
        self.judges = judges
        self.over = over
        self.severity = severity
        self.remediation = remediation
        self.spec = spec
        self.rerenders = rerenders
        self.explores = explores
        self.is_choice = is_choice
        self.counterexamples: list[Counterexample] = []

    def __call__(self, *given: Any) -> Iterator[Check]:
        """Yield the checks on what it judges: a thing, a rendering, two of a pair, the list of all renderings."""
        return self.function(*given)

    def checks(self, renderings: Sequence[Rendering]) -> Iterator[Check]:
        """Run the policy on the renderings of one case; what it looks for and does not find is a finding.

        What was judged may no longer be changed: counterexamples break deep copies.
        """
        for rendering in renderings:
            rendering.settle()
        if self.over == THE_CHART:
            yield from self.checks_of_chart(renderings[0].chart)
        elif self.over == WHOLE_MATRIX:
            yield from _guarded(self._yielded, list(renderings))
        elif self.judges is None:
            yield from _guarded(self._yielded, *renderings)
        else:
            [rendering] = renderings
            chart = [TheVery(rendering.chart)] if self._parameters == 2 else []
            # Equal resources of many renderings are one object (rendering/manifests.py): what it says is made once.
            for resource in self.judges.holders(rendering):
                yield from resource.made(self._checks_of, *chart)

    def checks_of_chart(self, chart: Chart) -> Iterator[Check]:
        """Run a policy over THE_CHART; what it looks for and does not find is a finding."""
        return _guarded(self._yielded, chart)

    def _checks_of(self, resource: Resource, *chart: TheVery[Chart]) -> tuple[Check, ...]:
        return tuple(_guarded(self._each, resource, *(the.it for the in chart)))

    def _each(self, resource: Resource, *chart: Chart) -> Iterator[Check]:
        if self.judges is not None:
            for thing in self.judges.of(resource):
                yield from self._yielded(thing, *chart)

    def _yielded(self, *given: Any) -> Iterator[Check]:
        """Yield what the function does, each once it is found to be a check; an InputError says what to write."""
        made: object = self.function(*given)
        if not isinstance(made, Iterable):
            raise InputError(f"{self.place}: {self.name} returns a {type(made).__name__}: let it `yield` each check")
        for check in made:
            if not isinstance(check, Check):
                kind = type(check).__name__
                raise InputError(f"{self.place}: {self.name} yields a {kind}, and no Check: `yield states(place, ...)`")
            yield check

    @functools.cached_property
    def _parameters(self) -> int:
        return len(inspect.signature(self.function).parameters)

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
        is_alone = len(parameters) == 1 and all(p.kind is not p.VAR_POSITIONAL for p in parameters)
        return is_alone or self.judges is not None

    @property
    def judges_all_at_once(self) -> bool:
        """Whether it has one case in a matrix, which is of no scenario more than of another."""
        return self.over in (WHOLE_MATRIX, THE_CHART)

    @property
    def is_deriving(self) -> bool:
        """Whether it may judge more scenarios than those of the matrix."""
        return callable(self.over) or self.explores is not None

    @property
    def family(self) -> str:
        """The module it is in: the family of invariants."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def place(self) -> str:
        """File and line where it is written."""
        code = self.function.__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    @property
    def is_of_a_pack(self) -> bool:
        """Whether it ships with the engine: then its proofs are the engine's own, and no project repeats them."""
        return self.function.__module__.startswith(f"{PACKS}.")

    @property
    def packages(self) -> tuple[str, ...]:
        """What its family is in: a pack and its folder (`kubernetes`, `networking`), or the package of one chart."""
        above = self.function.__module__.split(".")[:-1]
        return tuple(above[_DEPTH_OF_PACKS:] if self.is_of_a_pack else above[-1:])

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
        if self.over in (WHOLE_MATRIX, THE_CHART):
            chosen = tuple(s for s in scenarios if self.where(s))
            return [Case(WHOLE_MATRIX, chosen, "where all scenarios are compared")] if chosen else []
        cases = _chosen(self.over, tuple(map(TheVery, scenarios)))
        return [case for case in cases if all(self.where(scenario) for scenario in case)]

    def counterexample(
        self, *scenarios: str, manifests: str = ""
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a function that breaks deep copies of healthy renderings and returns them.

        It starts from scenarios of the matrix, or from literal manifests (policies on any chart, which know no matrix).

        Raises:
            TypeError: neither, or both, are given.
        """

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._register(function.__name__, scenarios, manifests, function)
            return function

        return register

    def breaks(self, *scenarios: str, manifests: str = "", **edits: Edit | tuple[Edit, ...]) -> None:
        """Register counterexamples that are edits, by name: `breaks("all_on", the_token_is_gone=gone(...))`.

        They start from scenarios of the matrix, or from literal manifests; of a pair, the second rendering is changed.

        Raises:
            TypeError: neither scenarios nor manifests are given, or both.
        """
        for name, edit in edits.items():
            self._register(name, scenarios, manifests, edit if isinstance(edit, tuple) else (edit,))

    def _register(
        self, name: str, scenarios: tuple[str, ...], manifests: str, change: tuple[Edit, ...] | Callable[..., Any]
    ) -> None:
        if bool(scenarios) == bool(manifests):
            raise TypeError(f"{self.name}: a counterexample starts from scenarios or from manifests=, one of the two")
        self.counterexamples.append(Counterexample(self, name, scenarios, manifests, change))


def _guarded(function: Callable[..., Iterator[Check]], *given: Any) -> Iterator[Check]:
    """Yield the checks of a function, and what it misses as the last of them."""
    try:
        yield from function(*given)
    except Missing as missing:
        yield missing.check


@functools.lru_cache(maxsize=64)
def _chosen(over: PairSelector, scenarios: tuple[TheVery[Scenario], ...]) -> tuple[Case, ...]:
    """Give what is chosen among scenarios, once for all policies that compare the same."""
    return tuple(_case(chosen) for chosen in over([scenario.it for scenario in scenarios]))


def _case(chosen: tuple[Scenario, Scenario] | Case) -> Case:
    """Name a pair by what it compares; a case has its name."""
    return chosen if isinstance(chosen, Case) else Case("..".join(s.name for s in chosen), chosen)


def policy(
    *,
    where: Where = everywhere,
    judges: Subject | None = None,
    over: PairSelector | AtOnce | None = None,
    severity: Severity,
    remediation: str,
    spec: str = "",
    rerenders: bool = False,
    explores: Explorer | None = None,
    is_choice: bool = False,
) -> Callable[[Callable[..., Iterator[Check]]], Policy]:
    """Make a policy of a generator function.

    Args:
        where: which scenarios it judges; it sees values, release and namespace, never what was rendered.
        judges: what it gets, one at a time, as it is rendered and as hooks leave it: `each("Service")`, POD, CONTAINER;
            a second parameter, if it has one, gets the chart. Without it, the policy gets the whole rendering.
        over: which pairs or cases of scenarios it compares, or WHOLE_MATRIX; each scenario by itself when not given.
            THE_CHART for those that only read the chart's own files, which wait for no rendering. Their counterexamples
            get renderings, as those over WHOLE_MATRIX do, whose chart they break.
        severity: a finding of an `error` breaks the release, one of a `warning` a convention.
        remediation: what to do about a finding, for someone who sees the policy for the first time.
        spec: the heading of the chart's spec that it proves.
        rerenders: where it finds something in a pair, it judges once more, and gets the same input rendered again
            after the two, so that it can tell what differs by chance: `judge(before, after, *again)`.
        explores: what else is to be rendered, by what is rendered of a case so far; asked until it names nothing new.
        is_choice: whether a chart may well mean what it finds, as rights and what a pod takes from its node: told last.

    Raises:
        TypeError: there is no such severity, or both `judges` and `over` are given.
    """
    if severity not in get_args(Severity):
        raise TypeError(f"severity {severity!r}: a policy is an error or a warning")
    if judges is not None and over is not None:
        raise TypeError("judges= gives one thing of one rendering, over= several renderings: use one of the two")
    return lambda function: Policy(
        function, where, judges, over, severity, remediation, spec, rerenders, explores, is_choice
    )
