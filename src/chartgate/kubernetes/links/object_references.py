"""What a resource refers to by name, as data: which object, which key of it, and whether it may be missing.

Fields are those of the API reference: https://kubernetes.io/docs/reference/kubernetes-api/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.addresses import join, lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.volume_mounts import mounts, volumes
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, pod_spec
from chartgate.model import Resource

# Where a variable, a container, a volume and a projected volume name a ConfigMap or a Secret: the field, the key in it
# that holds the name, and the kind.
_VARIABLE = (("configMapKeyRef", "name", "ConfigMap"), ("secretKeyRef", "name", "Secret"))
_WHOLE = (("configMapRef", "name", "ConfigMap"), ("secretRef", "name", "Secret"))
_VOLUME = (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"))
_PROJECTED = (("configMap", "name", "ConfigMap"), ("secret", "name", "Secret"))
_ACCOUNT = "kubernetes.io/service-account.name"


@dataclass(frozen=True)
class Reference:
    """One name that a resource refers to, and where it stands."""

    owner: Resource
    address: str
    kind: str
    name: str
    namespace: str
    """Empty for a cluster-scoped kind."""
    key: str = ""
    """A key of the ConfigMap or Secret, a port of the Service; empty for the whole object."""
    optional: bool = False

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.key + ' of ' if self.key else ''}{self.kind} {place}{self.name}"


def references(resource: Resource) -> Iterator[Reference]:
    """Give every reference of a resource to an object that it names, but for those to Services.

    Raises:
        Missing: a workload has no pod spec, or a list of containers that is none.
    """
    of_pods = (variable_sources, volume_sources, sub_paths, claims, pull_secrets)
    for of in (*of_pods, accounts, bindings, certificates, scale_targets):
        yield from of(resource)


def variable_sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that `env` and `envFrom` of a pod's containers read."""
    for container in _containers(workload):
        for index, entry in enumerate(maps_in(container.at("env"))):
            address = f"{container.address}.env[{entry.get('name') or index}].valueFrom"
            yield from _sources(workload, address, entry.get("valueFrom"), _VARIABLE)
        for index, entry in enumerate(maps_in(container.at("envFrom"))):
            yield from _sources(workload, f"{container.address}.envFrom[{index}]", entry, _WHOLE)


def volume_sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that a pod's volumes show, projected ones and single keys included."""
    for address, volume in _volumes(workload):
        yield from _sources(workload, address, volume, _VOLUME)
        for index, part in enumerate(maps_in(lookup(volume, "projected.sources"))):
            yield from _sources(workload, f"{address}.projected.sources[{index}]", part, _PROJECTED)


def sub_paths(workload: Resource) -> Iterator[Reference]:
    """Give the keys that containers mount by `subPath` out of a ConfigMap, a Secret or a projection of several.

    With `items`, a subPath is one of their paths, or a folder of them, and the key is that of the item. What only the
    cluster knows is left out: a `subPathExpr` with variables, and which of several projected objects has the key.
    """
    for container in _containers(workload):
        for index, mount in enumerate(mounts(container)):
            if mount.part and "$(" not in mount.part:
                for name_key, kind, source in _shown(volumes(workload).get(mount.volume, {}), mount.part):
                    address = f"{container.address}.volumeMounts[{index}].subPath"
                    key, optional = _key_at(source, mount.part), source.get("optional") is True
                    yield Reference(
                        workload, address, kind, str(source.get(name_key)), workload.namespace, key, optional
                    )


def claims(workload: Resource) -> Iterator[Reference]:
    """Give the claims of storage and of devices that a pod names; those made of a template make themselves.

    Source for devices: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
    """
    for address, volume in _volumes(workload):
        name = lookup(volume, "persistentVolumeClaim.claimName")
        if isinstance(volume.get("persistentVolumeClaim"), dict):
            place = f"{address}.persistentVolumeClaim.claimName"
            yield Reference(workload, place, "PersistentVolumeClaim", str(name), workload.namespace)
    above, spec = pod_spec(workload) if workload.kind in WORKLOAD_KINDS else ("", {})
    for index, claim in enumerate(maps_in(spec.get("resourceClaims"))):
        for field, kind in (
            ("resourceClaimName", "ResourceClaim"),
            ("resourceClaimTemplateName", "ResourceClaimTemplate"),
        ):
            if claim.get(field):
                place = f"{above}.resourceClaims[{index}].{field}"
                yield Reference(workload, place, kind, str(claim[field]), workload.namespace)


def pull_secrets(resource: Resource) -> Iterator[Reference]:
    """Give the Secrets with which the images of a pod, or of the pods of a ServiceAccount, are pulled."""
    if resource.kind == "ServiceAccount":
        address, listed = "imagePullSecrets", resource.at("imagePullSecrets")
    elif resource.kind in WORKLOAD_KINDS:
        above, spec = pod_spec(resource)
        address, listed = f"{above}.imagePullSecrets", spec.get("imagePullSecrets")
    else:
        return
    for index, entry in enumerate(maps_in(listed)):
        yield Reference(resource, f"{address}[{index}].name", "Secret", str(entry.get("name")), resource.namespace)


def accounts(resource: Resource) -> Iterator[Reference]:
    """Give the ServiceAccount that a pod runs as, or that a Secret is to hold the token of."""
    if resource.kind in WORKLOAD_KINDS:
        above, spec = pod_spec(resource)
        for field in ("serviceAccountName", "serviceAccount"):
            if spec.get(field):
                yield Reference(resource, f"{above}.{field}", "ServiceAccount", str(spec[field]), resource.namespace)
    elif resource.kind == "Secret" and resource.at("type") == "kubernetes.io/service-account-token":
        address = join("metadata", "annotations", _ACCOUNT)
        yield Reference(resource, address, "ServiceAccount", str(resource.at(address)), resource.namespace)


