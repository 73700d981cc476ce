"""Services: what leads to one finds it, and it finds its pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.links.existence import stages
from chartgate.kubernetes.links.label_selectors import pods_found, service_selection
from chartgate.kubernetes.links.service_backends import (
    endpoint_ports,
    governing_services,
    host_names,
    ingress_backends,
    open_ports,
    own_ports,
    pods_of,
    route_backends,
    target_of,
)
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

HEALTHY = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
        - name: web
          env: [{name: SELF, value: "http://web.default.svc.cluster.local:80/"}]
          args: [--peer=web-0.web.default.svc]
          ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "upstream: web.default.svc:80 # not example.default.svc"}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec: {to: {kind: Service, name: web}, port: {targetPort: http}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}
"""


@policy(severity="error", remediation="Select by labels that the pods of one workload have, in the same namespace.")
def service_selectors_find_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of every Service finds the pods of a workload in its namespace.

    A Service without pods accepts no connection, and nothing says so. One without a selector is left out: somebody
    else writes its endpoints. Pods that somebody else makes (an operator) are declared external, with their labels.
    https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """
    for resources in stages(rendering):
        for service in resources.of_kind("Service"):
            for selection in service_selection(service):
                found = pods_found(selection, resources, rendering.scenario)
                expected = f"the labels of a pod in {service.namespace}"
                actual = f"{service.at(selection.address)}: {', '.join(found) or 'no pod'}"
                yield states(service, selection.address, bool(found), expected=expected, actual=actual)


@service_selectors_find_pods.counterexample(manifests=HEALTHY)
def the_service_selects_another_label(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").at("spec.selector")["app"] = "shop"
    return rendering


@service_selectors_find_pods.counterexample(manifests=HEALTHY)
def the_service_lies_in_another_namespace(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").manifest["metadata"]["namespace"] = "other"
    return rendering


@policy(severity="error", remediation="Give the name of a port that the container declares, of the same protocol.")
def target_ports_are_open(rendering: Rendering) -> Iterator[Check]:
    """Every port that a Service names is one that some pod behind it declares, with the same protocol.

    For any other name, the Service has no endpoints.
    https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    for service, place, target, protocol, ports in _targets(rendering):
        if isinstance(target, str):
            there = [port.get("name") for port in ports if port["protocol"] == protocol]
            expected = f"one of {there} ({protocol}), which its pods declare"
            yield states(service, place, target in there, expected=expected, actual=target)


