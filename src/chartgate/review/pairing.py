"""Which resource of one rendering is which of another: the same object, one that was renamed or moved, or none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.walking import Keys, nodes
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.lifecycle import is_left_alone
from chartgate.kubernetes.version_labels import VERSION_LABELS
from chartgate.model import Resource, Resources
from chartgate.review.hidden_secrets import content
from chartgate.review.object_differences import differences_of
from chartgate.review.review import Fate
from chartgate.review.versioned_names import without_versions

_ALIKE = 0.6
"""The share of their parts that two objects must have in common for one to be the other under a new name."""
_OF_A_VERSION = frozenset([*VERSION_LABELS, "chart"])
"""Keys whose values change with every version, with the label `chart` of older charts."""

Versioned = tuple[Collection[str], Collection[str]]
"""The versions of the chart and of its application on both sides, which names may carry."""
_NO_VERSIONS: Versioned = ((), ())

_Part = tuple[Keys, int, str]
"""One line of one value of an object: the keys that lead to the value, the line's number, the line."""


@dataclass(frozen=True)
class Pair:
    """One object on both sides, or on one of them."""

    before: Resource | None
    after: Resource | None
    differences: tuple[Difference, ...]
    is_replaced: bool = False
    """Whether its name carries a version, the revision or a hash of its content: another one is no new name of it."""
    beside: tuple[Resources, Resources] = (Resources(), Resources())
    """All that each side renders: who is bound to a role, what a reference leads to."""

    @property
    def fate(self) -> Fate:
        """What became of the object."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if _is_moved(self.before, self.after):
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


def pairs(before: Resources, after: Resources, versions: Versioned = _NO_VERSIONS) -> Iterator[Pair]:
    """Pair the resources of two renderings; those that are equal on both sides are left out.

    Args:
        before: those of the older side.
        after: those of the newer side.
        versions: what of both sides is in names: an object that is called after a version is replaced by the next.
    """
    was, now = list(before), list(after)
    beside = before, after
    for sort in (
        lambda r: (_group(r), r.kind, r.namespace, r.name),  # the same object
        lambda r: (r.kind, r.namespace, r.name),  # in another API group
        lambda r: (_group(r), r.kind, r.name),  # in another namespace
    ):
        for old, new in _matched(was, now, sort):
            found = differences_of(old, new)
            if found or _is_moved(old, new) or is_left_alone(old) != is_left_alone(new):
                yield Pair(old, new, tuple(found), beside=beside)
    for matched, is_replaced in ((_replaced(was, now, versions), True), (_renamed(was, now), False)):
        for old, new in matched:
            found = [d for d in differences_of(old, new) if d.address != "metadata.name"]
            yield Pair(old, new, tuple(found), is_replaced, beside)
    yield from (Pair(old, None, (), beside=beside) for old in was)
    yield from (Pair(None, new, (), beside=beside) for new in now)


def _is_moved(old: Resource, new: Resource) -> bool:
    """Tell whether an object lands in another namespace.

    Of a kind that only one side defines, the other does not know that it is in none: not where neither names one.
    """
    are_named = any(resource.at("metadata.namespace") not in (ABSENT, None, "") for resource in (old, new))
    return old.namespace != new.namespace and are_named


def _group(resource: Resource) -> str:
    return str(resource.manifest.get("apiVersion", "")).rpartition("/")[0]


def _matched(
    was: list[Resource], now: list[Resource], sort: Callable[[Resource], Hashable]
) -> list[tuple[Resource, Resource]]:
    """Remove and pair objects with equal keys; of several, the first."""
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


def _replaced(was: list[Resource], now: list[Resource], versions: Versioned) -> list[tuple[Resource, Resource]]:
    """Remove and pair objects whose names are the same apart from a version of their side, or a hash."""
    found = []
    for old in list(was):
        stem = without_versions(old.name, versions[0])
        if stem == old.name:
            continue
        for new in now:
            if (old.kind, old.namespace, stem) == (
                new.kind,
                new.namespace,
                without_versions(new.name, versions[1]),
            ):
                was.remove(old)
                now.remove(new)
                found.append((old, new))
                break
    return found


def _renamed(was: list[Resource], now: list[Resource]) -> list[tuple[Resource, Resource]]:
    """Remove and pair objects that are similar apart from their names, the most similar first."""
    # The name of a definition is made of what it defines: another name is another kind.
    candidates = [
        (number, other)
        for number, old in enumerate(was)
        for other, new in enumerate(now)
        if (old.kind, old.namespace) == (new.kind, new.namespace)
        and old.kind != "CustomResourceDefinition"
        and not (_component(old) and _component(new) and _component(old) != _component(new))
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


def _component(resource: Resource) -> Any:
    """Give what an object is a part of by its label: a part that others have in its place is no new name of it."""
    return resource.at("metadata.labels[app.kubernetes.io/component]") or None


def _parts(resource: Resource) -> set[_Part]:
    """Give the parts of an object without its name; in other texts, its name is replaced by `*`."""

    def unnamed(text: str) -> str:
        return text.replace(resource.name, "*")

    return {
        (tuple(map(unnamed, keys)), number, line)
        for keys, node in nodes(content(resource))
        if not isinstance(node, dict | list) and keys != ("metadata", "name") and not {*keys} & _OF_A_VERSION
        for number, line in enumerate(unnamed(str(node)).splitlines() or [""])
    }


def _alike(one: set[_Part], two: set[_Part]) -> float:
    """Give the share of all parts of two objects that is in both: 0 for none, 1 for all."""
    return len(one & two) / len(one | two)


def value(resource: Resource | None, address: str) -> Any:
    """Give the value at an address of a resource, or ABSENT, also where there is no resource."""
    return ABSENT if resource is None else lookup(resource.manifest, address)
