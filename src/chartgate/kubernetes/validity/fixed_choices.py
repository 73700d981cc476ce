"""Fields of which the API server takes one of a few words; the bundled schemas call all of them strings.

Source: the constants in https://github.com/kubernetes/api/blob/v0.36.0 (core/v1, apps/v1, batch/v1, networking/v1,
policy/v1, admissionregistration/v1 and storage/v1 types.go) and the validation that refers to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, pod_spec
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Missing, Resource

_PROTOCOLS = "TCP UDP SCTP"
_PULL = "Always IfNotPresent Never"
_ACCESS = "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod"

# Below the spec of a pod: the steps to the field, where `*` stands for every item of a list, and the words.
_OF_PODS = {
    "restartPolicy": "Always OnFailure Never",
    "dnsPolicy": "ClusterFirstWithHostNet ClusterFirst Default None",
    "preemptionPolicy": "PreemptLowerPriority Never",
    "securityContext fsGroupChangePolicy": "OnRootMismatch Always",
    "tolerations * operator": "Exists Equal Lt Gt",
    "tolerations * effect": "NoSchedule PreferNoSchedule NoExecute",
    "topologySpreadConstraints * whenUnsatisfiable": "DoNotSchedule ScheduleAnyway",
    "volumes * hostPath type": "DirectoryOrCreate Directory FileOrCreate File Socket CharDevice BlockDevice",
    "volumes * emptyDir medium": "Memory HugePages HugePages-2Mi HugePages-1Gi",
}
_OF_CONTAINERS = {
    "imagePullPolicy": _PULL,
    "terminationMessagePolicy": "File FallbackToLogsOnError",
    "ports * protocol": _PROTOCOLS,
    "volumeMounts * mountPropagation": "None HostToContainer Bidirectional",
    **{f"{probe} httpGet scheme": "HTTP HTTPS" for probe in PROBES},
}
_OF_WEBHOOKS = {
    "webhooks * failurePolicy": "Ignore Fail",
    "webhooks * matchPolicy": "Exact Equivalent",
    "webhooks * sideEffects": "None NoneOnDryRun",
    "webhooks * rules * scope": "Cluster Namespaced *",
    "webhooks * rules * operations *": "CREATE UPDATE DELETE CONNECT *",
}
_OF_BINDINGS = {"roleRef kind": "Role ClusterRole", "subjects * kind": "ServiceAccount User Group"}
_OF_KINDS = {
    "Service": {
        "spec type": "ClusterIP NodePort LoadBalancer ExternalName",
        "spec sessionAffinity": "ClientIP None",
        "spec externalTrafficPolicy": "Cluster Local",
        "spec internalTrafficPolicy": "Cluster Local",
        "spec ipFamilyPolicy": "SingleStack PreferDualStack RequireDualStack",
        "spec ports * protocol": _PROTOCOLS,
    },
    "Deployment": {"spec strategy type": "Recreate RollingUpdate"},
    "DaemonSet": {"spec updateStrategy type": "RollingUpdate OnDelete"},
    "StatefulSet": {
        "spec updateStrategy type": "RollingUpdate OnDelete",
        "spec podManagementPolicy": "OrderedReady Parallel",
        "spec volumeClaimTemplates * spec accessModes *": _ACCESS,
        "spec persistentVolumeClaimRetentionPolicy whenDeleted": "Retain Delete",
        "spec persistentVolumeClaimRetentionPolicy whenScaled": "Retain Delete",
    },
    "Job": {"spec completionMode": "NonIndexed Indexed"},
    "CronJob": {"spec concurrencyPolicy": "Allow Forbid Replace"},
    "PersistentVolumeClaim": {"spec accessModes *": _ACCESS, "spec volumeMode": "Filesystem Block"},
    "PersistentVolume": {
        "spec accessModes *": _ACCESS,
        "spec volumeMode": "Filesystem Block",
        "spec persistentVolumeReclaimPolicy": "Recycle Delete Retain",
    },
    "StorageClass": {
        "reclaimPolicy": "Delete Retain",
        "volumeBindingMode": "Immediate WaitForFirstConsumer",
    },
    "NetworkPolicy": {
        "spec policyTypes *": "Ingress Egress",
        "spec ingress * ports * protocol": _PROTOCOLS,
        "spec egress * ports * protocol": _PROTOCOLS,
    },
    "Ingress": {"spec rules * http paths * pathType": "Exact Prefix ImplementationSpecific"},
    "PodDisruptionBudget": {"spec unhealthyPodEvictionPolicy": "IfHealthyBudget AlwaysAllow"},
    "ValidatingWebhookConfiguration": _OF_WEBHOOKS,
    "MutatingWebhookConfiguration": {**_OF_WEBHOOKS, "webhooks * reinvocationPolicy": "Never IfNeeded"},
    "RoleBinding": _OF_BINDINGS,
    "ClusterRoleBinding": _OF_BINDINGS,
}


class FixedField(NamedTuple):
    """What a field with few words holds."""

    place: Place[Resource]
    allowed: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether it is one of them; an empty or null one stands for the default."""
        return self.place.value in (None, "", *self.allowed)


def choices(resource: Resource) -> Iterator[FixedField]:
    """Give every field of a resource that takes one of a few words, and what it holds; nothing of custom resources."""
    if not is_built_in(resource.identity.api_version):
        return
    yield from _choices(resource.place(), _OF_KINDS.get(resource.kind, {}))
    if resource.kind not in WORKLOAD_KINDS:
        return
    try:
        pod = pod_spec(resource)
    except Missing:
        return
    yield from _choices(pod, _OF_PODS)
    for listed in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod / listed:
            yield from _choices(container, _OF_CONTAINERS)


def _choices(above: Place[Resource], fields: Mapping[str, str]) -> Iterator[FixedField]:
    for path, words in fields.items():
        yield from (FixedField(place, tuple(words.split())) for place in places_at(above, path.split()))


def places_at(place: Place[Resource], path: Sequence[str]) -> Iterator[Place[Resource]]:
    """Give the places that a path leads to, where `*` is every item of a list."""
    # Most of the fields that there may be are not there.
    if _leads_somewhere(place.value, path):
        yield from _places_at(place, path)


def _leads_somewhere(value: Any, path: Sequence[str]) -> bool:
    """Tell whether there may be a place at the end: whether the keys up to the first list are there."""
    for step in path:
        if step == "*":
            return isinstance(value, list) and bool(value)
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _places_at(place: Place[Resource], path: Sequence[str]) -> Iterator[Place[Resource]]:
    if not path:
        yield place
    elif path[0] == "*":
        for item in place:
            yield from places_at(item, path[1:])
    elif place.is_map and path[0] in place.value:
        yield from _places_at(place / path[0], path[1:])
