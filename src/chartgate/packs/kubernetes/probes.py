"""Probes: the kubelet finds what it is to ask."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.shapes import maps_in
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import HEALTHY, all_containers, web

_HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")


@policy(severity="error", remediation="Name a port that this container declares, or give the number.")
def named_probe_ports_are_declared(rendering: Rendering) -> Iterator[Check]:
    """Each port that a probe or a lifecycle hook names is one that its own container declares.

    The API server takes any name; the kubelet finds no such port, so the pod is never ready, or is killed again and
    again. Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
    """
    for container in all_containers(rendering):
        declared = [port["name"] for port in maps_in(container.at("ports")) if port.get("name")]
        for handler in _HANDLERS:
            for kind in ("httpGet", "tcpSocket"):
                port = container.at(f"{handler}.{kind}.port")
                if isinstance(port, str) and not port.isdecimal():
                    address = f"{container.address}.{handler}.{kind}.port"
                    expected = f"one of {declared}, which the container declares, or a number"
                    yield states(container.resource, address, port in declared, expected=expected, actual=port)


@named_probe_ports_are_declared.counterexample(manifests=HEALTHY)
def the_port_has_another_name(rendering: Rendering) -> Rendering:
    web(rendering)["ports"][0]["name"] = "web"
    return rendering


@named_probe_ports_are_declared.counterexample(manifests=HEALTHY)
def another_container_declares_the_port(rendering: Rendering) -> Rendering:
    web(rendering)["startupProbe"] = {"tcpSocket": {"port": "metrics"}}
    exporter = {**web(rendering), "name": "exporter", "ports": [{"name": "metrics", "containerPort": 9090}]}
    del exporter["startupProbe"], exporter["livenessProbe"]
    rendering.resources[0].at("spec.template.spec.containers").append(exporter)
    return rendering
