"""What makes more pods of a workload, and fewer: what a change of it takes away, and what it does not."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import risks_told

V2, V2BETA1, KEDA, VPA = "autoscaling/v2", "autoscaling/v2beta1", "keda.sh/v1alpha1", "autoscaling.k8s.io/v1"


def _of(kind: str, version: str, spec: str, notes: str = "") -> str:
    return (
        f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web, annotations: {{{notes}}}}}, spec: {{{spec}}}}}"
    )


def _aiming(target: str, name: str = "cpu", version: str = V2) -> str:
    metric = f"{{type: Resource, resource: {{name: {name}, {target}}}}}"
    return _of("HorizontalPodAutoscaler", version, f"maxReplicas: 9, metrics: [{metric}]")


def _growing(behavior: str) -> str:
    return _of("HorizontalPodAutoscaler", V2, f"maxReplicas: 9, behavior: {{{behavior}}}")


def _keda(metadata: str, notes: str = "", beside: str = "") -> str:
    return _of("ScaledObject", KEDA, f"triggers: [{{type: kafka, metadata: {{{metadata}}}}}]{beside}", notes)


def _vertical(mode: str) -> str:
    return _of("VerticalPodAutoscaler", VPA, f"updatePolicy: {{updateMode: {mode}}}")


AT_60, AT_95 = (f"target: {{type: Utilization, averageUtilization: {share}}}" for share in (60, 95))
OLD = "targetAverageUtilization: 60"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_aiming(AT_60), _aiming(AT_95), "it makes more pods where cpu is above 95, not 60"),
        (_aiming(OLD, version=V2BETA1), _aiming(AT_95), "it makes more pods where cpu is above 95, not 60"),
        (
            _of("HorizontalPodAutoscaler", "autoscaling/v1", "maxReplicas: 9, targetCPUUtilizationPercentage: 60"),
            _of("HorizontalPodAutoscaler", "autoscaling/v1", "maxReplicas: 9, targetCPUUtilizationPercentage: 90"),
            "it makes more pods where cpu is above 90, not 60",
        ),
        (_aiming(AT_60), _aiming(AT_60, "memory"), "it makes no more pods for cpu"),
        (_growing(""), _growing("scaleUp: {selectPolicy: Disabled}"), "it makes no more pods, whatever the load"),
        (
            _growing(""),
            _growing("scaleUp: {stabilizationWindowSeconds: 300}"),
            "it makes more pods after 300 s, not 0",
        ),
        (
            _keda("lagThreshold: '5'"),
            _keda("lagThreshold: '500'"),
            "it makes more pods where kafka is above 500, not 5",
        ),
        (
            _keda("topic: a"),
            _keda("topic: a", "autoscaling.keda.sh/paused: 'true'"),
            "it is paused: there are as many pods, whatever the load",
        ),
        (
            _keda("topic: a", beside=", maxReplicaCount: 9"),
            _keda("topic: a", beside=", maxReplicaCount: 3"),
            "at most 3 instead of 9 pods",
        ),
        (_vertical("'Off'"), _vertical("Auto"), "it ends pods that ask for another amount than it finds right"),
    ],
)
def test_fewer_pods_or_later_ones_aretold(before: str, after: str, told: str) -> None:
    assert risks_told(before, after) == [f"downtime caution {told}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_aiming(AT_95), _aiming(AT_60)),
        (_aiming(OLD, version=V2BETA1), _aiming(AT_60)),
        (_aiming(AT_60), _aiming("target: {type: AverageValue, averageValue: 500m}")),
        (_growing(""), _growing("scaleDown: {selectPolicy: Disabled}")),
        (_growing(""), _growing("scaleUp: {stabilizationWindowSeconds: 0}")),
        (_growing("scaleUp: {stabilizationWindowSeconds: 300}"), _growing("")),
        (_keda("lagThreshold: '500'"), _keda("lagThreshold: '5'")),
        (_keda("topic: a", "autoscaling.keda.sh/paused: 'true'"), _keda("topic: a")),
        (_vertical("Auto"), _vertical("'Off'")),
        (_vertical("Recreate"), _vertical("Auto")),
    ],
)
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert risks_told(before, after) == []
