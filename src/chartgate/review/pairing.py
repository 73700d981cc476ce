"""Which resource of one rendering is which of another: the same object, one that was renamed or moved, or none."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.equality import canonical
from chartgate.kubernetes.changes.differences import Difference, differences
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource, Resources

Fate = Literal["added", "removed", "renamed", "moved", "changed"]

_ALIKE = 0.6
"""Share of what two objects have together that must be the same for one to be the other under a new name."""
_AMOUNT = re.compile(r"\.resources\.(?:requests|limits)\.[^.]+$")
_OF_A_VERSION = ("helm.sh/chart", "app.kubernetes.io/version", "chart")
SECRET = "<secret>"  # noqa: S105 - what stands in place of one
ANOTHER = "<another secret>"


@dataclass(frozen=True)
class Pair:
    """One object on both sides, or on one of them."""

    before: Resource | None
    after: Resource | None
    differences: tuple[Difference, ...]

    @property
    def fate(self) -> Fate:
        """What became of the object."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before.namespace != self.after.namespace:
            return "moved"
        return "changed" if self.before.name == self.after.name else "renamed"

    @property
    def resource(self) -> Resource:
        """The object as it is now, or as it was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair of nothing")
        return found

    @property
    def both(self) -> tuple[Resource, Resource] | None:
        """The object as it was and as it is, where it is on both sides."""
        return (self.before, self.after) if self.before and self.after else None


def pairs(before: Resources, after: Resources) -> Iterator[Pair]:
    """Pair the resources of two renderings; those that are equal on both sides are left out."""
    was, now = list(before), list(after)
    for sort in (
        lambda r: (_group(r), r.kind, r.namespace, r.name),  # the same object
        lambda r: (r.kind, r.namespace, r.name),  # in another API group
        lambda r: (_group(r), r.kind, r.name),  # in another namespace
    ):
        for old, new in _matched(was, now, sort):
            found = _compared(old, new)
            if found or old.namespace != new.namespace:
                yield Pair(old, new, tuple(found))
    for old, new in _renamed(was, now):
        yield Pair(old, new, tuple(d for d in _compared(old, new) if d.address != "metadata.name"))
    yield from (Pair(old, None, ()) for old in was)
    yield from (Pair(None, new, ()) for new in now)


def _group(resource: Resource) -> str:
    return str(resource.manifest.get("apiVersion", "")).rpartition("/")[0]


def _matched(
    was: list[Resource], now: list[Resource], sort: Callable[[Resource], Hashable]
) -> list[tuple[Resource, Resource]]:
    """Take those out of both lists that are one by this key; the first of several."""
    there: dict[Hashable, Resource] = {}
    for resource in now:
        there.setdefault(sort(resource), resource)
    found = []
    for old in list(was):
        new = there.pop(sort(old), None)
        if new is not None:
            was.remove(old)
            now.remove(new)
            found.append((old, new))
    return found


def _renamed(was: list[Resource], now: list[Resource]) -> list[tuple[Resource, Resource]]:
    """Take those out of both lists that are alike but for their names, the most similar first."""
    # The name of a definition is made of what it defines: another name is another kind.
    candidates = [
        (number, other)
        for number, old in enumerate(was)
        for other, new in enumerate(now)
        if (old.kind, old.namespace) == (new.kind, new.namespace) and old.kind != "CustomResourceDefinition"
    ]
    old_parts = {number: _parts(was[number]) for number, _ in candidates}
    new_parts = {other: _parts(now[other]) for _, other in candidates}
    scores = sorted(
        ((_alike(old_parts[number], new_parts[other]), number, other) for number, other in candidates),
        key=lambda score: (-score[0], score[1:]),
    )
    taken: set[int] = set()
    found: dict[int, int] = {}
    for score, number, other in scores:
        if score >= _ALIKE and number not in found and other not in taken:
            found[number] = other
            taken.add(other)
    result = [(was[number], now[other]) for number, other in sorted(found.items())]
    was[:] = [old for number, old in enumerate(was) if number not in found]
    now[:] = [new for number, new in enumerate(now) if number not in taken]
    return result


def _parts(resource: Resource) -> set[tuple[str, str]]:
    return set(_leaves(_content(resource), resource.name))


def _alike(one: set[tuple[str, str]], two: set[tuple[str, str]]) -> float:
    """Give the share of what two objects have together that is the same in both; their own names count as the same."""
    return len(one & two) / len(one | two)


def _leaves(value: Any, name: str, *above: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key not in _OF_A_VERSION:
                yield from _leaves(below, name, *above, str(key).replace(name, "*"))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, name, *above, str(index))
    elif above != ("metadata", "name"):
        for number, line in enumerate(str(value).replace(name, "*").splitlines() or [""]):
            yield join(*above, *([str(number)] if number else [])), line


def _compared(old: Resource, new: Resource) -> list[Difference]:
    """Compare two manifests; what a Secret holds is never shown, however it is written."""
    if canonical(old.manifest) == canonical(new.manifest):
        return []
    found = [d for d in differences(_content(old), _content(new), _holds_yaml(old)) if not _is_the_same(old.kind, d)]
    if old.kind != "Secret":
        return found
    return [_hidden(difference) if _is_content(difference) else difference for difference in found]


def _is_the_same(kind: str, difference: Difference) -> bool:
    """Tell whether Kubernetes makes nothing of a difference.

    A field that is null, a description's line breaks, an amount in another unit; the namespace is the pair's own,
    whether the manifest names it or not.
    """
    sides = difference.before, difference.after
    if difference.address == "metadata.namespace":
        return True
    if _AMOUNT.search(difference.address) and quantity(sides[0]) is not None:
        return quantity(sides[0]) == quantity(sides[1])
    if all(side is None or side is ABSENT for side in sides):
        return not difference.address.startswith("data")
    is_prose = kind == "CustomResourceDefinition" and difference.address.endswith(".description")
    return is_prose and str(sides[0]).split() == str(sides[1]).split()


def _content(resource: Resource) -> Any:
    """Give a manifest, a Secret's `data` and `stringData` as the one map of texts that they are."""
    manifest = resource.manifest
    if resource.kind != "Secret":
        return manifest
    encoded, plain = (_map(manifest.get(key)) for key in ("data", "stringData"))
    content = {key: _decoded(value) for key, value in encoded.items()}
    content |= {key: value.encode() if isinstance(value, str) else value for key, value in plain.items()}
    return {**{key: value for key, value in manifest.items() if key not in ("data", "stringData")}, "data": content}


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _decoded(value: Any) -> Any:
    """Give what base64 stands for; what is none stays as it is."""
    try:
        return base64.b64decode("".join(value.split()), validate=True) if isinstance(value, str) else value
    except (binascii.Error, ValueError):
        return value


def _is_content(difference: Difference) -> bool:
    return steps(difference.address)[:1] == ["data"]


def _hidden(difference: Difference) -> Difference:
    before = difference.before if difference.before is ABSENT else SECRET
    after = difference.after if difference.after is ABSENT else ANOTHER if before is not ABSENT else SECRET
    return dataclasses.replace(difference, before=before, after=after)


def _holds_yaml(resource: Resource) -> Callable[[tuple[str, ...]], bool]:
    return lambda keys: resource.kind == "ConfigMap" and keys[:1] == ("data",) and len(keys) == 2


def value(resource: Resource | None, address: str) -> Any:
    """Give the value at an address of a resource, or ABSENT, also where there is no resource."""
    return ABSENT if resource is None else lookup(resource.manifest, address)
