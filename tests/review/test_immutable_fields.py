"""What the API server refuses to change, and which objects are made again.

Sources: `ValidateXUpdate` in https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis
"""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.kubernetes.changes.immutable_fields import is_immutable
from chartgate.kubernetes.changes.lifecycle import is_hook, is_kept, is_left_alone, is_replaced
from chartgate.model import Resource


def _object(kind: str, **more: Any) -> Resource:
    return Resource({"kind": kind, "metadata": {"name": "one"}, **more}, "toy/templates/all.yaml", "shop")


def _annotated(annotations: Any) -> Resource:
    return _object("Job", metadata={"name": "one", "annotations": annotations})


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("Deployment", "spec.selector.matchLabels.app"),
        ("DaemonSet", "spec.selector"),
        ("ReplicaSet", "spec.selector"),
        ("StatefulSet", "spec.selector.matchLabels[a.b/c]"),
        ("StatefulSet", "spec.serviceName"),
        ("StatefulSet", "spec.podManagementPolicy"),
        ("StatefulSet", "spec.volumeClaimTemplates[data].spec.resources.requests.storage"),
        ("StatefulSet", "spec.volumeClaimTemplates[data].metadata.labels.x"),
        ("Job", "spec.template.spec.containers[a].image"),
        ("Job", "spec.selector"),
        ("Job", "spec.completions"),
        ("Job", "spec.completionMode"),
        ("Job", "spec.podFailurePolicy.rules[0]"),
        ("Job", "spec.successPolicy"),
        ("Job", "spec.backoffLimitPerIndex"),
        ("Job", "spec.managedBy"),
        ("PersistentVolumeClaim", "spec.storageClassName"),
        ("PersistentVolumeClaim", "spec.accessModes[0]"),
        ("PersistentVolume", "spec.nfs.server"),
        ("PersistentVolume", "spec.volumeMode"),
        ("RoleBinding", "roleRef.name"),
        ("ClusterRoleBinding", "roleRef"),
        ("Secret", "type"),
        ("Service", "spec.clusterIP"),
        ("Service", "spec.ipFamilies[0]"),
        ("Service", "spec.loadBalancerClass"),
        ("StorageClass", "parameters.type"),
        ("StorageClass", "volumeBindingMode"),
        ("VolumeAttributesClass", "parameters.iops"),
        ("IngressClass", "spec.controller"),
        ("PriorityClass", "value"),
        ("RuntimeClass", "handler"),
        ("ResourceQuota", "spec.scopes[0]"),
        ("EndpointSlice", "addressType"),
        ("CustomResourceDefinition", "spec.names.kind"),
        ("CustomResourceDefinition", "spec.scope"),
    ],
)
def test_what_does_not_change(kind: str, address: str) -> None:
    assert is_immutable(_object(kind), address)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("Deployment", "spec.selectors"),
        ("Deployment", "spec.template.metadata.labels.app"),
        ("Deployment", "spec.strategy"),
        ("StatefulSet", "spec.replicas"),
        ("StatefulSet", "spec.template.spec.containers[a].image"),
        ("StatefulSet", "spec.updateStrategy.type"),
        ("StatefulSet", "spec.ordinals.start"),
        ("StatefulSet", "spec.minReadySeconds"),
        ("StatefulSet", "spec.revisionHistoryLimit"),
        ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"),
        ("StatefulSet", "metadata.labels.x"),
        ("Job", "spec.backoffLimit"),
        ("Job", "spec.parallelism"),
        ("Job", "spec.suspend"),
        ("Job", "spec.activeDeadlineSeconds"),
        ("Job", "spec.ttlSecondsAfterFinished"),
        ("PersistentVolumeClaim", "spec.resources.requests.storage"),
        ("PersistentVolumeClaim", "spec.volumeAttributesClassName"),
        ("PersistentVolumeClaim", "metadata.annotations.x"),
        ("PersistentVolume", "spec.capacity.storage"),
        ("RoleBinding", "subjects[0]"),
        ("Secret", "data.key"),
        ("ConfigMap", "data.key"),
        ("Service", "spec.ports[80]"),
        ("Service", "spec.ipFamilies[1]"),
        ("Service", "spec.type"),
        ("StorageClass", "allowVolumeExpansion"),
        ("ResourceQuota", "spec.hard.pods"),
        ("PodDisruptionBudget", "spec.selector"),
        ("CustomResourceDefinition", "spec.versions[v1]"),
        ("Widget", "spec"),
    ],
)
def test_what_may_change(kind: str, address: str) -> None:
    assert not is_immutable(_object(kind), address)


@pytest.mark.parametrize(
    ("kind", "address", "immutable", "expected"),
    [
        ("Secret", "data.key", True, True),
        ("Secret", "stringData", True, True),
        ("Secret", "immutable", True, True),
        ("Secret", "immutable", False, False),
        ("Secret", "metadata.labels.x", True, False),
        ("ConfigMap", "data[a.yaml].b", True, True),
        ("ConfigMap", "binaryData.key", True, True),
        ("ConfigMap", "data.key", "true", False),
    ],
)
def test_an_object_that_freezes_itself(kind: str, address: str, immutable: Any, expected: bool) -> None:
    assert is_immutable(_object(kind, immutable=immutable), address) is expected


@pytest.mark.parametrize(
    ("annotations", "hook", "replaced", "kept"),
    [
        ({"helm.sh/hook": "pre-upgrade"}, True, False, False),
        ({"argocd.argoproj.io/hook": "PostSync"}, True, False, False),
        ({"helm.sh/hook-weight": "1"}, False, False, False),
        ({"argocd.argoproj.io/sync-options": "Replace=true, Force=true"}, False, True, False),
        ({"argocd.argoproj.io/sync-options": "Replace=true"}, False, False, False),
        ({"argocd.argoproj.io/sync-options": "Prune=false"}, False, False, True),
        ({"helm.sh/resource-policy": "keep"}, False, False, True),
        ({"helm.sh/resource-policy": "delete"}, False, False, False),
        (None, False, False, False),
        ("text", False, False, False),
    ],
)
def test_what_annotations_say(annotations: Any, hook: bool, replaced: bool, kept: bool) -> None:
    resource = _annotated(annotations)
    assert (is_hook(resource), is_replaced(resource), is_kept(resource)) == (hook, replaced, kept)


@pytest.mark.parametrize(
    ("kind", "template", "expected"),
    [
        ("CustomResourceDefinition", "toy/crds/orders.yaml", True),
        ("CustomResourceDefinition", "toy/charts/mailer/crds/orders.yaml", True),
        ("CustomResourceDefinition", "toy/templates/orders.yaml", False),
        ("CustomResourceDefinition", "toy/templates/crds/orders.yaml", False),
        ("CustomResourceDefinition", "toy/charts/crds/templates/orders.yaml", False),
        ("ConfigMap", "toy/templates/crds/orders.yaml", False),
    ],
)
def test_definitions_that_helm_only_installs(kind: str, template: str, expected: bool) -> None:
    assert is_left_alone(Resource({"kind": kind, "metadata": {"name": "one"}}, template, "shop")) is expected
