"""Marks by which pods are scraped and injected into, and selectors by which a controller's objects find others."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import paired, risks_of

GRAFANA = "grafana.integreatly.org/v1beta1"
SCRAPED = "prometheus.io/scrape: 'true'"
MONITOR = "\n---\n{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: m}, spec: {}}"
LOST = "who scrapes what has prometheus.io/scrape=true no longer finds it"


def _pod(annotations: str = "", labels: str = "", port: str = "9102") -> str:
    metadata = f"{{annotations: {{{annotations}}}, labels: {{{labels}}}}}"
    pod = f"{{containers: [{{name: a, ports: [{{containerPort: {port}}}, {{containerPort: 8080}}]}}]}}"
    spec = f"spec: {{template: {{metadata: {metadata}, spec: {pod}}}}}"
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, {spec}}}"


def _service(annotations: str) -> str:
    return (
        f"{{apiVersion: v1, kind: Service, metadata: {{name: web, annotations: {{{annotations}}}}},"
        " spec: {ports: [{port: 80}]}}"
    )


def _prometheus(selector: str, version: str = "monitoring.coreos.com/v1", kind: str = "Prometheus") -> str:
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{{selector}}}}}"


def _told(before: str, after: str) -> list[str]:
    found = risks_of(paired(before, after))
    return [f"{risk.level} {risk.reason}" for risk, _ in found if risk.name == "label_removed"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_pod(SCRAPED), _pod(), LOST),
        (_pod(SCRAPED), _pod("prometheus.io/scrape: 'false'"), LOST),
        (_service(SCRAPED), _service(""), LOST),
        (
            _pod(f"{SCRAPED}, prometheus.io/port: '9102'"),
            _pod(f"{SCRAPED}, prometheus.io/port: '8080'"),
            "its metrics are asked for by port 8080, and were by 9102",
        ),
        (
            _pod(f"{SCRAPED}, prometheus.io/path: /a"),
            _pod(f"{SCRAPED}, prometheus.io/path: /b"),
            "its metrics are asked for by path /b, and were by /a",
        ),
        (
            _pod(labels="sidecar.istio.io/inject: 'true'"),
            _pod(),
            "who injects into what has sidecar.istio.io/inject=true no longer finds it",
        ),
        (
            _pod("vault.hashicorp.com/agent-inject: 'true'"),
            _pod("vault.hashicorp.com/agent-inject: 'false'"),
            "who injects into what has vault.hashicorp.com/agent-inject=true no longer finds it",
        ),
        (
            _prometheus("ruleSelector: {}"),
            _prometheus("ruleSelector: {matchLabels: {a: b}}"),
            "it finds only what has a=b now",
        ),
        (
            _prometheus("ruleSelector: {matchLabels: {a: b}}"),
            _prometheus("ruleSelector: {matchExpressions: [{key: c, operator: In, values: [e, d]}]}"),
            "it finds only what has c In d, e now",
        ),
        (
            _prometheus("namespaceSelector: {any: true}", kind="PodMonitor"),
            _prometheus("namespaceSelector: {matchNames: [a]}", kind="PodMonitor"),
            "it no longer looks in all namespaces",
        ),
        (
            _prometheus("ruleSelector: {}"),
            _prometheus("paused: false"),
            "it no longer says what it looks for: it may find nothing",
        ),
        (
            _prometheus("instanceSelector: {matchLabels: {a: b}}", GRAFANA, "GrafanaDashboard"),
            _prometheus("instanceSelector: {matchLabels: {a: c}}", GRAFANA, "GrafanaDashboard"),
            "it finds only what has a=c now",
        ),
    ],
)  # fmt: skip
def test_who_no_longer_finds_it(before: str, after: str, told: str) -> None:
    assert _told(before, after) == [f"caution {told}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_pod(SCRAPED), _pod() + MONITOR),
        (_pod(SCRAPED), f"{_pod()}\n---\n{_service(SCRAPED)}"),
        (_pod(f"{SCRAPED}, prometheus.io/port: '9102'"), _pod(f"{SCRAPED}, prometheus.io/port: '9103'", port="9103")),
        (_pod("prometheus.io/port: '9102'"), _pod("prometheus.io/port: '8080'")),
        (_pod(), _pod(SCRAPED)),
        (_prometheus("ruleSelector: {matchLabels: {a: b}}"), _prometheus("ruleSelector: {}")),
        (_prometheus("nodeSelector: {a: b}"), _prometheus("nodeSelector: {a: c}")),
        (
            _prometheus("podSelector: {}", "cilium.io/v2", "CiliumNetworkPolicy"),
            _prometheus("podSelector: {matchLabels: {a: b}}", "cilium.io/v2", "CiliumNetworkPolicy"),
        ),
    ],
)
def test_who_still_does(before: str, after: str) -> None:
    assert _told(before, after) == []
