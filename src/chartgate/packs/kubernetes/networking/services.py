"""Services: what leads to one finds it, and it finds its pods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.charts.template_texts.chosen_names import ChosenNames
from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.links.label_selectors import service_selection
from chartgate.kubernetes.links.service_backends import (
    endpoint_ports,
    host_names,
    ingress_backends,
    open_ports,
    own_ports,
    pods_of,
    route_backends,
    target_of,
    webhook_backends,
)
from chartgate.kubernetes.pods.image_references import INJECTED
from chartgate.kubernetes.pods.workloads import containers_if_any, words_of
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import finds_pods, reference_checks, runs_pods

from ..healthy.release import HEALTHY, WEB

_WEBHOOK = "9443"
"""What programs open for webhooks by themselves: https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/webhook"""
_NUMBER = re.compile(r"\d++")

SHARED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: shop, tier: web}}
    spec: {containers: [{name: web, ports: [{name: http, containerPort: 8080}, {name: gossip, containerPort: 7946}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    metadata: {labels: {app: shop, tier: worker}}
    spec: {containers: [{name: worker, ports: [{name: gossip, containerPort: 7946}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: shop, tier: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: named}
spec: {selector: {tier: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: members}
spec: {clusterIP: None, selector: {app: shop}, ports: [{name: gossip, port: 7946, targetPort: gossip}]}
"""


@policy(severity="error", remediation="Select by labels that the pods of one workload have, in the same namespace.")
def service_selectors_find_pods(rendering: Rendering) -> Iterator[Check]:
    """The selector of every Service finds the pods of a workload in its namespace.

    A Service without pods accepts no connection, and nothing says so. One without a selector is left out: somebody
    else writes its endpoints. Pods that somebody else makes (an operator) are declared external, with their labels;
    so they are not where the release has no pods at all.
    https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """
    for resources in rendering.stages:
        for service in resources.of_kind("Service") if runs_pods(resources) else ():
            for selection in service_selection(service):
                yield finds_pods(selection, resources, rendering.scenario)


service_selectors_find_pods.breaks(
    manifests=HEALTHY,
    the_service_selects_another_label=put("Service web", "spec.selector.app", "shop"),
    the_service_lies_in_another_namespace=put("Service web", "metadata.namespace", "other"),
)


@policy(severity="error", remediation="Give the name of a port that the container declares, of the same protocol.")
def target_ports_are_open(rendering: Rendering) -> Iterator[Check]:
    """Every port that a Service names is one that some pod behind it declares, with the same protocol.

    For any other name, the Service has no endpoints.
    https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    for port, of_pods in _ports(rendering):
        if isinstance(target_of(port.map), str):
            yield _target_check(port, of_pods, "name")


target_ports_are_open.breaks(
    manifests=HEALTHY,
    the_port_has_another_name=put("Service web", "spec.ports[http].targetPort", "https"),
    the_port_has_another_protocol=put("Service web", "spec.ports[http].protocol", "UDP"),
)


@policy(
    severity="warning", remediation="Declare the port in the container, or give the number of one that it declares."
)
def target_numbers_are_declared(rendering: Rendering) -> Iterator[Check]:
    """Every port that a Service gives by number is among those that its pods declare, where they declare any.

    A port is open without being declared, so this is a convention; but pods that declare others, and not that one,
    mostly have another number in mind, unless their programs are told this one. The ports of a headless Service lead
    nowhere: its name is that of the pods.
    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
    """
    for port, of_pods in _ports(rendering):
        is_headless = port.owner.at("spec.clusterIP") == "None"
        is_number = isinstance(target_of(port.map), int) and not is_headless
        if of_pods and is_number and not _is_open_anyway(port, rendering):
            yield with_cause(_target_check(port, of_pods, "containerPort"), f"ports of {port.owner.name}")


target_numbers_are_declared.breaks(
    manifests=HEALTHY, the_port_has_another_number=put("Service web", "spec.ports[http].targetPort", 81)
)


@policy(
    severity="error",
    remediation="Add the label of the component to the Service's selector, or open the port in all of these pods.",
)
def services_find_only_pods_that_listen(rendering: Rendering) -> Iterator[Check]:
    """Of the workloads behind a Service, each has the ports that the Service leads to.

    One that has no such number gets its share of the requests and refuses them; one that has none of the names is
    behind the Service for nothing. Of a port that no workload has, other policies speak; pods of Jobs are left to
    services_leave_jobs_out, and those of hooks, such as tests, are soon gone. Source:
    https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
    """
    for resources in rendering.stages:
        for service in resources.of_kind("Service"):
            pods = {
                workload.identity.label: open_ports(workload)
                for workload in pods_of(service, resources)
                if workload.kind not in ("Job", "CronJob") and not is_hook(workload)
            }
            if pods:
                deaf = list(_deaf(service, pods))
                actual = "; ".join(deaf) or ", ".join(pods)
                expected = "the labels of pods that listen to its ports"
                yield states(service / "spec" / "selector", not deaf, expected=expected, actual=actual)


services_find_only_pods_that_listen.breaks(
    manifests=SHARED,
    it_finds_the_worker_as_well=gone("Service web", "spec.selector.tier"),
    it_finds_a_worker_with_none_of_its_names=put("Service named", "spec.selector", {"app": "shop"}),
)


def _deaf(service: Resource, pods: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Say which workloads lack a port that another one has: any number, or all of the names."""
    targets = [(target_of(port), port.get("protocol") or "TCP") for port in maps_in(service.at("spec.ports"))]
    known = [t for t in targets if any(_opens(ports, *t) for ports in pods.values())]
    for workload, ports in pods.items():
        lacking = [str(target) for target, protocol in known if not _opens(ports, target, protocol)]
        numbers = [target for target, protocol in known if isinstance(target, int) and str(target) in lacking]
        if numbers or (lacking and len(lacking) == len(known)):
            has = ", ".join(str(port.get("name") or port.get("containerPort")) for port in ports) or "no ports"
            yield f"{workload} has {has}, not {', '.join(map(str, numbers or lacking))}"


