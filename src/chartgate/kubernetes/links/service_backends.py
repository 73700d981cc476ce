"""What leads to a Service, by name and port, and where a Service leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.links.label_selectors import labels_of_pods, port_of, selects
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers, workloads
from chartgate.model import Resource, Resources

_HOST = re.compile(r"(?P<names>[\w.$(){}%<>*-]+)\.svc(?![\w-])(?:\.[a-z0-9.-]*[a-z0-9])?(?::(?P<port>[0-9]+))?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_COMMENT = re.compile(r"(^|\s)(#|//).*", re.MULTILINE)
# The port of an Ingress that only an annotation knows: the AWS load balancer controller's.
_NOT_A_PORT = "use-annotation"
_HTTPS = 443


def pods_of(service: Resource, resources: Resources) -> list[Resource]:
    """Give the workloads whose pods a Service finds."""
    selector = service.at("spec.selector")
    inside = [workload for workload in workloads(resources) if workload.namespace == service.namespace]
    return [workload for workload in inside if any(selects(selector, labels) for labels in labels_of_pods(workload))]


def open_ports(workload: Resource) -> list[dict[str, Any]]:
    """Give the ports that the containers of a workload declare; one without a protocol is TCP."""
    return [{"protocol": "TCP", **port} for found in containers(workload) for port in maps_in(found.at("ports"))]


def target_of(port: dict[str, Any]) -> Any:
    """Give the port of the pods that a port of a Service leads to: a number, or a name; its own by default.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    return port.get("targetPort") or port.get("port")


def own_ports(service: Resource, resources: Resources) -> set[str]:
    """Give names and numbers of a Service's ports; without a cluster address, those of its pods are reached too."""
    ports = maps_in(service.at("spec.ports"))
    own = {str(port[key]) for port in ports for key in ("name", "port") if key in port}
    is_headless = service.at("spec.clusterIP") == "None"
    every_pods = {str(port.get("containerPort")) for pod in pods_of(service, resources) for port in open_ports(pod)}
    return own | (endpoint_ports(service, resources) | every_pods if is_headless else set())


def endpoint_ports(service: Resource, resources: Resources) -> set[str]:
    """Give what a Route knows a Service's ports by: their names, and the numbers that the pods listen on."""
    found: set[str] = set()
    for port in maps_in(service.at("spec.ports")):
        found |= {str(port["name"])} if "name" in port else set()
        pods = [container for workload in pods_of(service, resources) for container in containers(workload)]
        numbers = [target_of(port), *(port_of(container, target_of(port)) for container in pods)]
        found |= {str(number) for number in numbers if isinstance(number, int)}
    return found


def route_backends(route: Resource) -> Iterator[Reference]:
    """Give the Services that an OpenShift Route leads to, each with the route's port."""
    if route.kind != "Route" or not str(route.at("apiVersion")).startswith("route.openshift.io/"):
        return
    port = route.at("spec.port.targetPort")
    key = "" if port is ABSENT else str(port)
    places = ["spec.to", *(f"spec.alternateBackends[{i}]" for i in range(_length(route.at("spec.alternateBackends"))))]
    for place in places:
        yield Reference(route, f"{place}.name", "Service", str(route.at(f"{place}.name")), route.namespace, key)


def ingress_backends(resource: Resource) -> Iterator[Reference]:
    """Give the Services that an Ingress, or a route of the Gateway API, leads to, each with its port."""
    if resource.kind == "Ingress":
        backends = [("spec.defaultBackend", resource.at("spec.defaultBackend"))]
        for number, rule in enumerate(maps_in(resource.at("spec.rules"))):
            for index, path in enumerate(maps_in(lookup(rule, "http.paths"))):
                backends.append((f"spec.rules[{number}].http.paths[{index}].backend", path.get("backend")))
        for address, backend in backends:
            service = lookup(backend, "service")
            if isinstance(service, dict):
                port = lookup(service, "port.name") or lookup(service, "port.number") or ""
                key = "" if port == _NOT_A_PORT else str(port)
                name = str(service.get("name"))
                if key or port == "":
                    yield Reference(resource, f"{address}.service", "Service", name, resource.namespace, key)
    elif resource.kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        for number, rule in enumerate(maps_in(resource.at("spec.rules"))):
            for index, backend in enumerate(maps_in(rule.get("backendRefs"))):
                if backend.get("kind", "Service") == "Service":
                    namespace = str(backend.get("namespace") or resource.namespace)
                    address, key = f"spec.rules[{number}].backendRefs[{index}]", str(backend.get("port") or "")
                    yield Reference(resource, address, "Service", str(backend.get("name")), namespace, key)


def webhook_backends(resource: Resource) -> Iterator[Reference]:
    """Give the Services that the API server itself calls, each with the port: 443 where none is given.

    Those of admission webhooks, of an APIService and of the conversion between versions of a custom resource.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/definitions/service-reference-v1-admissionregistration/
    """
    places = {"APIService": ["spec"], "CustomResourceDefinition": ["spec.conversion.webhook.clientConfig"]}
    if resource.kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        places[resource.kind] = [f"webhooks[{i}].clientConfig" for i in range(_length(resource.at("webhooks")))]
    for place in places.get(resource.kind, []):
        service = resource.at(f"{place}.service")
        if isinstance(service, dict):
            name, namespace = str(service.get("name")), str(service.get("namespace"))
            yield Reference(
                resource, f"{place}.service", "Service", name, namespace, str(service.get("port") or _HTTPS)
            )


def governing_services(stateful_set: Resource) -> Iterator[Reference]:
    """Give the Service that gives the pods of a StatefulSet their names."""
    name = stateful_set.at("spec.serviceName")
    if stateful_set.kind == "StatefulSet" and name:
        yield Reference(stateful_set, "spec.serviceName", "Service", str(name), stateful_set.namespace)


def host_names(resource: Resource) -> Iterator[Reference]:
    """Give the Services that variables, arguments and configuration call by `name.namespace.svc`, with the port.

    A name of which a part is only known in the cluster (`$(HOST).shop.svc`) is left out, and so are comments.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
    """
    for address, text in _texts(resource):
        for found in _HOST.finditer(_COMMENT.sub("", text)):
            name, namespace = (["", "", *found["names"].lstrip("-(<{").split(".")])[-2:]
            if _LABEL.fullmatch(name) and _LABEL.fullmatch(namespace):
                yield Reference(resource, address, "Service", name, namespace, found["port"] or "")


def _texts(resource: Resource) -> Iterator[tuple[str, str]]:
    if resource.kind in WORKLOAD_KINDS:
        for container in containers(resource):
            yield from _texts_of_container(container)
    for field in {"ConfigMap": ["data"], "Secret": ["stringData"]}.get(resource.kind, []):
        content = resource.at(field)
        for key, value in content.items() if isinstance(content, dict) else ():
            if isinstance(value, str):
                yield join(field, str(key)), value


def _texts_of_container(container: Container) -> Iterator[tuple[str, str]]:
    for index, entry in enumerate(maps_in(container.at("env"))):
        if isinstance(entry.get("value"), str):
            yield f"{container.address}.env[{entry.get('name') or index}].value", entry["value"]
    for field in ("command", "args"):
        listed = container.at(field)
        for index, text in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(text, str):
                yield f"{container.address}.{field}[{index}]", text


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0
