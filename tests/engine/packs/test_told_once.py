"""What has one cause is one finding: once a workload, a section, a host, a chart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.matrix.derivations.user_values import DIGITS
from chartgate.model import Declarations, Rendering
from chartgate.packs.kubernetes.access_and_secrets import rbac, secrets, security
from chartgate.packs.kubernetes.api_server import namespaces, server_warnings
from chartgate.packs.kubernetes.chart_files import template_roots
from chartgate.packs.kubernetes.healthy import pod, release
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.packs.kubernetes.install_and_upgrade import repeatability
from chartgate.packs.kubernetes.keys import templates, values
from chartgate.packs.kubernetes.networking import changed_ports, selectors
from chartgate.packs.kubernetes.options import printed_values, quoting, waiting
from chartgate.packs.kubernetes.pods_and_storage import images, references
from chartgate.policy.edits import added, append, gone, of_chart, of_scenario, put
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import chart_with, failed, findings_of

_SERVICE_AND_ROUTE = """---
apiVersion: v1
kind: Service
metadata: {{name: {0}}}
spec: {{selector: {{app: web}}, ports: [{{port: {1}, targetPort: http}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {0}}}
spec: {{defaultBackend: {{service: {{name: {0}, port: {{number: {2}}}}}}}}}
"""
_FOLDER = {"name": "logs", "hostPath": {"path": "/var/log"}}


def test_what_a_schema_refuses_is_told_once() -> None:
    values = {"leader": {"a": 1, "b": 2}}
    rendering = chart_with(HEALTHY, text="{{ .Values.leader.a }}{{ .Values.leader.b }}", values=values)
    refusing: dict[str, Any] = {"properties": {"leader": {"additionalProperties": False, "properties": {"c": {}}}}}
    found = failed(checks_of(templates.templates_read_known_values, [of_chart(schema=refusing).apply(rendering)]))
    assert [check.path for check in found] == ["leader.a", "leader.b"]
    assert len({check.cause for check in found}) == 1


def test_what_two_workloads_say_of_each_other_is_told_once() -> None:
    rendering = chart_with(release.HEALTHY, added(selectors.WITH_THE_LABELS_OF_WEB))
    found = failed(checks_of(selectors.workloads_share_no_pods, [rendering]))
    assert len(found) == 2
    assert len({check.cause for check in found}) == 1


@pytest.mark.parametrize(("is_there", "causes"), [(False, 1), (True, 2)])
def test_an_object_that_is_not_there_is_told_once_for_all_of_its_keys(is_there: bool, causes: int) -> None:
    def read(name: str) -> Any:
        variable = {"name": name, "valueFrom": {"secretKeyRef": {"name": "login", "key": name}}}
        return append("Deployment web", f"{pod.POD}.containers[web].env", variable)

    empty = [added("apiVersion: v1\nkind: Secret\nmetadata: {name: login}\ndata: {}\n")] * is_there
    env = put("Deployment web", f"{pod.POD}.containers[web].env", [])
    rendering = chart_with(pod.HEALTHY, env, read("user"), read("password"), *empty)
    found = failed(checks_of(references.environment_sources_are_there, [rendering]))
    assert len(found) == 2
    assert len({check.cause for check in found}) == causes


def test_the_halves_of_a_credential_are_told_once() -> None:
    given = {
        "s3": {"access_key": "of-somebody-here", "secretAccessKey": "known-to-nobody", "password": "another-one-yet"}
    }
    texts = put("ConfigMap settings", "data[s3.conf]", " ".join(given["s3"].values()))
    found = findings_of(secrets.secret_values_stay_in_secrets, secrets.HEALTHY, texts, of_scenario(values=given))
    assert sorted({str(check.cause) for check in found}) == ["no s3 in settings", "no s3.password in settings"]
    assert len(found) == 3


def test_a_list_that_each_part_prints_is_told_once() -> None:
    text = "a: {{ .Values.web.ranges }}\nb: {{ .Values.job.ranges }}\nc: {{ .Values.job.hosts }}"
    rendering = chart_with(
        quoting.HEALTHY, text=text, values={"web": {"ranges": []}, "job": {"ranges": [], "hosts": []}}
    )
    found = failed(checks_of(printed_values.templates_print_no_list_or_map, [rendering]))
    assert (len(found), len({check.cause for check in found})) == (3, 2)


@pytest.mark.parametrize("first", ["ConfigMap there", "ConfigMap here"])
def test_a_namespace_that_is_not_there_is_told_once(first: str) -> None:
    rendering = chart_with(namespaces.HEALTHY, put(first, "metadata.namespace", "databases"))
    found = failed(checks_of(namespaces.namespaces_are_there, [rendering]))
    assert [check.cause for check in found] == ["namespace databases"]


@pytest.mark.parametrize(("version", "found"), [("0.0.0", 0), ("1.0.0", 1)])
def test_the_tag_of_a_chart_that_is_yet_to_be_built(version: str, found: int) -> None:
    latest = put("Deployment web", f"{pod.WEB}.image", "example.com/shop/web:latest")
    of_version = of_chart(version=version, metadata={"appVersion": "latest"})
    assert len(failed(checks_of(images.images_are_pinned, [chart_with(pod.HEALTHY, latest, of_version)]))) == found


def test_images_without_a_tag_are_told_once_each() -> None:
    both = [put("Deployment web", f"{place}.image", "example.com/shop/tools") for place in (pod.WEB, pod.PREPARE)]
    for edits in (both, both[:1]):
        found = failed(checks_of(images.images_are_pinned, [chart_with(pod.HEALTHY, *edits)]))
        assert [check.cause for check in found] == ["example.com/shop/tools"] * len(edits)


def test_what_a_pod_needs_of_its_node_is_told_once_a_workload() -> None:
    needs = [append("Deployment web", f"{pod.POD}.volumes", {**_FOLDER, "name": name}) for name in ("logs", "more")]
    needs += [put("Deployment web", f"{pod.POD}.hostNetwork", True)]
    # Whoever accepts this has not accepted that the pod is privileged as well.
    needs += [put("Deployment web", f"{pod.WEB}.securityContext.privileged", True)]
    found = failed(checks_of(security.pods_fit_the_demanded_security_level, [chart_with(pod.HEALTHY, *needs)]))
    causes = [(check.path.rpartition(".")[2], check.cause) for check in found]
    assert causes == [
        ("hostNetwork", "web: what its node has"),
        ("privileged", "web: what containers do not need"),
        *[("hostPath", "web: what its node has")] * 2,
    ]


def test_a_label_that_nodes_had_is_told_once() -> None:
    old = put("Deployment web", f"{pod.POD}.nodeSelector", {"beta.kubernetes.io/os": "linux"})
    other = added("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: other}\nspec: {template: {spec: {}}}")
    there = put("Deployment other", f"{pod.POD}.nodeSelector", {"beta.kubernetes.io/os": "linux"})
    rendering = chart_with(pod.HEALTHY, old, other, there)
    found = failed(checks_of(server_warnings.the_api_server_warns_of_nothing, [rendering]))
    assert [check.cause for check in found] == ["beta.kubernetes.io/os, which is kubernetes.io/os now"] * 2


def test_an_expression_that_is_copied_is_told_once() -> None:
    text = (
        "{{{{ range .Values.{0}.more }}}}{{{{ tpl (default $.Values.{0}.relabelings .own | toYaml) . }}}}{{{{ end }}}}"
    )
    chart = dataclasses.replace(
        chart_with(HEALTHY).chart,
        templates={f"templates/{name}.yaml": text.format(name) for name in ("web", "shop")},
    )
    rendering = dataclasses.replace(chart_with(HEALTHY), chart=chart)
    found = failed(checks_of(template_roots.values_are_read_from_their_root, [rendering]))
    assert [check.cause for check in found] == ["tpl (default $.Values .own | toYaml) ."] * 2


WIDE = "roles that are wide"


def test_what_is_made_anew_each_time_is_told_once() -> None:
    def made(letter: str) -> Rendering:
        ca = f"-----BEGIN CERTIFICATE-----{letter}"
        secrets = [
            f"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{ca: '{ca}'}}}}" for name in "ab"
        ]
        return chart_with(repeatability.HEALTHY, *(added(secret) for secret in secrets))

    found = failed(checks_of(repeatability.same_input_gives_the_same_output, [made("x"), made("y")]))
    assert [check.cause for check in found] == ["a certificate or key made anew each time"] * 2


@pytest.mark.parametrize(
    ("rights", "causes"),
    [
        ([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}], {WIDE}),
        ([{"apiGroups": [""], "resources": ["*"], "verbs": ["list"]}], {WIDE}),
        (
            [
                {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]},
                {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]},
            ],
            {WIDE, "roles that give themselves more"},
        ),
    ],
)
def test_wide_rights_are_told_once(rights: list[object], causes: set[str]) -> None:
    rendering = chart_with(rbac.HEALTHY, put("ClusterRole worker", "rules", rights))
    assert {check.cause for check in failed(checks_of(rbac.roles_are_narrow, [rendering]))} == causes


def test_wildcards_beside_all_rights_are_not_told_again() -> None:
    anything = put("Role worker", "rules[0].verbs", ["*"])
    admin = put("ClusterRoleBinding worker", "roleRef.name", "cluster-admin")
    assert not failed(checks_of(rbac.roles_are_narrow, [chart_with(rbac.HEALTHY, anything, admin)]))


def test_what_a_node_needs_is_told_by_its_own_policy_alone() -> None:
    lax = gone("Deployment web", f"{pod.POD}.securityContext.runAsNonRoot")
    needs_the_node = append("Deployment web", f"{pod.POD}.volumes", _FOLDER)
    assert failed(checks_of(security.pods_fit_the_next_security_level, [chart_with(pod.HEALTHY, lax)]))
    assert not failed(
        checks_of(security.pods_fit_the_next_security_level, [chart_with(pod.HEALTHY, lax, needs_the_node)])
    )


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("spec.template.spec.containers[web].env[A].value", "variables"),
        ("spec.template.spec.containers[web].args", "arguments"),
        ("metadata.labels[app.kubernetes.io/version]", "labels"),
    ],
)
def test_texts_without_quotes_are_told_once(path: str, cause: str) -> None:
    given = [int(DIGITS)] if path.endswith("args") else int(DIGITS)
    digits = put("Deployment web", path, given).apply(chart_with(quoting.HEALTHY))
    changes = dataclasses.replace(digits.scenario, changes={"text": DIGITS})
    pair = [chart_with(quoting.HEALTHY), dataclasses.replace(digits, scenario=changes)]
    assert [check.cause for check in failed(checks_of(quoting.texts_of_digits_stay_texts, pair))] == [cause]


@pytest.mark.parametrize(("name", "found"), [("MOUNT_IMAGE", 0), ("http_proxy", 0), ("IMAGE_TAG", 1)])
def test_some_variables_are_no_number(name: str, found: int) -> None:
    env = [{"name": name, "value": int(DIGITS)}]
    digits = put("Deployment web", "spec.template.spec.containers[web].env", env).apply(chart_with(quoting.HEALTHY))
    assert len(failed(checks_of(quoting.texts_of_digits_stay_texts, [digits, digits]))) == found


def test_settings_under_one_condition_are_told_once() -> None:
    text = "{{ if .Values.initContainers }}{{ toYaml .Values.tolerations }}{{ toYaml .Values.nodeSelector }}{{ end }}"
    values: dict[str, Any] = {"initContainers": [], "tolerations": [], "nodeSelector": {}}
    [check] = failed(checks_of(waiting.settings_wait_for_no_other, [chart_with(HEALTHY, text=text, values=values)]))
    assert check.path == "tolerations"
    assert check.actual.endswith("reads it only where initContainers is set, and so nodeSelector")


@pytest.mark.parametrize(("read", "unread"), [("PullPolicy", []), ("tag", ["image.pullPolicy"])])
def test_a_key_that_is_read_by_nearly_its_name_is_told_once(read: str, unread: list[str]) -> None:
    by_convention, given = of_scenario(declared=Declarations(is_conventional=True)), {"pullPolicy": "Always", "tag": 1}
    text = f"{{{{ .Values.image.{read} }}}}"
    rendering = chart_with(HEALTHY, by_convention, text=text, values={"image": given})
    found = failed(checks_of(values.keys_are_named_in_templates, [rendering]))
    assert [check.path for check in found if check.path != "image.tag"] == unread


def test_keys_of_one_section_are_told_once() -> None:
    rendering = chart_with(HEALTHY, text="{{ .Values.web.a }}{{ .Values.web.b }}{{ .Values.c }}", values={"web": {}})
    rendering = of_chart(own_values={"web": {"z": 1}}, defaults={"web": {"z": 1}}).apply(rendering)
    found = failed(checks_of(templates.templates_read_known_values, [rendering]))
    assert [(check.path, check.cause) for check in found] == [
        ("web.a", "web"),
        ("web.b", "web"),
        ("c", "sections of values.yaml"),
    ]


@pytest.mark.parametrize(("second", "causes"), [("web-1", 1), ("api", 2)])
def test_a_port_that_the_routes_of_all_replicas_miss_is_told_once(second: str, causes: int) -> None:
    def rendered(*ports: int) -> Rendering:
        of_each = "".join(_SERVICE_AND_ROUTE.format(name, *ports) for name in ("web-0", second))
        return chart_with(pod.HEALTHY, *map(added, of_each.split("---")[1:]))

    found = failed(
        checks_of(changed_ports.changed_ports_reach_all_that_ask, [rendered(80, 80), rendered(21001, 21008)])
    )
    assert len(found) == 2
    assert len({check.cause for check in found}) == causes
