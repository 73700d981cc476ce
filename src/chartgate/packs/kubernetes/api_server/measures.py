"""Measures: an autoscaler has what it measures by, and amounts have their unit."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.kubernetes.links.existence import find
from chartgate.kubernetes.links.replica_counts import scaled_workloads
from chartgate.kubernetes.pods.workloads import Container, pod_if_any
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, resources: {requests: {cpu: 100m, memory: 64Mi}}}
        - {name: proxy, resources: {limits: {cpu: "1", memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
    - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
"""
_POD = "spec.template.spec"


@policy(severity="warning", remediation="Give every container of the pods a request (or a limit) of what is measured.")
def autoscalers_measure_what_is_requested(rendering: Rendering) -> Iterator[Check]:
    """What is scaled by the utilization of a resource has a request of it, in each container that requests anything.

    Utilization is a part of the request: where one container has none, the autoscaler does nothing. A limit is a
    request as well. To a container without any, a LimitRange of the namespace may give all. Source:
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work
    """
    for resources in rendering.stages:
        for autoscaler in resources.of_kind("HorizontalPodAutoscaler"):
            for target in scaled_workloads(autoscaler):
                workload = find(resources, target.kind, target.name, target.namespace)
                pod = pod_if_any(workload) if workload else None
                for name in _measured(autoscaler) if pod is not None else ():
                    for container in (pod / "containers").maps() if pod is not None else ():
                        if asked := _asked_for(container):
                            expected = f"a request of {name}: {autoscaler.kind} {autoscaler.name} measures by it"
                            yield states(container / "resources", name in asked, expected=expected)


def _measured(autoscaler: Resource) -> list[str]:
    """Give the resources of which an autoscaler measures the part that is used."""
    spec = autoscaler / "spec"
    found = [
        str(lookup(metric.map, "resource.name"))
        for metric in (spec / "metrics").maps()
        if metric.at("type") == "Resource" and isinstance(metric.at("resource.target.averageUtilization"), int)
    ]
    return [*found, *(["cpu"] if isinstance(spec.at("targetCPUUtilizationPercentage"), int) else [])]


def _asked_for(container: Place[Resource]) -> set[str]:
    amounts = [lookup(container.map, f"resources.{side}") for side in ("requests", "limits")]
    return {name for side in amounts if isinstance(side, dict) for name, amount in side.items() if amount is not None}


autoscalers_measure_what_is_requested.breaks(
    manifests=HEALTHY,
    no_request_of_the_processor=put("Deployment web", f"{_POD}.containers[web].resources.requests", {"memory": "1Gi"}),
    a_container_beside_without_one=gone("Deployment web", f"{_POD}.containers[proxy].resources.limits.cpu"),
)


autoscalers_measure_what_is_requested.breaks(
    manifests=HEALTHY,
    the_field_of_the_first_version=(
        gone("HorizontalPodAutoscaler web", "spec.metrics"),
        put("HorizontalPodAutoscaler web", "spec.targetCPUUtilizationPercentage", 80),
        gone("Deployment web", f"{_POD}.containers[web].resources.requests.cpu"),
    ),
)


_LEAST_MEMORY, _MOST_CORES = 1024**2, 256
_MANY_CORES, _OF_A_CORE = 10, 32 * 1024**2
"""So many cores have more memory than this for each of them."""


@policy(judges=CONTAINER, severity="warning", remediation="Give memory its unit (`512Mi`), and parts of a core an `m`.")
def amounts_have_their_unit(container: Container) -> Iterator[Check]:
    """No container asks for, or is held to, less than 1 MiB of memory, or more than 256 cores, or 50 cores and 64 MiB.

    `memory: 512` is 512 bytes, `cpu: 500` five hundred cores: the unit was forgotten, and the container is killed as it
    starts, or no node has room for it. Thousandths of a byte the API server warns of. Source:
    https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes
    """
    for amounts in (container.place(f"resources.{side}") for side in ("requests", "limits")):
        for name, place in amounts.entries() if amounts.is_map else ():
            number = quantity(place.value)
            if number and number > 0 and not place.text.endswith("m") and name in ("memory", "cpu"):
                unit = "bytes" if name == "memory" else "cores"
                actual = f"{place.value}, {float(number):g} {unit}"
                passed = number >= _LEAST_MEMORY if name == "memory" else number <= _MOST_CORES
                expected = "at least 1Mi" if name == "memory" else f"at most {_MOST_CORES} cores"
                memory = quantity(amounts.at("memory"))
                if name == "cpu" and number >= _MANY_CORES and memory and memory >= _LEAST_MEMORY:
                    passed = memory >= number * _OF_A_CORE
                    expected, actual = "memory for so many cores", f"{actual}, with {amounts.at('memory')} of memory"
                yield states(place, passed, expected=expected, actual=actual)


_WEB = f"{_POD}.containers[web].resources.requests"
amounts_have_their_unit.breaks(
    manifests=HEALTHY,
    bytes_for_megabytes=put("Deployment web", f"{_WEB}.memory", 512),
    kilobytes_for_megabytes=put("Deployment web", f"{_WEB}.memory", "512Ki"),
    cores_for_thousandths=put("Deployment web", f"{_WEB}.cpu", 500),
    a_few_cores_for_thousandths=put("Deployment web", f"{_WEB}.cpu", 50),
)
