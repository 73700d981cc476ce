"""Namesakes: a port of a Service leads to the port of the pods that has its name, where the Service has both names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.places import Place
from chartgate.kubernetes.links.service_backends import open_ports, pods_of, target_of
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

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
        - name: web
          ports:
            - {name: http, containerPort: 8080}
            - {name: grpc, containerPort: 9000}
            - {name: admin, containerPort: 9901}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http}
    - {name: grpc, port: 9000, targetPort: grpc}
    - {name: admin, port: 9901, targetPort: 9901}
"""


@policy(severity="error", remediation="Give the port of the Service the `targetPort` of its own name.")
def service_ports_lead_to_their_namesakes(rendering: Rendering) -> Iterator[Check]:
    """No port of a Service leads to the port of another one, past a port of the pods that has its own name.

    Two ports that lead to one, or to each other's: whoever asks for `grpc` is answered by `admin`. A port that leads
    elsewhere alone, past a proxy or to it, is meant. Source:
    https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    for resources in rendering.stages:
        for service in resources.of_kind("Service"):
            opened = [port for workload in pods_of(service, resources) for port in open_ports(workload)]
            numbers = {str(port["name"]): port.get("containerPort") for port in opened if "name" in port}
            ports = list((service / "spec" / "ports").maps())
            for port in ports:
                own = numbers.get(str(port.at("name")))
                if own is not None:
                    yield _led(port, ports, numbers)


def _led(port: Place[Resource], ports: list[Place[Resource]], numbers: Mapping[Any, Any]) -> Check:
    own, target = numbers[str(port.at("name"))], _number(port, numbers)
    others = [other for other in ports if other.address != port.address]
    is_reached = any(_number(other, numbers) == own for other in others)
    owner = next((other for other in others if numbers.get(str(other.at("name"))) == target != own), None)
    is_swapped = owner is not None and _number(owner, numbers) == own
    is_doubled = owner is not None and _number(owner, numbers) == target and not is_reached
    name, their = port.at("name"), owner.at("name") if owner is not None else ""
    actual = f"{port.at('targetPort')}, which is the port {their}" if is_swapped or is_doubled else f"the port {name}"
    return states(port / "targetPort", not (is_swapped or is_doubled), expected=f"the port {name}", actual=actual)


def _number(port: Place[Resource], numbers: Mapping[Any, Any]) -> object:
    target = target_of(port.map)
    return numbers.get(target, target) if isinstance(target, str) else target


_SWAPPED = [{"name": "http", "port": 80, "targetPort": "grpc"}, {"name": "grpc", "port": 9000, "targetPort": "http"}]
service_ports_lead_to_their_namesakes.breaks(
    manifests=HEALTHY,
    two_lead_to_one=put("Service web", "spec.ports[grpc].targetPort", "admin"),
    two_lead_to_one_number=put("Service web", "spec.ports[grpc].targetPort", 8080),
    two_are_swapped=put("Service web", "spec.ports", _SWAPPED),
)
