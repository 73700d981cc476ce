"""Other values of keys, and which of them go into one rendering."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chartgate.documents.addresses import is_inside, steps
from chartgate.documents.json_documents.equality import canonical, same
from chartgate.documents.very_objects import TheVery
from chartgate.matrix.derivations.derived import with_values
from chartgate.model import Scenario


class KeyTry(NamedTuple):
    """Another value of a key, and what else must be set for the key to matter."""

    base: Scenario
    key: str
    value: Any
    needed: Mapping[str, Any]
    has_mark: bool
    """Whether the value has the key's mark: then one sees in all that is rendered whether it is of this key."""
    files: frozenset[str]
    """The templates that may do something with the key."""
    named_in: frozenset[str]
    """Those that read it by its name."""
    is_unlikely: bool
    """Whether it hardly shows anything: many go into one rendering then, which is halved where something shows."""
    asked: frozenset[str]
    """The words in what decides whether the key is read: another key of such a name might hide it."""

    def hides(self, other: KeyTry) -> bool:
        """Tell whether the other key may show nothing because of this one."""
        return steps(self.key)[-1] in other.asked


class ChangesTogether(NamedTuple):
    """Tries that go into one rendering: those with marks, or of keys that different templates read."""

    tries: tuple[KeyTry, ...]
    needed: Mapping[str, Any]

    @classmethod
    def of(cls, tries: Sequence[KeyTry]) -> ChangesTogether:
        """Put tries together."""
        return cls(tuple(tries), {key: value for each in tries for key, value in each.needed.items()})

    def scenarios(self) -> tuple[Scenario, Scenario]:
        """Derive the scenario with what the keys need to matter, and the same with their other values."""
        base = self.tries[0].base
        before = _derived(TheVery(base), _Changes.of("with", self.needed)) if self.needed else base
        values = {each.key: each.value for each in self.tries}
        return before, _derived(TheVery(before), _Changes.of("changed", values))

    def takes(self, other: KeyTry) -> bool:
        """Tell whether one sees of both keys what they do, and neither sets what the other is about."""
        first = self.tries[0]
        if other.base is not first.base or (other.has_mark, other.is_unlikely) != (first.has_mark, first.is_unlikely):
            return False
        if other.is_unlikely:
            is_seen = other.needed == first.needed and not any(
                each.hides(other) or other.hides(each) for each in self.tries
            )
        else:
            is_seen = other.has_mark or all(
                each.named_in.isdisjoint(other.files) and each.files.isdisjoint(other.named_in) for each in self.tries
            )
        if not is_seen:
            return False
        mine = {**self.needed, **{each.key: None for each in self.tries}}
        theirs = {**other.needed, other.key: None}
        return all(same(theirs[key], mine[key]) for key in theirs.keys() & mine.keys()) and not any(
            is_inside(one, two) or is_inside(two, one) for one in theirs for two in mine if one != two
        )


@dataclass(frozen=True)
class _Changes:
    """Values to set, told from others by their name alone, which has their digest."""

    suffix: str
    values: Mapping[str, Any] = field(compare=False)

    @classmethod
    def of(cls, word: str, values: Mapping[str, Any]) -> _Changes:
        """Name what is changed: one key, how many more, and which values these are."""
        first, more = next(iter(values)), f"+{len(values) - 1}" if len(values) > 1 else ""
        digest = hashlib.sha256(canonical(values).encode()).hexdigest()[:8]
        return cls(f"{word}.{first}{more}-{digest}", values)


@functools.lru_cache(maxsize=512)
def _derived(base: TheVery[Scenario], changes: _Changes) -> Scenario:
    """Derive a scenario, once: each time that something is rendered, what is asked for is gone through again."""
    return with_values(base.it, changes.suffix, changes.values)
