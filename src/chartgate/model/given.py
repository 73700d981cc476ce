"""What a run is given: the chart, what a matrix says of it, and the scenarios; a case is what one item judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.looks import counting_looks
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey

Values = dict[str, Any]
PodSecurityLevel = Literal["privileged", "baseline", "restricted"]
"""From lax to strict: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""


@dataclass(frozen=True)
class Chart:
    """A chart, read once: `folder` is this run's own copy, so later edits of the original change nothing."""

    name: str
    version: str
    folder: Path
    """What helm is given: a folder, or a packed chart (a .tgz) as it came."""
    source: str
    """Where the user's chart is, as it was given: for messages and commands to copy."""
    digest: str
    metadata: Mapping[str, Any] = field(repr=False)
    """Chart.yaml, completed by requirements.yaml, in the forms that helm gives it."""
    own_values: Values = field(repr=False)
    """values.yaml of this chart alone."""
    defaults: Values = field(repr=False)
    """values.yaml, with each subchart's defaults below its name, as helm coalesces them."""
    schema: Mapping[str, Any] = field(repr=False)
    """values.schema.json, empty where the chart has none; for `true` it is empty, too, for `false` `{"not": {}}`."""
    templates: Mapping[str, str] = field(repr=False)
    """Text of every file below templates/, by its path in the chart."""
    subcharts: tuple[Chart, ...] = field(repr=False)
    """What is in charts/, each under its alias."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Every file that helm reads, by its path in the chart."""
    ci_values: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Every `ci/*-values.yaml`, by its name; helm need not read these."""
    repeats: Mapping[str, tuple[RepeatedKey, ...]] = field(default_factory=dict, repr=False)
    """The keys that Chart.yaml and values.yaml have twice, by the name of the file; the last one counts."""
    not_fetched: tuple[str, ...] = field(default=(), repr=False)
    """What its schema refers to outside of itself: nothing of that is fetched, by helm neither."""

    def with_subcharts(self) -> Iterator[tuple[tuple[str, ...], Chart]]:
        """Give the chart and all below it, each with the names that lead to it: none for the chart itself."""
        yield (), self
        for subchart in self.subcharts:
            yield from (((subchart.name, *names), chart) for names, chart in subchart.with_subcharts())

    def every_template(self) -> Iterator[str]:
        """Give the text of each template of the chart and of all below it."""
        for _, one in self.with_subcharts():
            yield from one.templates.values()

    def own_template(self, printed: str) -> str:
        """Give the text of a template by the path that helm prints, `web/templates/a.yaml`; empty for a subchart's."""
        return self.templates.get(printed.partition("/")[2], "")


def folder_of(names: Sequence[str]) -> str:
    """Give where a subchart is in its chart, `charts/db/charts/common/`, by the names that lead to it."""
    return "".join(f"charts/{name}/" for name in names)


@dataclass(frozen=True)
class External:
    """An object that the chart relies on and does not make; the matrix declares it, with the reason."""

    kind: str
    name: str
    reason: str
    namespace: str = ""
    """Empty for the release's own, and for a cluster-scoped kind."""
    keys: tuple[str, ...] = ()
    """What it has, the ports of a Service included; empty for whatever is asked of it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By which selectors find it; of pods only."""
    scenarios: tuple[str, ...] = ()
    """In which it is there; empty for all."""


@dataclass(frozen=True)
class Schemas:
    """The JSON schemas, as text, that the matrix names for what Kubernetes itself does not know."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    """By apiVersion and kind: `example.com/v1 Widget`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By key of a ConfigMap: `config.yaml`."""
    unjudged: Mapping[str, str] = field(default_factory=dict)
    """The reason why a kind has none, by apiVersion and kind."""


@dataclass(frozen=True)
class OnePer:
    """That a namespace, or a cluster, holds at most one release of the chart; a matrix declares it."""

    scope: Literal["namespace", "cluster"]
    reason: str


@dataclass(frozen=True)
class Declarations:
    """What a matrix, and the settings, say of a chart, for all scenarios alike."""

    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The objects that a toggle may change although they are not its own: patterns of `Kind name`, by toggle."""
    echoes: tuple[str, ...] = ()
    """What only shows the values again: patterns of `Kind name`."""
    external: tuple[External, ...] = ()
    """The objects that are there though no chart renders them."""
    schemas: Schemas = field(default_factory=Schemas)
    """What kinds and keys of ConfigMaps must fit, besides the schemas of Kubernetes."""
    one_per: OnePer | None = None
    """Where a second release of the chart is not meant to be; None where it may be anywhere."""
    is_conventional: bool = False
    """The chart itself gave the scenarios, for want of a matrix: nobody has said what other combinations there are."""
    pod_security: PodSecurityLevel | None = None
    """What the settings demand of the pods in every namespace."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What helm said of scenarios that it may refuse, by their `question`: its words, empty where it renders one."""


