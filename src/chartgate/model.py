"""The words of this project as plain data: chart, scenario, resource, rendering, check."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeVar

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of
from chartgate.documents.yaml_decoder import RepeatedKey

_GENERATED, _LONGEST_BASE = "xxxxx", 58
"""As many characters as the API server adds to generateName, and how many it keeps of that.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apiserver/pkg/storage/names/generate.go
"""

Values = dict[str, Any]
Manifest = dict[str, Any]
Index = TypeVar("Index")


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
    ci_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Text of every `ci/*-values.yaml`, by its name; helm need not read these."""
    repeats: Mapping[str, tuple[RepeatedKey, ...]] = field(default_factory=dict, repr=False)
    """The keys that Chart.yaml and values.yaml have twice, by the name of the file; the last one counts."""
    not_fetched: tuple[str, ...] = field(default=(), repr=False)
    """What its schema refers to outside of itself: nothing of that is fetched, by helm neither."""


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


@dataclass(frozen=True)
class Declarations:
    """What a matrix says of its chart, for all scenarios alike."""

    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The objects that a toggle may change although they are not its own: patterns of `Kind name`, by toggle."""
    echoes: tuple[str, ...] = ()
    """What only shows the values again: patterns of `Kind name`."""
    external: tuple[External, ...] = ()
    """The objects that are there though no chart renders them."""
    schemas: Schemas = field(default_factory=Schemas)
    """What kinds and keys of ConfigMaps must fit, besides the schemas of Kubernetes."""
    is_conventional: bool = False
    """The chart itself gave the scenarios, for want of a matrix: nobody has said what other combinations there are."""


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
    traits: frozenset[str] = field(default=frozenset(), repr=False)
    """What it has in terms of the matrix: toggles that are on (`postgres`), the values of axes (`source=literal`)."""
    origin: str = ""
    """The scenario of the matrix that a policy derived this one from; empty for those of the matrix."""
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The values, by address, that a policy set in what it derived; part of `overrides` as well."""
    is_trial: bool = False
    """Derived with values that nobody has shown to fit together: helm may refuse them, and the policy judges that."""
    attempt: int = 0
    """How often the same input was rendered before: what differs then is chance or time, not the input."""
    chart: Chart | None = field(default=None, repr=False, compare=False)
    """Whose defaults the overrides were merged over, to derive others; None for one that was made by hand."""
    declared: Declarations = field(default_factory=Declarations, repr=False)
    """What its matrix says of the chart."""

    @property
    def external(self) -> tuple[External, ...]:
        """The objects that are there in this scenario though no chart renders them."""
        name = self.origin or self.name
        return tuple(thing for thing in self.declared.external if name in (thing.scenarios or (name,)))

    def again(self, attempt: int) -> Scenario:
        """Give the same input, to be rendered once more."""
        name = f"{self.name}.again-{attempt}"
        return dataclasses.replace(self, name=name, origin=self.origin or self.name, attempt=attempt)

    def derived(self, suffix: str, **changes: Any) -> Scenario:
        """Give a scenario that differs in release, namespace or version, named `off.suffix`.

        `with_values` in `matrix.derived` is for other values.
        """
        origin = self.origin or self.name
        return dataclasses.replace(self, name=f"{self.name}.{suffix}", origin=origin, switched=None, **changes)

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
class Resource:
    """One Kubernetes object of a rendering and the template it came from."""

    manifest: Manifest
    template: str
    default_namespace: str
    """Where it lands without a metadata.namespace: the release's namespace, or "" when cluster-scoped."""

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.manifest.get("kind", ""))

    @property
    def name(self) -> str:
        """Its metadata.name, or one of those that the API server may make of metadata.generateName."""
        if self.is_generated:
            return f"{str(self._metadata['generateName'])[:_LONGEST_BASE]}{_GENERATED}"
        return str(self._metadata.get("name", ""))

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
        own = self._metadata.get("namespace") or self.default_namespace
        return str(own) if self.default_namespace else ""

    @property
    def identity(self) -> Identity:
        """What makes it itself, read from the manifest as it is now."""
        return Identity(str(self.manifest.get("apiVersion", "")), self.kind, self.namespace, self.name)

    def at(self, address: str) -> Any:
        """Give the value at an address of the manifest, or ABSENT."""
        return lookup(self.manifest, address)

    def place(self, address: str = "") -> Place[Resource]:
        """Give the place at an address of the manifest; the whole of it without one."""
        return Place(self, "", self.manifest).place(address)

    def __truediv__(self, key: str) -> Place[Resource]:
        """Give the place of a key of the manifest: `resource / "spec"`."""
        return self.place() / key


