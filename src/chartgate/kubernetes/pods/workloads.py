"""The pod spec and the containers of every kind of workload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chartgate.documents.addresses import ABSENT
from chartgate.documents.places import Place
from chartgate.model import Manifest, Missing, Resource, Resources

LIKE_DEPLOYMENTS = ("Rollout", "CloneSet", "DeploymentConfig")
"""Kinds of Argo Rollouts, of Kruise and of OpenShift, whose objects are written as a Deployment is."""
_TEMPLATE = {
    "Pod": "",
    "PodTemplate": "template",
    "CronJob": "spec.jobTemplate.spec.template",
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", *LIKE_DEPLOYMENTS),
        "spec.template",
    ),
}
WORKLOAD_KINDS = tuple(_TEMPLATE)
_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class Container(Place[Resource]):
    """One container of a workload, and where it is in the workload's manifest."""

    pod: Place[Resource]
    """The pod spec that it is in."""
    is_init: bool = False

    @property
    def resource(self) -> Resource:
        """The workload."""
        return self.owner

    @property
    def name(self) -> str:
        """Its name, empty where it has none."""
        return str(self.map.get("name", ""))

    @property
    def manifest(self) -> Manifest:
        """Its content."""
        return self.map


def pod_template(resource: Resource) -> Place[Resource]:
    """Give the place of the pod template (metadata and spec); a Pod is its own.

    Raises:
        Missing: the resource is not a workload, or has no pod template.
    """
    address = _TEMPLATE.get(resource.kind, "")
    template = resource.place(address)
    if resource.kind not in _TEMPLATE or not template.is_map:
        raise Missing.at(template if resource.kind in _TEMPLATE else Place(resource, address, ABSENT), "a pod template")
    return template


def pod_spec(resource: Resource) -> Place[Resource]:
    """Give the place of the pod spec.

    Raises:
        Missing: as for `pod_template`.
    """
    return resource.made(_pod_spec)


def _pod_spec(resource: Resource) -> Place[Resource]:
    spec = pod_template(resource) / "spec"
    if not spec.is_map:
        raise Missing.at(spec, "a pod spec")
    return spec


def containers(resource: Resource, *, init: bool = True) -> list[Container]:
    """Give the containers of a workload in their order; with `init`, the init containers first.

    Raises:
        Missing: as for `pod_template`, or a list of containers is not one.
    """
    found = resource.made(_containers)
    return list(found) if init else [container for container in found if not container.is_init]


def _containers(resource: Resource) -> tuple[Container, ...]:
    pod = pod_spec(resource)
    found = []
    for key in _LISTS:
        listed = pod / key
        if listed.value and not (
            isinstance(listed.value, list) and all(isinstance(item, dict) for item in listed.value)
        ):
            raise Missing.at(listed, "a list of containers")
        found += [Container(resource, c.address, c.value, pod, key == "initContainers") for c in listed]
    return tuple(found)


def template_if_any(resource: Resource) -> Place[Resource]:
    """Give the place of the pod template, or one without a map where there is none.

    For what goes over many objects to see what belongs together: one of an odd form belongs to nothing, and what is
    odd about it is told where it is judged itself.
    """
    return resource.place(_TEMPLATE[resource.kind]) if resource.kind in _TEMPLATE else Place(resource, "", ABSENT)


def pod_if_any(resource: Resource) -> Place[Resource]:
    """Give the place of the pod spec, or one without a map where there is none."""
    if resource.kind not in _TEMPLATE:
        return Place(resource, "spec", ABSENT)
    return resource.made(_pod_if_any)


def _pod_if_any(resource: Resource) -> Place[Resource]:
    return template_if_any(resource) / "spec"


def containers_if_any(resource: Resource) -> list[Container]:
    """Give the containers of a workload that have the form of one, the init containers first."""
    return list(resource.made(_containers_if_any)) if resource.kind in _TEMPLATE else []


def _containers_if_any(resource: Resource) -> tuple[Container, ...]:
    pod = pod_if_any(resource)
    return tuple(
        Container(resource, found.address, found.value, pod, key == "initContainers")
        for key in _LISTS
        for found in (pod / key).maps()
    )


def words_of(container: Place[Resource]) -> list[Place[Resource]]:
    """Give the texts of a container's command, then of its arguments."""
    return [*(container / "command").texts(), *(container / "args").texts()]


def variable_values(container: Place[Resource]) -> list[Place[Resource]]:
    """Give what a container's variables are set to, in their order; nothing is there of one that reads it elsewhere."""
    return [variable / "value" for variable in (container / "env").maps()]


def containers_of_both(before: Resource, after: Resource) -> Iterator[tuple[Container, Container]]:
    """Pair the containers of one name that a workload had and has, in the order in which it has them."""
    had = {container.name: container for container in containers_if_any(before)}
    return ((had[container.name], container) for container in containers_if_any(after) if container.name in had)


def container(resource: Resource, name: str) -> Container:
    """Give one container by its name.

    Raises:
        Missing: the workload has no such container.
    """
    present = containers(resource)
    found = [c for c in present if c.name == name]
    if not found:
        there = f"only {', '.join(c.name for c in present)}"
        raise Missing(str(resource.identity), f"containers[{name}]", "a container", there, resource.template)
    return found[0]


def workloads(resources: Resources) -> Iterator[Resource]:
    """Give every resource that makes pods."""
    return (resource for resource in resources.of_kind(*WORKLOAD_KINDS) if not is_elsewhere(resource))


def is_elsewhere(resource: Resource) -> bool:
    """Tell whether the pods of a workload are written in another object: a Rollout may name a Deployment."""
    return resource.kind in LIKE_DEPLOYMENTS and not template_if_any(resource).is_map
