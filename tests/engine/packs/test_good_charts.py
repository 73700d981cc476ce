"""What good public charts have, and policies told of it wrongly."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.charts.chart_values.filled_values import fillings
from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.matrix.derivations.filled_keys import AS_SHOWN, ODD, empty_keys_filled, labels_filled
from chartgate.model import AskedObject, Check, ScriptFault
from chartgate.packs.kubernetes import filled, filled_files
from chartgate.packs.kubernetes.access_and_secrets import rbac, secrets
from chartgate.packs.kubernetes.api_server import namespaces, schema
from chartgate.packs.kubernetes.healthy import pod, release, scripted
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.packs.kubernetes.install_and_upgrade import equivalence
from chartgate.packs.kubernetes.keys import templates
from chartgate.packs.kubernetes.networking import services
from chartgate.packs.kubernetes.options import common_settings, defaults, filling, leftovers, written_defaults, zeros
from chartgate.packs.kubernetes.pods_and_storage import checksums, spreading
from chartgate.packs.kubernetes.scripts_and_files import scripts
from chartgate.policy.edits import added, append, gone, of_chart, of_scenario, put
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import chart_with, failed, findings_of

_NAMING = "{apiVersion: v1, kind: Pod, metadata: {name: jobs}, spec: {serviceAccountName: jobs}}"
_BINDING = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: jobs},"
    " subjects: [{kind: ServiceAccount, name: jobs}]}"
)
_TEST = "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {helm.sh/hook: test}}, spec: {containers: []}}"
_KIND = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: a}}"


@pytest.mark.parametrize(
    ("kind", "key", "passed"),
    # A probe takes 0 for its own default, a webhook refuses it, and an autoscaler keeps a pod; a pod may end at once.
    [
        ("Pod", "timeoutSeconds", True),
        ("Pod", "periodSeconds", True),
        ("Pod", "terminationGracePeriodSeconds", False),
        ("HorizontalPodAutoscaler", "minReplicas", True),
        ("ScaledObject", "minReplicas", False),
    ],
)
def test_zero_is_none_of_some_numbers(kind: str, key: str, passed: bool) -> None:
    text = f"kind: {kind}\n{key}: {{{{ .Values.probe.{key} | default 10 }}}}"
    rendering = chart_with(zeros.HEALTHY, text=text, values={"probe": {key: 10}})
    assert bool(failed(checks_of(zeros.default_keeps_zero, [rendering]))) is not passed


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
    rendering = chart_with(HEALTHY, text=f"{{{{ {action} }}}}{end}", values={"extraArgs": {"other": {"a": 1}}})
    assert bool(failed(checks_of(templates.templates_read_known_values, [rendering]))) is not passed


@pytest.mark.parametrize(("switch", "found"), [("https", []), ("http", ["config.port"])])
def test_an_option_below_an_option_is_one(switch: str, found: list[str]) -> None:
    text = f'{{{{ if index .Values "config" "{switch}" }}}}{{{{ index .Values "config" "port" }}}}{{{{ end }}}}'
    rendering = chart_with(HEALTHY, text=text, values={"config": {"http": True}})
    checks = failed(checks_of(templates.templates_read_known_values, [rendering]))
    assert [check.path for check in checks] == found


def test_affinities_are_no_slips_of_the_hand() -> None:
    text = '{{ if hasKey .Values.affinity "podAffinity" }}{{ toYaml .Values.affinity.podAffinity }}{{ end }}'
    rendering = chart_with(HEALTHY, text=text, values={"affinity": {"nodeAffinity": {"a": 1}}})
    assert not failed(checks_of(templates.templates_read_known_values, [rendering]))


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
    rendering = chart_with(schema.HEALTHY, new, text=text)
    checks = failed(checks_of(schema.manifests_fit_their_schema, [rendering]))
    assert sorted({str(check.expected).removeprefix("fits the schema of ") for check in checks}) == found


def test_keys_are_those_between_the_conditions() -> None:
    text = "a: 1\n{{ if .Capabilities.x }}\n  b: 1\n{{ if .y }}\n- c: 2\n{{ end }}\n{{ else }}\nd: 3\n{{ end }}\ne: 4\n"
    chart = chart_with(zeros.HEALTHY, text=text).chart
    [template] = [f"{chart.name}/{path}" for path in chart.templates]
    assert calls_of(chart).for_some_clusters(template) == {"b", "c", "d"}


def test_the_selector_of_a_user_may_be_for_another_release() -> None:
    wanted = {"app": "shop", "part": "site"}
    spread = "spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels"
    rendering = chart_with(spreading.HEALTHY, put("Deployment web", spread, wanted))
    assert failed(checks_of(spreading.spreading_counts_its_own_pods, [rendering]))
    given = {"spread": [{"labelSelector": {"matchLabels": wanted}}]}
    assert not failed(
        checks_of(spreading.spreading_counts_its_own_pods, [of_scenario(overrides=given).apply(rendering)])
    )


def test_a_test_need_not_name_the_namespace() -> None:
    checks = checks_of(namespaces.all_objects_name_the_namespace_or_none, [chart_with(namespaces.NAMED, added(_TEST))])
    assert not failed(checks)


@pytest.mark.parametrize(("kind", "is_told"), [("Secret", False), ("ConfigMap", True)])
def test_an_example_that_takes_for_granted_what_other_values_make(kind: str, is_told: bool) -> None:
    shown = chart_with(release.HEALTHY)
    chart = dataclasses.replace(
        shown.chart, templates={"templates/login.yaml": f"{{{{ if .Values.a }}}}\nkind: {kind}\n"}
    )
    scenario = dataclasses.replace(shown.scenario, name=AS_SHOWN)
    check = dataclasses.replace(Check("a", "b", "c", "d", False), asked=AskedObject("Secret", "login", "default"))
    assert filled.is_of_chart(check, dataclasses.replace(shown, chart=chart, scenario=scenario), {}) is is_told


@pytest.mark.parametrize(("beside", "found"), [({}, 1), ({"create": True}, 0)])
def test_an_account_that_another_switch_makes(beside: dict[str, Any], found: int) -> None:
    account = added("{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}")
    pair = []
    for is_on in (True, False):
        one = chart_with(release.HEALTHY, account)
        values = {"serviceAccount": {"enabled": is_on, **beside}}
        changes = {} if is_on else {"serviceAccount.enabled": False}
        scenario = dataclasses.replace(one.scenario, values=values, changes=changes, is_trial=not is_on)
        pair.append(dataclasses.replace(one, scenario=scenario))
    assert len(failed(checks_of(leftovers.what_is_off_leaves_nothing_behind, pair))) == found


@pytest.mark.parametrize(("reader", "found"), [(_NAMING, 1), (_BINDING, 0)])
def test_an_account_that_only_a_binding_names_is_for_pods_of_others(reader: str, found: int) -> None:
    account = added("{apiVersion: v1, kind: ServiceAccount, metadata: {name: jobs}}")
    on, off = chart_with(release.HEALTHY, account, added(reader)), chart_with(release.HEALTHY, account)
    turned = dataclasses.replace(off.scenario, changes={"web.enabled": False}, values={"web": {"enabled": False}})
    pair = [on, dataclasses.replace(off, scenario=dataclasses.replace(turned, is_trial=True))]
    assert len(failed(checks_of(leftovers.what_is_off_leaves_nothing_behind, pair))) == found


@pytest.mark.parametrize("goes", ["ConfigMap rules", ""])
def test_rules_that_are_none_of_kubernetes(goes: str) -> None:
    role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web}}"
    rules = "{apiVersion: v1, kind: ConfigMap, metadata: {name: rules}}"
    before, after = (chart_with(release.HEALTHY, added(role), added(rules)) for _ in range(2))
    after = gone(goes, "").apply(after) if goes else after
    values = {"configs": {"rbac": {"create": True}}}, {"configs": {"rbac": {"create": False}}}
    pair = [of_scenario(values=given).apply(one) for one, given in zip((before, after), values, strict=True)]
    turned = dataclasses.replace(pair[1].scenario, changes={"configs.rbac.create": False}, is_trial=True)
    pair[1] = dataclasses.replace(pair[1], scenario=turned)
    assert bool(failed(checks_of(leftovers.what_is_off_leaves_nothing_behind, pair))) is not bool(goes)


@pytest.mark.parametrize(("second", "passed"), [("b.yaml", True), ("B.YAML", True), ("c.yaml", False)])
def test_files_may_be_in_a_config_map_and_in_a_secret(second: str, passed: bool) -> None:
    manifests = (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a.yaml: one}}\n---\n"
        f"{{apiVersion: v1, kind: Secret, metadata: {{name: b}}, stringData: {{{second}: two}}}}"
    )
    new = {"alerting": {"a.yaml": "one", "b.yaml": "two"}}
    assert [check.passed for check in filled_files.own_files(chart_with(manifests), new)] == [passed]


def test_a_test_may_go_on_after_a_failure() -> None:
    goes_on = put("Job migrate", f"{scripted.POD}.initContainers[wait].command", ["sh", "-c", "fetch /a; echo b"])
    is_test = put("Job migrate", "metadata.annotations", {"helm.sh/hook": "test"})
    assert failed(checks_of(scripts.failing_commands_fail_their_job, [chart_with(scripted.HEALTHY, goes_on)]))
    assert not failed(
        checks_of(scripts.failing_commands_fail_their_job, [chart_with(scripted.HEALTHY, goes_on, is_test)])
    )


@pytest.mark.parametrize(
    ("command", "code", "text", "found"),
    [
        (["bash", "-c", "a"], "SC1102", "", 0),
        (["sh", "-c", "a"], "SC1102", "", 1),
        (["sh", "-c", "#!/bin/sh -e"], "SC2096", "", 0),  # a comment there
        (["sh", "-c", "a"], "SC2050", "", 0),  # a template fills in what is compared
        (["sh", "-c", "a"], "SC2050", "a", 1),
        (["sh", "-c", "a=$(b > /dev/null); c $?"], "SC2328", "", 0),  # nothing reads what is lost
        (["sh", "-c", 'a=$(b > /dev/null); c "${a}"'], "SC2328", "", 1),
    ],
)
def test_what_works_whatever_shellcheck_says(command: list[str], code: str, text: str, found: int) -> None:
    rendering = chart_with(
        scripted.HEALTHY, put("Job migrate", f"{scripted.POD}.initContainers[wait].command", command)
    )
    faults = {(command[0], command[-1]): (ScriptFault(1, code, "error", "wrong"),)}
    files = {rendering.resources.one("Job", "migrate").template.partition("/")[2]: text.encode()}
    chart = dataclasses.replace(rendering.chart, files=files)
    rendering = dataclasses.replace(rendering, chart=chart, script_faults=faults)
    assert len(failed(checks_of(scripts.scripts_have_no_errors, [rendering]))) == found


_MAP = '{{ range $k, $v := .Values.NAME }}- "{{ $k }}={{ $v }}"\n{{ end }}'


@pytest.mark.parametrize(
    ("key", "is_tried"), [("appLabel", True), ("appLabelOverride", False), ("appMatchLabels", False)]
)
def test_an_override_of_a_label_is_of_selectors(key: str, is_tried: bool) -> None:
    values = {"web": {"name": "a"}}
    chart = chart_with(
        zeros.HEALTHY, text=f"{{{{ .Values.web.{key} | default .Values.web.name }}}}", values=values
    ).chart
    files = {"values.yaml": f"web:\n  # {key}: shop\n  name: a\n".encode()}
    scenario = dataclasses.replace(
        chart_with(zeros.HEALTHY).scenario, values=values, chart=dataclasses.replace(chart, files=files)
    )
    tried = {changed for case in labels_filled([scenario]) for changed in case.scenarios[1].changes}
    assert (f"web.{key}" in tried) is is_tried


_LIST = '--names={{ .Values.NAME | join "," }}'


@pytest.mark.parametrize(
    ("name", "empty", "text", "is_tried"),
    [
        ("featureGates", {}, _MAP, False),
        ("extraTags", {}, _MAP, True),
        ("names", [], _LIST, True),
        ("names", [], f"{_LIST}{{{{ range $one := .Values.NAME }}}}- {{{{ $one }}}}{{{{ end }}}}", False),
        ("names", [], f"{_LIST}{{{{ range $one := mustUniq .Values.NAME }}}}- {{{{ $one }}}}{{{{ end }}}}", False),
    ],
)
def test_odd_texts_are_tried_where_users_write_such(name: str, empty: object, text: str, is_tried: bool) -> None:
    """Maps of switches hold none, and a list that a template goes through as well holds names, not an asterisk."""
    chart = chart_with(zeros.HEALTHY, text=text.replace("NAME", name), values={name: empty}).chart
    scenario = dataclasses.replace(chart_with(zeros.HEALTHY).scenario, values={name: empty}, chart=chart)
    odd = [case.name for case in empty_keys_filled([scenario]) if ODD in case.scenarios[1].name]
    assert any(name in case for case in odd) is is_tried


def test_an_operator_reads_the_secrets_that_its_objects_name() -> None:
    reads = append("ClusterRole worker", "rules[0].resources", "secrets")
    assert not failed(checks_of(rbac.roles_are_narrow, [chart_with(rbac.HEALTHY, reads, added(_KIND))]))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{ with .Values.web.leader }}{{ .enabled | default true }}{{ end }}", "web.leader.enabled"),
        ("{{ with .Values.web }}{{ range .parts }}{{ .enabled | default true }}{{ end }}{{ end }}", ".enabled"),
    ],
)
def test_the_section_around_a_key_is_named(text: str, path: str) -> None:
    checks = checks_of(defaults.default_keeps_false, [chart_with(zeros.HEALTHY, text=text)])
    assert [check.path for check in failed(checks)] == [path]


@pytest.mark.parametrize(("least", "is_tried"), [("", False), (1, True)])
def test_of_two_empty_fields_of_a_budget_users_take_one(least: object, is_tried: bool) -> None:
    values = {"pdb": {"minAvailable": least, "maxUnavailable": ""}}
    filled_ones = dict(fillings(chart_with(zeros.HEALTHY, values=values).chart, values))
    assert ("pdb.maxUnavailable" in filled_ones.get("budgets", {})) is is_tried


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"apiGroups": ["k8s.example.com"], "resources": ["*"], "verbs": ["*"]}, 0),
        ({"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get", "list"]}, 0),
        ({"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get", "delete"]}, 1),
        ({"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}, 1),
        ({"apiGroups": ["a.k8s.io", "*"], "resources": ["a"], "verbs": ["get"]}, 1),
    ],
)
def test_a_wildcard_in_few_kinds(rule: dict[str, Any], found: int) -> None:
    rendering = chart_with(rbac.HEALTHY, append("ClusterRole worker", "rules", rule))
    assert len(failed(checks_of(rbac.roles_are_narrow, [rendering]))) == found


_COMMENTED = """
web:
  ## The certificate. Format: <namespace>/<secret_name>
  secret: ""
