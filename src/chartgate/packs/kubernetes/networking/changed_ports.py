"""Changed ports: where a user changes a port of the values, all that listen and ask there follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.shapes import whole_number
from chartgate.kubernetes.pods.kubelet_requests import PROBES, kubelet_requests
from chartgate.kubernetes.pods.workloads import Container, containers_of_both
from chartgate.kubernetes.programs.told_ports import told_ports
from chartgate.matrix.derivations.other_ports import with_other_ports
from chartgate.model import Check, Rendering, Resource, in_both
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import added, in_each, in_first, put
from chartgate.policy.policy import policy

from ..newly import new_findings
from ..pods_and_storage.probes import named_probe_ports_are_declared
from .calls import called_ports_are_of_their_service
from .listening import programs_listen_where_they_are_asked
from .monitors import monitors_find_their_ports
from .services import routes_lead_to_services, target_numbers_are_declared, target_ports_are_open
from .webhooks import webhooks_lead_to_services

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
          args: [--listen=:8080]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: 8080}}
          livenessProbe: {exec: {command: [ask, "localhost:8080"]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
"""
_NUMBER = re.compile(r"(?<![\d.])\d++(?![\d.])")
_COUNTED = re.compile(r"(?<=another-)\d++|(?<!\d)[23]1\d{3}(?!\d)|(?<=-)\d++(?= is rendered)")
"""New numbers and names of ports, and which of several replicas has the Service: what is wrong with one is with all."""
_OTHER = "every port of the values changed"
_WEB = "spec.template.spec.containers[web]"
_JUDGES = (
    named_probe_ports_are_declared,
    target_ports_are_open,
    routes_lead_to_services,
    webhooks_lead_to_services,
    called_ports_are_of_their_service,
    programs_listen_where_they_are_asked,
)


