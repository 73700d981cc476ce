"""Each rule over fields that go together finds what breaks it, says what is there, and leaves the near miss alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.field_rules.rule_table import FIELD_RULES, judged_parts, rules_by_part
from chartgate.kubernetes.validity.cron import schedule_problem
from chartgate.kubernetes.validity.list_keys import lists_with_keys
from chartgate.model import Resource

TABLE = Path(__file__).with_name("field_rules.yaml")
ROWS: list[dict[str, Any]] = go_yaml.load(TABLE.read_text("utf-8"), TABLE.name)
GROUPS = {
    "v1": "Namespace PersistentVolumeClaim Service",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
}
API_VERSIONS = {kind: version for version, kinds in GROUPS.items() for kind in kinds.split()}


def _resource(where: str, part: dict[str, Any], api_version: str = "") -> Resource:
    part = copy.deepcopy(part)
    named = {"name": "main", **part}
    pods = {
        "container": {"containers": [named]},
        "init container": {"initContainers": [named], "containers": [{"name": "other"}]},
        "pod": {"containers": [{"name": "main"}], **part},
        "Job pod": {"restartPolicy": "Never", "containers": [{"name": "main"}], **part},
    }
    kind = {"Job pod": "Job"}.get(where, "Deployment" if where in pods else where)
    content = {"spec": {"template": {"spec": pods[where]}}} if where in pods else part
    metadata = {"name": "some", **content.pop("metadata", {})}
    return Resource(
        {"apiVersion": api_version or API_VERSIONS[kind], "kind": kind, "metadata": metadata, **content}, "", "shop"
    )


def _broken(resource: Resource) -> list[tuple[str, str, str, bool]]:
    """Give part, demand, what is there and whether that is only too little, of each breach of any rule at all."""
    return [
        (rule.part, rule.demand, breach.found, breach.is_omission)
        for part in judged_parts(resource, rules_by_part(*FIELD_RULES))
        for rule, breach in part.broken
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['rule']['part']}-{row['rule']['demand']}-{row['found']}")
def test_a_breach_is_found_and_its_near_miss_is_fine(row: dict[str, Any]) -> None:
    [(part, demand, found, is_omission)] = _broken(_resource(row["of"], row["broken"]))
    assert (part, found, is_omission) == (row["rule"]["part"], row["found"], row.get("omission", False))
    assert demand.startswith(row["rule"]["demand"])
    assert _broken(_resource(row["of"], row["near"])) == []


def test_every_rule_has_its_row() -> None:
    rows = [(row["rule"]["part"], row["rule"]["demand"]) for row in ROWS]
    assert [
        (rule.part, rule.demand)
        for rule in FIELD_RULES
        if not any(rule.part == part and rule.demand.startswith(demand) for part, demand in rows)
    ] == []
    assert len({(rule.part, rule.demand) for rule in FIELD_RULES}) == len(FIELD_RULES)


def test_custom_resources_have_rules_of_others() -> None:
    assert _broken(_resource("Service", {"spec": {"ports": []}}, "serving.knative.dev/v1")) == []


@pytest.mark.parametrize(
    "spec", [None, [], "text", {"ports": "text"}, {"ports": [None, "x"]}, {"rules": [{"http": 1}]}]
)
@pytest.mark.parametrize("kind", sorted(API_VERSIONS))
def test_what_is_no_object_breaks_no_traceback(kind: str, spec: Any) -> None:
    resource = _resource(kind, {"spec": spec, "rules": spec, "subjects": spec, "webhooks": spec})
    assert all(isinstance(found, str) for *_, found, _ in _broken(resource))
    assert [found.twice for found in lists_with_keys(resource) if found.twice] == []


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("*/5 * * * *", ""),
        ("0 0,12 1-7 JAN-mar sun", ""),
        ("5/15 ? * * 0", ""),
        ("@hourly", ""),
        ("@every 1h30m", ""),
        ("0 0 * *", "4 fields of 5"),
        ("", "0 fields of 5"),
        ("60 * * * *", "'60' as minute, which is from 0 to 59"),
        ("0 0 0 * *", "'0' as day of the month, which is from 1 to 31"),
        ("0 0 * * 7", "'7' as day of the week, which is from 0 to 6"),
        ("0 0 * * mon-sun", "'mon-sun' as day of the week, which is from 0 to 6"),
        ("*/0 * * * *", "'*/0' as minute, which is from 0 to 59"),
        ("*/00 * * * *", "'*/00' as minute, which is from 0 to 59"),
        (f"*/{'9' * 5000} * * * *", f"'*/{'9' * 5000}' as minute, which is from 0 to 59"),
        ("H * * * *", "'h' as minute"),
        ("0 0 * * someday", "'someday' as day of the week"),
        (
            "@noon",
            "@noon, which is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every",
        ),
        ("TZ=UTC 0 0 * * *", "TZ in it, where timeZone is a field of its own"),
    ],
)
def test_schedules(schedule: str, problem: str) -> None:
    assert schedule_problem(schedule) == problem


@pytest.mark.parametrize(
    ("where", "part", "twice"),
    [
        ("container", {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "1"}]}, {"env": ("A",)}),
        ("container", {"env": [{"name": "A", "value": "1"}, {"name": "a", "value": "1"}]}, {"env": ()}),
        (
            "container",
            {"ports": [{"containerPort": 1}, {"containerPort": 1, "protocol": "TCP"}]},
            {"ports": ("1/TCP",)},
        ),
        ("container", {"ports": [{"containerPort": 1}, {"containerPort": 1, "protocol": "UDP"}]}, {"ports": ()}),
        ("pod", {"hostAliases": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}]}, {"hostAliases": ("1.1.1.1",)}),
        ("init container", {"env": [{"name": "B"}, {"name": "B"}]}, {"env": ("B",)}),
    ],
)
def test_lists_with_keys(where: str, part: dict[str, Any], twice: dict[str, tuple[str, ...]]) -> None:
    found = {item.place.address.rpartition(".")[2]: item.twice for item in lists_with_keys(_resource(where, part))}
    assert {name: found[name] for name in twice} == twice
