"""What either side renders that is no sound object, as notes: the objects beside it are compared all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chartgate.model import Flaw
from chartgate.review.both_sides import ScenarioComparison

_MOST = 10


def notes_on_flaws(base: str, head: str, found: Iterable[ScenarioComparison]) -> list[str]:
    """Say once of each flaw on which side it is, those that are new first; nothing is masked yet.

    Args:
        base: what the older side is called.
        head: what the newer side is called.
        found: the comparisons of all scenarios.
    """
    compared = list(found)
    was = _once(flaw for comparison in compared for flaw in comparison.base_flaws)
    now = _once(flaw for comparison in compared for flaw in comparison.head_flaws)
    notes = [
        *(_note(f"New in {head}", now[key]) for key in now if key not in was),
        *(_note("On both sides", now[key]) for key in now if key in was),
        *(_note(f"In {base} only", was[key]) for key in was if key not in now),
    ]
    left = len(notes) - _MOST
    return (
        notes
        if left <= 0
        else [*notes[:_MOST], f"{left} more flaws of what is rendered: `chartgate check` tells them."]
    )


def _once(flaws: Iterable[Flaw]) -> dict[tuple[str, ...], Flaw]:
    """Give flaws that say the same once; a List of nothing is no matter of a review."""
    return {tuple(_key(flaw)): flaw for flaw in flaws if flaw.sort != "list"}


def _key(flaw: Flaw) -> Iterator[str]:
    yield from (flaw.sort, flaw.template, flaw.subject, flaw.address)
    if flaw.sort == "object":
        yield repr(flaw.actual)


def _note(where: str, flaw: Flaw) -> str:
    if flaw.sort == "key":
        return f"{where}: {flaw.subject} has {flaw.address} {flaw.actual}. Helm accepts it."
    place = f" at {flaw.address}" if flaw.address else ""
    wrong = f"expected {flaw.expected}, found {flaw.actual}{place}"
    return f"{where}: {flaw.subject} from {flaw.template} is no sound object: {wrong}. Helm prints it all the same."