@policy(
    over=with_other_ports,
    severity="error",
    remediation="Write the key of the port there as well, or ask by the name that the container gives its port.",
)
def changed_ports_reach_all_that_ask(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With every port of the values changed, probes and commands ask where their container listens, and Services too.

    A port that is a value in one place and a number in another is right until somebody sets it: the container listens
    at the new one, and the probe asks the old one until the pod is killed. So it is with its name, for a monitor too.
    Judged with all ports changed at once, also by the policies that judge each scenario. Source:
    https://github.com/kyverno/kyverno/issues/10035
    """
    if before.error or after.error:
        return
    for key in after.scenario.changes:
        yield chart_states("values.yaml", key, expected="rendered", actual="rendered")
    # A part that is on only here may name a port that the program has anyway; between objects there is none such.
    for was, resource in () if before.scenario.is_all_on else in_both(before.resources, after.resources):
        for old, container in containers_of_both(was, resource):
            yield from _of_container(old, container)
    for check in new_findings(_JUDGES, before, after):
        # Which number a port gets depends on how many there are: of the next version it is another one.
        if check.passed or not _is_of_another_chart(check, after):
            yield with_cause(check, _COUNTED.sub("", str(check.expected)))
    yield from _of_monitors(before, after)
    for check in new_findings((target_numbers_are_declared,), before, after):
        # One that is a value of its own is the user's to change as well.
        if check.passed or check.actual not in after.scenario.changes.values():
            yield with_cause(check, f"the number {check.actual}")


def _is_of_another_chart(check: Check, after: Rendering) -> bool:
    """Tell whether a subchart asks, by a key of its own, for a port of another chart, whose keys it cannot see."""
    name = check.template.partition("/charts/")[2].partition("/")[0]
    keys = [key for key, port in after.scenario.changes.items() if str(check.actual).endswith(f":{port}")]
    called = (s for s in after.resources.of_kind("Service") if f" {s.name}: " in str(check.expected))
    is_own = bool(name) and any(key.startswith(f"{name}.") for key in keys)
    return is_own and not any(f"/charts/{name}/" in service.template for service in called)


def _of_monitors(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Check that monitors follow the names of ports; a number of theirs is the user's, who gives it for both."""
    wrong = {check.template for check in monitors_find_their_ports.checks([before]) if not check.passed}
    for check in new_findings((monitors_find_their_ports,), before, after):
        if check.passed or not (check.template in wrong or whole_number(str(check.actual))):
            yield with_cause(check, _COUNTED.sub("", str(check.expected)))


def _of_container(old: Container, new: Container) -> Iterator[Check]:
    were, ports = _ports(old), _ports(new)
    yield from _listening(old, new)
    asked = {_inside(old, request): _number((request / "port").value) for request in kubelet_requests(old)}
    for request in kubelet_requests(new):
        port = request / "port"
        if asked.get(_inside(new, request)) in were.values():
            expected = f"one of {sorted(ports.values())}, where {new.name} listens with {_OTHER}"
            check = states(port, _number(port.value) in ports.values(), expected=expected)
            yield with_cause(check, f"requests to {_number(port.value)}")
    moved = {were[name]: ports[name] for name in were.keys() & ports.keys() if were[name] != ports[name]}
    for place in _texts(new):
        for number, now in moved.items():
            stays = number not in ports.values() and str(number) in _NUMBER.findall(place.value)
            expected = f"{now} in place of {number}, as the container's port with {_OTHER}"
            yield states(place, not stays, expected=expected)


def _listening(old: Container, new: Container) -> Iterator[Check]:
    """Check that ports and probes follow where the program is told to listen by a value."""
    was = {(told.place.address, told.name): told.number for told in told_ports(old)}
    before, after = (_ports(container).values() for container in (old, new))
    fields = [port / "containerPort" for port in (new / "ports").maps()]
    fields += [request / "port" for request in kubelet_requests(new)]
    for told in told_ports(new):
        number = was.get((told.place.address, told.name), told.number)
        if number == told.number or number not in before or told.number in after:
            continue
        for field in [field for field in fields if _number(field.value) == number] or [told.place]:
            expected = f"{told.number}, where {told.name} says that {new.name} listens, with {_OTHER}"
            yield states(field, False, expected=expected)


def _inside(container: Container, request: Place[Resource]) -> str:
    return request.address.removeprefix(container.address)


def _ports(container: Container) -> dict[str, int]:
    """Give the ports of a container by what tells them apart: the name, or the place in the list."""
    return {
        str(port.map.get("name") or index): number
        for index, port in enumerate((container / "ports").maps())
        if (number := _number(port.map.get("containerPort")))
    }


def _number(value: object) -> int:
    return whole_number(str(value)) or 0


def _texts(container: Container) -> Iterator[Place[Resource]]:
    """Give what a container is started with, and the commands by which it is asked."""
    commands = (container / probe / "exec" / "command" for probe in PROBES)
    for texts in (container / "command", container / "args", *commands):
        yield from texts.texts()


_MOVED = (
    put("Deployment web", f"{_WEB}.args", ["--listen=:21008"]),
    put("Deployment web", f"{_WEB}.ports", [{"name": "http", "containerPort": 21008}]),
    put("Deployment web", f"{_WEB}.readinessProbe.httpGet.port", 21008),
    put("Deployment web", f"{_WEB}.livenessProbe.exec.command", ["ask", "localhost:21008"]),
)


changed_ports_reach_all_that_ask.breaks(
    manifests=HEALTHY,
    the_service_leads_to_the_old_number=(*_MOVED, in_each(put("Service web", "spec.ports[http].targetPort", 8080))),
    the_probe_asks_the_old_port=(*_MOVED, put("Deployment web", f"{_WEB}.readinessProbe.httpGet.port", 8080)),
    the_command_asks_the_old_port=(
        *_MOVED,
        put("Deployment web", f"{_WEB}.livenessProbe.exec.command", ["ask", "localhost:8080"]),
    ),
    the_program_listens_at_the_old_port=(*_MOVED, put("Deployment web", f"{_WEB}.args", ["--listen=:8080"])),
    the_container_keeps_its_port=(*_MOVED, put("Deployment web", f"{_WEB}.ports[http].containerPort", 8080)),
    the_service_leads_to_a_port_that_went=(*_MOVED, put("Service web", "spec.ports[http].targetPort", "web")),
    the_monitor_asks_for_the_old_name=(
        in_each(put("Service web", "metadata.labels", {"app": "web"})),
        in_each(
            added(
                "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web},"
                " spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}}"
            )
        ),
        put("Service web", "spec.ports[http].name", "another-1"),
        put("ServiceMonitor web", "metadata.annotations.seen", "yes"),  # it is told there
    ),
    the_port_does_not_follow_the_address=(
        in_first(put("Deployment web", f"{_WEB}.args", ["--health-probe-bind-address=:8080"])),
        put("Deployment web", f"{_WEB}.args", ["--health-probe-bind-address=:31001"]),
    ),
)
