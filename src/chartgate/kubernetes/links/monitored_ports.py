"""What monitors scrape: the Services or the pods that they select, and the ports that they name.

Sources: https://prometheus-operator.dev/docs/api-reference/api/ (ServiceMonitor, PodMonitor; the kinds of Azure are the
same), https://docs.victoriametrics.com/operator/resources/vmservicescrape/ and vmpodscrape, and
https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/doc/api.md#podmonitoring
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import map_of, maps_in, texts_in, whole_number
from chartgate.kubernetes.links.label_selectors import matches_label_selector, template_labels
from chartgate.kubernetes.links.service_backends import open_ports, pods_of
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, template_if_any
from chartgate.model import Resource, Resources

# By API group and kind: the field with the endpoints.
_OF_SERVICES = {
    ("monitoring.coreos.com", "ServiceMonitor"): "endpoints",
    ("azmonitoring.coreos.com", "ServiceMonitor"): "endpoints",
    ("operator.victoriametrics.com", "VMServiceScrape"): "endpoints",
}
_OF_PODS = {
    ("monitoring.coreos.com", "PodMonitor"): "podMetricsEndpoints",
    ("azmonitoring.coreos.com", "PodMonitor"): "podMetricsEndpoints",
    ("operator.victoriametrics.com", "VMPodScrape"): "podMetricsEndpoints",
    ("monitoring.googleapis.com", "PodMonitoring"): "endpoints",
}


class Monitored(NamedTuple):
    """What a monitor selects, as far as it is rendered, and the ports that it asks for."""

    monitor: Resource
    selector: Place[Resource]
    found: tuple[Resource, ...]
    is_ours: bool
    """Whether it looks in its own namespace only: then all that it can find is in the release."""
    ports: tuple[MonitoredPort, ...]
    elsewhere: tuple[Resource, ...]
    """What has the labels in a namespace that it does not look in, where it finds nothing."""


class MonitoredPort(NamedTuple):
    """A port that a monitor asks for, and those that what it selects has, by name or by number as it asks."""

    place: Place[Resource]
    there: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        """Whether it is one of them."""
        return str(self.place.value) in self.there


_OF_METRICS = re.compile(r"(?:^|-)metrics?(?:-|$)|^prom(?:etheus)?$")
_API_SERVER = {"component": "apiserver", "provider": "kubernetes"}
"""The labels of the Service `kubernetes`, which each cluster makes in `default`."""


def annotated_port(workload: Resource) -> tuple[Place[Resource], int] | None:
    """Give the port at which the annotations of pods ask for their metrics, None where they ask for none."""
    annotations = template_if_any(workload) / "metadata" / "annotations"
    port = annotations / "prometheus.io/port"
    number = whole_number(port.text) if str(annotations.map.get("prometheus.io/scrape")) == "true" else None
    return (port, number) if number else None


class MonitorSelector(NamedTuple):
    """By which labels a monitor finds Services, or pods."""

    place: Place[Resource]
    of_services: bool


def monitor_selector(resource: Resource) -> MonitorSelector | None:
    """Give the selector of a monitor; None for anything else."""
    this = (resource.identity.api_version.rpartition("/")[0], resource.kind)
    is_monitor = this in _OF_SERVICES or this in _OF_PODS
    return MonitorSelector(resource / "spec" / "selector", this in _OF_SERVICES) if is_monitor else None


def monitored(resource: Resource, resources: Resources) -> Iterator[Monitored]:
    """Give what a monitor scrapes; nothing of anything else."""
    this = (resource.identity.api_version.rpartition("/")[0], resource.kind)
    field = _OF_SERVICES.get(this) or _OF_PODS.get(this)
    if not field:
        return
    namespaces, selector = resource / "spec" / "namespaceSelector", resource / "spec" / "selector"
    names = texts_in(namespaces.at("matchNames")) or [resource.namespace]
    is_anywhere = namespaces.at("any") is True
    others = resources.indexed(_services if this in _OF_SERVICES else _pods).having(map_of(selector.at("matchLabels")))
    having = [other for other in others if matches_label_selector(selector.map, _labels(other))]
    found = tuple(other for other in having if is_anywhere or other.namespace in names)
    elsewhere = tuple(having) if selector.at("matchLabels") and not found else ()
    ports = tuple(
        port
        for endpoint in (resource / "spec" / field).maps()
        for port in _ports(endpoint, found, resources, of_services=this in _OF_SERVICES)
    )
    is_of_the_cluster = _API_SERVER.items() <= map_of(selector.at("matchLabels")).items()
    is_ours = not is_anywhere and names == [resource.namespace] and not is_of_the_cluster
    yield Monitored(resource, selector, found, is_ours, ports, elsewhere)


def left_out(monitor: Monitored, resources: Resources) -> Iterator[tuple[Place[Resource], Resource, list[Resource]]]:
    """Give the Services that a monitor finds without a port that it asks for, though the pods behind have one.

    Their containers call a port so, and no other Service that it finds leads there. Each with where the port is asked,
    and with whose pods they are.
    """
    services = [service for service in monitor.found if service.kind == "Service"] if len(monitor.found) > 1 else []
    for port in monitor.ports if services else ():
        if port.is_there and port.place.address.endswith(".port"):
            name = str(port.place.value)
            having = [service for service in services if name in _port_names(service)]
            scraped = {pod.identity for service in having for pod in pods_of(service, resources)}
            for service in services:
                others = [pod for pod in pods_of(service, resources) if pod.identity not in scraped]
                missed = [pod for pod in others if name in _texts_of(open_ports(pod), "name")]
                if service not in having and missed:
                    yield port.place, service, missed


def beside_the_metrics(monitor: Monitored, resources: Resources) -> Iterator[tuple[Place[Resource], Resource, str]]:
    """Give where a monitor asks only for other ports of a Service that has one for metrics, for which nobody asks."""
    asked = [port.place for port in monitor.ports if port.is_there and port.place.address.endswith(".port")]
    services = [service for service in monitor.found if service.kind == "Service"] if asked else []
    for service in services:
        names = [name for name in _port_names(service) if _OF_METRICS.search(name)]
        if names and not any(_OF_METRICS.search(place.text) for place in asked):
            others = (o for other in resources for o in monitored(other, resources) if service in o.found)
            if not any(port.place.text in names for other in others for port in other.ports):
                yield asked[0], service, names[0]


def _port_names(service: Resource) -> tuple[str, ...]:
    return _texts_of(maps_in(service.at("spec.ports")), "name")


class _ByLabel(NamedTuple):
    every: list[Resource]
    by_label: dict[tuple[str, str], list[Resource]]

    def having(self, labels: Mapping[str, Any]) -> list[Resource]:
        """Give those that have one of these labels; all where there are none, or one that no object can have."""
        one = next(iter(labels.items()), None)
        return self.every if one is None or not isinstance(one[1], str) else self.by_label.get(one, [])


def _services(resources: Resources) -> _ByLabel:
    return _by_label(resources.of_kind("Service"))


def _pods(resources: Resources) -> _ByLabel:
    return _by_label(resources.of_kind(*WORKLOAD_KINDS))


def _by_label(every: list[Resource]) -> _ByLabel:
    by_label: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in every:
        for key, value in map_of(_labels(resource)).items():
            if isinstance(value, str):
                by_label[key, value].append(resource)
    return _ByLabel(every, by_label)


def _labels(resource: Resource) -> object:
    return resource.at("metadata.labels") if resource.kind == "Service" else template_labels(resource)


def _ports(
    endpoint: Place[Resource], found: tuple[Resource, ...], resources: Resources, *, of_services: bool
) -> Iterator[MonitoredPort]:
    pods = [pod for service in found for pod in pods_of(service, resources)] if of_services else list(found)
    opened = [port for pod in pods for port in open_ports(pod)]
    names, numbers = _texts_of(opened, "name"), _texts_of(opened, "containerPort")
    own = tuple(name for service in found for name in _port_names(service))
    if (endpoint / "port").is_set:
        by_number = isinstance(endpoint.at("port"), int)
        yield MonitoredPort(endpoint / "port", own if of_services else numbers if by_number else names)
    for field in ("targetPort", "portNumber"):
        place = endpoint / field
        # The numbers of ports need not be declared, so that one is only wrong where others are.
        if place.is_set and opened:
            yield MonitoredPort(place, numbers if isinstance(place.value, int) else names)


def _texts_of(ports: list[dict[str, object]], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(port[field]) for port in ports if port.get(field)))
