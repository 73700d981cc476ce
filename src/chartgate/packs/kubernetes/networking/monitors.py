"""Monitors: what scrapes metrics is taken, finds the Services, the pods and the ports that it means, and has time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import nodes
from chartgate.documents.words import listed
from chartgate.kubernetes.cluster_parts import brings_kinds, may_be_run
from chartgate.kubernetes.links.monitored_ports import Monitored, beside_the_metrics, left_out, monitored
from chartgate.kubernetes.validity.monitor_fields import monitor_fields
from chartgate.kubernetes.validity.quantities import seconds
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

from ..api_server.schema import own_schema

_NO_CODE = re.compile(r"""\"(?:[^"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|#[^\n]*+""")
"""Texts and comments in an expression of Prometheus."""
_GROUPS = ("monitoring.coreos.com", "azmonitoring.coreos.com")
SELECTOR_FIELDS = ("matchLabels", "matchExpressions")
HEALTHY = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  endpoints: [{port: tcp-metrics, path: /metrics, interval: 1m, scrapeTimeout: 30s}, {targetPort: metrics}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: nodes}
spec:
  namespaceSelector: {matchNames: [kube-system]}
  selector: {matchLabels: {k8s-app: kubelet}}
  endpoints: [{port: https-metrics}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: metrics}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: tcp-metrics, port: 9090, targetPort: metrics}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]}]}
