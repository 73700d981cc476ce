"""Pods wherever Kubernetes hides them: the pod spec and the containers of every workload kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.model import Manifest, Missing, Resource, Resources

_TEMPLATE = {
    "Pod": "",
    "PodTemplate": "template",
    "CronJob": "spec.jobTemplate.spec.template",
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        "spec.template",
    ),
}
WORKLOAD_KINDS = tuple(_TEMPLATE)
_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class Container:
    """One container of a workload; `address` says where it stands in the resource's manifest."""

    resource: Resource
    name: str
    address: str
    is_init: bool
    manifest: Manifest

    def at(self, address: str) -> Any:
        """Give the value at an address of the container, or ABSENT."""
        return lookup(self.manifest, address)


def pod_template(resource: Resource) -> tuple[str, Manifest]:
    """Give address and content of the pod template (metadata and spec); a Pod is its own.

    Raises:
        Missing: the resource is no workload, or has no pod template.
    """
    address = _TEMPLATE.get(resource.kind, "")
    template = resource.at(address) if resource.kind in _TEMPLATE else ABSENT
    if not isinstance(template, dict):
        raise _missing(resource, address, "a pod template", repr(template))
    return address, template


def pod_spec(resource: Resource) -> tuple[str, Manifest]:
    """Give address and content of the pod spec.

    Raises:
        Missing: as for `pod_template`.
    """
    above, template = pod_template(resource)
    address = f"{above}.spec" if above else "spec"
    spec = template.get("spec", ABSENT)
    if not isinstance(spec, dict):
        raise _missing(resource, address, "a pod spec", repr(spec))
    return address, spec


def containers(resource: Resource, *, init: bool = True) -> list[Container]:
    """Give the containers of a workload in their order; with `init`, the init containers first."""
    address, spec = pod_spec(resource)
    return [
        Container(resource, name, f"{address}.{key}[{name or index}]", key == "initContainers", item)
        for key in _LISTS
        if init or key != "initContainers"
        for index, item in enumerate(_maps(resource, f"{address}.{key}", spec.get(key) or []))
        for name in [str(item.get("name", ""))]
    ]


def _maps(resource: Resource, address: str, items: Any) -> list[Manifest]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _missing(resource, address, "a list of containers", repr(items))
    return items


def container(resource: Resource, name: str) -> Container:
    """Give one container by its name.

    Raises:
        Missing: the workload has no such container.
    """
    present = containers(resource)
    found = [c for c in present if c.name == name]
    if not found:
        raise _missing(resource, f"containers[{name}]", "a container", f"only {', '.join(c.name for c in present)}")
    return found[0]


def workloads(resources: Resources) -> Iterator[Resource]:
    """Give every resource that makes pods."""
    return iter(resources.of_kind(*WORKLOAD_KINDS))


def _missing(resource: Resource, address: str, expected: str, actual: str) -> Missing:
    return Missing(str(resource.identity), address, expected, actual, resource.template)
