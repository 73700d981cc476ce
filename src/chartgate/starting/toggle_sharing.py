"""What each toggle of a starting matrix changes of objects that are not its own: the matrix declares it as shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chartgate.matrix.toggles import combinations
from chartgate.model import Resource
from chartgate.starting.found_switches import Switch
from chartgate.starting.start import switched
from chartgate.starting.trials import Effect, Trials


def shared_objects(toggles: Mapping[str, Switch], trials: Trials) -> dict[str, list[str]]:
    """Give the objects that a toggle changes, or takes away, in any combination with the others.

    That a pod gets another account, or an argument more, is what most toggles are for: nobody has to be told of it, but
    of what comes to it later.

    Returns:
        Patterns of `Kind name` by toggle. What is in front of the name may be another release's.

    Raises:
        ToolError: helm is missing or hangs.
    """
    every = [frozenset(on) for on in combinations(list(toggles))]
    made = dict(zip(every, trials.of([switched(toggles, sorted(on)) for on in every]), strict=True))
    shared: dict[str, list[str]] = {}
    for name in toggles:
        effects = [trials.between(made[on], made[on | {name}]) for on in every if name not in on]
        if found := {f"{one.kind} *{one.name}" for effect in effects for one in _not_its_own(effect)}:
            shared[name] = sorted(found)
    return shared


def _not_its_own(effect: Effect) -> Iterator[Resource]:
    yield from effect.changed
    for old in effect.removed:
        # Else the toggle chooses between two forms of one thing.
        if not any(new.name == old.name or new.template == old.template for new in effect.added):
            yield old
