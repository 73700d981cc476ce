"""The objects of Kubernetes in a rendering, and lookups among them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsIndex, TypeVar

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of
from chartgate.model.findings import Check

_GENERATED, _LONGEST_BASE = "xxxxx", 58
"""As many characters as the API server adds to generateName, and how many it keeps of that.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apiserver/pkg/storage/names/generate.go
"""

Manifest = dict[str, Any]
Index = TypeVar("Index")
Made = TypeVar("Made")


class Identity(NamedTuple):
    """What makes a Kubernetes object itself; `namespace` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.label} ({self.api_version})"

    @property
    def label(self) -> str:
        """Its kind, namespace and name: `Deployment shop/web`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Resource:
    """One Kubernetes object of a rendering and the template it came from."""

    manifest: Manifest
    template: str
    default_namespace: str
    """Where it lands without a metadata.namespace: the release's namespace, or "" when cluster-scoped."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Copy without what was made of it: a copy is there to be changed."""
        return Resource, (self.manifest, self.template, self.default_namespace)

    def settle(self) -> None:
        """Promise that the manifest does not change from now on."""
        self.__dict__.setdefault("_made", {})

    def made(self, of: Callable[..., Made], *given: Hashable) -> Made:
        """Give what a function makes of this resource; once it is settled, it is called once for all renderings."""
        made: dict[Hashable, Made] | None = self.__dict__.get("_made")
        if made is None:
            return of(self, *given)
        key = (of, *given) if given else of
        if key not in made:
            made[key] = of(self, *given)
        return made[key]

    @property
    def kind(self) -> str:
        """Its kind."""
        kind = self.manifest.get("kind", "")
        return kind if type(kind) is str else str(kind)

    @property
    def name(self) -> str:
        """Its metadata.name, or one of those that the API server may make of metadata.generateName."""
        return self.identity.name

    @property
    def is_generated(self) -> bool:
        """Whether the API server makes up its name, another one each time."""
        return not self._metadata.get("name") and bool(self._metadata.get("generateName"))

    @property
    def _metadata(self) -> Mapping[str, Any]:
        return map_of(self.manifest.get("metadata"))

    @property
    def namespace(self) -> str:
        """Where it lands; "" when cluster-scoped, whatever the manifest says."""
        return self.identity.namespace

    @property
    def identity(self) -> Identity:
        """What makes it itself, read from the manifest as it is now."""
        return self.made(_identity)

    @property
    def subject(self) -> str:
        """Its identity in words, as checks say what they are about: `Deployment shop/web (apps/v1)`."""
        return self.made(_subject)

    def at(self, address: str) -> Any:
        """Give the value at an address of the manifest, or ABSENT."""
        return lookup(self.manifest, address)

    def place(self, address: str = "") -> Place[Resource]:
        """Give the place at an address of the manifest; the whole of it without one."""
        whole = Place(self, "", self.manifest)
        return whole.place(address) if address else whole

    def __truediv__(self, key: str) -> Place[Resource]:
        """Give the place of a key of the manifest: `resource / "spec"`."""
        return Place(self, "", self.manifest) / key


def _identity(resource: Resource) -> Identity:
    metadata, given = map_of(resource.manifest.get("metadata")), resource.default_namespace
    name = metadata.get("name", "")
    if resource.is_generated:
        name = f"{str(metadata['generateName'])[:_LONGEST_BASE]}{_GENERATED}"
    namespace = str(metadata.get("namespace") or given) if given else ""
    return Identity(str(resource.manifest.get("apiVersion", "")), resource.kind, namespace, str(name))


def _subject(resource: Resource) -> str:
    return str(resource.identity)


class Missing(LookupError):
    """Something that a policy looked for is not there: a finding of that policy, never a traceback."""

    def __init__(self, subject: str, path: str, expected: str, actual: str, template: str = "") -> None:
        self.check = Check(subject, path, expected, actual, False, template)
        super().__init__(f"{subject}: expected {expected}, found {actual}")

    @classmethod
    def at(cls, place: Place[Resource], expected: str, actual: str = "") -> Missing:
        """Say what was expected at a place of a resource, and what is there: the value, unless it is said otherwise."""
        owner = place.owner
        return cls(owner.subject, place.address, expected, actual or repr(place.value), owner.template)


class Resources(list[Resource]):
    """The resources of a rendering in helm's order, with lookups that fail loudly.

    Settled ones are not changed any more, and look things up in indexes that are made once; of a list that may still
    change, such as a copy that a counterexample breaks, every lookup reads all.
    """

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        super().__init__(resources)
        self._indexes: dict[Callable[[Resources], Any], Any] | None = None

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Copy without the indexes: a copy is there to be changed."""
        return Resources, (list(self),)

    def settle(self) -> None:
        """Promise that neither the list nor a manifest in it changes from now on."""
        if self._indexes is None:
            self._indexes = {}
            for resource in self:
                resource.settle()

    def indexed(self, of: Callable[[Resources], Index]) -> Index:
        """Give what a function makes of these resources; once they are settled, it is called once."""
        if self._indexes is None:
            return of(self)
        if of not in self._indexes:
            self._indexes[of] = of(self)
        found: Index = self._indexes[of]
        return found

    def one(self, kind: str, name: str, namespace: str | None = None) -> Resource:
        """Give the one resource of that kind and name (and namespace).

        Raises:
            Missing: there is none, or more than one.
        """
        found = self.named(kind, name, namespace)
        if len(found) != 1:
            place = "" if namespace is None else f"{namespace}/"
            there = ", ".join(str(r.identity) for r in found or self.of_kind(kind)) or f"no {kind} at all"
            raise Missing(f"{kind} {place}{name}", "", "rendered once", there)
        return found[0]

    def of_kind(self, *kinds: str) -> Resources:
        """Give all resources of these kinds, possibly none."""
        if self._indexes is None:
            return Resources(r for r in self if r.kind in kinds)
        places = self.indexed(_places_by_kind)
        found = [places.get(kind, []) for kind in dict.fromkeys(kinds)]
        return Resources(self[place] for place in (found[0] if len(found) == 1 else sorted(itertools.chain(*found))))

    def named(self, kind: str, name: str, namespace: str | None = None) -> list[Resource]:
        """Give the resources of that kind and name, and of that namespace where one is given."""
        if self._indexes is None:
            found = [r for r in self if r.kind == kind and r.name == name]
        else:
            found = self.indexed(_by_kind_and_name).get((kind, name), [])
        return [r for r in found if namespace in (None, r.namespace)]

    def from_template(self, file_name: str) -> Resources:
        """Give what one template file of the chart itself rendered (`service.yaml`), possibly nothing."""
        return Resources(r for r in self if r.template.split("/", 1)[-1] == f"templates/{file_name}")

    def identities(self) -> list[Identity]:
        """Give every identity, sorted."""
        return sorted(r.identity for r in self)


def _places_by_kind(resources: Resources) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, resource in enumerate(resources):
        found[resource.kind].append(place)
    return found


def _by_kind_and_name(resources: Resources) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource.kind, resource.name].append(resource)
    return found


def in_both(before: Iterable[Resource], after: Iterable[Resource]) -> Iterator[tuple[Resource, Resource]]:
    """Pair the resources that are there before and after, each as it was and as it is, in the order of the latter."""
    were = {resource.identity: resource for resource in before}
    return ((were[resource.identity], resource) for resource in after if resource.identity in were)
