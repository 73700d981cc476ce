"""How selectors find pods and the ports of them."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from chartgate.kubernetes.links.found_pods import pods_found
from chartgate.kubernetes.links.label_selectors import (
    PodSelection,
    labels_of_each_pod,
    matches_label_selector,
    matches_labels,
    may_select,
    peers,
    template_labels,
)
from chartgate.kubernetes.links.service_backends import port_of
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Declarations, External, Resource, Resources
from chartgate.rendering.manifests import parse
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


WORKLOAD = """
kind: {kind}
apiVersion: apps/v1
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{replicas: 2, template: {{metadata: {{labels: {labels}}}, spec: {{}}}}}}
"""
LABELS = ("{app: web}", "{app: web, tier: front}", "{app: 1, tier: [front]}", "{job-name: other, app: web}", "null")
SELECTORS: tuple[Any, ...] = (
    {},
    {"app": "web"},
    {"app": "web", "tier": "front"},
    {"app": 1},
    {"app": True},
    {"tier": ["front"]},
    {"app": "web", "tier": ["front"]},
    {"job-name": "other"},
    {"job-name": "w17", "app": "web"},
    {"statefulset.kubernetes.io/pod-name": "w6-1"},
    {"app": "none"},
    None,
    "app",
)


@pytest.mark.parametrize("is_settled", [False, True])
@pytest.mark.parametrize("labels", SELECTORS, ids=str)
def test_selectors_find_what_reading_all_workloads_finds(labels: Any, is_settled: bool) -> None:
    every = itertools.product(("Deployment", "StatefulSet", "Job", "Pod"), LABELS, ("shop", "other"))
    there = Resources(
        resource(WORKLOAD.format(kind=kind, name=f"w{number}", namespace=namespace, labels=written))
        for number, (kind, written, namespace) in enumerate(every)
        if kind != "Pod"
    )
    if is_settled:
        there.settle()
    owner = resource("{kind: Service, apiVersion: v1, metadata: {name: web, namespace: shop}}").place()
    for namespaces in (("shop",), ("other", "shop", "other"), ("third",)):
        inside = [workload for workload in there if workload.namespace in namespaces]
        selector = {"matchLabels": labels}
        found = pods_found(PodSelection(owner, selector, namespaces), there, scenario())
        assert found == [
            str(workload.identity)
            for workload in inside
            if any(matches_label_selector(selector, each) for each in labels_of_each_pod(workload))
        ]


def test_a_workload_without_a_pod_template_is_found_by_no_selector() -> None:
    there = Resources(
        [
            resource(WORKLOAD.format(kind="Deployment", name="web", namespace="shop", labels="{app: web}")),
            resource("{kind: Deployment, apiVersion: apps/v1, metadata: {name: odd, namespace: shop}}"),
        ]
    )
    there.settle()
    owner = resource("{kind: Service, apiVersion: v1, metadata: {name: web, namespace: shop}}").place()
    found = pods_found(PodSelection(owner, {"matchLabels": {"app": "web"}}, ("shop",)), there, scenario())
    assert found == ["Deployment shop/web (apps/v1)"]


NAMESPACED = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web, tier: "1"}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: data}
spec: {replicas: 2, template: {metadata: {labels: {app: data, odd: [a]}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: other}
spec: {template: {metadata: {labels: {app: web}}}}
"""
OF_POLICIES: list[Any] = [
    {"matchLabels": {"app": "web"}},
    {"matchLabels": {"tier": "1", "app": "web"}},
    {"matchLabels": {"app": "data", "apps.kubernetes.io/pod-index": "1"}},
    {"matchLabels": {"job-name": "once"}},
    {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
    {"matchLabels": {"tier": 1}},
    {"matchLabels": "text"},
    "text",
    {},
    None,
]


def test_what_may_select_a_workload_has_all_that_do() -> None:
    """And leaves out nothing, whatever form a selector has; both indexes give helm's order."""
    policies = [
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": f"n{number}"}}
        | {"spec": {"podSelector": selector}}
        for number, selector in enumerate(OF_POLICIES)
    ]
    made = [*parse(f"---\n# Source: a/templates/a.yaml\n{NAMESPACED}", "shop")]
    resources = Resources([*made, *(Resource(policy, "a/templates/b.yaml", "shop") for policy in policies)])
    left_out = 0
    for workload in made:
        near = may_select("NetworkPolicy", workload, resources)
        selecting = [
            policy
            for policy in resources.of_kind("NetworkPolicy")
            if policy.namespace == workload.namespace
            and any(
                matches_label_selector(policy.at("spec.podSelector"), labels) for labels in labels_of_each_pod(workload)
            )
        ]
        assert [policy for policy in near if policy in selecting] == selecting
        left_out += len(policies) - len(near)
    assert left_out > 0
