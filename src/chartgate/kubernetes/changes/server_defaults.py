"""What the API server fills in where a manifest says nothing: writing it out, or leaving it out, changes nothing.

A table of constants by definition and field, and code for what depends on the rest of the object. Not here is what the
cluster decides: the default StorageClass, an address, whether a pod gets the token of its account.
Sources: the descriptions of the fields (https://kubernetes.io/docs/reference/kubernetes-api/) and, for those that do
not say it, `zz_generated.defaults.go` and `defaults.go` of https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.validity.quantities import quantity

_RBAC = "rbac.authorization.k8s.io"
_MODE = 0o644
_WEBHOOK = {
    "failurePolicy": "Fail",
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
    "timeoutSeconds": 10,
}
_CONTAINER = {
    "stdin": False,
    "stdinOnce": False,
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "tty": False,
}

CONSTANTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "admissionregistration.v1.MutatingWebhook": {**_WEBHOOK, "reinvocationPolicy": "Never"},
        "admissionregistration.v1.RuleWithOperations": {"scope": "*"},
        "admissionregistration.v1.ServiceReference": {"port": 443},
        "admissionregistration.v1.ValidatingAdmissionPolicySpec": {"failurePolicy": "Fail"},
        "admissionregistration.v1.ValidatingWebhook": _WEBHOOK,
        "admissionregistration.v1.MatchResources": {
            "matchPolicy": "Equivalent",
            "namespaceSelector": {},
            "objectSelector": {},
        },
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition": {"priority": 0},
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec": {
            "conversion": {"strategy": "None"},
            "preserveUnknownFields": False,
        },
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion": {"deprecated": False},
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference": {"port": 443},
        "apps.v1.DaemonSetSpec": {"minReadySeconds": 0, "revisionHistoryLimit": 10},
        "apps.v1.DaemonSetUpdateStrategy": {"type": "RollingUpdate"},
        "apps.v1.DeploymentSpec": {
            "minReadySeconds": 0,
            "paused": False,
            "progressDeadlineSeconds": 600,
            "replicas": 1,
            "revisionHistoryLimit": 10,
        },
        "apps.v1.DeploymentStrategy": {"type": "RollingUpdate"},
        "apps.v1.ReplicaSetSpec": {"minReadySeconds": 0, "replicas": 1},
        "apps.v1.RollingUpdateDaemonSet": {"maxSurge": 0, "maxUnavailable": 1},
        "apps.v1.RollingUpdateDeployment": {"maxSurge": "25%", "maxUnavailable": "25%"},
        "apps.v1.RollingUpdateStatefulSetStrategy": {"partition": 0},
        "apps.v1.StatefulSetOrdinals": {"start": 0},
        "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "apps.v1.StatefulSetSpec": {
            "minReadySeconds": 0,
            "podManagementPolicy": "OrderedReady",
            "replicas": 1,
            "revisionHistoryLimit": 10,
        },
        "apps.v1.StatefulSetUpdateStrategy": {"type": "RollingUpdate"},
        "autoscaling.v2.HPAScalingRules": {"selectPolicy": "Max"},
        "autoscaling.v2.HorizontalPodAutoscalerSpec": {"minReplicas": 1},
        "batch.v1.CronJobSpec": {
            "concurrencyPolicy": "Allow",
            "failedJobsHistoryLimit": 1,
            "successfulJobsHistoryLimit": 3,
            "suspend": False,
        },
        "batch.v1.JobSpec": {
            "backoffLimit": 6,
            "completionMode": "NonIndexed",
            "manualSelector": False,
            "suspend": False,
        },
        "core.v1.ConfigMapVolumeSource": {"defaultMode": _MODE, "optional": False},
        "core.v1.Container": _CONTAINER,
        "core.v1.ContainerPort": {"protocol": "TCP"},
        "core.v1.DownwardAPIVolumeSource": {"defaultMode": _MODE},
        "core.v1.EmptyDirVolumeSource": {"medium": ""},
        "core.v1.EnvVar": {"value": ""},
        "core.v1.ClientIPConfig": {"timeoutSeconds": 10800},
        "core.v1.ConfigMapEnvSource": {"optional": False},
        "core.v1.ConfigMapKeySelector": {"optional": False},
        "core.v1.ConfigMapProjection": {"optional": False},
        "core.v1.HTTPGetAction": {"path": "/", "scheme": "HTTP"},
        "core.v1.HostPathVolumeSource": {"type": ""},
        "core.v1.ObjectFieldSelector": {"apiVersion": "v1"},
        "core.v1.PersistentVolumeClaim": {"apiVersion": "v1", "kind": "PersistentVolumeClaim"},
        "core.v1.PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
        "core.v1.PersistentVolumeClaimVolumeSource": {"readOnly": False},
        "core.v1.PersistentVolumeSpec": {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem"},
        "core.v1.PodSecurityContext": {"fsGroupChangePolicy": "Always"},
        "core.v1.PodSpec": {
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "hostIPC": False,
            "hostNetwork": False,
            "hostPID": False,
            "hostUsers": True,
            "preemptionPolicy": "PreemptLowerPriority",
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "serviceAccountName": "default",
            "setHostnameAsFQDN": False,
            "shareProcessNamespace": False,
            "terminationGracePeriodSeconds": 30,
        },
        "core.v1.Probe": {
            "failureThreshold": 3,
            "initialDelaySeconds": 0,
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": 1,
        },
        "core.v1.GRPCAction": {"service": ""},
        "core.v1.ProjectedVolumeSource": {"defaultMode": _MODE},
        "core.v1.Secret": {"type": "Opaque", "immutable": False},
        "core.v1.ConfigMap": {"immutable": False},
        "core.v1.SecretEnvSource": {"optional": False},
        "core.v1.SecretKeySelector": {"optional": False},
        "core.v1.SecretProjection": {"optional": False},
        "core.v1.SecretVolumeSource": {"defaultMode": _MODE, "optional": False},
        "core.v1.SecurityContext": {"privileged": False, "procMount": "Default", "readOnlyRootFilesystem": False},
        "core.v1.ServiceAccount": {"automountServiceAccountToken": True},
        "core.v1.ServiceAccountTokenProjection": {"expirationSeconds": 3600},
        "core.v1.ServicePort": {"protocol": "TCP"},
        "core.v1.ServiceSpec": {
            "allocateLoadBalancerNodePorts": True,
            "externalTrafficPolicy": "Cluster",
            "internalTrafficPolicy": "Cluster",
            "ipFamilyPolicy": "SingleStack",
            "publishNotReadyAddresses": False,
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "core.v1.Toleration": {"operator": "Equal"},
        "core.v1.TopologySpreadConstraint": {"nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Ignore"},
        "core.v1.VolumeMount": {"readOnly": False, "subPath": "", "subPathExpr": ""},
        "kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec": {"insecureSkipTLSVerify": False},
        "kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference": {"port": 443},
        "networking.v1.IngressClassParametersReference": {"scope": "Cluster"},
        "networking.v1.NetworkPolicyPort": {"protocol": "TCP"},
        "networking.v1.NetworkPolicySpec": {"podSelector": {}},
        "policy.v1.PodDisruptionBudgetSpec": {"unhealthyPodEvictionPolicy": "IfHealthyBudget"},
        "rbac.v1.RoleRef": {"apiGroup": _RBAC},
        "scheduling.v1.PriorityClass": {"globalDefault": False, "preemptionPolicy": "PreemptLowerPriority"},
        "storage.v1.CSIDriverSpec": {
            "attachRequired": True,
            "fsGroupPolicy": "ReadWriteOnceWithFSType",
            "podInfoOnMount": False,
            "requiresRepublish": False,
            "seLinuxMount": False,
            "storageCapacity": False,
            "volumeLifecycleModes": ["Persistent"],
        },
        "storage.v1.StorageClass": {
            "allowVolumeExpansion": False,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
        },
    }
)
"""By definition, without `io.k8s.api.`, and field."""

Owner = Mapping[str, Any]
Computed = Callable[[Any, Owner], bool]


def _pull_policy(value: Any, container: Owner) -> bool:
    image = image_reference(str(container.get("image", ""))).filled_in()
    is_latest = image.tag in ("", "latest") and not image.digest
    return bool(value == ("Always" if is_latest else "IfNotPresent"))


def _requests(value: Any, resources: Owner) -> bool:
    """Tell whether what is requested is what the limits say anyway."""
    limits = map_of(resources.get("limits"))
    return isinstance(value, dict) and all(
        key in limits and quantity(amount) is not None and quantity(amount) == quantity(limits[key])
        for key, amount in value.items()
    )


def _policy_types(value: Any, policy: Owner) -> bool:
    expected = {"Ingress", "Egress"} if policy.get("egress") else {"Ingress"}
    return isinstance(value, list) and all(isinstance(item, str) for item in value) and set(value) == expected


def _subject_group(value: Any, subject: Owner) -> bool:
    return bool(value == ("" if subject.get("kind") == "ServiceAccount" else _RBAC))


COMPUTED: Mapping[str, Mapping[str, Computed]] = MappingProxyType(
    {
        "core.v1.Container": {"imagePullPolicy": _pull_policy},
        "core.v1.ServicePort": {"targetPort": lambda value, port: bool(value == port.get("port"))},
        "core.v1.PodSpec": {"serviceAccount": lambda value, pod: bool(value == pod.get("serviceAccountName"))},
        "core.v1.ResourceRequirements": {"requests": _requests},
        "networking.v1.NetworkPolicySpec": {"policyTypes": _policy_types},
        "rbac.v1.Subject": {"apiGroup": _subject_group},
        "batch.v1.JobSpec": {
            "completions": lambda value, job: value == 1 and job.get("parallelism", 1) == 1,
            "parallelism": lambda value, job: value == 1 and job.get("completions") is not None,
        },
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames": {
            "singular": lambda value, names: value == str(names.get("kind", "")).lower(),
            "listKind": lambda value, names: value == f"{names.get('kind', '')}List",
        },
    }
)
"""What is filled in depending on the rest of the object: whether a value is that."""

_WITHOUT_CONTENT = """
    affinity behavior capabilities clientIP dnsConfig lifecycle metadata nodeAffinity ordinals podAffinity
    podAntiAffinity persistentVolumeClaimRetentionPolicy resources rollingUpdate securityContext sessionAffinityConfig
    status strategy updateStrategy
"""
WITHOUT_CONTENT = frozenset(_WITHOUT_CONTENT.split())
"""The fields whose empty map says no more than none at all; a selector or a volume that is empty says something."""