def bindings(binding: Resource) -> Iterator[Reference]:
    """Give the role that a binding grants and the ServiceAccounts that it grants it to; users and groups are names."""
    if binding.kind not in ("RoleBinding", "ClusterRoleBinding"):
        return
    kind = "Role" if binding.at("roleRef.kind") == "Role" else "ClusterRole"
    place = binding.namespace if kind == "Role" else ""
    yield Reference(binding, "roleRef.name", kind, str(binding.at("roleRef.name")), place)
    for index, subject in enumerate(maps_in(binding.at("subjects"))):
        if subject.get("kind") == "ServiceAccount":
            # Of a RoleBinding, the API server takes the binding's own namespace; Helm and people leave it out.
            namespace = str(subject.get("namespace") or binding.namespace)
            name = str(subject.get("name"))
            yield Reference(binding, f"subjects[{index}].name", "ServiceAccount", name, namespace)


def certificates(route: Resource) -> Iterator[Reference]:
    """Give the Secrets with the certificates of an Ingress or a Route; one that cert-manager is asked for is made."""
    if route.kind == "Ingress" and not _is_made_by_cert_manager(route):
        for index, entry in enumerate(maps_in(route.at("spec.tls"))):
            if entry.get("secretName"):
                address = f"spec.tls[{index}].secretName"
                yield Reference(route, address, "Secret", str(entry["secretName"]), route.namespace)
    elif route.kind == "Route" and isinstance(route.at("spec.tls.externalCertificate.name"), str):
        address = "spec.tls.externalCertificate.name"
        yield Reference(route, address, "Secret", str(route.at(address)), route.namespace)


def scale_targets(autoscaler: Resource) -> Iterator[Reference]:
    """Give the workload that a HorizontalPodAutoscaler scales."""
    if autoscaler.kind == "HorizontalPodAutoscaler":
        kind, name = (str(autoscaler.at(f"spec.scaleTargetRef.{key}")) for key in ("kind", "name"))
        yield Reference(autoscaler, "spec.scaleTargetRef.name", kind, name, autoscaler.namespace)


def measured_containers(autoscaler: Resource) -> Iterator[Reference]:
    """Give the containers by whose use of CPU or memory a HorizontalPodAutoscaler scales, as keys of its target."""
    for target in scale_targets(autoscaler):
        for index, metric in enumerate(maps_in(autoscaler.at("spec.metrics"))):
            name = lookup(metric, "containerResource.container")
            if isinstance(name, str):
                address = f"spec.metrics[{index}].containerResource.container"
                yield dataclasses.replace(target, address=address, key=name)


def _is_made_by_cert_manager(ingress: Resource) -> bool:
    # https://cert-manager.io/docs/usage/ingress/#supported-annotations
    asked = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme")
    return any(ingress.at(join("metadata", "annotations", annotation)) for annotation in asked)


def _containers(resource: Resource) -> list[Container]:
    return containers(resource) if resource.kind in WORKLOAD_KINDS else []


def _volumes(resource: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    if resource.kind in WORKLOAD_KINDS:
        above, spec = pod_spec(resource)
        for index, volume in enumerate(maps_in(spec.get("volumes"))):
            yield f"{above}.volumes[{volume.get('name') or index}]", volume


def _sources(owner: Resource, address: str, value: Any, forms: tuple[tuple[str, str, str], ...]) -> Iterator[Reference]:
    """Give a reference to each key that a source names, or one to the whole object."""
    for field, key_of_name, kind in forms:
        source = value.get(field) if isinstance(value, dict) else None
        if isinstance(source, dict):
            keys = [source["key"]] if "key" in source else [item.get("key") for item in maps_in(source.get("items"))]
            for key in keys or [""]:
                optional, name = source.get("optional") is True, str(source.get(key_of_name))
                yield Reference(owner, f"{address}.{field}", kind, name, owner.namespace, str(key), optional)


def _shown(volume: dict[str, Any], part: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give what a volume shows at a path: the key under which the source has its name, its kind, and the source."""
    for field, name_key, kind in _VOLUME:
        if isinstance(volume.get(field), dict):
            yield name_key, kind, volume[field]
    sources = maps_in(lookup(volume, "projected.sources"))
    projected = [
        (name_key, kind, source[field])
        for source in sources
        for field, name_key, kind in _PROJECTED
        if isinstance(source.get(field), dict)
    ]
    # Tokens and fields of the pod have paths of their own; of objects, the one whose items name the path.
    is_all = len(projected) == len(sources)
    naming = [found for found in projected if found[2].get("items") and _item_at(found[2], part)]
    whole = [found for found in projected if not found[2].get("items")]
    if naming or (is_all and len(whole) == 1):
        yield from (naming or whole)[:1]
    elif is_all and not whole:
        yield from projected[:1]


def _key_at(source: dict[str, Any], part: str) -> str:
    return (_item_at(source, part) or f"(no item with the path {part})") if source.get("items") else part


def _item_at(source: dict[str, Any], part: str) -> str:
    """Give the key of the item that stands at a path, or in that folder; empty for none."""
    for item in maps_in(source["items"]):
        if PurePosixPath(str(item.get("path"))).is_relative_to(part):
            return str(item.get("key"))
    return ""