@target_ports_are_open.counterexample(manifests=HEALTHY)
def the_port_has_another_name(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").at("spec.ports")[0]["targetPort"] = "https"
    return rendering


@target_ports_are_open.counterexample(manifests=HEALTHY)
def the_port_has_another_protocol(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").at("spec.ports")[0]["protocol"] = "UDP"
    return rendering


@policy(
    severity="warning", remediation="Declare the port in the container, or give the number of one that it declares."
)
def target_numbers_are_declared(rendering: Rendering) -> Iterator[Check]:
    """Every port that a Service gives by number is among those that its pods declare, where they declare any.

    A port is open without being declared, so this is a convention; but pods that declare others, and not that one,
    mostly have another number in mind.
    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
    """
    for service, place, target, protocol, ports in _targets(rendering):
        if isinstance(target, int) and ports:
            there = [port.get("containerPort") for port in ports if port["protocol"] == protocol]
            expected = f"one of {there} ({protocol}), which its pods declare"
            yield states(service, place, target in there, expected=expected, actual=target)


@target_numbers_are_declared.counterexample(manifests=HEALTHY.replace("targetPort: http}]", "targetPort: 8080}]"))
def the_port_has_another_number(rendering: Rendering) -> Rendering:
    rendering.resources.one("Service", "web").at("spec.ports")[0]["targetPort"] = 80
    return rendering


@policy(severity="error", remediation="Name a Service of the same namespace, and one of its ports.")
def routes_lead_to_services(rendering: Rendering) -> Iterator[Check]:
    """Every Route, Ingress and route of the Gateway API leads to a Service, and to a port of it.

    The router answers 503 for any other. A Route knows a port by the Service's name for it, or by the number that
    the pods listen on; an Ingress by the Service's own name or number.
    https://kubernetes.io/docs/concepts/services-networking/ingress/#resource-backend
    https://docs.redhat.com/en/documentation/openshift_container_platform/4.18/html/network_apis/route-route-openshift-io-v1
    """
    yield from reference_checks(rendering, route_backends, endpoint_ports)
    yield from reference_checks(rendering, ingress_backends, own_ports)


@routes_lead_to_services.counterexample(manifests=HEALTHY)
def the_route_leads_to_another_service(rendering: Rendering) -> Rendering:
    rendering.resources.one("Route", "web").at("spec.to")["name"] = "shop"
    return rendering


@routes_lead_to_services.counterexample(manifests=HEALTHY)
def the_route_gives_the_port_of_the_service(rendering: Rendering) -> Rendering:
    rendering.resources.one("Route", "web").at("spec.port")["targetPort"] = 80
    return rendering


@routes_lead_to_services.counterexample(manifests=HEALTHY)
def the_ingress_gives_the_port_of_the_pod(rendering: Rendering) -> Rendering:
    ingress = rendering.resources.one("Ingress", "web")
    ingress.at("spec.rules[0].http.paths[0].backend.service.port")["number"] = 8080
    return rendering


@policy(severity="error", remediation="Render the Service that `serviceName` names, with a selector for these pods.")
def stateful_sets_have_their_service(rendering: Rendering) -> Iterator[Check]:
    """The Service that a StatefulSet names is there.

    Without it, its pods have no names of their own in DNS.
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations
    """
    yield from reference_checks(rendering, governing_services)


@stateful_sets_have_their_service.counterexample(manifests=HEALTHY)
def the_service_has_another_name(rendering: Rendering) -> Rendering:
    rendering.resources.one("StatefulSet", "web").at("spec")["serviceName"] = "web-headless"
    return rendering


@policy(
    severity="error",
    remediation="Make the name from that of the Service and its namespace, or declare the Service under `external`.",
)
def host_names_lead_to_services(rendering: Rendering) -> Iterator[Check]:
    """Every `name.namespace.svc` in variables, arguments and configuration is a Service, and its port one of it.

    A host name is a reference that no tool checks: a renamed Service or namespace leaves it behind.
    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
    """
    yield from reference_checks(rendering, host_names, own_ports)


@host_names_lead_to_services.counterexample(manifests=HEALTHY)
def a_variable_names_another_namespace(rendering: Rendering) -> Rendering:
    variable = rendering.resources.one("StatefulSet", "web").at("spec.template.spec.containers[web].env")[0]
    variable["value"] = "http://web.shop.svc.cluster.local:80/"
    return rendering


@host_names_lead_to_services.counterexample(manifests=HEALTHY)
def an_argument_names_another_service(rendering: Rendering) -> Rendering:
    container = rendering.resources.one("StatefulSet", "web").at("spec.template.spec.containers[web]")
    container["args"] = ["--peer=web-0.web-headless.default.svc"]
    return rendering


@host_names_lead_to_services.counterexample(manifests=HEALTHY)
def a_configuration_gives_another_port(rendering: Rendering) -> Rendering:
    rendering.resources.one("ConfigMap", "web").at("data")["web.conf"] = "upstream: web.default.svc:8080"
    return rendering


def _targets(rendering: Rendering) -> Iterator[tuple[Resource, str, Any, Any, list[dict[str, Any]]]]:
    """Give each port of each Service that finds pods: where it stands, target, protocol, and the ports of the pods."""
    for resources in stages(rendering):
        for service in resources.of_kind("Service"):
            pods = pods_of(service, resources)
            ports = [port for workload in pods for port in open_ports(workload)]
            for index, port in enumerate(maps_in(service.at("spec.ports")) if pods else []):
                yield service, f"spec.ports[{index}].targetPort", target_of(port), port.get("protocol", "TCP"), ports
