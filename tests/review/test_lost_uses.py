"""What an upgrade takes away from those who use the release: alerts, runs, ports, rights in a cloud, databases."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.validity.cron import runs_in_a_year
from tests.review.object_pairs import of, paired, shown

RULES = "monitoring.coreos.com/v1"
WEBHOOKS = "admissionregistration.k8s.io/v1"
IRSA = "eks.amazonaws.com/role-arn"
BUNDLE = "webhooks[trees.example.com].clientConfig.caBundle"
INJECTED = "{cert-manager.io/inject-ca-from: a/b}"
ROLE = """
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, rules: [RULE]}
"""
Expected = dict[str, tuple[str, str]]


def _rules(*rules: str) -> str:
    each = ", ".join(f"{{{rule}{'' if 'expr' in rule else ', expr: up'}}}" for rule in rules)
    return of("PrometheusRule", f"spec: {{groups: [{{name: a, rules: [{each}]}}]}}", RULES)


def _file(text: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  a.yaml: |\n    {text}\n"


def _cron(schedule: str) -> str:
    return of("CronJob", f'spec: {{schedule: "{schedule}"}}', "batch/v1")


def _webhook(bundle: str, notes: str = "{}") -> str:
    hook = f"{{name: trees.example.com, clientConfig: {{caBundle: {bundle}, service: {{name: a}}}}}}"
    return of("ValidatingWebhookConfiguration", f"webhooks: [{hook}]", WEBHOOKS, f"name: a, annotations: {notes}")


def _pods(port: str, beside: str = "") -> str:
    spec = f"spec: {{template: {{spec: {{containers: [{{name: a, ports: [{port}]}}]{beside}}}}}}}"
    return of("DaemonSet", spec, "apps/v1")


def _served(target: str, *ports: str) -> str:
    pod = f"{{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, ports: [{', '.join(ports)}]}}]}}}}"
    service = of("Service", f"spec: {{selector: {{a: b}}, ports: [{{name: s, port: 80, targetPort: {target}}}]}}")
    return f"{service}\n---\n{of('Deployment', f'spec: {{template: {pod}}}', 'apps/v1')}"


def _account(notes: str) -> str:
    return of("ServiceAccount", "automountServiceAccountToken: true", meta=f"name: a, annotations: {notes}")


def _database(name: str, spec: str, version: str = "postgresql.cnpg.io/v1") -> str:
    return of(
        "Cluster", f"spec: {{instances: 3, image: a, version: b, owner: c, port: 5, {spec}}}", version, f"name: {name}"
    )


def _started(inside: str) -> str:
    pod = f"{{containers: [{{name: a, {inside}}}]}}"
    return of("Deployment", f"spec: {{template: {{spec: {pod}}}}}", "apps/v1")


def _tested(image: str) -> str:
    return of(
        "Pod",
        f"spec: {{containers: [{{name: a, image: '{image}'}}]}}",
        "v1",
        "name: a, annotations: {helm.sh/hook: test}",
    )


def _pod_of(inside: str) -> str:
    return of("Deployment", f"spec: {{template: {{metadata: {{{inside}}}, spec: {{containers: []}}}}}}", "apps/v1")


def _kinds(*plurals: str, rule: str = "") -> str:
    kinds = (
        of(
            "CustomResourceDefinition",
            f"spec: {{group: example.com, names: {{kind: X, plural: {plural}}}}}",
            "apiextensions.k8s.io/v1",
            f"name: {plural}.example.com",
        )
        for plural in plurals
    )
    return "\n---\n".join(kinds) + (ROLE.replace("RULE", rule) if rule else "")


HTTP, METRICS = "{name: http, containerPort: 8080}", "{name: metrics, containerPort: 9090}"
NAMED = "{apiGroups: [example.com], resources: [RESOURCES], verbs: [get]}"
TREES, TREES_AND_GROVES = NAMED.replace("RESOURCES", "trees"), NAMED.replace("RESOURCES", "trees, groves")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_rules("alert: A", "alert: B"), _rules("alert: A"),
         {"config_key_removed": ("caution", "spec.groups[a].rules[1]")}),
        (_rules("record: a:b"), _rules("record: a:c"),
         {"config_key_removed": ("caution", "spec.groups[a].rules[0].record")}),
        (_rules("alert: A, expr: up == 0"), _rules("alert: A, expr: up < 1"),
         {"config_key_removed": ("note", "spec.groups[a].rules[0].expr")}),
        (_file("groups: [{name: a, rules: [{alert: A}]}]"), _file("groups: [{name: a, rules: []}]"), {}),
        (_file("groups:\n    - rules:\n      - alert: A\n      - alert: B"),
         _file("groups:\n    - rules:\n      - alert: B"),
         {"config_key_removed": ("caution", "data[a.yaml].groups[0].rules[0]")}),
        (_cron("0 3 * * *"), _cron("0 3 * * 0"), {"start_changed": ("caution", "spec.schedule")}),
        (_cron("@hourly"), _cron("0 */6 * * *"), {"start_changed": ("caution", "spec.schedule")}),
        (_webhook("Zm9v"), _webhook("Cg=="), {"webhook_hardened": ("caution", BUNDLE)}),
        (_pods("{containerPort: 443, hostPort: 443}"), _pods("{containerPort: 443}"), {
            "security_tightened": ("caution", "spec.template.spec.containers[a].ports[443].hostPort"),
            "unexposed": ("caution", "spec.template.spec.containers[a].ports[443].hostPort"),
        }),
        (_served("http", HTTP, METRICS), _served("metrics", HTTP, METRICS),
         {"routing_changed": ("caution", "spec.ports[80].targetPort")}),
        (_served("8080", HTTP, METRICS), _served("9090", HTTP, METRICS),
         {"routing_changed": ("caution", "spec.ports[80].targetPort")}),
        (_account(f"{{{IRSA}: a}}"), _account("{a: b}"),
         {"rbac_narrowed": ("caution", f"metadata.annotations[{IRSA}]")}),
        (_account(f"{{{IRSA}: a}}"), _account(f"{{{IRSA}: b}}"),
         {"rbac_narrowed": ("caution", f"metadata.annotations[{IRSA}]")}),
        (_database("left", "storage: {size: 1Gi}"), _database("right", "storage: {size: 1Gi}"),
         {"data_loss": ("danger", ""), "resource_renamed": ("caution", "")}),
        (_database("left", "storage: {size: 2Gi}"), _database("left", "storage: {size: 1Gi}"),
         {"storage": ("danger", "spec.storage.size")}),
        (_database("left", "sets: [{name: a, volumeClaimTemplates: [{}]}]"),
         _database("left", "sets: [{name: b, volumeClaimTemplates: [{}]}]"),
         {"data_loss": ("danger", "spec.sets[a]")}),
        (_pod_of("labels: {azure.workload.identity/use: 'true'}"), _pod_of("labels: {a: b}"),
         {"rbac_narrowed": ("caution", "spec.template.metadata.labels[azure.workload.identity/use]")}),
        (_database("left", "volumeClaimTemplate: {spec: {}}"), "", {
            "data_loss": ("danger", ""), "resource_removed": ("caution", ""),
        }),
        (_started("args: [--appendonly, 'yes']"), _started("args: [--appendonly, 'no']"),
         {"data_loss": ("danger", "spec.template.spec.containers[a].args[1]")}),
        (_started("args: [--disable-persistence=false]"), _started("args: [--disable-persistence=true]"),
         {"data_loss": ("danger", "spec.template.spec.containers[a].args[0]")}),
        (_started("env: [{name: PERSISTENCE, value: 'true'}]"), _started("env: [{name: PERSISTENCE, value: 'false'}]"),
         {"data_loss": ("danger", "spec.template.spec.containers[a].env[PERSISTENCE].value")}),
        (_kinds("trees", rule=TREES), _kinds("trees", "groves", rule=TREES),
         {"rbac_narrowed": ("caution", ""), "resource_added": ("note", "")}),
    ],
)  # fmt: skip
def test_what_is_lost(before: str, after: str, expected: Expected) -> None:
    assert shown(paired(before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_rules("alert: A", "alert: B"), _rules("alert: B", "alert: A"), set()),
        (_rules("alert: A"), _rules("alert: A", "alert: B"), set()),
        (_rules("alert: A, expr: up == 0"), _rules("alert: A, expr: up  ==  0"), set()),
        (_rules("alert: A, expr: a", "alert: A, expr: b"), _rules("alert: A, expr: a", "alert: A, expr: c"), set()),
        (_cron("0 3 * * *"), _cron("30 4 * * *"), set()),
        (_cron("0 3 * * 0"), _cron("0 3 * * *"), set()),
        (_cron("0 3 * * *"), _cron("@daily"), set()),
        (_cron("0 3 * * *"), _cron("never"), set()),
        (_webhook("Zm9v"), _webhook("YmFy"), set()),
        (_webhook("Zm9v"), _webhook('""', INJECTED), set()),
        (_webhook("Cg=="), _webhook('""'), set()),
        (_pods("{containerPort: 443, hostPort: 443}"), _pods("{containerPort: 443}", ", hostNetwork: true"),
         {"security_loosened", "security_tightened"}),
        (_pods("{containerPort: 443}"), _pods("{containerPort: 443, protocol: TCP}"), set()),
        (_served("http", HTTP), _served("web", "{name: web, containerPort: 8080}"), {"port_removed"}),
        (_served("http", HTTP), _served("http", "{name: http, containerPort: 8081}"), {"port_removed"}),
        (_served("http", HTTP), _served("8080", HTTP), set()),
        (_account("{a: b}"), _account(f"{{{IRSA}: b}}"), set()),
        (_database("left", "storage: {size: 1Gi}"), _database("left", "storage: {size: 2Gi}"), set()),
        (_database("left", "sets: [{name: a, count: 1}]"), _database("left", "sets: [{name: b, count: 1}]"), set()),
        (_pod_of("labels: {a: b}"), _pod_of("labels: {azure.workload.identity/use: 'true'}"), set()),
        (_database("left", "storage: {class: x}"), _database("right", "storage: {class: x}"), {"resource_renamed"}),
        (_database("left", "storage: {size: 1Gi}", "example.k8s.io/v1"), "", {"resource_removed"}),
        (_started("args: [--appendonly, 'no']"), _started("args: [--appendonly, 'yes']"), set()),
        (_started("args: [--no-persist=true]"), _started("args: [--no-persist=false]"), set()),
        (_started("args: [--verbose=true]"), _started("args: [--verbose=false]"), set()),
        (_kinds("trees", rule=TREES), _kinds("trees", "groves", rule=TREES_AND_GROVES),
         {"rbac_widened", "resource_added"}),
        (_kinds("trees"), _kinds("trees", "groves"), {"resource_added"}),
        (_tested("a:1.0"), _tested("a:2.0"), set()),
    ],
)  # fmt: skip
def test_what_is_not_lost(before: str, after: str, told: set[str]) -> None:
    assert set(shown(paired(before, after))) == told


def test_a_narrower_schema_is_told_at_no_single_difference() -> None:
    schema = "{type: object, properties: {spec: {type: object, PROSE properties: {AGE}}}}"
    sides = (
        of(
            "CustomResourceDefinition",
            f"spec: {{group: a.b, versions: [{{name: v1, served: true, schema: {{openAPIV3Schema: {text}}}}}]}}",
            "apiextensions.k8s.io/v1",
        )
        for text in (
            schema.replace("PROSE", "").replace("AGE", "age: {type: integer}"),
            schema.replace("PROSE", "description: how old,").replace("AGE", "age: {type: integer, maximum: 5}"),
        )
    )
    level, address = shown(paired(*sides))["crd_narrowed"]
    assert (level, address.rpartition(".")[2]) == ("danger", "openAPIV3Schema")


def test_what_helm_never_makes_where_it_upgrades() -> None:
    before, after = _kinds("trees"), _kinds("trees", "groves")
    assert shown(paired(before, after, "web/crds/a.yaml", "web/crds/a.yaml")) == {"resource_added": ("caution", "")}


@pytest.mark.parametrize("port", ["{hostPort: [443]}", "{hostPort: {a: b}, containerPort: [1]}", "{hostPort: 1.5}"])
def test_ports_that_are_none_are_no_ports_of_a_node(port: str) -> None:
    assert "unexposed" not in shown(paired(_pods(port), _pods("{containerPort: 443}")))


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("@weekly", 52),
        ("@every 1h", 0),
        ("nothing", 0),
        ("0 3 * * *", 365),
        ("0 3 * * sun", 52),
        ("0 3 1 * *", 12),
        ("*/15 9-17 * * mon-fri", 9386),
        ("0 0 29 2 *", 1),
        ("0 3 1,15 * 0", 76),
        ("0 3 ? * *", 365),
        ("5/20 * * * *", 26280),
        ("*/00 * * * *", 0),
        (f"*/{'9' * 5000} * * * *", 0),
    ],
)
def test_how_often_a_schedule_runs(schedule: str, runs: int) -> None:
    assert runs_in_a_year(schedule) == runs
