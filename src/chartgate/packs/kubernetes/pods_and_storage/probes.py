"""Probes: the kubelet finds what it is to ask."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Check
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER

from ..healthy.pod import HEALTHY, POD, WEB


@policy(
    judges=CONTAINER,
    severity="error",
    remediation="Name a port that this container declares, or give the number.",
)
def named_probe_ports_are_declared(container: Container) -> Iterator[Check]:
    """Each port that a probe or a lifecycle hook names is one that its own container declares.

    The API server takes any name; the kubelet finds no such port, so the pod is never ready, or is killed again and
    again. So it is with a number that is not declared, where another probe asks for the same path at one that is.
    Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
    """
    declared = [name for port in (container / "ports").maps() if (name := port.map.get("name"))]
    for request in kubelet_requests(container):
        port = request / "port"
        if isinstance(port.value, str) and not port.value.isdecimal():
            named = f"one of {declared}, which the container declares, or a number"
            expected = named if declared else "a number: the container names no port"
            check = states(port, port.value in declared, expected=expected)
            # All requests to a container without its ports, in whatever kind of pods.
            yield with_cause(check, f"{container.owner.name} {container.name}")
    asked = [(request, port_of(container, request.at("port"))) for request in kubelet_requests(container)]
    numbers = [port.map.get("containerPort") for port in (container / "ports").maps()]
    paths = {(request / "path").text: number for request, number in asked if number in numbers and request.at("path")}
    for request, number in asked:
        path = (request / "path").text
        if path in paths and isinstance(request.at("port"), int):
            expected = f"{paths[path]}, where another probe asks for {path}, or a port that the container declares"
            yield states(request / "port", number in numbers, expected=expected)


named_probe_ports_are_declared.breaks(
    manifests=HEALTHY,
    the_port_has_another_name=put("Deployment web", f"{WEB}.ports[http].name", "web"),
    the_number_is_another_than_that_of_the_other_probe=put(
        "Deployment web",
        WEB,
        {
            "name": "web",
            "ports": [{"containerPort": 8080}],
            "livenessProbe": {"httpGet": {"path": "/health", "port": 8081}},
            "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}},
        },
    ),
    another_container_declares_the_port=append(
        "Deployment web", f"{POD}.containers", {"name": "exporter", "startupProbe": {"tcpSocket": {"port": "http"}}}
    ),
)
