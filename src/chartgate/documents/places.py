"""A place: a value in an object, together with its address there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chartgate.documents.addresses import ABSENT, below, child, item, item_steps, lookup, position, written_steps

Owner = TypeVar("Owner")


@dataclass(frozen=True, init=False)
class Place(Generic[Owner]):
    """A value in an object: whose it is, its address there, and the value itself, ABSENT where nothing is.

    `place / "spec" / "containers"` goes down by keys, `place.place("spec.containers[web]")` by an address; iterating
    over a place gives the items of the list that is there, each under what tells it from the others.
    """

    owner: Owner
    address: str
    value: Any

    def __init__(self, owner: Owner, address: str, value: Any) -> None:
        """Give the place of a value: twice as quick as what `dataclass` writes, and a run makes a million of them."""
        own = self.__dict__
        own["owner"], own["address"], own["value"] = owner, address, value

    def __truediv__(self, key: str) -> Place[Owner]:
        """Give the place of one key, taken literally: `labels / "app.kubernetes.io/name"`."""
        value = self.value
        if isinstance(value, dict):
            return Place(self.owner, below(self.address, key), value.get(key, ABSENT))
        return self._down(key, in_brackets=False)

    def _down(self, step: str, *, in_brackets: bool) -> Place[Owner]:
        """Give the place of a step below a list, or below what nothing is in."""
        if isinstance(self.value, list):
            index = position(self.value, step)
            address = item(self.address, step if index is None else item_steps(self.value)[index])
        elif in_brackets:
            address = item(self.address, step)  # the list that it would be in is not there
        else:
            address = below(self.address, step)
        return Place(self.owner, address, child(self.value, step))

    def place(self, address: str) -> Place[Owner]:
        """Give the place at an address below this one.

        Raises:
            ValueError: it is not an address.
        """
        found = Place(self.owner, self.address, self.value)
        for step, in_brackets in written_steps(address):
            is_key = isinstance(found.value, dict)
            found = found / step if is_key else found._down(step, in_brackets=in_brackets)
        return found

    def at(self, address: str) -> Any:
        """Give the value at an address below this place, or ABSENT."""
        return lookup(self.value, address)

    def __iter__(self) -> Iterator[Place[Owner]]:
        """Give the items of the list that is here; nothing where there is no list."""
        items = self.value
        if not isinstance(items, list):
            return
        for step, value in zip(item_steps(items), items, strict=True):
            yield Place(self.owner, item(self.address, step), value)

    def maps(self) -> Iterator[Place[Owner]]:
        """Give those items of the list that are maps: what else is in it is for a schema to say."""
        return (found for found in self if isinstance(found.value, dict))

    def texts(self) -> Iterator[Place[Owner]]:
        """Give those items of the list that are texts."""
        return (found for found in self if isinstance(found.value, str))

    def entries(self) -> Iterator[tuple[str, Place[Owner]]]:
        """Give the keys of the map that is here, each with its place; nothing where there is no map."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield str(key), Place(self.owner, below(self.address, str(key)), self.value[key])

    @property
    def is_there(self) -> bool:
        """Whether anything is here, a null included."""
        return self.value is not ABSENT

    @property
    def is_set(self) -> bool:
        """Whether anything is here that is not null: Kubernetes takes a null for a field that is left out."""
        return self.value is not ABSENT and self.value is not None

    @property
    def is_map(self) -> bool:
        """Whether a map is here."""
        return isinstance(self.value, dict)

    @property
    def text(self) -> str:
        """The text that is here, empty where there is none."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def map(self) -> dict[str, Any]:
        """The map that is here, empty where there is none."""
        return self.value if isinstance(self.value, dict) else {}