github:
  # the webhook's
  secret: ""
"""


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("superuserSecret: {name: of-somebody}", 0),
        ("superuser: {name: of-somebody}", 1),
        ("csi.storage.k8s.io/provisioner-secret-name: of-somebody", 0),
    ],
)
def test_a_custom_object_may_name_a_secret(spec: str, found: int) -> None:
    custom = f"{{apiVersion: a.b/v1, kind: Cluster, metadata: {{name: db}}, spec: {{{spec}}}}}"
    given = of_scenario(values={"cluster": {"superuserSecret": "of-somebody"}})
    assert len(findings_of(secrets.secret_values_stay_in_secrets, secrets.HEALTHY, added(custom), given)) == found


@pytest.mark.parametrize(("group", "found"), [("ceph.rook.io", 0), ("ceph.example.com", 1)])
def test_an_operator_makes_what_is_called_like_its_product(group: str, found: int) -> None:
    backend = "{service: {name: rook-dashboard, port: {number: 80}}}"
    route = (
        f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a}}\nspec: {{defaultBackend: {backend}}}"
    )
    custom = f"{{apiVersion: {group}/v1, kind: Store, metadata: {{name: store}}}}"
    rendering = chart_with(f"{route}\n---\n{custom}")
    assert len(failed(checks_of(services.routes_lead_to_services, [rendering]))) == found


@pytest.mark.parametrize(("image", "found"), [("storefront/web", 0), ("storefronts/web", 1)])
def test_a_password_that_is_a_word_of_other_values(image: str, found: int) -> None:
    said = put("ConfigMap settings", "data[web.conf]", "name: storefront")
    given = of_scenario(values={"password": "storefront", "image": image})
    assert len(findings_of(secrets.secret_values_stay_in_secrets, secrets.HEALTHY, said, given)) == found


@pytest.mark.parametrize("key", ["spec.size", "spec.sizes"])
def test_a_null_that_no_definition_allows_is_dropped(key: str) -> None:
    findings = findings_of(schema.manifests_fit_their_schema, schema.HEALTHY, put("Widget one", key, None))
    assert bool(findings) is key.endswith("s")  # but for a field that there is not


@pytest.mark.parametrize(("host", "found"), [("storefront-db", 0), ("db", 1)])
def test_a_password_that_the_rest_of_its_url_has_as_well(host: str, found: int) -> None:
    said = put("ConfigMap settings", "data[web.conf]", "name: storefront")
    given = of_scenario(values={"url": f"postgres://web:storefront@{host}/web"})
    assert len(findings_of(secrets.secret_values_stay_in_secrets, secrets.HEALTHY, said, given)) == found


@pytest.mark.parametrize(("is_on", "found"), [(True, 0), (False, 1)])
def test_a_checksum_may_be_behind_a_switch_of_a_subchart(is_on: bool, found: int) -> None:
    text = '{{ if .Values.sumAnnotations }}checksum/a: {{ include "a" . | sha256sum }}{{ end }}'
    rendering = chart_with(zeros.HEALTHY, text=text, values={"sumAnnotations": is_on})
    rendering = of_chart(defaults={}).apply(rendering)
    assert len(failed(checks_of(checksums.checksums_are_of_contents, [rendering]))) == found


def test_a_comment_says_that_a_secret_is_the_name_of_one() -> None:
    values = {"web": {"secret": ""}, "github": {"secret": ""}, "tls": {"secret": "", "secretNamespace": "a"}}
    chart = dataclasses.replace(
        chart_with(zeros.HEALTHY, values=values).chart, files={"values.yaml": _COMMENTED.encode()}
    )
    assert [place.keys for place in secret_places(chart, values)] == [("github", "secret")]


def test_a_part_with_a_section_of_its_own_has_other_variables() -> None:
    part = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s}, spec: {template: {spec: {%s}}}}"
    plain = "containers: [{name: web, image: 'a:1'}]"
    web = part % ("web", "containers: [{name: web, image: 'a:1', env: [{name: common-variables-x7}]}]")
    values = {"extraEnv": [], "worker": {"tolerations": []}}
    own = f"tolerations: [{{key: common-tolerations-x7, operator: Exists}}], {plain}"
    base, common, parts = (
        chart_with(f"{first}\n---\n{part % ('worker', spec)}", values=values)
        for first, spec in ((part % ("web", plain), plain), (web, plain), (web, own))
    )
    assert failed(checks_of(common_settings.common_settings_reach_every_pod, [base, common]))
    assert not failed(checks_of(common_settings.common_settings_reach_every_pod, [base, common, parts]))


def test_a_schema_is_right_where_the_template_reads_it_so() -> None:
    rendering = chart_with(zeros.HEALTHY, text="{{ .Values.tls.enable }}", values={"tls": {"enabled": True}})
    schema_of_it = {"properties": {"tls": {"properties": {"enable": {"type": "boolean"}}}}}
    for text, found in (("", 1), ("{{ .Values.tls.enable }}", 0)):
        one = of_chart(schema=schema_of_it, templates={"templates/a.yaml": text}).apply(rendering)
        assert len(failed(checks_of(written_defaults.schemas_spell_keys_as_values_do, [one]))) == found


def test_a_schedule_that_the_name_decides() -> None:
    job = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: scan}, spec: {schedule: %s, suspend: %s}}"
    for suspend, found in (("false", []), ("true", ["spec.suspend"])):
        pair = [chart_with(job % ("7 0 * * *", "false")), chart_with(job % ("43 12 * * *", suspend))]
        told = failed(checks_of(equivalence.renaming_changes_names_only, pair))
        assert [check.path for check in told] == found


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ("first-nam", "other-nam", 0),
        ("first-nam-admin", "other-nam-admin", 0),
        ("first-nam", "other-mod", 2),
        ("first--namespace--x7", "other--namespace--y8", 0),
        ("first_namespace--x7", "other_namespace--y8", 2),
    ],
)
def test_a_long_name_in_which_that_of_the_namespace_is_cut(one: str, two: str, found: int) -> None:
    role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: %s-messaging-topology-%s}}"
    pair = [chart_with(role % ("first-release-x7", one)), chart_with(role % ("other-release-y8", two))]
    assert len(failed(checks_of(equivalence.renaming_changes_names_only, pair))) == found


def test_what_is_filled_is_not_at_fault_for_an_object_that_is_called_by_chance() -> None:
    job = "{apiVersion: batch/v1, kind: Job, metadata: {name: move-%s}, spec: {parallelism: %s}}"
    before, after, worse = (
        chart_with(job % words, values={"args": []}) for words in (("a", "x"), ("b", "x"), ("c", "[]"))
    )
    for rendering, found in ((after, 0), (worse, 1)):
        scenario = dataclasses.replace(rendering.scenario, changes={"args": ["--filled"]}, is_trial=True)
        pair = [before, dataclasses.replace(rendering, scenario=scenario)]
        assert len(failed(checks_of(filling.what_is_empty_can_be_filled, pair))) == found


@pytest.mark.parametrize(("comment", "found"), [("#   pathType: Prefix", 0), ("# some paths", 1)])
def test_an_example_of_paths_is_for_older_clusters(comment: str, found: int) -> None:
    ingress = (
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [%s]}}]}}"
    )
    path = "{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}"
    before = chart_with(ingress % path, values={"web": []})
    after = chart_with(ingress % "{path: /, backend: {serviceName: a, servicePort: 80}}", values={"web": []})
    scenario = dataclasses.replace(after.scenario, name=AS_SHOWN, changes={"web": [{"path": "/"}]}, is_trial=True)
    chart = dataclasses.replace(after.chart, files={"values.yaml": comment.encode()})
    pair = [before, dataclasses.replace(after, scenario=scenario, chart=chart)]
    assert bool(failed(checks_of(filling.what_is_empty_can_be_filled, pair))) is bool(found)