@dataclass(frozen=True)
class Check:
    """One thing that a policy examined; a finding is a check that failed."""

    subject: str
    """Identity of the resource, or the part of the chart (`values.yaml`), that it is about."""
    path: str
    expected: Any
    actual: Any
    passed: bool
    template: str = ""
    scenario: str = ""

    def of(self, scenario: str) -> Check:
        """Give the same check with the scenario that it was made in."""
        # Ten times as quick as `dataclasses.replace`, and a run makes hundreds of thousands.
        return Check(self.subject, self.path, self.expected, self.actual, self.passed, self.template, scenario)


@dataclass(frozen=True)
class Waiver:
    """Accepted findings of one policy, with a reason, an owner and an expiry date; an empty pattern accepts any."""

    policy: str
    resource: str
    """Pattern of `Kind namespace/name`, or of `Kind name` where it has no namespace."""
    scenario: str
    """Pattern of the scenario's name, or of the pair's (`off..postgres`)."""
    path: str
    """Pattern of the address inside of the resource."""
    reason: str
    owner: str
    expires: datetime.date
    """The last day on which it counts."""

    def __str__(self) -> str:
        return f"{self.reason} ({self.owner}, until {self.expires})"

    def is_expired(self, today: datetime.date) -> bool:
        """Tell whether its last day is over."""
        return today > self.expires

    def accepts(self, policy: str, case: str, finding: Check) -> bool:
        """Tell whether it is about this finding."""
        return (
            policy == self.policy
            and _fits(self.resource, finding.subject.partition(" (")[0])
            and _fits(self.path, finding.path)
            and (_fits(self.scenario, case) or _fits(self.scenario, finding.scenario))
        )


def _fits(pattern: str, text: str) -> bool:
    """Compare with a pattern in which `*` and `?` stand for anything, and brackets for themselves."""
    return not pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


class Missing(LookupError):
    """Something that a policy looked for is not there: a finding of that policy, never a traceback."""

    def __init__(self, subject: str, path: str, expected: str, actual: str, template: str = "") -> None:
        self.check = Check(subject, path, expected, actual, False, template)
        super().__init__(f"{subject}: expected {expected}, found {actual}")

    @classmethod
    def at(cls, place: Place[Resource], expected: str, actual: str = "") -> Missing:
        """Say what was expected at a place of a resource, and what is there: the value, unless it is said otherwise."""
        owner = place.owner
        return cls(str(owner.identity), place.address, expected, actual or repr(place.value), owner.template)


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


@dataclass(frozen=True)
class Flaw:
    """What in helm's output is no sound object of Kubernetes: helm prints it, and an installation fails or drops it."""

    sort: Literal["object", "key", "list"]
    """A document that is no sound object; a key that is there twice, of which the last one counts; an empty List."""
    template: str
    subject: str
    """The object, as far as it says what it is."""
    address: str
    """Where in it."""
    expected: Any
    actual: Any
    line: int = 0
    """Where in the rendered document, counted from 1; 0 where it is about the whole."""


@dataclass(frozen=True)
class Rendering:
    """What helm made of one scenario: the resources, each with its template, or the error."""

    scenario: Scenario
    chart: Chart
    resources: Resources
    after_hooks: Resources
    """The resources once the hooks that patch them have run (the sidecar Job, say)."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    """Helm's own stderr when it refused, verbatim: it may show secret values, and is masked where it is reported."""
    hook_error: str = ""
    """Why a hook would fail; `after_hooks` are the resources without it then."""
    flaws: tuple[Flaw, ...] = ()
    """What else helm wrote, which is no sound object."""

    def settle(self) -> None:
        """Promise that its resources no longer change, so that lookups may be quick."""
        self.resources.settle()
        self.after_hooks.settle()

    @property
    def stages(self) -> tuple[Resources, ...]:
        """The resources before the hooks, and those after them where a hook changes, adds or removes any."""
        same = len(self.resources) == len(self.after_hooks) and all(map(operator.is_, self.resources, self.after_hooks))
        return (self.resources,) if same else (self.resources, self.after_hooks)

    @property
    def forms(self) -> Resources:
        """Each resource as it is rendered, and once more as the hooks leave it, where they change or add it."""
        before = {id(resource) for resource in self.resources}
        return Resources([*self.resources, *(r for r in self.after_hooks if id(r) not in before)])


@dataclass(frozen=True)
class Case:
    """What one pytest item judges: a scenario, a pair of scenarios, or all of them."""

    name: str
    scenarios: tuple[Scenario, ...]

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios)
