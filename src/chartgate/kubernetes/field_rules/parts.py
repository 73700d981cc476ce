"""The parts of an object that rules over its fields are about, by name: a probe, a volume, a port of a Service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chartgate.kubernetes.field_rules.field_rule import Part
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, pod_spec
from chartgate.kubernetes.validity.fixed_choices import places_at
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Missing, Resource

_REQUIRED, _PREFERRED = (f"{when}DuringSchedulingIgnoredDuringExecution" for when in ("required", "preferred"))
_AFFINITIES = ("podAffinity", "podAntiAffinity")

# Each sort of part, and the steps that lead to its places, where `*` is every item of a list: below the object, below
# the spec of its pods, below each container.
_OF_KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Service": {"port of a Service": ("spec ports *",)},
    "Ingress": {
        "rule of an Ingress": ("spec rules *",),
        "http rule": ("spec rules * http",),
        "path of an Ingress": ("spec rules * http paths *",),
        "backend": ("spec defaultBackend", "spec rules * http paths * backend"),
    },
    "NetworkPolicy": {
        "peer": ("spec ingress * from *", "spec egress * to *"),
        "port of a NetworkPolicy": ("spec ingress * ports *", "spec egress * ports *"),
        "label selector": (
            "spec podSelector",
            *(
                f"spec {way} * {peer}Selector"
                for way in ("ingress * from", "egress * to")
                for peer in ("pod", "namespace")
            ),
        ),
    },
    "PodDisruptionBudget": {"label selector": ("spec selector",)},
    "PersistentVolumeClaim": {"claim": ("spec",), "label selector": ("spec selector",)},
    "StatefulSet": {"claim": ("spec volumeClaimTemplates * spec",), "label selector": ("spec selector",)},
    **{kind: {"label selector": ("spec selector",)} for kind in ("Deployment", "DaemonSet", "ReplicaSet")},
    "CronJob": {"Job": ("spec jobTemplate",)},
    "HorizontalPodAutoscaler": {
        "metric": ("spec metrics *",),
        "resource metric": ("spec metrics * resource target", "spec metrics * containerResource target"),
    },
    **{kind: {"rule of a role": ("rules *",)} for kind in ("Role", "ClusterRole")},
    **{kind: {"subject": ("subjects *",)} for kind in ("RoleBinding", "ClusterRoleBinding")},
    **{
        kind: {"webhook": ("webhooks *",)}
        for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
    },
}
_OF_PODS: Mapping[str, tuple[str, ...]] = {
    "volume": ("volumes *",),
    "projected source": ("volumes * projected sources *",),
    "file of a volume": (
        *(f"volumes * {source} items *" for source in ("configMap", "secret", "downwardAPI")),
        *(f"volumes * projected sources * {source} items *" for source in ("configMap", "secret", "downwardAPI")),
    ),
    "claim": ("volumes * ephemeral volumeClaimTemplate spec",),
    "toleration": ("tolerations *",),
    "spread constraint": ("topologySpreadConstraints *",),
    "affinity to pods": (
        *(f"affinity {affinity} {_REQUIRED} *" for affinity in _AFFINITIES),
        *(f"affinity {affinity} {_PREFERRED} * podAffinityTerm" for affinity in _AFFINITIES),
    ),
    "weighted term": tuple(f"affinity {affinity} {_PREFERRED} *" for affinity in ("nodeAffinity", *_AFFINITIES)),
    "node affinity": (f"affinity nodeAffinity {_REQUIRED}",),
    "node expression": (
        f"affinity nodeAffinity {_REQUIRED} nodeSelectorTerms * matchExpressions *",
        f"affinity nodeAffinity {_PREFERRED} * preference matchExpressions *",
    ),
    "label selector": (
        "topologySpreadConstraints * labelSelector",
        *(f"affinity {affinity} {_REQUIRED} * labelSelector" for affinity in _AFFINITIES),
        *(f"affinity {affinity} {_PREFERRED} * podAffinityTerm labelSelector" for affinity in _AFFINITIES),
    ),
    "security context": ("securityContext",),
}
_OF_CONTAINERS: Mapping[str, tuple[str, ...]] = {
    "probe": PROBES,
    "probe that restarts": ("livenessProbe", "startupProbe"),
    "readiness probe": ("readinessProbe",),
    "hook of a container": ("lifecycle postStart", "lifecycle preStop"),
    "request of the kubelet": (*PROBES, "lifecycle postStart", "lifecycle preStop"),
    "variable": ("env *",),
    "source of a variable": ("env * valueFrom",),
    "source of variables": ("envFrom *",),
    "port of a container": ("ports *",),
    "mount": ("volumeMounts *",),
    "security context": ("securityContext",),
    "container's security context": ("securityContext",),
}


def parts_of(resource: Resource) -> tuple[tuple[str, Part], ...]:
    """Give every part of an object of Kubernetes, with its sort; nothing of custom resources, whose rules are others.

    Only what is a map counts; an object without the pods that it should have is for the schemas to refuse.
    """
    return resource.made(_parts)


def _parts(resource: Resource) -> tuple[tuple[str, Part], ...]:
    return tuple(_found(resource))


def _found(resource: Resource) -> Iterator[tuple[str, Part]]:
    if not is_built_in(resource.identity.api_version):
        return
    whole = resource.place()
    yield resource.kind, whole
    yield from _below(whole, _OF_KINDS.get(resource.kind, {}))
    if resource.kind not in WORKLOAD_KINDS:
        return
    try:
        pod, found = pod_spec(resource), containers(resource)
    except Missing:
        return
    yield "pod", pod
    yield from _below(pod, _OF_PODS)
    for container in found:
        yield _sort(container), container
        yield from _below(container, _OF_CONTAINERS)


def _sort(container: Container) -> str:
    """Name the sort of a container: an init container that is restarted goes on beside the others, as they do."""
    return "init container" if container.is_init and container.at("restartPolicy") != "Always" else "container"


def _below(above: Part, sorts: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Part]]:
    for sort, paths in sorts.items():
        for path in paths:
            yield from ((sort, place) for place in places_at(above, path.split()) if place.is_map)