def _opens(ports: list[dict[str, Any]], target: Any, protocol: str) -> bool:
    field = "name" if isinstance(target, str) else "containerPort"
    return any(port.get(field) == target and port["protocol"] == protocol for port in ports)


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


routes_lead_to_services.breaks(
    manifests=HEALTHY,
    the_route_leads_to_another_service=put("Route web", "spec.to.name", "shop"),
    the_route_gives_the_port_of_the_service=put("Route web", "spec.port.targetPort", 80),
    the_ingress_gives_the_port_of_the_pod=put(
        "Ingress web", "spec.rules[0].http.paths[0].backend.service.port.number", 8080
    ),
)


@policy(
    severity="error",
    remediation="Make the name from that of the Service and its namespace, or declare the Service under `external`.",
)
def host_names_lead_to_services(rendering: Rendering) -> Iterator[Check]:
    """Every `name.namespace.svc` in variables, arguments and configuration is a Service, and its port one of it.

    A host name is a reference that no tool checks: a renamed Service or namespace leaves it behind. One in another
    namespace is what its users choose, where both names are values, or the namespace is, and the release is not in it;
    so is one that they wrote as a whole.
    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
    """
    chosen, own = ChosenNames(rendering.scenario), rendering.scenario.namespace
    inhabited = {own, *(resource.namespace for resource in rendering.resources)}
    for check in reference_checks(rendering, host_names, own_ports):
        asked = check.asked
        is_elsewhere = not check.passed and asked is not None and asked.namespace != own
        if is_elsewhere and asked:
            is_chosen = asked.namespace in chosen or chosen.hold(f"{asked.name}.{asked.namespace}.svc")
            if is_chosen and (asked.name in chosen or asked.namespace not in inhabited):
                continue
        yield check


host_names_lead_to_services.breaks(
    manifests=HEALTHY,
    a_variable_names_another_namespace=reworded("Deployment web", f"{WEB}.env[DATABASE].value", ".database.", ".shop."),
    an_argument_names_another_service=put("Deployment web", f"{WEB}.args", ["--standby=data-0.sql.database.svc"]),
    a_configuration_gives_another_port=reworded("ConfigMap web", "data[web.conf]", ":80", ":8080"),
)


def _is_open_anyway(port: Place[Resource], rendering: Rendering) -> bool:
    """Tell whether another program adds to the ports of the pods behind a Service, or theirs has this one in mind.

    It is told the number, or opens that of webhooks without being told.
    """
    pods = (pod for resources in rendering.stages for pod in pods_of(port.owner, resources))
    containers = [container for pod in pods for container in containers_if_any(pod)]
    told = (place.text for c in containers for place in words_of(c))
    number = str(target_of(port.map))
    called = (found for resource in rendering.resources for found in webhook_backends(resource))
    if number == _WEBHOOK and any((c.name, c.namespace) == (port.owner.name, port.owner.namespace) for c in called):
        return True
    return any(c.at("image") == INJECTED for c in containers) or any(number in _NUMBER.findall(text) for text in told)


def _ports(rendering: Rendering) -> Iterator[tuple[Place[Resource], list[dict[str, Any]]]]:
    """Give each port of each Service that finds pods, and all ports that these pods declare."""
    for resources in rendering.stages:
        for service in resources.of_kind("Service"):
            pods = pods_of(service, resources)
            declared = [port for workload in pods for port in open_ports(workload)]
            for port in (service / "spec" / "ports").maps() if pods else ():
                yield port, declared


def _target_check(port: Place[Resource], of_pods: list[dict[str, Any]], field: str) -> Check:
    """Expect the target of a Service's port among those of its pods, by name or number, with the same protocol."""
    protocol, target = port.map.get("protocol", "TCP"), target_of(port.map)
    there = [found.get(field) for found in of_pods if found["protocol"] == protocol]
    expected = (
        f"one of {there} ({protocol}), which its pods declare" if there else f"declared; its pods have no {protocol}"
    )
    return states(port / "targetPort", target in there, expected=expected, actual=target)
