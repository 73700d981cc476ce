"""What a policy judges at a time: a rendering, or each thing of a sort that is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers, is_elsewhere, pod_spec
from chartgate.model import Rendering, Resource, Resources


@dataclass(frozen=True)
class Subject:
    """A sort of things, and how they are found in one resource; equal ones of many scenarios are judged alike."""

    words: str
    """`each container`, for documentation."""
    kinds: tuple[str, ...]
    """The kinds of the resources that they are in; any kind where none is named."""
    of: Callable[[Resource], Iterable[Any]]
    """Gives those in a resource of such a kind, as it is rendered or as the hooks leave it; may raise Missing."""

    def holders(self, rendering: Rendering) -> Resources:
        """Give the resources that they are in."""
        return rendering.forms.of_kind(*self.kinds) if self.kinds else rendering.forms


def each(*kinds: str) -> Subject:
    """Judge each resource of these kinds; of any kind where none is named."""
    words = f"each {' and '.join(kinds)}" if kinds else "each resource"
    return Subject(words, kinds, lambda resource: [resource])


POD = Subject("each pod", WORKLOAD_KINDS, lambda resource: [] if is_elsewhere(resource) else [pod_spec(resource)])
"""The pod spec of each workload, as a place."""
CONTAINER = Subject(
    "each container", WORKLOAD_KINDS, lambda resource: [] if is_elsewhere(resource) else containers(resource)
)
"""Each container of each workload, the init containers too."""
