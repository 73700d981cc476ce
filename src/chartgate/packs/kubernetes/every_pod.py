"""What the policies on pods share: every pod of a rendering, and one that all of them accept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from chartgate.charts.version_constraints import admitted
from chartgate.kubernetes.pods.workloads import Container, containers, pod_spec, workloads
from chartgate.model import Manifest, Rendering, Resource

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: prepare
          image: example.com/prepare@sha256:4bc453b53cb3d914b45f4b250294236adba2c0e09ff6f03793949e7e39fd4cc1
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      containers:
        - name: web
          image: registry.example.com:5000/web:1.4.2
          ports: [{name: http, containerPort: 8080}]
          livenessProbe: {httpGet: {path: /, port: http}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumes: [{name: scratch, emptyDir: {}}]
"""
"""A Deployment of one restricted pod with an init container."""


def pods(rendering: Rendering) -> Iterator[tuple[Resource, str, Manifest]]:
    """Give every workload with address and content of its pod spec; one that a hook patches, before and after."""
    before = list(workloads(rendering.resources))
    patched = (r for r in workloads(rendering.after_hooks) if all(r is not other for other in before))
    for resource in (*before, *patched):
        yield resource, *pod_spec(resource)


def all_containers(rendering: Rendering) -> Iterator[Container]:
    """Give the containers of every pod, the init containers too."""
    for resource, _, _ in pods(rendering):
        yield from containers(resource)


def linux_containers(rendering: Rendering) -> Iterator[Container]:
    """Give the containers of all pods but those that say that they are for Windows, which lacks some controls."""
    for container in all_containers(rendering):
        if pod_setting(container, "os.name") != "windows":
            yield container


def pod_setting(container: Container, address: str) -> Any:
    """Give a setting of the pod that a container is in, or ABSENT."""
    return container.resource.at(f"{pod_spec(container.resource)[0]}.{address}")


def is_since(rendering: Rendering, version: str) -> bool:
    """Tell whether a rule that came with a Kubernetes version (`1.35`) counts in all versions that the chart admits.

    A chart that names none, or none that can be read, is judged by the rules of today.
    """
    constraint = rendering.chart.metadata.get("kubeVersion")
    older = [f"1.{minor}" for minor in range(int(version.partition(".")[2]))]
    try:
        return not constraint or not admitted(str(constraint), older)
    except ValueError:
        return True


def is_in_user_namespace(rendering: Rendering, pod: Manifest) -> bool:
    """Tell whether root in a pod is nobody on its node; the standard takes that into account since 1.35.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
    """
    return pod.get("hostUsers") is False and is_since(rendering, "1.35")


def admitting(rendering: Rendering, constraint: str) -> Rendering:
    """Give a rendering of a chart that admits these versions of Kubernetes, for counterexamples."""
    chart = dataclasses.replace(rendering.chart, metadata={**rendering.chart.metadata, "kubeVersion": constraint})
    return dataclasses.replace(rendering, chart=chart)


def web(rendering: Rendering) -> Manifest:
    """Give the container of the healthy pod, for counterexamples."""
    return containers(rendering.resources[0], init=False)[0].manifest


def prepare(rendering: Rendering) -> Manifest:
    """Give the init container of the healthy pod, for counterexamples."""
    return containers(rendering.resources[0])[0].manifest


def spec(rendering: Rendering) -> Manifest:
    """Give the spec of the healthy pod, for counterexamples."""
    return pod_spec(rendering.resources[0])[1]
