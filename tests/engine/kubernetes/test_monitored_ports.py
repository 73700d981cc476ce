"""What monitors select, and whether the ports that they ask for are there."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.links.monitored_ports import monitored
from chartgate.model import Resources
from tests.engine.toys import resource

SERVICE = """
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: tcp-metrics, port: 9090, targetPort: metrics}]}
"""
DEPLOYMENT = """
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, ports: [{name: metrics, containerPort: 9090}]}]}
"""
MONITOR = "{{apiVersion: {group}/v1, kind: {kind}, metadata: {{name: a, namespace: {namespace}}}, spec: {{{spec}}}}}"
COREOS = "monitoring.coreos.com"


@pytest.mark.parametrize(
    ("group", "kind", "namespace", "spec", "found", "ports"),
    [
        (COREOS, "ServiceMonitor", "shop", "endpoints: [{port: tcp-metrics}, {port: metrics}]", True, [True, False]),
        (
            COREOS,
            "ServiceMonitor",
            "shop",
            "endpoints: [{targetPort: metrics}, {targetPort: 9091}]",
            True,
            [True, False],
        ),
        (COREOS, "ServiceMonitor", "shop", "endpoints: [{path: /metrics}, null]", True, []),
        (COREOS, "ServiceMonitor", "other", "endpoints: [{port: tcp-metrics}]", False, [False]),
        (COREOS, "ServiceMonitor", "other", "namespaceSelector: {any: true}, endpoints: [{port: x}]", True, [False]),
        (
            COREOS,
            "ServiceMonitor",
            "other",
            "namespaceSelector: {matchNames: [shop]}, endpoints: [{port: tcp-metrics}]",
            True,
            [True],
        ),
        (
            COREOS,
            "PodMonitor",
            "shop",
            "podMetricsEndpoints: [{port: metrics}, {port: tcp-metrics}]",
            True,
            [True, False],
        ),
        (
            COREOS,
            "PodMonitor",
            "shop",
            "podMetricsEndpoints: [{portNumber: 9090}, {portNumber: 80}]",
            True,
            [True, False],
        ),
        ("operator.victoriametrics.com", "VMServiceScrape", "shop", "endpoints: [{port: metrics}]", True, [False]),
        (
            "monitoring.googleapis.com",
            "PodMonitoring",
            "shop",
            "endpoints: [{port: 9090}, {port: metrics}]",
            True,
            [True, True],
        ),
    ],
)
def test_what_is_monitored(group: str, kind: str, namespace: str, spec: str, found: bool, ports: list[bool]) -> None:
    selecting = f"selector: {{matchLabels: {{app: web}}}}, {spec}"
    monitor = resource(MONITOR.format(group=group, kind=kind, namespace=namespace, spec=selecting))
    [seen] = monitored(monitor, Resources([resource(SERVICE), resource(DEPLOYMENT), monitor]))
    assert (bool(seen.found), [port.is_there for port in seen.ports]) == (found, ports)
    assert seen.is_ours is ("namespaceSelector" not in spec)


def test_a_kind_of_the_same_name_is_no_monitor() -> None:
    other = resource(MONITOR.format(group="example.com", kind="ServiceMonitor", namespace="shop", spec="selector: {}"))
    assert list(monitored(other, Resources([resource(SERVICE)]))) == []
