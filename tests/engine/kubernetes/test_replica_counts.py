"""How many pods a workload has, by its own number or by what scales it."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.links.replica_counts import autoscalers_of, fewest_pods, most_pods
from chartgate.model import Resources
from tests.engine.toys import resource

HPA = (
    "{{kind: HorizontalPodAutoscaler, metadata: {{name: a}},"
    " spec: {{{limits} scaleTargetRef: {{kind: Deployment, name: {name}}}}}}}"
)
KEDA = "{kind: ScaledObject, metadata: {name: a}, spec: {maxReplicaCount: 9, scaleTargetRef: {name: web}}}"


@pytest.mark.parametrize(
    ("workload", "others", "fewest", "most"),
    [
        ("{kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}", [], 3, 3),
        ("{kind: Deployment, metadata: {name: web}, spec: {replicas: null}}", [], 1, 1),
        ("{kind: Deployment, metadata: {name: web}, spec: {replicas: 0}}", [], 0, 0),
        (
            "{kind: Deployment, metadata: {name: web}}",
            [HPA.format(limits="minReplicas: 2, maxReplicas: 5,", name="web")],
            2,
            5,
        ),
        ("{kind: Deployment, metadata: {name: web}}", [HPA.format(limits="maxReplicas: 5,", name="web")], 1, 5),
        ("{kind: Deployment, metadata: {name: web}}", [HPA.format(limits="maxReplicas: 5,", name="shop")], 1, 1),
        ("{kind: Deployment, metadata: {name: web}}", [KEDA], None, 1),
        ("{kind: StatefulSet, metadata: {name: web}}", [KEDA], 1, 1),
        ("{kind: DaemonSet, metadata: {name: web}}", [], None, 1),
        ("{kind: Pod, metadata: {name: web}}", [], 1, 1),
    ],
)
def test_numbers_of_pods(workload: str, others: list[str], fewest: int | None, most: int) -> None:
    there = Resources([resource(other) for other in others])
    assert (fewest_pods(resource(workload), there), most_pods(resource(workload), there)) == (fewest, most)


def test_what_scales_another_namespace_does_not_count() -> None:
    elsewhere = resource(HPA.format(limits="", name="web").replace("name: a}", "name: a, namespace: other}"))
    assert autoscalers_of(resource("{kind: Deployment, metadata: {name: web}}"), Resources([elsewhere])) == []
