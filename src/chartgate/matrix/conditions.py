"""The smallest condition over toggles and axes that holds in exactly the given scenarios."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chartgate.documents.words import listed

_MOST_NAMES = 6
_MOST_EXCEPTIONS = 3
_MOST_LITERALS = 4
"""A longer condition says less than the names of the scenarios."""


@dataclass(frozen=True)
class Literal:
    """A trait that scenarios have or do not have, and the scenarios for which this holds, as bits."""

    text: str
    mask: int


class Conditions:
    """Describes sets of scenarios, each by what all of them have and no other scenario has."""

    def __init__(self, traits: Mapping[str, frozenset[str]]) -> None:
        """Take every scenario that both sides render, with its traits: `cache`, `size=large`."""
        self._names = list(traits)
        self._all = (1 << len(self._names)) - 1
        self._bits = {name: 1 << number for number, name in enumerate(self._names)}
        self._literals = self._made(traits)
        self._known: dict[int, str] = {}

    def describe(self, scenarios: Sequence[str]) -> str:
        """Give the condition in words: `all`, `all with sidecars and without reader`, or the scenarios' names."""
        wanted = sum(self._bits[name] for name in scenarios)
        if wanted not in self._known:
            self._known[wanted] = self._described(wanted)
        return self._known[wanted]

    def _made(self, traits: Mapping[str, frozenset[str]]) -> list[Literal]:
        every = sorted({trait for found in traits.values() for trait in found})
        literals: dict[int, Literal] = {}
        masks = {trait: sum(self._bits[name] for name, found in traits.items() if trait in found) for trait in every}
        # That something is there says more than that something else is not.
        positive = [(f"with {trait}", mask) for trait, mask in masks.items()]
        for text, bits in (*positive, *((f"without {trait}", self._all & ~mask) for trait, mask in masks.items())):
            if bits not in (0, self._all) and bits not in literals:
                literals[bits] = Literal(text, bits)
        # Short and positive ones first: of several conditions of one size, the first found is the one that is given.
        return sorted(literals.values(), key=lambda literal: (literal.text.startswith("without"), len(literal.text)))

    def _described(self, wanted: int) -> str:
        if wanted == self._all:
            return "all"
        found = self._conjunction(wanted)
        if found:
            return f"all {_words(found)}"
        rest = self._conjunction(self._all & ~wanted)
        if rest:
            return f"all but those {_words(rest)}"
        halves = self._halves(wanted)
        if halves:
            return f"all {_words(halves[0])}, and all {_words(halves[1])}"
        names, others = (
            [n for n in self._names if bool(self._bits[n] & wanted) == is_wanted] for is_wanted in (True, False)
        )
        if len(others) <= min(len(names) - 1, _MOST_EXCEPTIONS):
            return f"all but {', '.join(others)}"
        return listed(names, _MOST_NAMES)

    def _conjunction(self, wanted: int) -> tuple[Literal, ...]:
        """Give the fewest literals that together hold in exactly these scenarios; none if that takes too many."""
        fitting = [literal for literal in self._literals if literal.mask & wanted == wanted]
        together = self._all
        for literal in fitting:
            together &= literal.mask
        if together != wanted:
            return ()
        # A literal that excludes less than another one is not part of a smallest condition.
        fitting = [
            one for one in fitting if not any(two.mask != one.mask and two.mask & ~one.mask == 0 for two in fitting)
        ]
        for size in range(1, _MOST_LITERALS + 1):
            for chosen in itertools.combinations(fitting, size):
                mask = self._all
                for literal in chosen:
                    mask &= literal.mask
                if mask == wanted:
                    return chosen
        return ()

    def _halves(self, wanted: int) -> Sequence[tuple[Literal, ...]]:
        """Give the two shortest conditions that together cover exactly these scenarios; none if there are none."""
        found = []
        for literal in self._literals:
            parts = wanted & literal.mask, wanted & ~literal.mask
            if all(parts):
                halves = [self._conjunction(part) for part in parts]
                if all(halves):
                    found.append(halves)
        return min(found, key=lambda halves: sum(map(len, halves)), default=())


def _words(literals: Sequence[Literal]) -> str:
    """Write literals as one phrase: `with postgres and sidecars and without reader`."""
    texts = [literal.text for literal in literals]
    parts = []
    for lead in ("with ", "without "):
        names = sorted((text.removeprefix(lead) for text in texts if text.startswith(lead)), key=_toggles_first)
        if names:
            # `without a and b` could mean that one of them may be there.
            parts.append(lead + (" and " if lead == "with " else " and without ").join(names))
    return " and ".join(parts)


def _toggles_first(trait: str) -> tuple[bool, str]:
    """Sort toggles before the values of axes."""
    return "=" in trait, trait
