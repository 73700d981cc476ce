"""Checks of what a resource refers to: each makes one of a whole sort of references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.places import Place
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.links.existence import KeysOf, find, has_key, resolves
from chartgate.kubernetes.links.found_pods import are_of_others, pods_found
from chartgate.kubernetes.links.label_selectors import PodSelection
from chartgate.kubernetes.links.near_objects import Instead, instead_of, instead_of_pods
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.environment import variables
from chartgate.kubernetes.pods.workloads import Container, workloads
from chartgate.model import AskedObject, Check, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import exists, rendered, states, with_cause

_OPTIONAL = {True: "found, or optional", False: "found"}


def reference_checks(
    rendering: Rendering, of: Callable[[Resource], Iterable[Reference]], keys_of: KeysOf | None = None
) -> Iterator[Check]:
    """Check each reference of a sort, before the hooks and after them; an optional one may lead nowhere."""
    made: set[tuple[str, str, str]] = set()
    for resources in rendering.stages:
        for resource in resources:
            for reference in resource.made(_references, of):
                passed = reference.optional or resolves(reference, resources, rendering.scenario, keys_of)
                this = (resource.subject, reference.place.address, str(reference))
                if this not in made or not passed:
                    is_there = resources.named(reference.kind, reference.name, reference.namespace)
                    there = Instead(_OPTIONAL[reference.optional])
                    there = there if passed else instead_of(reference, resources, keys_of)
                    check = states(
                        (reference.key_place if is_there else None) or reference.place,
                        passed,
                        expected=f"{reference} is rendered, or declared external",
                        actual=there.words,
                        asked=AskedObject(reference.kind, reference.name, reference.namespace),
                        elsewhere=there.elsewhere,
                    )
                    # Where the object is not there, none of its keys is.
                    what = f"{reference.kind} {reference.name}"
                    yield with_cause(check, f"{what} {reference.key}".strip() if is_there else what)
                made.add(this)


def _references(resource: Resource, of: Callable[[Resource], Iterable[Reference]]) -> tuple[Reference, ...]:
    return tuple(of(resource))


def source_checks(
    rendering: Rendering, container: Container, variable: str, reader: Place[Resource]
) -> Iterator[Check]:
    """Check that a container has a variable, and that the key which it is read from is rendered.

    `reader` is where the variable is used. What should be rendered and is not is a finding of its own: either of the
    two can be the one that is wrong.
    """
    origin = variables(container, rendering.resources).get(variable)
    expected = f"{variable} has a source on the container {container.name} that is rendered"
    if origin is None or origin.kind not in ("Secret", "ConfigMap"):
        yield states(reader, origin is not None, expected=expected, actual=str(origin or ABSENT))
        return
    namespace = container.resource.namespace
    found = find(rendering.resources, origin.kind, origin.name, namespace)
    passed = found is not None and has_key(found, origin.key)
    yield states(reader, passed, expected=expected, actual=f"{origin}{'' if passed else ', not rendered'}")
    yield rendered(rendering, origin.kind, origin.name, namespace)
    if found is not None and not passed:
        yield exists(found / ("stringData" if origin.kind == "Secret" else "data") / origin.key)


def runs_pods(resources: Resources) -> bool:
    """Tell whether a release has any pods but those of tests; one with none may lead to those of another."""
    return not all(is_test(workload) for workload in workloads(resources))


def finds_pods(selection: PodSelection, resources: Resources, scenario: Scenario) -> Check:
    """Expect a selector to find the pods of a workload, or pods that the matrix declares external."""
    found = pods_found(selection, resources, scenario)
    if not found and are_of_others(selection, resources, scenario):
        found = ["pods of others, in a namespace in which the release has none"]
    expected = f"the labels of a pod in {' or '.join(selection.namespaces)}"
    near = Instead("") if found else instead_of_pods(selection, resources)
    actual = f"{selection.place.value}: {', '.join(found) or '; '.join(filter(None, ['no pod', near.words]))}"
    return states(selection.place, bool(found), expected=expected, actual=actual, elsewhere=near.elsewhere)
