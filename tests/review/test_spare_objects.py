"""What the API server fills in: the table against the schemas of Kubernetes, and what is the same with and without."""

from __future__ import annotations

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.changes.server_defaults import COMPUTED, CONSTANTS
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, definitions
from chartgate.model import Resource
from chartgate.review.object_differences import differences_of

DEFINITIONS = definitions(bundled_versions()[-1])
WORDS = {
    "True": "true",
    "False": "false",
    str(0o644): "0644",
    "3600": "1 hour",
    "": '""',
    "{}": "empty",
    "['Persistent']": '"persistent"',
}
"""How descriptions write a default."""
_UNDESCRIBED = """
    apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition.priority
    apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec.conversion
    apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec.preserveUnknownFields
    apps.v1.DeploymentSpec.paused batch.v1.JobSpec.manualSelector core.v1.ConfigMap.immutable
    core.v1.ConfigMapEnvSource.optional core.v1.ConfigMapKeySelector.optional core.v1.ConfigMapProjection.optional
    core.v1.ConfigMapVolumeSource.optional core.v1.GRPCAction.service core.v1.HTTPGetAction.path
    core.v1.PersistentVolumeClaim.apiVersion core.v1.PersistentVolumeClaim.kind
    core.v1.PersistentVolumeClaimSpec.volumeMode core.v1.PersistentVolumeSpec.volumeMode
    core.v1.PodSecurityContext.fsGroupChangePolicy core.v1.PodSpec.schedulerName core.v1.PodSpec.serviceAccountName
    core.v1.Probe.initialDelaySeconds core.v1.ProjectedVolumeSource.defaultMode core.v1.Secret.immutable
    core.v1.Secret.type core.v1.SecretEnvSource.optional core.v1.SecretKeySelector.optional
    core.v1.SecretProjection.optional core.v1.SecretVolumeSource.optional
    core.v1.ServiceAccount.automountServiceAccountToken core.v1.ServiceSpec.ipFamilyPolicy
    core.v1.ServiceSpec.publishNotReadyAddresses core.v1.TopologySpreadConstraint.nodeAffinityPolicy
    core.v1.TopologySpreadConstraint.nodeTaintsPolicy
    kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec.insecureSkipTLSVerify rbac.v1.RoleRef.apiGroup
    scheduling.v1.PriorityClass.globalDefault storage.v1.CSIDriverSpec.attachRequired
    storage.v1.CSIDriverSpec.storageCapacity storage.v1.StorageClass.allowVolumeExpansion
    storage.v1.StorageClass.volumeBindingMode
"""
UNDESCRIBED = frozenset(_UNDESCRIBED.split())
"""The constants that the descriptions of the fields do not name; the sources of Kubernetes do."""
ROWS = [(name, field) for name, fields in CONSTANTS.items() for field in fields]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: "
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: "
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: "
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: "
JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: web}\nspec: "
SET = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec: "
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\nrules: "
ROUTE = "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: web}\nspec: "
MONITOR = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\nspec: "
GATEWAY_ROUTE = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\nspec: "
DRIVER = "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: web}\nspec: "
DEFINITION = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: web}\nspec: "
OWN = "apiVersion: shop.example.com/v1\nkind: Order\nmetadata: {name: web}\nspec: "


def _description(name: str, field: str) -> str:
    full = f"io.k8s.{name}" if f"io.k8s.{name}" in DEFINITIONS else f"io.k8s.api.{name}"
    return str(DEFINITIONS[full]["properties"][field].get("description", ""))


@pytest.mark.parametrize(("name", "field"), ROWS, ids=lambda word: word)
def test_kubernetes_describes_each_default_or_its_source_does(name: str, field: str) -> None:
    value = str(CONSTANTS[name][field])
    description = _description(name, field).lower()
    is_described = "default" in description and WORDS.get(value, value).lower() in description
    assert is_described is (f"{name}.{field}" not in UNDESCRIBED)


def test_what_is_not_described_is_in_the_table() -> None:
    assert sorted(UNDESCRIBED - {f"{name}.{field}" for name, field in ROWS}) == []


def test_what_is_computed_is_of_fields_that_there_are() -> None:
    assert [(n, f) for n, fields in COMPUTED.items() for f in fields if _description(n, f) == ""] == []


