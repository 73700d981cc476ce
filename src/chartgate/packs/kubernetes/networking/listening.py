"""Listening: programs listen where their Services lead, and speak there what they are asked by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import is_whole, maps_in, whole_number
from chartgate.kubernetes.links.monitored_ports import annotated_port, monitored
from chartgate.kubernetes.links.service_backends import pods_of, port_of, target_of
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.mounted_files import files_in_mounts
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.kubernetes.programs.told_ports import told_ports
from chartgate.model import Check, Identity, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put, reworded
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: https, port: 443, targetPort: https}]}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {web.yaml: "listen: 0.0.0.0:8443"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "8443"}}
    spec:
      containers:
        - name: web
          args: [--secure-port=8443]
          ports: [{name: https, containerPort: 8443}]
          readinessProbe: {httpGet: {path: /, port: https, scheme: HTTPS}}
          volumeMounts: [{name: config, mountPath: /etc/web}]
      volumes: [{name: config, configMap: {name: web}}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: https, scheme: https}]}
"""
_WEB = "spec.template.spec.containers[web]"
_LISTENS = re.compile(
    r"""^[ \t]*+(?:-[ \t]++)?+["']?[\w.-]{0,40}?(?:listen|bind|address|addr)[\w.-]{0,20}+["']?[ \t]*+[:=][ \t]*+"""
    r"""["']?(?:0\.0\.0\.0|\[::\]|\*)?+:(?P<port>[0-9]{2,5}+)["']?,?[ \t]*+$""",
    re.MULTILINE | re.IGNORECASE,
)
"""A line of a configuration that names an address of one's own: `listen: 0.0.0.0:80`, `addr = ":80"`."""

_OF_NGINX = re.compile(r"^[ \t]*+listen[ \t]++(?:[\w.*:\[\]]*:)?([0-9]{2,5})\b[^;\n]*+;", re.MULTILINE)

_PURPOSES = {
    **{word: word for word in ("metrics", "webhook", "admin", "grpc", "http", "https")},
    **dict.fromkeys(("health", "healthz", "probe", "probes", "healthcheck"), "health"),
}
"""The words in names of flags and of ports by which the one is about the other."""


_OF_THE_MAIN_ONE = {"web", "server", "listen", "bind", "address", "addr", "port", "http"}
"""The words in names of flags that are about the one port that a container declares."""


def _words_of(name: str) -> list[str]:
    return re.split(r"[._-]", name.lower())


def _purposes(name: str) -> set[str]:
    """Give what a flag or a port is for, as its name says."""
    return {_PURPOSES[word] for word in _words_of(name) if word in _PURPOSES}


