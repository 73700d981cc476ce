"""How Services and selectors find pods: by labels, and by the names of ports."""

from __future__ import annotations

from typing import Any

from chartgate.addresses import lookup
from chartgate.kubernetes.lists import maps_in
from chartgate.kubernetes.workloads import Container, pod_template
from chartgate.model import Resource


def selects(selector: Any, labels: Any) -> bool:
    """Tell whether a selector finds what has these labels; an empty one finds nothing here."""
    return bool(selector) and isinstance(selector, dict) and selector.items() <= _map(labels).items()


def pod_labels(workload: Resource) -> dict[str, Any]:
    """Give the labels of the pods that a workload makes."""
    return _map(lookup(pod_template(workload)[1], "metadata.labels"))


def port_of(container: Container, target: Any) -> Any:
    """Give the port that a Service's `targetPort` means in a container: a number, or the name of one."""
    ports = maps_in(container.at("ports"))
    return next((port.get("containerPort") for port in ports if port.get("name") == target), target)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
