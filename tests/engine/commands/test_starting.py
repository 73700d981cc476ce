"""What a starting matrix is made of: helm's words, the keys that it asks for, names, where chartgate is from."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.policy.proofs import literal_rendering
from chartgate.starting.asked_keys import asked_keys
from chartgate.starting.first_policy import identifier
from chartgate.starting.found_switches import why_left_out
from chartgate.starting.start import word, words
from chartgate.starting.trials import Effect, words_of_helm
from chartgate.system.installation import address_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            "Error: execution error at (web/templates/secret.yaml:2:9): password is required\n\n"
            "Use --debug flag to render out invalid YAML",
            "password is required (web/templates/secret.yaml:2)",
        ),
        (
            'Error: web/templates/role.yaml:30:14\n  executing "web/templates/role.yaml" at <.Values.a.enabled>:\n'
            "    nil pointer evaluating interface {}.enabled\n\nUse --debug flag to render out invalid YAML",
            "nil pointer evaluating interface {}.enabled (web/templates/role.yaml:30)",
        ),
        (
            'Error: template: web/templates/a.yaml:3:4: executing "web/templates/a.yaml" at <include "web.b" .>: error'
            ' calling include: template: web/templates/_b.tpl:7:2: executing "web.b" at <fail "no">: error calling'
            " fail: b is not for us",
            "b is not for us (web/templates/_b.tpl:7)",
        ),
        (
            "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n"
            "- at '/provider': got number, want string\n",
            "at '/provider': got number, want string",
        ),
        ("helm rendered no resource at all", "helm rendered no resource at all"),
        ("x" * 500, "x" * 160 + "..."),
        ("", ""),
    ],
)
def test_the_words_of_helm_in_a_line(error: str, said: str) -> None:
    assert words_of_helm(error) == said


VALUES: dict[str, Any] = {
    "autoscaling": {"enabled": True, "maxReplicas": None},
    "other": {"maxReplicas": 3},
    "otlp": {"logs": False, "on": True},
    "db": {"host": "", "path": "", "user": "me", "tags": []},
}
READ = ["autoscaling.enabled", "autoscaling.maxReplicas", "other.maxReplicas", "otlp.logs", "otlp.on"]
READ += ["db.host", "db.path", "db.user", "db.tags", "hub.enabled", "hub.token"]


@pytest.mark.parametrize(
    ("message", "address", "asked"),
    [
        ("maxReplicas is required on HPA", "autoscaling.enabled", {"autoscaling.maxReplicas": 5}),
        ("logs are an experiment and need otlp.logs=true.", "db.on", {"otlp.logs": True}),
        ("set .Values.hub.enabled and .Values.hub.token", "a.b", {"hub.enabled": True, "hub.token": "example"}),
        ("needs db.host and db.path", "a.b", {"db.host": "example.com", "db.path": "/example"}),
        ("db.user and db.tags are wrong", "a.b", {}),
        ("autoscaling.enabled is not for you", "autoscaling.enabled", {}),
        ("maxReplicas is required", "enabled", {}),
        ("no", "autoscaling.enabled", {}),
    ],
)
def test_the_keys_that_a_message_asks_for(message: str, address: str, asked: dict[str, Any]) -> None:
    assert asked_keys(message, address, VALUES, READ) == asked


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("serviceMonitor.enabled", "service_monitor"),
        ("rbac.create", "rbac"),
        ("rbac.pspEnabled", "rbac_psp_enabled"),
        ("enabled", "enabled"),
        ("a[b.c/d].enabled", "a_b_c_d"),
        ("taken.enabled", "taken_2"),
        ("off.enabled", "off_2"),
        ("---", "value"),
    ],
)
def test_the_name_of_a_toggle(address: str, name: str) -> None:
    assert word(address, ["taken"]) == name


def test_the_names_of_texts_are_different_ones() -> None:
    assert words(["ClusterIP", "cluster-ip", "OFF", ""]) == ["cluster_ip", "cluster_ip_2", "off_2", "value"]


@pytest.mark.parametrize(
    ("name", "found"), [("ingress-nginx", "ingress_nginx"), ("7zip", "chart_7zip"), ("import", "chart_import")]
)
def test_the_name_of_a_chart_in_python(name: str, found: str) -> None:
    assert identifier(name) == found


@pytest.mark.parametrize(
    ("direct", "address"),
    [
        (
            {"url": "https://example.com/c.git", "vcs_info": {"vcs": "git", "commit_id": "0a1b"}},
            "chartgate @ git+https://example.com/c.git@0a1b",
        ),
        ({"url": "https://example.com/c.whl", "archive_info": {}}, "chartgate @ https://example.com/c.whl"),
        ({"url": "file:///home/me/c.whl", "archive_info": {}}, ""),
        ({"url": "file:///home/me/c", "dir_info": {"editable": True}}, ""),
        ({}, ""),
    ],
)
def test_what_another_machine_can_install_from(direct: dict[str, object], address: str) -> None:
    assert address_of(direct) == address


@pytest.mark.parametrize(
    ("runs_as", "left_out"),
    [("web", "users bring ServiceAccount web then; in a scenario of your own, declare it under `external`"), ("", "")],
)
def test_what_users_bring_is_no_scenario(runs_as: str, left_out: str) -> None:
    account = literal_rendering("{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}").resources
    spec = f"{{serviceAccountName: '{runs_as}', containers: []}}"
    pod = literal_rendering(f"{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {spec}}}")
    assert why_left_out(Effect(removed=tuple(account)), pod) == left_out


@pytest.mark.parametrize(
    ("kind", "spec", "left_out"),
    [
        ("policy/v1beta1, kind: PodSecurityPolicy", "{}", "which no Kubernetes of today has"),
        ("monitoring.coreos.com/v1, kind: ServiceMonitor", "{}", ""),
        ("policy/v1, kind: PodDisruptionBudget", "{minAvailable: 1}", ""),
        ("policy/v1, kind: PodDisruptionBudget", "{minAvailable: null}", "minAvailable or maxUnavailable, too"),
        ("networking.k8s.io/v1, kind: Ingress", "{defaultBackend: {service: {name: web}}}", ""),
        ("networking.k8s.io/v1, kind: Ingress", "{rules: [{http: {paths: [{path: /}]}}]}", ""),
        ("networking.k8s.io/v1, kind: Ingress", "{rules: null}", "who turns it on gives hosts and paths, too"),
        ("networking.k8s.io/v1, kind: Ingress", "{rules: [{http: {paths: null}}]}", "gives hosts and paths, too"),
    ],
)
def test_what_lacks_something_or_no_cluster_has_is_no_scenario(kind: str, spec: str, left_out: str) -> None:
    made = literal_rendering(f"{{apiVersion: {kind}, metadata: {{name: web}}, spec: {spec}}}")
    said = why_left_out(Effect(added=tuple(made.resources)), made)
    assert (left_out in said, bool(said)) == (True, bool(left_out))