@policy(
    severity="error",
    remediation="Let the program listen at the port of its container: that of the Service may be another one.",
)
def programs_listen_where_they_are_asked(rendering: Rendering) -> Iterator[Check]:
    """No program is told to listen, or asked by a probe, at the port of its Service, which leads to another one.

    By a flag, a variable, a configuration that it mounts or the annotation of its metrics: where the container declares
    the other port alone, nobody answers there. Nor does one listen at another one than the port that its container
    declares, alone or by that name: `--metrics-addr=:8080` beside the port `metrics`, 8081; or an nginx, by the file
    that it alone mounts. Source:
    https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    for resources in rendering.stages:
        wrong, told = set(), resources.indexed(_told_in)
        for service in resources.of_kind("Service"):
            ports = [port for port in maps_in(service.at("spec.ports")) if whole_number(str(port.get("port")))]
            for pod in pods_of(service, resources) if ports else ():
                containers = list(containers_if_any(pod))
                declared = [p.get("containerPort") for c in containers for p in maps_in(c.at("ports"))]
                for container in containers:
                    mine = [port.get("containerPort") for port in maps_in(container.at("ports"))]
                    targets = {port["port"]: port_of(container, target_of(port)) for port in ports}
                    for place, number in told[pod.identity, container.name]:
                        target = targets.get(number)
                        passed = number in declared or target not in mine or target == number
                        actual = f"{number}, and Service {service.name} leads from there to {target}"
                        wrong |= set() if passed else {(pod.identity, place.address)}
                        yield states(place, passed, expected=f"{target}, a port of {container.name}", actual=actual)
        for workload in workloads(resources):
            for container in containers_if_any(workload):
                checks = (*_by_name(container), *_by_its_file(container, workload, resources))
                yield from (check for check in checks if (workload.identity, check.path) not in wrong)


def _by_name(container: Container) -> Iterator[Check]:
    """Expect what a program is told of metrics, health and the like to be the port that is called so."""
    ports = [port for port in maps_in(container.at("ports")) if isinstance(port.get("containerPort"), int)]
    declared = {port["containerPort"]: _purposes(str(port.get("name", ""))) for port in ports}
    told = list(told_ports(container)) if ports else []
    numbers = {each.number for each in told}
    for each in told:
        meant = [number for number, words in declared.items() if words & _purposes(each.name)]
        if not meant and len(declared) == 1 and each.number and _OF_THE_MAIN_ONE.issuperset(_words_of(each.name)):
            meant = [*declared]
        others = {other.name for other in told if other.number == each.number} - {each.name}
        passed = (each.number in declared and not others) or len(meant) != 1 or meant[0] in numbers
        why = f"as {', '.join(sorted(others))} is" if others else f"which {container.name} does not declare"
        actual = f"{each.number}, {why}"
        yield states(each.place, passed, expected=f"{meant[0] if meant else each.number}, as its port", actual=actual)


def _by_its_file(container: Container, workload: Resource, resources: Resources) -> Iterator[Check]:
    """Expect an nginx to listen at a port that its container declares, where no other one mounts its file."""
    numbers = (port.get("containerPort") for port in maps_in(container.at("ports")))
    declared = {number for number in numbers if is_whole(number)}
    for file in files_in_mounts(container, resources) if declared else ():
        told = {int(port) for port in _OF_NGINX.findall(file.place.text) if ".conf" in file.place.address}
        others = (other for other in containers_if_any(workload) if other.name != container.name)
        if told and not any(each.place == file.place for other in others for each in files_in_mounts(other, resources)):
            expected = f"one of {', '.join(map(str, sorted(declared)))}, the ports of {container.name}"
            actual = f"listen {', '.join(map(str, sorted(told)))}"
            yield states(file.place, not told.isdisjoint(declared), expected=expected, actual=actual)


def _told_in(resources: Resources) -> dict[tuple[Identity, str], list[tuple[Place[Resource], int]]]:
    """Give what each container is told, and asked at, by its pods and its name."""
    found = ((pod, container) for pod in workloads(resources) for container in containers_if_any(pod))
    return {(pod.identity, container.name): [*_told(container, resources)] for pod, container in found}


def _told(container: Container, resources: Resources) -> Iterator[tuple[Place[Resource], int]]:
    yield from ((told.place, told.number) for told in told_ports(container))
    asked = list(kubelet_requests(container))
    mine = [port.get("containerPort") for port in maps_in(container.at("ports"))]
    right = {(request / "path").text for request in asked if port_of(container, request.at("port")) in mine}
    for request in asked:  # of two probes of one path, another policy tells
        port = request / "port"
        if is_whole(port.value) and ((request / "path").text or request.address) not in right:
            yield port, port.value
    if scraped := annotated_port(container.owner):
        yield scraped
    for file in files_in_mounts(container, resources):
        yield from ((file.place, number) for number in file.place.owner.made(_listening, file.place.address))


def _listening(holder: Resource, address: str) -> tuple[int, ...]:
    return tuple(int(found["port"]) for found in _LISTENS.finditer(holder.place(address).text))


programs_listen_where_they_are_asked.breaks(
    manifests=HEALTHY,
    a_flag_has_the_port_of_the_service=put("Deployment web", f"{_WEB}.args[0]", "--secure-port=443"),
    a_flag_has_another_port_than_the_one_of_its_name=put(
        "Deployment web",
        _WEB,
        {"name": "web", "args": ["--metrics-addr=:8081"], "ports": [{"name": "metrics", "containerPort": 8080}]},
    ),
    a_probe_has_the_port_of_the_service=put("Deployment web", f"{_WEB}.readinessProbe.httpGet.port", 443),
    metrics_are_asked_for_at_the_port_of_the_service=put(
        "Deployment web", "spec.template.metadata.annotations[prometheus.io/port]", "443"
    ),
    a_file_has_the_port_of_the_service=reworded("ConfigMap web", "data[web.yaml]", "8443", "443"),
    an_nginx_listens_at_another_port=put("ConfigMap web", "data", {"nginx.conf": "server {\n  listen 8080;\n}\n"}),
)


@policy(severity="warning", remediation="Set `scheme: https` on the endpoint, with a tlsConfig.")
def monitors_speak_tls_where_probes_do(rendering: Rendering) -> Iterator[Check]:
    """No monitor asks a port by HTTP that each probe of its container asks by HTTPS.

    A port speaks one of the two: Prometheus gets nothing but errors. Judged is a port that a probe asks at all. Source:
    https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Endpoint
    """
    resources = rendering.resources
    for resource in resources.of_kind("ServiceMonitor"):
        for monitor in monitored(resource, resources):
            containers = [
                (service, container)
                for service in monitor.found
                if service.kind == "Service"
                for pod in pods_of(service, resources)
                for container in containers_if_any(pod)
            ]
            for endpoint in (resource / "spec" / "endpoints").maps():
                for service, container in containers:
                    number = _number_of(container, service, endpoint.at("port"))
                    schemes = _schemes(container, number) if number else set()
                    passed = schemes != {"HTTPS"} or endpoint.at("scheme") == "https"
                    expected = f"https, by which the probes of {container.name} ask {number}"
                    scheme = endpoint / "scheme"
                    yield states(scheme, passed, expected=expected, actual=scheme.text or "http")


def _number_of(container: Container, service: Resource, name: object) -> object:
    """Give the number at which a container listens for a port of its Service, None where it declares none."""
    targets = [
        port_of(container, target_of(port)) for port in maps_in(service.at("spec.ports")) if port.get("name") == name
    ]
    declared = [port.get("containerPort") for port in maps_in(container.at("ports"))]
    return next((target for target in targets if target in declared), None)


def _schemes(container: Container, number: object) -> set[str]:
    asked = [request for request in kubelet_requests(container) if request.address.endswith("Probe.httpGet")]
    return {
        (request / "scheme").text or "HTTP" for request in asked if port_of(container, request.at("port")) == number
    }


monitors_speak_tls_where_probes_do.breaks(
    manifests=HEALTHY,
    it_asks_by_http=put("ServiceMonitor web", "spec.endpoints[0].scheme", "http"),
)
