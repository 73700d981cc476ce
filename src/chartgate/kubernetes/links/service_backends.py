"""What leads to a Service, by name and port, and where a Service leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.links.label_selectors import labels_of_each_pod, matches_labels, may_have
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, variable_values, words_of
from chartgate.model import Resource, Resources

# A run of what host names and their templates consist of, and the end of one that is a Service's.
_RUN = re.compile(r"[\w.$(){}%<>*-]++")
_HOST_END = re.compile(r"\.svc(?![\w-])(?:\.[a-z0-9.-]*[a-z0-9])?(?::(?P<port>[0-9]++))?+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_COMMENT = re.compile(r"(^|\s)(#|//).*", re.MULTILINE)
# The port of an Ingress that only an annotation knows: the AWS load balancer controller's.
_NOT_A_PORT = "use-annotation"
_HTTPS = 443


def pods_of(service: Resource, resources: Resources) -> list[Resource]:
    """Give the workloads whose pods a Service finds."""
    selector = service.at("spec.selector")
    return [
        workload
        for workload in may_have(selector, (service.namespace,), resources)
        if any(matches_labels(selector, labels) for labels in labels_of_each_pod(workload))
    ]


def open_ports(workload: Resource) -> list[dict[str, Any]]:
    """Give the ports that the containers of a workload declare; one without a protocol is TCP."""
    return [{"protocol": "TCP", **port} for found in containers_if_any(workload) for port in maps_in(found.at("ports"))]


def target_of(port: dict[str, Any]) -> Any:
    """Give the port of the pods that a port of a Service leads to: a number, or a name; its own by default.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    return port.get("targetPort") or port.get("port")


def port_of(container: Container, target: Any) -> Any:
    """Give the port that a Service's `targetPort` means in a container: a number, or the name of one."""
    ports = maps_in(container.at("ports"))
    return next((port.get("containerPort") for port in ports if port.get("name") == target), target)


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
        pods = [container for workload in pods_of(service, resources) for container in containers_if_any(workload)]
        numbers = [target_of(port), *(port_of(container, target_of(port)) for container in pods)]
        found |= {str(number) for number in numbers if isinstance(number, int)}
    return found


def route_backends(route: Resource) -> Iterator[Reference]:
    """Give the Services that an OpenShift Route leads to, each with the route's port."""
    if route.kind != "Route" or not str(route.at("apiVersion")).startswith("route.openshift.io/"):
        return
    port = route / "spec" / "port" / "targetPort"
    key = str(port.value) if port.is_there else ""
    for backend in (route / "spec" / "to", *(route / "spec" / "alternateBackends")):
        name = str(backend.at("name"))
        yield Reference(backend / "name", "Service", name, route.namespace, key, key_place=port)


def ingress_backends(resource: Resource) -> Iterator[Reference]:
    """Give the Services that an Ingress, or a route of the Gateway API, leads to, each with its port."""
    spec = resource / "spec"
    if resource.kind == "Ingress":
        paths = (path for rule in (spec / "rules").maps() for path in (rule / "http" / "paths").maps())
        for backend in (spec / "defaultBackend", *(path / "backend" for path in paths)):
            service = backend / "service"
            if service.is_map:
                port = service.at("port.name") or service.at("port.number") or ""
                key = "" if port == _NOT_A_PORT else str(port)
                if key or port == "":
                    yield Reference(service, "Service", str(service.map.get("name")), resource.namespace, key)
    elif resource.kind in ("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"):
        for backend in (found for rule in (spec / "rules").maps() for found in (rule / "backendRefs").maps()):
            given = backend.map
            if given.get("kind", "Service") == "Service":
                namespace, key = str(given.get("namespace") or resource.namespace), str(given.get("port") or "")
                yield Reference(backend, "Service", str(given.get("name")), namespace, key)


def webhook_backends(resource: Resource) -> Iterator[Reference]:
    """Give the Services that the API server itself calls, each with the port: 443 where none is given.

    Those of admission webhooks, of an APIService and of the conversion between versions of a custom resource.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/definitions/service-reference-v1-admissionregistration/
    """
    callers: list[Place[Resource]] = []
    if resource.kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        callers = [webhook / "clientConfig" for webhook in resource / "webhooks"]
    elif resource.kind == "APIService":
        callers = [resource / "spec"]
    elif resource.kind == "CustomResourceDefinition":
        callers = [resource.place("spec.conversion.webhook.clientConfig")]
    for service in (caller / "service" for caller in callers):
        if service.is_map:
            name, namespace = (str(service.map.get(key)) for key in ("name", "namespace"))
            yield Reference(service, "Service", name, namespace, str(service.map.get("port") or _HTTPS))


def governing_services(stateful_set: Resource) -> Iterator[Reference]:
    """Give the Service that gives the pods of a StatefulSet their names."""
    name = stateful_set / "spec" / "serviceName"
    if stateful_set.kind == "StatefulSet" and name.value:
        yield Reference(name, "Service", str(name.value), stateful_set.namespace)


def host_names(resource: Resource) -> Iterator[Reference]:
    """Give the Services that variables, arguments and configuration call by `name.namespace.svc`, with the port.

    A name of which a part is only known in the cluster (`$(HOST).shop.svc`) is left out, and so are comments.
    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
    """
    for place in _texts(resource):
        for names, port in _hosts(_COMMENT.sub("", place.text)):
            name, namespace = (["", "", *names.lstrip("-(<{").rsplit(".", 2)])[-2:]
            if _LABEL.fullmatch(name) and _LABEL.fullmatch(namespace):
                yield Reference(place, "Service", name, namespace, port)


def _hosts(text: str) -> Iterator[tuple[str, str]]:
    """Give what stands in front of each `.svc`, the last of its run, and the port behind it; in linear time."""
    position = 0
    while run := _RUN.search(text, position):
        position, place = run.end(), text.rfind(".svc", run.start() + 1, run.end())
        while place >= 0:
            if end := _HOST_END.match(text, place):
                yield text[run.start() : place], end["port"] or ""
                position = end.end()
                break
            place = text.rfind(".svc", run.start() + 1, place)


def _texts(resource: Resource) -> Iterator[Place[Resource]]:
    """Give the texts of a resource that a program reads: variables, arguments, keys of ConfigMaps and Secrets.

    And the names that a certificate is for: a Service that it is not for is not trusted by whoever calls it.
    """
    for container in containers_if_any(resource):
        yield from (value for value in variable_values(container) if isinstance(value.value, str))
        yield from words_of(container)
    if resource.kind == "Certificate":
        yield from (resource / "spec" / "dnsNames").texts()
    for field in {"ConfigMap": ["data"], "Secret": ["stringData"]}.get(resource.kind, []):
        yield from (value for _, value in (resource / field).entries() if isinstance(value.value, str))
