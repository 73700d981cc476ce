"""The labels of metrics and alerts: what a change of them takes from dashboards, and what it does not."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import risks_told

MONITORING = "monitoring.coreos.com/v1"


PORTS = """
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{name: web, port: 80}, {name: own, port: 81}]}}
"""


def _monitor(endpoint: str, port: str = "a") -> str:
    spec = f"{{endpoints: [{{port: {port}{endpoint}}}]}}"
    return f"{{apiVersion: {MONITORING}, kind: ServiceMonitor, metadata: {{name: web}}, spec: {spec}}}"


def _alert(*severities: str) -> str:
    rules = ", ".join(f"{{alert: A, labels: {{severity: {word}}}}}" for word in severities)
    spec = f"{{groups: [{{name: g, rules: [{rules}]}}]}}"
    return f"{{apiVersion: {MONITORING}, kind: PrometheusRule, metadata: {{name: web}}, spec: {spec}}}"


def _scraped(label: str) -> str:
    jobs = f"scrape_configs: [{{job_name: a, relabel_configs: [{{target_label: {label}}}]}}]"
    return f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: web}}, data: {{a.yaml: '{jobs}'}}}}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_alert("critical"), _alert("info"), "somebody else may be called: A is info, and was critical"),
        (
            _monitor(", relabelings: [{targetLabel: pod}]"),
            _monitor(", relabelings: [{targetLabel: instance}]"),
            "its metrics no longer have the label pod",
        ),
        (
            _monitor(""),
            _monitor(", metricRelabelings: [{action: drop, regex: go_.*}]"),
            "fewer metrics are kept: drop go_.*",
        ),
        (
            _monitor(", honorLabels: true"),
            _monitor(""),
            "labels that a metric brings are called exported_... where the target has them too",
        ),
        (
            _monitor("", "web") + PORTS,
            _monitor("", "own") + PORTS,
            "its metrics are those of port own, and were of web",
        ),
        (_scraped("pod_name"), _scraped("pod"), "metrics have the label pod now, and had pod_name"),
    ],
)
def test_other_labels_aretold(before: str, after: str, told: str) -> None:
    assert risks_told(before, after) == [f"label_removed caution {told}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_alert("critical"), _alert("'critical'")),
        (_alert("critical", "warning"), _alert("critical", "info")),
        (_monitor(""), _monitor(", relabelings: [{targetLabel: pod}]")),
        (_monitor(", metricRelabelings: [{action: drop, regex: go_.*}]"), _monitor("")),
        (
            _monitor(", metricRelabelings: [{action: drop, regex: go_.*}]"),
            _monitor(", metricRelabelings: [{action: drop, regex: go_x}]"),
        ),
        (_monitor(""), _monitor(", honorLabels: true")),
        (_monitor("", "old") + PORTS, _monitor("", "own") + PORTS),
        (_monitor("", "web") + PORTS, _monitor("", "'web'") + PORTS),
        (_scraped("pod"), _scraped('"pod"')),
    ],
)
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert risks_told(before, after) == []
