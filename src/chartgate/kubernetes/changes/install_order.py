"""In which order Helm and Argo CD make the objects of a release, and which of them are there at each moment.

Sources: https://github.com/helm/helm/blob/v4.2.3/pkg/action/hooks.go (weight, then name, then kind; hook-succeeded
deletes once all hooks of the event are done), https://helm.sh/docs/topics/charts_hooks/ and, for Argo CD,
https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/ (phase, then wave; what helm calls a weight is a wave).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartgate.kubernetes.changes.lifecycle import annotation_words, annotations_of, is_kept
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.model import Resource, Resources

_HELM, _ARGO = "helm.sh/", "argocd.argoproj.io/"
_WAITED_FOR = ("Deployment", "StatefulSet", "DaemonSet")
"""Whose pods `helm install --wait` waits for, before it comes to the hooks after the release."""
_NUMBER = re.compile(r"[-+]?[0-9]{1,9}")
_AWAITED = {"Helm": ("Job", "Pod"), "Argo CD": ("Job", "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")}
"""What a tool waits for before it goes on: Helm for hooks to be done, Argo CD for all of a wave to be healthy."""
KIND_ORDER = """
    PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount
    Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole
    ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service
    DaemonSet Pod ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob
    IngressClass Ingress APIService MutatingWebhookConfiguration ValidatingWebhookConfiguration
""".split()  # noqa: SIM905 - a list to read
"""Helm's order of kinds: https://github.com/helm/helm/blob/v4.2.3/pkg/release/v1/util/kind_sorter.go"""
_PHASES = ("PreSync", "Sync", "PostSync")
_PHASE_OF = {
    **dict.fromkeys(("pre-install", "pre-upgrade"), "PreSync"),
    **dict.fromkeys(("post-install", "post-upgrade"), "PostSync"),
}


@dataclass(frozen=True)
class Moment:
    """Something that a tool makes at one time, before it goes on."""

    words: str
    made: tuple[int, ...]
    """The resources, by their place in the list."""
    settled: int
    """The number of the moment at which all of this operation is made, and done."""
    is_release: bool = False
    """Whether it is the release itself, which Helm makes at once and does not wait for."""


@dataclass(frozen=True)
class Course:
    """What one tool does with a release, from the installation to the removal."""

    tool: str
    moments: tuple[Moment, ...]
    _spans: Mapping[int, tuple[tuple[int, int], ...]]

    def is_there(self, resource: int, moment: int) -> bool:
        """Tell whether a resource, by its place in the list, is there at a moment."""
        return any(begin <= moment < end for begin, end in self._spans.get(resource, ()))

    def last_moment(self, resource: int, moment: int) -> int:
        """Give the last moment at which a resource that is made at a moment is still there."""
        return next((end - 1 for begin, end in self._spans.get(resource, ()) if begin <= moment < end), moment)

    def was_there(self, resource: int, moment: int) -> bool:
        """Tell whether it was there before a moment, and is no longer."""
        spans = self._spans.get(resource, ())
        return not self.is_there(resource, moment) and any(end <= moment for _, end in spans)


@dataclass(frozen=True)
class Turn:
    """A resource that a tool makes at some moment."""

    course: Course
    resources: Resources
    place: int
    moment: int

    @property
    def workload(self) -> Resource:
        """The resource."""
        return self.resources[self.place]

    @property
    def is_awaited(self) -> bool:
        """Whether the tool goes on only when it is done, or healthy."""
        is_release = self.course.moments[self.moment].is_release
        return self.workload.kind in _AWAITED[self.course.tool] and not is_release

    def has(self, resource: Resource) -> bool:
        """Tell whether a resource of the release is there in time: at once, or at the end where nobody waits for it.

        The end is when all is made, or when the workload itself is taken away.
        """
        now = self.course.moments[self.moment]
        is_at_once = self.is_awaited or (now.is_release and self.workload.kind in _WAITED_FOR)
        at = self.moment if is_at_once else min(now.settled, self.course.last_moment(self.place, self.moment))
        return self.course.is_there(_index(resource, self.resources), at)

    def why_not(self, resource: Resource) -> str:
        """Say when a resource is made instead, and whether it is gone by now."""
        was = self.course.was_there(_index(resource, self.resources), self.moment)
        gone = ", and deleted before" if was else ""
        after = self.course.moments[self.moment].is_release and not was and helm_events(resource)
        late = ", which `helm install --wait` never comes to: it waits for these pods" if after else ""
        return f"{resource.identity.label} is {_place_in_order(resource, self.course.tool)}{gone}{late}"

    def __str__(self) -> str:
        return f"{self.course.tool} comes to it ({self.course.moments[self.moment].words})"


def turns(resources: Resources) -> Iterator[Turn]:
    """Give each workload at each moment at which a tool makes it."""
    for course in courses(resources):
        for number, moment in enumerate(course.moments):
            for place in moment.made:
                if resources[place].kind in WORKLOAD_KINDS:
                    yield Turn(course, resources, place, number)


def _index(resource: Resource, resources: Resources) -> int:
    return resources.indexed(_places_of)[id(resource)]


def _places_of(resources: Resources) -> Mapping[int, int]:
    return {id(resource): place for place, resource in enumerate(resources)}


