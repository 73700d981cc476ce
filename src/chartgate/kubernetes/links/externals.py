"""Which external objects of the matrix a rendering needs: it refers to them, and does not make them itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from chartgate.kubernetes.links.existence import KeysOf, is_declared, resolves
from chartgate.kubernetes.links.found_pods import pods_found
from chartgate.kubernetes.links.label_selectors import PodSelection, peers, protected_pods, service_selection
from chartgate.kubernetes.links.object_references import Reference, own_namespace, references
from chartgate.kubernetes.links.service_backends import (
    endpoint_ports,
    governing_services,
    host_names,
    ingress_backends,
    own_ports,
    route_backends,
    webhook_backends,
)
from chartgate.model import External, Rendering, Resource, Resources, Scenario

# Every sort of reference, with what counts as a key of what it leads to.
_SORTS: tuple[tuple[Callable[[Resource], Iterable[Reference]], KeysOf | None], ...] = (
    (own_namespace, None),
    (references, None),
    (route_backends, endpoint_ports),
    *((of, own_ports) for of in (ingress_backends, webhook_backends, governing_services, host_names)),
)


def needed(rendering: Rendering) -> Iterator[External]:
    """Give each declared object, once, that something refers to, and that is not there without the declaration."""
    rest = list(rendering.scenario.external)
    alone = _declaring(rendering.scenario)
    for resources in rendering.stages if rest else ():
        for resource in resources:
            for reference, keys_of in _references(resource):
                found = [thing for thing in rest if is_declared(reference, thing, rendering.scenario)]
                if found and not resolves(reference, resources, alone, keys_of):
                    yield from found
                    rest = [thing for thing in rest if thing not in found]
            for selection in _selections(resource, resources, rendering):
                found = [thing for thing in rest if thing.kind == "Pod" and _finds(selection, thing, rendering)]
                yield from found
                rest = [thing for thing in rest if thing not in found]


def _references(resource: Resource) -> Iterator[tuple[Reference, KeysOf | None]]:
    for of, keys_of in _SORTS:
        yield from ((reference, keys_of) for reference in of(resource))


def _selections(resource: Resource, resources: Resources, rendering: Rendering) -> Iterator[PodSelection]:
    yield from service_selection(resource)
    yield from protected_pods(resource)
    yield from peers(resource, resources, rendering.scenario)


def _finds(selection: PodSelection, thing: External, rendering: Rendering) -> bool:
    return bool(pods_found(selection, Resources(), _declaring(rendering.scenario, thing)))


def _declaring(scenario: Scenario, *things: External) -> Scenario:
    return dataclasses.replace(scenario, declared=dataclasses.replace(scenario.declared, external=things))
