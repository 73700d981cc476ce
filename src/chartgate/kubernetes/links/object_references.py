"""What a resource refers to by name, as data: which object, which key of it, and whether it may be missing.

Fields are those of the API reference: https://kubernetes.io/docs/reference/kubernetes-api/
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.permissions import BINDINGS
from chartgate.kubernetes.pods.volume_mounts import mounts, volumes
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_if_any, pod_if_any
from chartgate.model import Resource, Resources

# Where a variable, a container, a volume and a projected volume name a ConfigMap or a Secret: the field, the key in it
# that holds the name, and the kind.
_VARIABLE = (("configMapKeyRef", "name", "ConfigMap"), ("secretKeyRef", "name", "Secret"))
_WHOLE = (("configMapRef", "name", "ConfigMap"), ("secretRef", "name", "Secret"))
_VOLUME = (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"))
_PROJECTED = (("configMap", "name", "ConfigMap"), ("secret", "name", "Secret"))
_ACCOUNT = "kubernetes.io/service-account.name"
_INJECTED = "cert-manager.io/inject-ca-from"


@dataclass(frozen=True)
class Reference:
    """One name that a resource refers to, and the place that says so."""

    place: Place[Resource]
    kind: str
    name: str
    namespace: str
    """Empty for a cluster-scoped kind."""
    key: str = ""
    """A key of the ConfigMap or Secret, a port of the Service; empty for the whole object."""
    optional: bool = False
    key_place: Place[Resource] | None = None
    """What says the key, where that is elsewhere."""

    def __str__(self) -> str:
        namespace = f"{self.namespace}/" if self.namespace else ""
        return f"{self.key + ' of ' if self.key else ''}{self.kind} {namespace}{self.name}"


def references(resource: Resource) -> Iterator[Reference]:
    """Give every reference of a resource to an object that it names, but for its namespace and for Services."""
    of_pods = (variable_sources, volume_sources, sub_paths, claims, pull_secrets)
    for of in (*of_pods, accounts, bindings, certificates, scale_targets):
        yield from of(resource)


def own_namespace(resource: Resource) -> Iterator[Reference]:
    """Give the namespace that a resource is in, unless its kind has none."""
    if resource.namespace:
        yield Reference(resource / "metadata" / "namespace", "Namespace", resource.namespace, "")


def variable_sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that `env` and `envFrom` of a pod's containers read."""
    for container in containers_if_any(workload):
        for variable in (container / "env").maps():
            yield from _sources(variable / "valueFrom", _VARIABLE)
        for source in (container / "envFrom").maps():
            yield from _sources(source, _WHOLE)


def volume_sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that a pod's volumes show, projected ones and single keys included."""
    for volume in _volumes(workload):
        yield from _sources_of(volume)


def mounted_sources(workload: Resource) -> Iterator[Reference]:
    """Give those of volumes that a container mounts; the kubelet leaves the others alone."""
    mounts = (mount for container in containers_if_any(workload) for mount in maps_in(container.at("volumeMounts")))
    mounted = {str(mount.get("name")) for mount in mounts}
    for volume in _volumes(workload):
        if str(volume.at("name")) in mounted:
            yield from _sources_of(volume)


def _sources_of(volume: Place[Resource]) -> Iterator[Reference]:
    yield from _sources(volume, _VOLUME)
    for source in (volume / "projected" / "sources").maps():
        yield from _sources(source, _PROJECTED)


def sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that a pod reads, as variables or from volumes."""
    yield from variable_sources(workload)
    yield from volume_sources(workload)


def is_read_by_pods(thing: Resource, resources: Resources) -> bool:
    """Tell whether pods of some workload read a ConfigMap or a Secret, or are told its name: `--configmap=NAME`."""
    wanted = (thing.kind, thing.name, thing.namespace)
    name = re.compile(rf"(?<![\w.-]){re.escape(thing.name)}(?![\w.-])")
    return any(
        any((reference.kind, reference.name, reference.namespace) == wanted for reference in sources(workload))
        or any(name.search(text) for text in _told(workload))
        for workload in resources.of_kind(*WORKLOAD_KINDS)
        if workload.namespace == thing.namespace
    )


def _told(workload: Resource) -> Iterator[str]:
    """Give what the programs of a pod are started with."""
    for container in containers_if_any(workload):
        yield from texts_in(container.at("command"))
        yield from texts_in(container.at("args"))
        yield from (str(variable.get("value") or "") for variable in maps_in(container.at("env")))


def sub_paths(workload: Resource) -> Iterator[Reference]:
    """Give the keys that containers mount by `subPath` out of a ConfigMap, a Secret or a projection of several.

    With `items`, a subPath is one of their paths, or a folder of them, and the key is that of the item. What only the
    cluster knows is left out: a `subPathExpr` with variables, and which of several projected objects has the key.
    """
    for container in containers_if_any(workload):
        for mount in mounts(container):
            if mount.part and "$(" not in mount.part:
                for name_key, kind, source in _shown(volumes(workload).get(mount.volume, {}), mount.part):
                    key, optional = _key_at(source, mount.part), source.get("optional") is True
                    name = str(source.get(name_key))
                    yield Reference(mount.place / "subPath", kind, name, workload.namespace, key, optional)


def claims(workload: Resource) -> Iterator[Reference]:
    """Give the claims of storage and of devices that a pod names; those from a template are created automatically.

    Source for devices: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
    """
    for volume in _volumes(workload):
        if (claim := volume / "persistentVolumeClaim").is_map:
            yield _named(claim / "claimName", "PersistentVolumeClaim")
    for claim in (pod_if_any(workload) / "resourceClaims").maps():
        for field, kind in (
            ("resourceClaimName", "ResourceClaim"),
            ("resourceClaimTemplateName", "ResourceClaimTemplate"),
        ):
            if (claim / field).value:
                yield _named(claim / field, kind)


def pull_secrets(resource: Resource) -> Iterator[Reference]:
    """Give the Secrets with which the images of a pod, or of the pods of a ServiceAccount, are pulled."""
    owner = resource.place() if resource.kind == "ServiceAccount" else pod_if_any(resource)
    for secret in (owner / "imagePullSecrets").maps():
        yield _named(secret / "name", "Secret")


def accounts(resource: Resource) -> Iterator[Reference]:
    """Give the ServiceAccount that a pod runs as, or that a Secret is to hold the token of."""
    for field in ("serviceAccountName", "serviceAccount"):
        if (account := pod_if_any(resource) / field).value:
            yield _named(account, "ServiceAccount")
    if resource.kind == "Secret" and resource.at("type") == "kubernetes.io/service-account-token":
        yield _named(resource / "metadata" / "annotations" / _ACCOUNT, "ServiceAccount")


def bindings(binding: Resource) -> Iterator[Reference]:
    """Give the role of a binding and its ServiceAccounts; users and groups are skipped: they are no objects."""
    if binding.kind not in BINDINGS:
        return
    role = binding / "roleRef"
    kind = "Role" if role.at("kind") == "Role" else "ClusterRole"
    yield Reference(role / "name", kind, str(role.at("name")), binding.namespace if kind == "Role" else "")
    for subject in (binding / "subjects").maps():
        # Of a RoleBinding, the API server takes the binding's own namespace; Helm and people leave it out. Of a
        # ClusterRoleBinding, it demands one, which another policy tells.
        namespace = str(subject.map.get("namespace") or binding.namespace)
        if subject.at("kind") == "ServiceAccount" and namespace:
            yield Reference(subject / "name", "ServiceAccount", str(subject.map.get("name")), namespace)


def certificates(route: Resource) -> Iterator[Reference]:
    """Give the Secrets with the certificates of an Ingress or a Route, unless cert-manager makes them."""
    if route.kind == "Ingress" and not _is_made_by_cert_manager(route):
        for entry in (route / "spec" / "tls").maps():
            secret = entry / "secretName"
            if secret.value:
                yield _named(secret, "Secret")
    elif route.kind == "Route":
        secret = route.place("spec.tls.externalCertificate.name")
        if isinstance(secret.value, str):
            yield _named(secret, "Secret")


def injected_authorities(resource: Resource) -> Iterator[Reference]:
    """Give the Certificate whose authority cert-manager shall write into a webhook, an APIService or a definition.

    Source: https://cert-manager.io/docs/concepts/ca-injector/#injecting-ca-data-from-a-certificate-resource
    """
    annotation = resource / "metadata" / "annotations" / _INJECTED
    if isinstance(annotation.value, str) and "/" in annotation.value:
        namespace, _, name = annotation.value.partition("/")
        yield Reference(annotation, "Certificate", name, namespace)


def scale_targets(autoscaler: Resource) -> Iterator[Reference]:
    """Give the workload that a HorizontalPodAutoscaler, or a VerticalPodAutoscaler, scales.

    Source: https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md
    """
    fields = {"HorizontalPodAutoscaler": "scaleTargetRef", "VerticalPodAutoscaler": "targetRef"}
    if field := fields.get(autoscaler.kind):
        target = autoscaler / "spec" / field
        kind = str(target.at("kind"))
        # What asks the API server by discovery finds a kind in lower case as well (client-go, restmapper/discovery.go).
        spelt = next((known for known in WORKLOAD_KINDS if known.lower() == kind), kind)
        yield Reference(target / "name", spelt, str(target.at("name")), autoscaler.namespace)


def measured_containers(autoscaler: Resource) -> Iterator[Reference]:
    """Give the containers by whose use of CPU or memory a HorizontalPodAutoscaler scales, as keys of its target."""
    for target in scale_targets(autoscaler):
        for metric in (autoscaler / "spec" / "metrics").maps():
            name = metric / "containerResource" / "container"
            if isinstance(name.value, str):
                yield dataclasses.replace(target, place=name, key=name.value)


def _is_made_by_cert_manager(ingress: Resource) -> bool:
    # https://cert-manager.io/docs/usage/ingress/#supported-annotations
    asked = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme")
    return any((ingress / "metadata" / "annotations" / annotation).value for annotation in asked)


def _named(place: Place[Resource], kind: str) -> Reference:
    """Give a reference to the object in the same namespace whose name is at this place."""
    name = "None" if place.value is ABSENT else str(place.value)
    return Reference(place, kind, name, place.owner.namespace)


def _volumes(resource: Resource) -> Iterator[Place[Resource]]:
    """Give the volumes of a pod; those of a StatefulSet without the ones in whose place a claim template is.

    Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_set_utils.go
    (updateStorage)
    """
    templates = [claim.at("metadata.name") for claim in (resource / "spec" / "volumeClaimTemplates").maps()]
    return (volume for volume in (pod_if_any(resource) / "volumes").maps() if volume.at("name") not in templates)


def _sources(place: Place[Resource], forms: tuple[tuple[str, str, str], ...]) -> Iterator[Reference]:
    """Give a reference to each key that a source names, or one to the whole object."""
    for field, key_of_name, kind in forms:
        source = place / field
        if source.is_map:
            items = [item.map.get("key") for item in (source / "items").maps()]
            for key in [source.at("key")] if "key" in source.map else items or [""]:
                name, optional = str(source.map.get(key_of_name)), source.at("optional") is True
                yield Reference(source, kind, name, place.owner.namespace, str(key), optional)


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
    """Give the key of the item at a path, or in that folder; empty for none."""
    for item in maps_in(source["items"]):
        if PurePosixPath(str(item.get("path"))).is_relative_to(part):
            return str(item.get("key"))
    return ""