"""


@policy(
    severity="error",
    remediation="Name a port as the Service names it (for a PodMonitor, as the container does), and select its labels.",
)
def monitors_find_their_ports(rendering: Rendering) -> Iterator[Check]:
    """What scrapes metrics selects a Service or pods of the release, and each port that it names is one of theirs.

    For any other, Prometheus has no target, and nothing says so; nor are pods one whose Service alone, of several, has
    no such port, though they have. What it looks for in other namespaces is somebody
    else's to know, unless it is rendered, and so are the Services of a chart that brings custom kinds and no Service:
    its operator makes them. A port for metrics that no monitor asks for, beside the one that this asks for, is a
    warning. Labels right below `selector` are dropped, and what is left selects all.
    Source:
    https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Endpoint
    """
    is_operator = brings_kinds(rendering)
    for resources in rendering.stages:
        for resource in resources:
            for monitor in monitored(resource, resources):
                yield from _fields(monitor)
                found = ", ".join(other.identity.label for other in monitor.found)
                is_made_later = resource.kind == "ServiceMonitor" and (
                    (is_operator and not resources.of_kind("Service")) or _is_of_an_operator(monitor, resources)
                )
                if (monitor.is_ours or monitor.elsewhere or found) and not is_made_later:
                    expected = f"the labels of something in {resource.namespace} that has metrics"
                    others = ", ".join(other.identity.label for other in monitor.elsewhere)
                    nothing = f"it looks elsewhere: {others} has them" if others else "nothing has them"
                    yield states(monitor.selector, bool(found), expected=expected, actual=found or nothing)
                for port in monitor.ports if found else ():
                    expected = f"one of {', '.join(port.there) or 'no ports'}, which {found} has"
                    yield states(port.place, port.is_there, expected=expected)
                for place, service, missed in left_out(monitor, resources):
                    pods = listed([workload.identity.label for workload in missed], 3)
                    expected = f"a port of {service.identity.label}, too, which alone leads to that of {pods}"
                    yield with_cause(states(place, False, expected=expected), service.name)
                for place, service, name in beside_the_metrics(monitor, resources):
                    expected = f"{name}, the port of {service.identity.label} for metrics"
                    yield states(place, False, expected=expected, actual=f"{place.text} alone", severity="warning")


def _is_of_an_operator(monitor: Monitored, resources: Resources) -> bool:
    """Tell whether a selector names an object of a custom kind of the release: an operator makes its Service."""
    labels = map_of(monitor.selector.at("matchLabels")).values()
    return any(other.name in labels and may_be_run(other) for other in resources)


def _fields(monitor: Monitored) -> Iterator[Check]:
    for key, place in monitor.selector.entries():
        told = states(place, key in SELECTOR_FIELDS, expected=f"one of {', '.join(SELECTOR_FIELDS)}", actual=key)
        yield with_cause(told, "labels right below the selector")


monitors_find_their_ports.breaks(
    manifests=HEALTHY,
    the_labels_are_right_below_the_selector=put("ServiceMonitor web", "spec.selector", {"app": "web"}),
    the_port_is_that_of_the_container=put("ServiceMonitor web", "spec.endpoints[0].port", "metrics"),
    the_target_port_is_that_of_the_service=put("ServiceMonitor web", "spec.endpoints[1].targetPort", "tcp-metrics"),
    it_asks_beside_the_metrics=(
        put("Service web", "spec.ports", [{"name": "http", "port": 80}, {"name": "metrics", "port": 9090}]),
        put("ServiceMonitor web", "spec.endpoints", [{"port": "http"}]),
    ),
    the_pods_have_no_such_port=put("PodMonitor web", "spec.podMetricsEndpoints[0].port", "tcp-metrics"),
    it_selects_other_labels=put("ServiceMonitor web", "spec.selector.matchLabels.app", "shop"),
    it_looks_in_another_namespace=put("ServiceMonitor web", "spec.namespaceSelector", {"matchNames": ["other"]}),
    it_looks_elsewhere_for_what_is_here=gone("ServiceMonitor nodes", "spec.namespaceSelector"),
)


@monitors_find_their_ports.counterexample(manifests=HEALTHY)
def one_of_two_services_has_no_such_port(rendering: Rendering) -> Rendering:
    service = "{apiVersion: v1, kind: Service, metadata: {name: db, labels: {app: web}}, spec: {selector: {app: db}}}"
    ports = "ports: [{name: tcp-metrics, containerPort: 9090}]"
    pods = f"{{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: db, {ports}}}]}}}}"
    workload = f"{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: db}}, spec: {{template: {pods}}}}}"
    put("ServiceMonitor web", "spec.endpoints[0].interval", "2m").apply(rendering)  # it is told at the monitor
    return added(workload).apply(added(service).apply(rendering))


@policy(
    severity="error",
    remediation="Give the field what belongs there: a list with a dash, a text in quotes, a longer interval; or put it"
    " one level down.",
)
def fields_of_monitors_hold_what_belongs_there(rendering: Rendering) -> Iterator[Check]:
    """The fields of monitors and rules of Prometheus are such as its operator takes them.

    Its definitions are mostly in the cluster, not in the chart, so that no schema says so: the API server refuses the
    object. Where there is one, `manifests_fit_their_schema` tells. What waits longer for metrics than until it asks
    again, or has a bracket without the other, the operator drops, and only its own log says so; judged where an object
    says both times, since each Prometheus has an interval for others. Sources:
    https://prometheus-operator.dev/docs/api-reference/api/ and `CompareScrapeTimeoutToScrapeInterval` in
    https://github.com/prometheus-operator/prometheus-operator/blob/v0.80.0/pkg/prometheus/promcfg.go
    """
    for resources in rendering.stages:
        for resource in resources:
            fields = list(monitor_fields(resource))
            for field in fields if fields and not own_schema(rendering, resource) else ():
                yield states(field.place, not field.is_wrong, expected=field.wanted)
            if resource.identity.api_version.startswith(tuple(f"{group}/" for group in _GROUPS)):
                yield from _times(resource)
                yield from _expressions(resource)


fields_of_monitors_hold_what_belongs_there.breaks(
    manifests=HEALTHY,
    names_as_one_text=put("ServiceMonitor nodes", "spec.namespaceSelector.matchNames", "kube-system"),
    a_time_that_is_a_number=put("ServiceMonitor web", "spec.endpoints[0].interval", 30),
    one_endpoint_without_a_list=put("PodMonitor web", "spec.podMetricsEndpoints", {"port": "metrics"}),
    a_label_that_is_a_switch=put("ServiceMonitor web", "spec.selector.matchLabels.app", True),
    a_field_of_an_endpoint_one_level_up=put("ServiceMonitor web", "spec.interval", "30s"),
    an_expression_that_ends_too_soon=added(
        "{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: web}, spec: {groups: "
        "[{name: web, rules: [{alert: Down, expr: 'absent(up{job=\"web\"} == 1'}]}]}}"
    ),
    it_waits_longer=put("ServiceMonitor web", "spec.endpoints[0].scrapeTimeout", "61s"),
    it_asks_sooner=put("ServiceMonitor web", "spec.endpoints[0].interval", "10s"),
    all_that_a_probe_asks=put("ServiceMonitor nodes", "spec", {"interval": "5s", "scrapeTimeout": "1m"}),
)


def _expressions(resource: Resource) -> Iterator[Check]:
    """Look whether what a rule opens it also closes."""
    for group in (resource / "spec" / "groups").maps() if resource.kind == "PrometheusRule" else ():
        for expression in (rule / "expr" for rule in (group / "rules").maps()):
            opened: list[str] = []
            for sign in re.findall(r"[(){}\[\]]", _NO_CODE.sub("", expression.text)):
                if opened and opened[-1] + sign in ("()", "{}", "[]"):
                    opened.pop()
                else:
                    opened.append(sign)
            actual = f"{''.join(opened)} without the other" if opened else "closed"
            yield states(expression, not opened, expected="an expression whose brackets are closed", actual=actual)


def _times(resource: Resource) -> Iterator[Check]:
    for keys, value in nodes(resource.manifest):
        if not isinstance(value, dict) or "scrapeTimeout" not in value:
            continue
        timeout = seconds(value["scrapeTimeout"])
        interval = value.get("interval") or value.get("scrapeInterval")
        longest = seconds(interval)
        if timeout is not None and longest is not None:
            place = resource.place(join(*keys, "scrapeTimeout"))
            yield states(place, timeout <= longest, expected=f"no longer than the interval, {interval}")
