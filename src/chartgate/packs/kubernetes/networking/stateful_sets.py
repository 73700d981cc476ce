"""Stateful sets: the Service that gives the pods of a StatefulSet their names is there, and has no address."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from chartgate.documents.addresses import join
from chartgate.documents.places import Place
from chartgate.documents.shapes import whole_number
from chartgate.kubernetes.contents import texts
from chartgate.kubernetes.links.replica_counts import autoscalers_of
from chartgate.kubernetes.links.service_backends import governing_services, pods_of
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

from ..healthy.release import HEALTHY, WEB

_PARTS = re.compile(r"[^\w.$(){}-]++")


@policy(severity="error", remediation="Render the Service that `serviceName` names, with a selector for these pods.")
def stateful_sets_have_their_service(rendering: Rendering) -> Iterator[Check]:
    """The Service that a StatefulSet names is there.

    Without it, its pods have no names of their own in DNS. Where no other Service leads to them either, nobody calls
    them, and it is a warning.
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations
    """
    for check in reference_checks(rendering, governing_services):
        is_missed = check.passed or any(
            pods.subject == check.subject
            for all_of_it in rendering.stages
            for service in all_of_it.of_kind("Service")
            for pods in pods_of(service, all_of_it)
        )
        yield check if is_missed else dataclasses.replace(check, severity="warning")


stateful_sets_have_their_service.breaks(
    manifests=HEALTHY, the_service_has_another_name=put("StatefulSet data", "spec.serviceName", "data-headless")
)


@policy(
    severity="warning",
    remediation="Name a Service with `clusterIP: None` for the pods, beside the one with an address for all others.",
)
def services_of_several_pods_are_headless(rendering: Rendering) -> Iterator[Check]:
    """The Service of a StatefulSet whose pods are called by their own names has no address of its own.

    With an address, there is a name for all of the pods, and `web-0.web` leads nowhere; so does the name of a pod
    behind another Service than that of its StatefulSet. Where nothing in the release calls a single pod, and there is
    no headless Service for them beside it, one name for all may be meant. Source:
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
    """
    for resources in rendering.stages:
        for stateful_set in resources.of_kind("StatefulSet"):
            for reference in governing_services(stateful_set):
                for service in resources.named("Service", reference.name, reference.namespace):
                    if called := _called_pod(resources, stateful_set.name, service.name):
                        place = service.place("spec.clusterIP")
                        yield states(place, place.value == "None", expected=f"None, so that {called} is a name")
            yield from _called_by_others(stateful_set, resources)


def _called_by_others(stateful_set: Resource, resources: Resources) -> Iterator[Check]:
    """Check that nothing calls a pod by its own name behind a Service that is not that of its StatefulSet.

    A headless Service for just these pods is there for that, whoever calls them.
    """
    name = stateful_set / "spec" / "serviceName"
    services = [service for service in resources.of_kind("Service") if service.namespace == stateful_set.namespace]
    others = [service for service in services if service.name != name.text]
    own = [service for service in services if service.name == name.text]
    for service in others if name.text else ():
        called = _called_pod(resources, stateful_set.name, service.name)
        if called and ("$" not in called or _calls_itself(stateful_set, service.name, resources)):
            yield states(name, False, expected=f"{service.name}, since something calls {called}")
        elif _has_address(own) and not _has_address([service]) and pods_of(service, resources) == [stateful_set]:
            yield states(name, False, expected=f"{service.name}, which has no address and is for just these pods")


def _calls_itself(stateful_set: Resource, service: str, resources: Resources) -> bool:
    """Tell whether the pods of a StatefulSet say their own name in front of that of a Service."""
    own = {f"${opened}{name}{closed}" for name in _names_of_pod(stateful_set) for opened, closed in ("()", "{}")}
    return any(place.owner is stateful_set and pod in own for place, pod in _calls(resources, service))


def _names_of_pod(stateful_set: Resource) -> set[str]:
    """Give the variables that have the name of the pod."""
    variables = (entry for container in containers_if_any(stateful_set) for entry in (container / "env").maps())
    fields = {str(v.at("name")): v.at("valueFrom.fieldRef.fieldPath") for v in variables}
    return {"HOSTNAME", *(name for name, field in fields.items() if field == "metadata.name")}


def _has_address(services: list[Resource]) -> bool:
    return any(service.at("spec.clusterIP") != "None" for service in services)


def _called_pod(resources: Resources, stateful_set: str, service: str) -> str:
    """Give a name by which something calls a single pod, `web-0.web` or `$(POD_NAME).web`; empty where nothing does."""
    called = (name for _, name in _calls(resources, service) if "$" in name or _ordinal(name, stateful_set) is not None)
    return next((f"{name}.{service}" for name in called), "")


def _calls(resources: Resources, service: str) -> Iterator[tuple[Place[Resource], str]]:
    """Give the names before that of a Service, `web-0` of `web-0.web`, and where they are; `$(POD_NAME)` as well."""
    for resource, found in resources.indexed(_calls_by_service):
        for address, name in found.get(service, ()):
            yield resource.place(address), name


def _calls_by_service(resources: Resources) -> list[tuple[Resource, Mapping[str, Sequence[tuple[str, str]]]]]:
    services = frozenset(service.name for service in resources.of_kind("Service"))
    found = ((resource, resource.made(_names_before, services)) for resource in resources)
    return [(resource, names) for resource, names in found if names]


def _names_before(resource: Resource, services: frozenset[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    written = str(resource.manifest)
    for service in (service for service in services if f".{service}" in written):
        for keys, text in texts(resource):
            found.setdefault(service, []).extend((join(*keys), name) for name in _called_before(text, f".{service}"))
    return found


def _called_before(text: str, service: str) -> Iterator[str]:
    before = text.split(service)
    ends = [not (after[:1].isalnum() or after[:1] == "-") for after in before[1:]]
    for words in (_PARTS.split(part) for part, is_whole in zip(before, ends, strict=False) if is_whole):
        name = words[-1]
        if name.endswith((")", "}")) and "$" in name:
            yield name[name.rindex("$") :]
        elif name:
            yield name


def _ordinal(pod: str, stateful_set: str) -> int | None:
    """Give the number of a pod of a StatefulSet; None for any other name."""
    own = pod.removeprefix(f"{stateful_set}-")
    return whole_number(own) if own != pod else None


@policy(
    severity="error",
    remediation="Count the pods from 0, by the replicas of their own StatefulSet: `until (int .Values.replicas)`.",
)
def called_pods_are_there(rendering: Rendering) -> Iterator[Check]:
    """A pod of a StatefulSet that is called by its own name is one of as many as it has.

    A list of peers that counts from 1, or by the replicas of another part, names one that never comes; the others
    wait for it. Source:
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#ordinal-index
    """
    for resources in rendering.stages:
        for stateful_set in resources.of_kind("StatefulSet"):
            service = (stateful_set / "spec" / "serviceName").text
            numbers = _numbers(stateful_set)
            # One that is scaled to nothing, or by something else, has as many as somebody wants.
            if not service or not numbers or autoscalers_of(stateful_set, resources):
                continue
            expected = f"one of the pods {numbers[0]} to {numbers[-1]} of {stateful_set.identity.label}"
            for place, pod in _calls(resources, service):
                if (ordinal := _ordinal(pod, stateful_set.name)) is not None:
                    yield states(place, ordinal in numbers, expected=expected, actual=f"{pod}.{service}")


def _numbers(stateful_set: Resource) -> range:
    """Give the numbers of the pods of a StatefulSet."""
    first, count = (
        number if isinstance(number := stateful_set.at(f"spec.{field}"), int) else default
        for field, default in (("ordinals.start", 0), ("replicas", 1))
    )
    return range(first, first + count)


called_pods_are_there.breaks(
    manifests=HEALTHY,
    a_pod_is_called_that_never_comes=put("Deployment web", f"{WEB}.args", ["--peer=data-1.data.database.svc:5432"]),
    pods_are_counted_from_1=put("Deployment web", f"{WEB}.args", ["--peers=data-0.data,data-1.data"]),
)


services_of_several_pods_are_headless.breaks(
    manifests=HEALTHY,
    a_service_whose_pods_are_called_gets_an_address=gone("Service data", "spec.clusterIP"),
    a_pod_is_called_behind_another_service=put("StatefulSet data", "spec.serviceName", "data-nodes"),
)


services_of_several_pods_are_headless.breaks(
    manifests=HEALTHY,
    it_names_the_one_with_an_address_of_two=(
        added(
            "{apiVersion: v1, kind: Service, metadata: {name: sql, namespace: database}, spec: {selector: {app: data}}}"
        ),
        put("Deployment web", f"{WEB}.args", []),
        put("StatefulSet data", "spec.serviceName", "sql"),
    ),
)


services_of_several_pods_are_headless.breaks(
    manifests=HEALTHY,
    a_pod_says_its_own_name_before_another_service=(
        added(
            "{apiVersion: v1, kind: Service, metadata: {name: sql, namespace: database}, spec: {selector: {app: data}}}"
        ),
        put(
            "StatefulSet data",
            "spec.template.spec.containers",
            [
                {
                    "name": "data",
                    "args": ["--advertise=$(POD_NAME).sql.database.svc"],
                    "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                }
            ],
        ),
    ),
)
