"""What a policy judges at a time: a rendering, or each thing of a sort that is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers, pod_spec
from chartgate.model import Resource


@dataclass(frozen=True)
class Subject:
    """A sort of things, and how they are found in one resource; equal ones of many scenarios are judged alike."""

    words: str
    """`each container`, for documentation."""
    of: Callable[[Resource], Iterable[Any]]
    """Gives those in a resource, as it is rendered or as the hooks leave it; may raise Missing."""


def each(*kinds: str) -> Subject:
    """Judge each resource of these kinds; of any kind where none is named."""
    words = f"each {' and '.join(kinds)}" if kinds else "each resource"
    return Subject(words, lambda resource: [resource] if not kinds or resource.kind in kinds else [])


POD = Subject("each pod", lambda resource: [pod_spec(resource)] if resource.kind in WORKLOAD_KINDS else [])
"""The pod spec of each workload, as a place."""
CONTAINER = Subject("each container", lambda resource: containers(resource) if resource.kind in WORKLOAD_KINDS else [])
"""Each container of each workload, the init containers too."""
