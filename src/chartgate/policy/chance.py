"""What differs although the input is the same: random and generated values, the time, and objects named after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside, join, steps
from chartgate.documents.json_documents.equality import unequal
from chartgate.model import Identity, Manifest, Rendering, Resource

Content = Callable[[Resource], Manifest]
"""What of a resource is compared: its manifest, with a Secret's values decoded, say."""


@dataclass(frozen=True)
class Chance:
    """Where one object differs each time."""

    values: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    """The maps whose keys differ."""

    @property
    def names_it(self) -> bool:
        """Whether its name differs, so that it is another object each time."""
        return "metadata.name" in self.values

    def explains(self, address: str, old: Any, new: Any) -> bool:
        """Tell whether a difference at an address may be one of chance."""
        if any(is_inside(address, place) for place in self.values):
            return True
        return (old is ABSENT or new is ABSENT) and join(*steps(address)[:-1]) in self.maps

    def joined(self, other: Chance) -> Chance:
        """Give both together."""
        return Chance(self.values | other.values, self.maps | other.maps)

    def renamed(self, change: Callable[[str], str]) -> Chance:
        """Give the same with the keys in its addresses changed."""
        return Chance(frozenset(map(change, self.values)), frozenset(map(change, self.maps)))


Chances = Mapping[int, Chance]
"""By the `id` of a resource; those that never differ are missing."""


def chances(rendering: Rendering, again: Iterable[Rendering], content: Content) -> Chances:
    """Say where the objects of a rendering differ from those of the same input, rendered again."""
    scenario = rendering.scenario
    given = scenario.installed_as, scenario.overrides
    found: dict[int, Chance] = {}
    for other in again:
        same = other.scenario
        if (same.installed_as, same.overrides) != given:
            continue
        for one, two in paired(rendering.resources, other.resources, {}, {}, any_left=True):
            if one is not None and two is not None:
                differences = list(unequal(content(one), content(two)))
                new = Chance(
                    frozenset(address for address, *_ in differences),
                    frozenset(join(*steps(a)[:-1]) for a, *sides in differences if ABSENT in sides),
                )
                if differences:
                    found[id(one)] = found.get(id(one), Chance()).joined(new)
    return found


def paired(
    one: Sequence[Resource],
    two: Sequence[Resource],
    of_one: Chances,
    of_two: Chances,
    *,
    key_of_one: Callable[[Resource], Identity] = lambda resource: resource.identity,
    key_of_two: Callable[[Resource], Identity] = lambda resource: resource.identity,
    any_left: bool = False,
) -> Iterator[tuple[Resource | None, Resource | None]]:
    """Pair objects by identity, and those that chance has named by their kind and template, in order.

    Args:
        one: the objects of one rendering.
        two: those of another.
        of_one: where those of the first differ by chance.
        of_two: where those of the second do.
        key_of_one: by what to look for those of the first, their identity if it is not given.
        key_of_two: the same for the second.
        any_left: whether all that is left over may have been named by chance.
    """
    were = {key_of_one(resource): resource for resource in one}
    are = {key_of_two(resource): resource for resource in two}
    waiting: dict[tuple[Identity, str], list[Resource]] = {}
    for key, resource in are.items():
        if key not in were and (any_left or of_two.get(id(resource), Chance()).names_it):
            waiting.setdefault((key._replace(name=""), resource.template), []).append(resource)
    taken: set[int] = set()
    for key, resource in were.items():
        other = are.get(key)
        if other is None and (any_left or of_one.get(id(resource), Chance()).names_it):
            alike = waiting.get((key._replace(name=""), resource.template))
            other = alike.pop(0) if alike else None
        if other is not None:
            taken.add(id(other))
        yield resource, other
    yield from ((None, resource) for resource in are.values() if id(resource) not in taken)