@counting_looks("chart")
@dataclass(frozen=True)
class Scenario:
    """One named point of the matrix: what helm is given, and whether it must refuse it."""

    name: str
    release: str
    namespace: str
    kube_version: str
    overrides: Values = field(repr=False)
    """What helm gets with `--values`."""
    values: Values = field(repr=False)
    """The overrides merged over the chart's defaults, as helm does."""
    refusal: tuple[str, ...] = ()
    """Words that helm's stderr must contain; none for a scenario that must render."""
    switched: frozenset[str] | None = None
    """The toggles that are on, where nothing else differs from the other combinations; None for all other scenarios."""
    api_versions: tuple[str, ...] = ()
    """What the cluster serves besides what helm knows of Kubernetes: `example.com/v1`, `example.com/v1/Widget`."""
    is_installation: bool = False
    """It is an installation by itself, a values file of the chart's ci/, and never an upgrade of another scenario."""
    traits: frozenset[str] = field(default=frozenset(), repr=False)
    """What it has in terms of the matrix: toggles that are on (`postgres`), the values of axes (`source=literal`)."""
    origin: str = ""
    """The scenario of the matrix that a policy derived this one from; empty for those of the matrix."""
    derived_from: Scenario | None = field(default=None, repr=False, compare=False)
    """The scenario, derived itself perhaps, that a policy derived this one from; None for those of the matrix."""
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The values, by address, that a policy set in what it derived; part of `overrides` as well."""
    is_derived: bool = False
    """A policy derived it, and it is not one of the matrix that is rendered again."""
    is_trial: bool = False
    """Derived with values that nobody has shown to fit together: helm may refuse them, and the policy judges that."""
    is_all_on: bool = False
    """Every switch is on in it that may be: where helm refuses it, it refuses what is derived from it as well."""
    attempt: int = 0
    """How often the same input was rendered before: what differs then is chance or time, not the input."""
    is_upgrade: bool = False
    """It is an upgrade of a release, for templates that ask: all else is an installation."""
    chart: Chart | None = field(default=None, repr=False, compare=False)
    """Whose defaults the overrides were merged over, to derive others; None for one that was made by hand."""
    declared: Declarations = field(default_factory=Declarations, repr=False)
    """What its matrix says of the chart."""

    @property
    def external(self) -> tuple[External, ...]:
        """The objects that are there in this scenario though no chart renders them."""
        name = self.origin or self.name
        return tuple(thing for thing in self.declared.external if name in (thing.scenarios or (name,)))

    @property
    def installed_as(self) -> tuple[str, str, str, tuple[str, ...]]:
        """All that helm is given besides chart and values: under which name, where, and of what kind the cluster is."""
        return self.release, self.namespace, self.kube_version, self.api_versions

    @property
    def question(self) -> str:
        """What it is called in the answers of helm: by its name and all keys that are set in it."""
        return " ".join((self.name, *self.changes))

    @property
    def refused_in(self) -> str:
        """Helm's words where it refuses it; empty where it renders it, and where nobody has asked."""
        return self.declared.answers.get(self.question, "")

    def again(self, attempt: int) -> Scenario:
        """Give the same input, to be rendered once more."""
        name = f"{self.name}.again-{attempt}"
        return dataclasses.replace(self, name=name, origin=self.origin or self.name, attempt=attempt)

    def as_upgrade(self) -> Scenario:
        """Give the same input, for a release that is there."""
        return dataclasses.replace(self, name=f"{self.name}.upgrade", origin=self.origin or self.name, is_upgrade=True)

    def derived(self, suffix: str, **changes: Any) -> Scenario:
        """Give a scenario that differs in release, namespace or version, named `off.suffix`.

        `with_values` in `matrix.derived` is for other values.
        """
        origin = self.origin or self.name
        given = {"switched": None, "is_derived": True, "derived_from": self, "is_all_on": False, **changes}
        return dataclasses.replace(self, name=f"{self.name}.{suffix}", origin=origin, **given)

    def value(self, address: str) -> Any:
        """Give a merged value by its address.

        Raises:
            LookupError: the chart has no such value; a policy must not decide on a key that does not exist.
        """
        found = lookup(self.values, address)
        if found is ABSENT:
            raise LookupError(f"scenario {self.name}: the chart has no value {address!r}")
        return found


@dataclass(frozen=True)
class Case:
    """What one pytest item judges: a scenario, a pair of scenarios, or all of them."""

    name: str
    scenarios: tuple[Scenario, ...]
    where: str = ""
    """What is done there, in words for a reader of findings (`where one key at a time is set`); empty for its name."""

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios)