def courses(resources: Resources) -> Iterator[Course]:
    """Give what Helm does with these resources, and Argo CD where one of them has an annotation for its order."""
    yield _helm(resources)
    if any({f"{_ARGO}hook", f"{_ARGO}sync-wave"} & set(annotations_of(resource)) for resource in resources):
        yield _argo(resources)


def _place_in_order(resource: Resource, tool: str) -> str:
    """Say when a tool makes a resource: `a pre-install hook of weight -5`, `in phase Sync, wave 0`."""
    if tool == "Argo CD":
        return f"in phase {' and '.join(_phases(resource)) or 'none'}, wave {_wave(resource)}"
    events = helm_events(resource)
    if not events:
        return "part of the release itself"
    return f"a {' and '.join(events)} hook of weight {_number(resource, f'{_HELM}hook-weight')}"


def helm_events(resource: Resource) -> tuple[str, ...]:
    """Give the events at which Helm runs a hook; none for what is part of the release."""
    return _words(resource, f"{_HELM}hook")


class _Story:
    """What is written down while a tool's work is played."""

    def __init__(self) -> None:
        self.moments: list[tuple[str, tuple[int, ...], int, bool]] = []
        self.spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.begun: dict[int, int] = {}
        self.operation = 0

    def make(self, words: str, made: Iterable[int], *, is_release: bool = False) -> None:
        new, now = tuple(made), len(self.moments)
        for place in new:
            self.begun.setdefault(place, now)
        self.moments.append((words, new, self.operation, is_release))

    def remove(self, gone: Iterable[int]) -> None:
        for place in gone:
            if place in self.begun:
                self.spans[place].append((self.begun.pop(place), len(self.moments)))

    def finish(self, words: str) -> None:
        self.make(words, ())
        self.operation += 1

    def course(self, tool: str) -> Course:
        self.remove(list(self.begun))
        last = {operation: number for number, (_, _, operation, _) in enumerate(self.moments)}
        moments = (Moment(words, made, last[of], is_release) for words, made, of, is_release in self.moments)
        return Course(tool, tuple(moments), {place: tuple(spans) for place, spans in self.spans.items()})


def _helm(resources: Resources) -> Course:
    events = {place: helm_events(resource) for place, resource in enumerate(resources)}
    own = [place for place, resource in enumerate(resources) if f"{_HELM}hook" not in annotations_of(resource)]
    hooks = sorted((place for place in events if events[place]), key=lambda place: _key_of_hook(resources[place]))
    story = _Story()

    def run(event: str) -> None:
        running = [place for place in hooks if event in events[place]]
        for place in running:
            story.remove([place])  # before-hook-creation
            story.make(event, [place])
        story.remove(p for p in running if _is_deleted(resources[p], f"{_HELM}hook-delete-policy", "hook-succeeded"))

    for operation in ("install", "upgrade"):
        run(f"pre-{operation}")
        story.make(operation, own, is_release=True)
        run(f"post-{operation}")
        story.finish(operation)
    for event in ("test", "pre-rollback", "post-rollback", "pre-delete"):
        run(event)
        story.finish(event)
    story.remove(place for place in own if not is_kept(resources[place]))
    run("post-delete")
    story.finish("post-delete")
    return story.course("Helm")


def _argo(resources: Resources) -> Course:
    of_phases: dict[str, dict[int, list[int]]] = {phase: defaultdict(list) for phase in _PHASES}
    for place, resource in enumerate(resources):
        for phase in _phases(resource):
            of_phases[phase][_wave(resource)].append(place)
    story = _Story()
    for phase, waves in of_phases.items():
        for wave, made in sorted(waves.items()):
            story.make(f"{phase}, wave {wave}", made)
    story.remove(p for p, r in enumerate(resources) if _is_deleted(r, f"{_ARGO}hook-delete-policy", "HookSucceeded"))
    story.finish("the end of the synchronization")
    return story.course("Argo CD")


def _phases(resource: Resource) -> Sequence[str]:
    annotations = annotations_of(resource)
    if f"{_ARGO}hook" in annotations:
        given = _words(resource, f"{_ARGO}hook")
        return [phase for phase in _PHASES if phase.lower() in given]
    if f"{_HELM}hook" in annotations:
        return [phase for phase in _PHASES if phase in {_PHASE_OF.get(event) for event in helm_events(resource)}]
    return ["Sync"]


def _wave(resource: Resource) -> int:
    wave = f"{_ARGO}sync-wave"
    return _number(resource, wave if wave in annotations_of(resource) else f"{_HELM}hook-weight")


def _key_of_hook(hook: Resource) -> tuple[int, str, int]:
    order = KIND_ORDER.index(hook.kind) if hook.kind in KIND_ORDER else len(KIND_ORDER)
    return _number(hook, f"{_HELM}hook-weight"), hook.name, order


def _is_deleted(resource: Resource, annotation: str, policy: str) -> bool:
    return resource.kind != "CustomResourceDefinition" and policy.lower() in _words(resource, annotation)


def _words(resource: Resource, annotation: str) -> tuple[str, ...]:
    return tuple("test" if word == "test-success" else word for word in annotation_words(resource, annotation))


def _number(resource: Resource, annotation: str) -> int:
    text = str(annotations_of(resource).get(annotation, "0")).strip()
    return int(text) if _NUMBER.fullmatch(text) else 0
