"""What a matrix.yaml says, as typed data; its form is that of schema.json, which docs/matrix.md explains."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from chartgate.matrix.matrix import PatchHook, Snapshots
from chartgate.model import External, OnePer, Values, Waiver


@dataclass(frozen=True)
class Point:
    """What a scenario, or one value of an axis, sets; None for what it leaves alone."""

    release: str | None = None
    namespace: str | None = None
    kube_version: str | None = None
    api_versions: tuple[str, ...] | None = None
    """What the cluster serves besides, added to what the matrix says."""
    values: Values | None = None
    items: dict[str, dict[str, Values]] | None = None
    """By keyed list and by name of the item: the keys of the item that are set."""
    values_files: tuple[str, ...] | None = None
    infrastructure: str | None = None
    toggles: tuple[str, ...] | Literal["all"] | None = None
    """The toggles that are on, all others are off."""
    axes: dict[str, str] = field(default_factory=dict)
    """The value of each axis that is chosen."""
    stderr: tuple[str, ...] = ()
    """The words with which helm must refuse it; none for a scenario that must render."""

    @property
    def names_of_files(self) -> Iterator[str]:
        """The files that it takes values from."""
        yield from self.values_files or ()
        if self.infrastructure is not None:
            yield self.infrastructure


@dataclass(frozen=True)
class ListKey:
    """Which key of a list's items holds their name, and which part of it is the name."""

    key: str
    name: str


@dataclass(frozen=True)
class Exclusion:
    """Two values of two axes that must not be together."""

    together: dict[str, str]


@dataclass(frozen=True)
class NamedSchemas:
    """The files of JSON schemas, by what they are for."""

    kinds: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    crds: tuple[str, ...] = ()
    """Files or folders of CustomResourceDefinitions."""
    unjudged: dict[str, str] = field(default_factory=dict)
    """The reason why a kind has no schema."""


@dataclass(frozen=True)
class PairwiseRows:
    """Rows of one value an axis, by name: with all toggles on, and with all but the master."""

    all_on: dict[str, dict[str, str]] = field(default_factory=dict)
    master_off: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """A waiver as it is written: of a policy's findings, or of a risk of a review."""

    reason: str
    owner: str
    expires: datetime.date
    policy: str = ""
    risk: str = ""
    resource: str = ""
    scenario: str = ""
    path: str = ""

    @property
    def waiver(self) -> Waiver:
        """The waiver, of the policy or of the class of risk."""
        name = self.policy or self.risk
        return Waiver(name, self.resource, self.scenario, self.path, self.reason, self.owner, self.expires)


@dataclass(frozen=True)
class MatrixContent:
    """A whole matrix.yaml."""

    chart: str
    release: str
    namespace: str
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    """What the cluster serves in every scenario, besides what helm knows of Kubernetes itself."""
    values: Values = field(default_factory=dict)
    """What lies under the values of every scenario."""
    toggles: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    """By name: the address of a boolean, or addresses and what is set there."""
    master: str | None = None
    axes: dict[str, dict[str, Point]] = field(default_factory=dict)
    exclude: tuple[Exclusion, ...] = ()
    pairwise: PairwiseRows | None = None
    """The rows that are written; None where they are computed from the axes."""
    ci_files: bool | str | tuple[str, ...] = False
    """The values files of the chart's ci/ that are scenarios: all, or those that fit a pattern."""
    scenarios: dict[str, Point] = field(default_factory=dict)
    refusals: dict[str, Point] = field(default_factory=dict)
    keyed_lists: dict[str, ListKey] = field(default_factory=dict)
    shared: dict[str, tuple[str, ...]] = field(default_factory=dict)
    echoes: tuple[str, ...] = ()
    external: tuple[External, ...] = ()
    one_per: OnePer | None = None
    schemas: NamedSchemas = field(default_factory=NamedSchemas)
    after_hooks: tuple[PatchHook, ...] = ()
    snapshots: Snapshots | None = None
    nothing_to_examine: dict[str, str] = field(default_factory=dict)
    waivers: tuple[Accepted, ...] = ()

    @property
    def exclusions(self) -> set[frozenset[tuple[str, str]]]:
        """The pairs of axis values that must not be together."""
        return {frozenset(rule.together.items()) for rule in self.exclude}

    @property
    def names_of_files(self) -> Iterator[str]:
        """The files, relative to the matrix, that it takes values and schemas from."""
        points = [*self.scenarios.values(), *self.refusals.values()]
        points += [point for choices in self.axes.values() for point in choices.values()]
        for point in points:
            yield from point.names_of_files
        yield from (*self.schemas.kinds.values(), *self.schemas.keys.values(), *self.schemas.crds)


def content_of(document: dict[str, Any]) -> MatrixContent:
    """Give a document of the right form as typed data."""
    return msgspec.convert(document, MatrixContent)