def _changed(before: str, after: str) -> dict[str, tuple[object, object]]:
    old, new = (Resource(dict(go_yaml.load(text, "")), "web.yaml", "shop") for text in (before, after))
    return {d.address: (d.before, d.after) for d in differences_of(old, new)}


@pytest.mark.parametrize(
    ("head", "before", "after"),
    [
        (POD, "{containers: [{name: a}]}", "{containers: [{name: a, env: [], securityContext: {}, resources: {}}]}"),
        (
            POD,
            "{containers: [{name: a, image: x:1}]}",
            "{containers: [{name: a, image: x:1, imagePullPolicy: IfNotPresent}]}",
        ),
        (POD, "{containers: [{name: a, image: x}]}", "{containers: [{name: a, image: x, imagePullPolicy: Always}]}"),
        (POD, "{containers: [{name: a}]}", "{containers: [{name: a, securityContext: {privileged: false}}]}"),
        (POD, "{nodeSelector: {}}", "{nodeSelector: null, hostNetwork: false, volumes: []}"),
        (POD, "{serviceAccountName: a}", "{serviceAccountName: a, serviceAccount: a}"),
        (
            POD,
            "{volumes: [{name: a, secret: {secretName: b}}]}",
            "{volumes: [{name: a, secret: {secretName: b, defaultMode: 0644}}]}",
        ),
        (
            POD,
            "{containers: [{name: a, resources: {limits: {cpu: 1}}}]}",
            "{containers: [{name: a, resources: {limits: {cpu: 1}, requests: {cpu: 1000m}}}]}",
        ),
        (
            DEPLOYMENT,
            "{replicas: 1}",
            "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}}",
        ),
        (DEPLOYMENT, "{strategy: {}}", "{progressDeadlineSeconds: 600, revisionHistoryLimit: 10}"),
        (
            SET,
            "{}",
            "{updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}, podManagementPolicy: OrderedReady}",
        ),
        (
            SET,
            "{volumeClaimTemplates: [{metadata: {name: a}, spec: {}}]}",
            "{volumeClaimTemplates: [{apiVersion: v1, metadata: {name: a}, spec: {volumeMode: Filesystem}}]}",
        ),
        (SERVICE, "{ports: [{port: 80}]}", "{type: ClusterIP, ports: [{port: 80, targetPort: 80, protocol: TCP}]}"),
        (POLICY, "{podSelector: {}, egress: [{}]}", "{egress: [{}], policyTypes: [Egress, Ingress]}"),
        (POLICY, "{ingress: [{ports: [{port: 80}]}]}", "{ingress: [{ports: [{port: 80, protocol: TCP}]}]}"),
        (
            POD,
            "{volumes: [{name: a, emptyDir: {sizeLimit: 1Gi}}]}",
            "{volumes: [{name: a, emptyDir: {sizeLimit: 1024Mi}}]}",
        ),
        (JOB, "{}", "{completions: 1, parallelism: 1, backoffLimit: 6, completionMode: NonIndexed}"),
        (
            GATEWAY_ROUTE,
            "{parentRefs: [{name: a}], rules: [{backendRefs: [{name: b, port: 80}]}]}",
            "{parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: a}],"
            " rules: [{backendRefs: [{group: '', kind: Service, name: b, port: 80, weight: 1}]}]}",
        ),
        (
            ROUTE,
            "{host: a, to: {name: b}, alternateBackends: [{name: c}]}",
            "{host: a, to: {kind: Service, name: b, weight: 100}, wildcardPolicy: None,"
            " alternateBackends: [{kind: Service, name: c, weight: 100}]}",
        ),
        (MONITOR, "{selector: {}}", "{selector: {}, namespaceSelector: {}}"),
        (
            DRIVER,
            "{}",
            "{attachRequired: true, podInfoOnMount: false, storageCapacity: false, volumeLifecycleModes: [Persistent],"
            " fsGroupPolicy: ReadWriteOnceWithFSType}",
        ),
        (DEFINITION, "{}", "{conversion: {strategy: None}, preserveUnknownFields: false}"),
        (
            MONITOR.replace("monitoring.coreos.com/v1\nkind: ServiceMonitor", "v1\nkind: ResourceQuota"),
            "{hard: {pods: 5, requests.cpu: 4}}",
            "{hard: {requests.cpu: 4000m, pods: '5'}}",
        ),
        (
            OWN.replace("Order", "ExternalSecret"),
            "{data: [{secretKey: a, remoteRef: {key: x}}, {secretKey: b, remoteRef: {key: y}}]}",
            "{data: [{remoteRef: {key: x}, secretKey: a}, {remoteRef: {key: y}, secretKey: b}]}",
        ),
        (
            ROLE,
            "[{apiGroups: [''], resources: [a, b], verbs: [list]}]",
            "[{apiGroups: [''], resources: [b], verbs: [list]}, {apiGroups: [''], resources: [a], verbs: [list]}]",
        ),
    ],
)
def test_what_goes_without_saying_is_no_difference(head: str, before: str, after: str) -> None:
    assert _changed(head + before, head + after) == {}
    assert _changed(head + after, head + before) == {}


