"""How selectors find pods and the ports of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.kubernetes.links.label_selectors import (
    PodSelection,
    matches_label_selector,
    matches_labels,
    peers,
    pods_found,
    template_labels,
)
from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Declarations, External, Resources
from tests.engine.toys import resource, scenario

DB = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    metadata: {labels: {app: db, tier: back}}
    spec: {containers: [{name: main, ports: [{name: sql, containerPort: 5432}]}, {name: bare}]}
"""


@pytest.mark.parametrize(
    ("selector", "labels", "found"),
    [
        ({"a": "1"}, {"a": "1", "b": "2"}, True),
        ({"a": "1", "b": "2"}, {"a": "1"}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({}, {"a": "1"}, False),
        (None, {"a": "1"}, False),
        ("a=1", {"a": "1"}, False),
        ({"a": "1"}, None, False),
        ({"a": ["1"]}, {"a": "1"}, False),
    ],
)
def test_matches_labels(selector: Any, labels: Any, found: bool) -> None:
    assert matches_labels(selector, labels) is found


def test_labels_and_ports() -> None:
    db = resource(DB)
    assert template_labels(db) == {"app": "db", "tier": "back"}
    assert [port_of(container(db, "main"), target) for target in ("sql", 80, "gone")] == [5432, 80, "gone"]
    assert port_of(container(db, "bare"), "sql") == "sql"


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": ["app"], "operator": "Unknown"}]}, False),
        ({"matchLabels": None, "matchExpressions": None}, True),
    ],
)
def test_label_selectors(selector: object, expected: bool) -> None:
    assert matches_label_selector(selector, {"app": "web"}) is expected
    declared = External("Pod", "web", "an operator's", labels={"app": "web"})
    given = dataclasses.replace(scenario(), declared=Declarations(external=(declared,)))
    for namespace, there in (("shop", expected), ("other", False)):
        selection = PodSelection(resource("{kind: PodDisruptionBudget}").place(), selector, (namespace,))
        assert pods_found(selection, Resources(), given) == ["Pod shop/web, external"] * there


NETWORK_POLICY = """
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {{name: web, namespace: shop}}
spec: {{{spec}}}
"""
NAMED = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("ingress: [{from: [{podSelector: {matchLabels: {a: b}}}]}]", [("shop",)]),
        ("egress: [{}, {to: [{ipBlock: {}}, {podSelector: {matchLabels: {a: b}}}]}]", [("shop",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}shop}}}}}}]}}]", [("shop",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}data}}}}}}]}}]", [("data",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}dns}}}}}}]}}]", [("dns",)]),
        # Namespaces that nobody here knows of.
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}kube-system}}}}}}]}}]", []),
        ("egress: [{to: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: {matchLabels: {c: d}}}]}]", []),
        ("egress: [{to: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: {}}]}]", []),
        # All pods.
        ("ingress: [{from: [{podSelector: {}}, {podSelector: null}]}]", []),
        ("ingress: null, egress: [null, {to: x}]", []),
    ],
)
def test_peers_of_network_policies(spec: str, expected: list[tuple[str, ...]]) -> None:
    there = Resources([resource("{kind: Namespace, apiVersion: v1, metadata: {name: data}}")])
    external = (External("Namespace", "dns", "the platform's"),)
    given = dataclasses.replace(scenario(), declared=Declarations(external=external))
    found = peers(resource(NETWORK_POLICY.format(spec=spec)), there, given)
    assert [selection.namespaces for selection in found] == expected
