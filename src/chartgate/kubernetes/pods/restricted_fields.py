"""A field of a pod that a standard restricts, and what is wrong with its value."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chartgate.charts.metadata.version_constraints import admitted
from chartgate.documents.addresses import ABSENT
from chartgate.documents.json_documents.equality import same
from chartgate.documents.places import Place
from chartgate.documents.very_objects import TheVery
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.workloads import containers, pod_template
from chartgate.model import Resource

Things = Literal[
    "pod",
    "containers",
    "containers on Linux",
    "pod and containers",
    "volumes",
    "ports",
    "kubelet requests",
    "AppArmor annotations",
]
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


@dataclass(frozen=True)
class Field:
    """A field that a control restricts."""

    things: Things
    """The parts of a pod that have it."""
    address: str
    """Where the field is in each of these parts; empty for the part itself."""
    allowed: Sequence[Any]
    """The values that it may have, ABSENT for none."""
    liberty: str
    """What another value would permit, in words; for a list, the item is appended."""
    allowed_since: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The values that it may have as well, each with the version of Kubernetes that first allowed it."""
    read: Callable[[Any], Any] = lambda value: value
    """Converts its value to the form that `allowed` has."""
    items: Callable[[Any], list[Any]] | None = None
    """Gives the items of its value, where they are judged one by one."""
    is_inherited: bool = False
    """Whether a container without it has the value of its pod."""
    is_about_root: bool = False
    """Whether all values are allowed where root is nobody on the node (`hostUsers: false`, since Kubernetes 1.35)."""
    baseline_allows: Sequence[Any] | None = None
    """Of a control of the level "restricted": what the level "baseline" allows instead; None for anything."""

    @property
    def is_demanded(self) -> bool:
        """Whether it must be there: without it, a container may already do what the standards do not allow."""
        return bool(self.wrong(ABSENT, self.allowed))

    def wrong(self, value: Any, allowed: Sequence[Any]) -> list[Any]:
        """Give what is not allowed: the value itself, or items of the list."""
        items = self.items(value) if self.items else [self.read(value)]
        return self.misses(items, allowed)

    @staticmethod
    def misses(items: Sequence[Any], allowed: Sequence[Any]) -> list[Any]:
        """Give the items that are not among those that are allowed."""
        return [item for item in items if not any(same(item, other) for other in allowed)]


class Examined(NamedTuple):
    """A field of a pod, and what is wrong with its value."""

    field: Field
    place: Place[Resource]
    expected: str
    actual: Any
    wrong: list[Any]


def examined(pod: Place[Resource], fields: Iterable[Field], constraint: str = "") -> Iterator[Examined]:
    """Examine fields of a pod and of its containers.

    Args:
        pod: the pod spec.
        fields: those of one control, or of several.
        constraint: the chart's `kubeVersion`: what came later must be allowed in all versions that it admits. Where it
            is empty, or not valid, the rules of today count.

    Raises:
        Missing: a list of containers is not one.
    """
    is_free_of_root = pod.at("hostUsers") is False and _is_since("1.35", constraint)
    for field in fields:
        allowed, expected = _allowed(TheVery(field), constraint)
        for thing in _things(pod, field.things):
            place = thing.place(field.address)
            source = pod.place(field.address) if field.is_inherited and not place.is_set else place
            value = source.value if source.is_set else ABSENT
            wrong = [] if field.is_about_root and is_free_of_root else field.wrong(value, allowed)
            yield Examined(field, place, expected, field.items(value) if field.items else place.value, wrong)


@functools.cache
def _allowed(field: TheVery[Field], constraint: str) -> tuple[tuple[Any, ...], str]:
    """Give the values that a field may have under a constraint, and the same in words: one for all pods."""
    newer = (value for value, version in field.it.allowed_since.items() if _is_since(version, constraint))
    allowed = (*field.it.allowed, *newer)
    return allowed, _words(allowed) + ", here or on the pod" * field.it.is_inherited


@functools.cache
def _is_since(version: str, constraint: str) -> bool:
    """Tell whether all versions of Kubernetes that a constraint admits have what came with one of them (`1.35`)."""
    older = tuple(f"1.{minor}" for minor in range(int(version.partition(".")[2])))
    try:
        return not constraint or not admitted(constraint, older)
    except ValueError:
        return True


def _words(allowed: Sequence[Any]) -> str:
    words = [str(value).lower() if isinstance(value, bool) else str(value) for value in allowed if value is not ABSENT]
    words = [*filter(None, words), *["nothing"] * (ABSENT in allowed)]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _things(pod: Place[Resource], which: Things) -> Iterable[Place[Resource]]:
    if which == "pod":
        return [pod]
    if which == "volumes":
        return (pod / "volumes").maps()
    if which == "AppArmor annotations":
        annotations = pod_template(pod.owner) / "metadata" / "annotations"
        return [place for key, place in annotations.entries() if key.startswith(_APPARMOR)]
    found = containers(pod.owner)
    if which == "containers on Linux":
        return [] if pod.at("os.name") == "windows" else found
    if which == "ports":
        return [port for container in found for port in (container / "ports").maps()]
    if which == "kubelet requests":
        return [request for container in found for request in kubelet_requests(container)]
    return [pod, *found] if which == "pod and containers" else found
