"""What good public charts have, and policies told of it wrongly, or several times."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest

from chartgate.charts.chart_values.filled_values import fillings
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.matrix.derivations.filled_keys import ODD, empty_keys_filled
from chartgate.matrix.derivations.user_values import DIGITS
from chartgate.model import Check, Rendering
from chartgate.packs.kubernetes import filled
from chartgate.packs.kubernetes.access_and_secrets import host_access, rbac, security
from chartgate.packs.kubernetes.api_server import namespaces, schema
from chartgate.packs.kubernetes.healthy import pod, release, scripted
from chartgate.packs.kubernetes.keys import templates
from chartgate.packs.kubernetes.networking import selectors, stateful_sets
from chartgate.packs.kubernetes.options import defaults, leftovers, quoting, zeros
from chartgate.packs.kubernetes.pods_and_storage import spreading
from chartgate.packs.kubernetes.scripts_and_files import scripts
from chartgate.policy.edits import Edit, added, append, gone, put
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

_TEST = "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {helm.sh/hook: test}}, spec: {containers: []}}"
_FOLDER = {"name": "logs", "hostPath": {"path": "/var/log"}}


def _with(manifests: str, *edits: Edit, text: str = "", values: dict[str, Any] | None = None) -> Rendering:
    """Give a rendering of a chart with this template and these values."""
    rendering = literal_rendering(manifests)
    for edit in edits:
        rendering = edit.apply(rendering)
    template = next(iter(rendering.resources)).template.partition("/")[2]
    own = values or {}
    chart = dataclasses.replace(rendering.chart, templates={template: text}, own_values=own, defaults=own)
    return dataclasses.replace(rendering, chart=chart)


def _found(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if not check.passed]


@pytest.mark.parametrize(
    ("key", "passed"),
    # A probe takes 0 for its own default, a webhook refuses it; a pod may end at once.
    [("timeoutSeconds", True), ("periodSeconds", True), ("terminationGracePeriodSeconds", False)],
)
def test_zero_is_none_for_a_probe(key: str, passed: bool) -> None:
    text = f"{key}: {{{{ .Values.probe.{key} | default 10 }}}}"
    rendering = _with(zeros.HEALTHY, text=text, values={"probe": {key: 10}})
    assert bool(_found(checks_of(zeros.default_keeps_zero, [rendering]))) is not passed


@pytest.mark.parametrize(
    ("action", "passed"),
    [
        ("range $k, $v := .Values.extraArgs.web", True),
        ("with .Values.extraArgs.web", True),
        (".Values.args.web", False),
    ],
)
def test_what_a_template_goes_through_is_an_option(action: str, passed: bool) -> None:
    end = "" if action.startswith(".") else "{{ end }}"
    rendering = _with(templates.HEALTHY, text=f"{{{{ {action} }}}}{end}", values={"extraArgs": {"other": {"a": 1}}})
    assert bool(_found(checks_of(templates.templates_read_known_values, [rendering]))) is not passed


def test_affinities_are_no_slips_of_the_hand() -> None:
    text = '{{ if hasKey .Values.affinity "podAffinity" }}{{ toYaml .Values.affinity.podAffinity }}{{ end }}'
    rendering = _with(templates.HEALTHY, text=text, values={"affinity": {"nodeAffinity": {"a": 1}}})
    assert not _found(checks_of(templates.templates_read_known_values, [rendering]))


def test_what_a_schema_refuses_is_told_once() -> None:
    values = {"leader": {"a": 1, "b": 2}}
    rendering = _with(templates.HEALTHY, text="{{ .Values.leader.a }}{{ .Values.leader.b }}", values=values)
    refusing: dict[str, Any] = {"properties": {"leader": {"additionalProperties": False, "properties": {"c": {}}}}}
    chart = dataclasses.replace(rendering.chart, schema=refusing)
    found = _found(checks_of(templates.templates_read_known_values, [dataclasses.replace(rendering, chart=chart)]))
    assert [check.path for check in found] == ["leader.a", "leader.b"]
    assert len({check.cause for check in found}) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind: Deployment", ["Kubernetes 1.30"]),
        ('{{ if semverCompare ">=1.34-0" .Capabilities.KubeVersion.Version }}\nrestartPolicyRules: []\n{{ end }}', []),
        (
            "{{ if .Capabilities.APIVersions.Has `a/v1` }}\nother: 1\n{{ end }}\n",
            ["Kubernetes 1.30"],
        ),
    ],
    ids=["for all", "for newer ones", "another one for newer ones"],
)
def test_a_field_is_for_newer_clusters(text: str, found: list[str]) -> None:
    new = put("Deployment web", f"{pod.WEB}.restartPolicyRules", [{"action": "Restart"}])
    rendering = _with(schema.HEALTHY, new, text=text)
    checks = _found(checks_of(schema.manifests_fit_their_schema, [rendering]))
    assert sorted({str(check.expected).removeprefix("fits the schema of ") for check in checks}) == found


def test_keys_are_those_between_the_conditions() -> None:
    text = "a: 1\n{{ if .Capabilities.x }}\n  b: 1\n{{ if .y }}\n- c: 2\n{{ end }}\n{{ else }}\nd: 3\n{{ end }}\ne: 4\n"
    chart = _with(zeros.HEALTHY, text=text).chart
    [template] = [f"{chart.name}/{path}" for path in chart.templates]
    assert calls_of(chart).for_some_clusters(template) == {"b", "c", "d"}


def test_the_selector_of_a_user_may_be_for_another_release() -> None:
    wanted = {"app": "shop", "part": "site"}
    spread = "spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels"
    rendering = _with(spreading.HEALTHY, put("Deployment web", spread, wanted))
    assert _found(checks_of(spreading.spreading_counts_its_own_pods, [rendering]))
    given = {"spread": [{"labelSelector": {"matchLabels": wanted}}]}
    theirs = dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, overrides=given))
    assert not _found(checks_of(spreading.spreading_counts_its_own_pods, [theirs]))


def test_a_test_need_not_name_the_namespace() -> None:
    checks = checks_of(namespaces.all_objects_name_the_namespace_or_none, [_with(namespaces.NAMED, added(_TEST))])
    assert not _found(checks)


@pytest.mark.parametrize("goes", ["ConfigMap rules", ""])
def test_rules_that_are_none_of_kubernetes(goes: str) -> None:
    role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web}}"
    rules = "{apiVersion: v1, kind: ConfigMap, metadata: {name: rules}}"
    before, after = (_with(release.HEALTHY, added(role), added(rules)) for _ in range(2))
    after = gone(goes, "").apply(after) if goes else after
    values = {"configs": {"rbac": {"create": True}}}, {"configs": {"rbac": {"create": False}}}
    pair = [
        dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, values=given))
        for rendering, given in zip((before, after), values, strict=True)
    ]
    turned = dataclasses.replace(pair[1].scenario, changes={"configs.rbac.create": False}, is_trial=True)
    pair[1] = dataclasses.replace(pair[1], scenario=turned)
    assert bool(_found(checks_of(leftovers.what_is_off_leaves_nothing_behind, pair))) is not bool(goes)


@pytest.mark.parametrize(("selects", "severity"), [({"app": "data"}, None), ({"app": "other"}, "warning")])
def test_nobody_calls_the_pods_of_a_stateful_set(selects: dict[str, str], severity: str | None) -> None:
    edits = [
        put("StatefulSet data", "spec.serviceName", "data-headless"),
        put("Service data", "spec.selector", selects),
    ]
    checks = _found(checks_of(stateful_sets.stateful_sets_have_their_service, [_with(release.HEALTHY, *edits)]))
    assert [check.severity for check in checks] == [severity]


def test_what_two_workloads_say_of_each_other_is_told_once() -> None:
    rendering = _with(release.HEALTHY, added(selectors.WITH_THE_LABELS_OF_WEB))
    found = _found(checks_of(selectors.workloads_share_no_pods, [rendering]))
    assert len(found) == 2
    assert len({check.cause for check in found}) == 1


def test_the_folders_of_a_node_are_told_once_a_workload() -> None:
    volumes = [append("Deployment web", f"{pod.POD}.volumes", {**_FOLDER, "name": name}) for name in ("logs", "more")]
    found = _found(checks_of(host_access.volumes_are_of_restricted_types, [_with(pod.HEALTHY, *volumes)]))
    assert len(found) == 2
    assert len({check.cause for check in found}) == 1


@pytest.mark.parametrize(("second", "passed"), [("b.yaml", True), ("c.yaml", False)])
def test_files_may_be_in_a_config_map_and_in_a_secret(second: str, passed: bool) -> None:
    manifests = (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a.yaml: one}}\n---\n"
        f"{{apiVersion: v1, kind: Secret, metadata: {{name: b}}, stringData: {{{second}: two}}}}"
    )
    new = {"alerting": {"a.yaml": "one", "b.yaml": "two"}}
    assert [check.passed for check in filled.own_files(_with(manifests), new)] == [passed]


@pytest.mark.parametrize(("what", "found"), [("secrets", 1), ("*", 0)])
def test_who_may_read_all_is_told_once(what: str, found: int) -> None:
    rendering = _with(rbac.HEALTHY, append("ClusterRole worker", "rules[0].resources", what))
    assert len(_found(checks_of(rbac.secrets_are_not_read_cluster_wide, [rendering]))) == found
    assert len(_found(checks_of(rbac.roles_name_what_they_allow, [rendering]))) == 1 - found


@pytest.mark.parametrize(
    ("address", "passed"),
    [("metadata.labels[app.kubernetes.io/managed-by]", True), ("metadata.labels[app.kubernetes.io/version]", False)],
)
def test_nobody_is_called_by_digits(address: str, passed: bool) -> None:
    before = _with(quoting.HEALTHY)
    digits = put("Deployment web", address, int(DIGITS)).apply(_with(quoting.HEALTHY))
    changes = dataclasses.replace(digits.scenario, changes={"text": DIGITS})
    pair = [before, dataclasses.replace(digits, scenario=changes)]
    assert bool(_found(checks_of(quoting.texts_of_digits_stay_texts, pair))) is not passed


def test_a_test_may_go_on_after_a_failure() -> None:
    goes_on = put("Job migrate", f"{scripted.POD}.initContainers[wait].command", ["sh", "-c", "fetch /a; echo b"])
    is_test = put("Job migrate", "metadata.annotations", {"helm.sh/hook": "test"})
    assert _found(checks_of(scripts.failing_commands_fail_their_job, [_with(scripted.HEALTHY, goes_on)]))
    assert not _found(checks_of(scripts.failing_commands_fail_their_job, [_with(scripted.HEALTHY, goes_on, is_test)]))


@pytest.mark.parametrize(("name", "is_tried"), [("featureGates", False), ("extraTags", True)])
def test_a_map_of_switches_holds_no_texts(name: str, is_tried: bool) -> None:
    text = f'{{{{ range $k, $v := .Values.{name} }}}}- "{{{{ $k }}}}={{{{ $v }}}}"\n{{{{ end }}}}'
    chart = _with(zeros.HEALTHY, text=text, values={name: {}}).chart
    scenario = dataclasses.replace(_with(zeros.HEALTHY).scenario, values={name: {}}, chart=chart)
    odd = [case.name for case in empty_keys_filled([scenario]) if ODD in case.scenarios[1].name]
    assert any(name in case for case in odd) is is_tried


def test_an_operator_reads_the_secrets_that_its_objects_name() -> None:
    reads = append("ClusterRole worker", "rules[0].resources", "secrets")
    kind = (
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: a}}"
    )
    assert not _found(checks_of(rbac.secrets_are_not_read_cluster_wide, [_with(rbac.HEALTHY, reads, added(kind))]))


def test_what_a_node_needs_is_told_by_its_own_policy_alone() -> None:
    lax = gone("Deployment web", f"{pod.POD}.securityContext.runAsNonRoot")
    needs_the_node = append("Deployment web", f"{pod.POD}.volumes", _FOLDER)
    assert _found(checks_of(security.pods_fit_the_next_security_level, [_with(pod.HEALTHY, lax)]))
    assert not _found(checks_of(security.pods_fit_the_next_security_level, [_with(pod.HEALTHY, lax, needs_the_node)]))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{ with .Values.web.leader }}{{ .enabled | default true }}{{ end }}", "web.leader.enabled"),
        ("{{ with .Values.web }}{{ range .parts }}{{ .enabled | default true }}{{ end }}{{ end }}", ".enabled"),
    ],
)
def test_the_section_around_a_key_is_named(text: str, path: str) -> None:
    checks = checks_of(defaults.default_keeps_false, [_with(zeros.HEALTHY, text=text)])
    assert [check.path for check in _found(checks)] == [path]


@pytest.mark.parametrize(("least", "is_tried"), [("", False), (1, True)])
def test_of_two_empty_fields_of_a_budget_users_take_one(least: object, is_tried: bool) -> None:
    values = {"pdb": {"minAvailable": least, "maxUnavailable": ""}}
    filled_ones = dict(fillings(_with(zeros.HEALTHY, values=values).chart, values))
    assert ("pdb.maxUnavailable" in filled_ones.get("budgets", {})) is is_tried


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("spec.template.spec.containers[web].env[A].value", "variables"),
        ("metadata.labels[app.kubernetes.io/version]", "labels[app.kubernetes.io/version]"),
    ],
)
def test_texts_without_quotes_are_told_once(path: str, cause: str) -> None:
    digits = put("Deployment web", path, int(DIGITS)).apply(_with(quoting.HEALTHY))
    changes = dataclasses.replace(digits.scenario, changes={"text": DIGITS})
    pair = [_with(quoting.HEALTHY), dataclasses.replace(digits, scenario=changes)]
    assert [check.cause for check in _found(checks_of(quoting.texts_of_digits_stay_texts, pair))] == [cause]


def test_keys_of_one_section_are_told_once() -> None:
    rendering = _with(
        templates.HEALTHY, text="{{ .Values.web.a }}{{ .Values.web.b }}{{ .Values.c }}", values={"web": {}}
    )
    chart = dataclasses.replace(rendering.chart, own_values={"web": {"z": 1}}, defaults={"web": {"z": 1}})
    found = _found(checks_of(templates.templates_read_known_values, [dataclasses.replace(rendering, chart=chart)]))
    assert [(check.path, check.cause) for check in found] == [("web.a", "web"), ("web.b", "web"), ("c", "")]