@pytest.mark.parametrize(
    ("annotation", "differs"),
    [
        ("helm.sh/hook-weight: '0'", False),
        ("helm.sh/hook-delete-policy: before-hook-creation", False),
        ("argocd.argoproj.io/sync-wave: '0'", False),
        ("helm.sh/hook-weight: '1'", True),
        ("helm.sh/hook-delete-policy: hook-succeeded", True),
        ("argocd.argoproj.io/sync-wave: '-1'", True),
        ("example.com/weight: '0'", True),
    ],
)
@pytest.mark.parametrize("head", [JOB, OWN])
def test_what_helm_does_anyway_need_not_be_said(head: str, annotation: str, differs: bool) -> None:
    said = head.replace("{name: web}", f"{{name: web, annotations: {{{annotation}}}}}")
    assert [*_changed(f"{head}{{}}", f"{said}{{}}")] == ["metadata.annotations"] * differs
    beside = [text.replace("{name: web", "{name: web, annotations: {a: b}", 1) for text in (head, said)]
    beside[1] = beside[1].replace("{a: b}, annotations: {", "{a: b, ")
    assert len(_changed(*(f"{text}{{}}" for text in beside))) == differs


@pytest.mark.parametrize(
    ("head", "before", "after", "expected"),
    [
        (SERVICE, "{type: ClusterIP}", "{type: LoadBalancer}", {"spec.type": ("ClusterIP", "LoadBalancer")}),
        (POD, "{containers: [{name: a, image: x}]}",
         "{containers: [{name: a, image: x, imagePullPolicy: IfNotPresent}]}",
         {"spec.containers[a].imagePullPolicy": (None, "IfNotPresent")}),
        (POD, "{automountServiceAccountToken: false}", "{}", {"spec.automountServiceAccountToken": (False, None)}),
        (POD, "{volumes: [{name: a}]}",
         "{volumes: [{name: a, emptyDir: {}}]}",
         {"spec.volumes[a].emptyDir": (None, {})}),
        (POLICY, "{ingress: [{}]}", "{}", {"spec.ingress": ([{}], None)}),
        (POLICY, "{ingress: [{from: [{podSelector: {}}]}]}",
         "{ingress: [{from: [{}]}]}",
         {"spec.ingress[0].from[0].podSelector": ({}, None)}),
        (JOB, "{}", "{parallelism: 1}", {"spec.parallelism": (None, 1)}),
        (OWN, "{replicas: 1}", "{}", {"spec.replicas": (1, None)}),
        (GATEWAY_ROUTE, "{rules: [{backendRefs: [{name: b, weight: 1}]}]}",
         "{rules: [{backendRefs: [{name: b, weight: true}]}]}",
         {"spec.rules[0].backendRefs[b].weight": (1, True)}),
        (POD, "{containers: [{name: a, livenessProbe: {periodSeconds: 10, exec: {command: [a]}}}]}",
         "{containers: [{name: a}]}",
         {"spec.containers[a].livenessProbe": ({"periodSeconds": 10, "exec": {"command": ["a"]}}, None)}),
        (ROLE, "[{apiGroups: [''], resources: [pods], verbs: [get, list]}]",
         "[{apiGroups: [''], resources: ['*'], verbs: [get]}]",
         {"rules": (["list pods"], ["get *"])}),
    ],
)  # fmt: skip
def test_what_is_a_difference(head: str, before: str, after: str, expected: dict[str, tuple[object, object]]) -> None:
    found = _changed(head + before, head + after)
    assert {a: tuple(None if side is ABSENT else side for side in sides) for a, sides in found.items()} == expected
