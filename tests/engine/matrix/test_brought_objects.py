"""What whoever sets a value brings along: the file behind a path, the role that a switch uses, is nothing to blame."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.brought_objects import with_brought_objects
from chartgate.packs.kubernetes.access_and_secrets.secrets import secret_values_stay_in_secrets
from chartgate.packs.kubernetes.options.switches import turned_switches_leave_it_whole
from chartgate.packs.kubernetes.options.zeros import default_keeps_zero
from chartgate.packs.kubernetes.pods_and_storage.existing_objects import existing_objects_are_what_is_read
from chartgate.packs.kubernetes.pods_and_storage.references import claims_are_there, environment_sources_are_there
from chartgate.policy.proofs import literal_rendering
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in
from tests.engine.toys import chart_from

_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {key: {{ .Values.git.signingKey | quote }}}\n"
_BINDING = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {template: {spec: {containers: [{name: web}]}}}\n"
    "{{ if .Values.%s }}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"
    "metadata: {name: web}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}\n"
    "subjects: [{kind: ServiceAccount, name: default, namespace: default}]\n{{ end }}\n"
)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("git:\n  # -- Path to the key in the container\n  signingKey: ''\n", []),
        ("git:\n  signingKey: ''  # The file name of the key\n", []),
        ("git:\n  # The key, not its path\n  signingKey: ''\n", ["data.key"]),
        ("git:\n  # -- Path to something else\n  other: ''\n  signingKey: ''\n", ["data.key"]),
    ],
)
def test_a_key_that_takes_a_path_holds_no_secret(values: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    findings = findings_in(
        secret_values_stay_in_secrets, {"templates/all.yaml": _CONFIG, "values.yaml": values}, tmp_path, tools
    )
    assert [finding.path for finding in findings] == found


@pytest.mark.parametrize(
    ("keys", "is_one"),
    [
        (("existingSecret",), True),
        (("auth", "tlsExistingSecretName"), True),
        (("auth", "secretRef", "name"), True),
        (("existingClaim", "name"), True),
        (("auth", "existingSecretKey"), False),
        (("secretRef", "key"), False),
        (("secret", "name"), False),
        (("name",), False),
    ],
)
def test_which_keys_name_what_is_there_already(keys: tuple[str, ...], is_one: bool, tmp_path: Path) -> None:
    values: Any = ""
    for key in reversed(keys):
        values = {key: values}
    chart = chart_from(tmp_path / "toy", {"values.yaml": json.dumps(values)})
    pairs = with_brought_objects(conventional_matrix(chart).rendering)
    assert [list(after.changes) for _, after in pairs] == ([[".".join(keys)]] if is_one else [])


_CLAIMED = (
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: web}}\nspec:\n"
    "  {{{{ if not .Values.existingClaim }}}}\n"
    "  volumeClaimTemplates: [{{metadata: {{name: data}}}}]\n  {{{{ end }}}}\n"
    "  template:\n    spec:\n      containers: [{{name: web, volumeMounts: [{{name: data, mountPath: /data}}]}}]\n"
    "      {{{{ if .Values.existingClaim }}}}\n      volumes: [{{name: data, {volume}}}]\n      {{{{ end }}}}\n"
)
_BELOW = _CLAIMED.replace(".existingClaim", ".data.existingClaim")
_READ = (
    "apiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\nstringData: {{password: p, user: u}}\n---\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: web\n    env:\n    - name: A\n"
    '      valueFrom: {{secretKeyRef: {{key: password, name: {{{{ .Values.existingSecret | default "web" }}}}}}}}\n'
    "    - name: B\n      valueFrom: {{secretKeyRef: {{name: web, key: {key}}}}}\n"
)
_OF_A_KEY = (
    "{{ if .Values.auth.old }}{{ .Values.auth.secretKey }}{{ end }}\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    env:\n    - name: A\n"
    "      valueFrom: {secretKeyRef: {name: {{ .Values.auth.existingSecret | default `web` }}, key: %s}}\n"
)
_SAYS_KEY = "auth: {existingSecret: '', secretKey: pass}"
_MIGRATED = (
    "{{{{ if not .Values.existingSecret }}}}\n"
    "apiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\n---\n{{{{ end }}}}\n"
    "{{{{ if .Values.{switch} }}}}\napiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n"
    "spec: {{containers: [{{name: web, envFrom: [{{secretRef: {{name: web}}}}]}}]}}\n{{{{ end }}}}\n"
)
_REPLACED = (
    "{{ if not .Values.externalConfigMap }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n---\n{{ end }}\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {containers: [{name: web, envFrom: [{configMapRef: {name: %s}}]}]}\n"
)
_NAMED = (
    "{{ if .Values.configMap.create }}\napiVersion: v1\nkind: ConfigMap\n"
    "metadata: {name: {{ .Values.configMap.name | default `web` }}}\n---\n{{ end }}\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {containers: [{name: web, envFrom: [{configMapRef: {name: %s}}]}]}\n"
)
_NAMES = "configMap: {create: true, name: ''}"


@pytest.mark.parametrize(
    ("template", "values", "found"),
    [
        # The claim of the StatefulSet is gone, and nothing names the one that is there.
        (_CLAIMED.format(volume="emptyDir: {}"), "existingClaim: ''", ["existingClaim"]),
        (
            _CLAIMED.format(volume="persistentVolumeClaim: {claimName: {{ .Values.existingClaim }}}"),
            "existingClaim: ''",
            [],
        ),
        # Of two that read one key, one reads the chart's own still; another key is another matter.
        # Helm leaves out what is null, and values.yaml may show it in a comment only.
        (_BELOW.format(volume="emptyDir: {}"), "data: {size: 1Gi, existingClaim: null}", ["data.existingClaim"]),
        (_BELOW.format(volume="emptyDir: {}"), "data: {size: 1Gi}", ["data.existingClaim"]),
        (_BELOW.format(volume="emptyDir: {}"), "data: {}", []),
        (_READ.format(key="password"), "existingSecret: ''", ["spec.containers[web].env[B].valueFrom.secretKeyRef"]),
        (_READ.format(key="user"), "existingSecret: ''", []),
        # The key is read as it is called by default, whatever a value says that it is called.
        (_OF_A_KEY % "pass", _SAYS_KEY, ["auth.secretKey"]),
        (_OF_A_KEY % "{{ .Values.auth.secretKey }}", _SAYS_KEY, []),
        (_OF_A_KEY % "user", _SAYS_KEY, []),
        # A part that is off by default reads the chart's own as well; one that is for an existing one does not.
        (
            _MIGRATED.format(switch="migrate"),
            "existingSecret: ''\nmigrate: false",
            ["spec.containers[web].envFrom[0].secretRef"],
        ),
        (_MIGRATED.format(switch="useExisting"), "existingSecret: ''\nuseExisting: false", []),
        # What takes the place of an own object is told by a condition; without one, it is a name like any other.
        (_REPLACED % "web", "externalConfigMap: ''", ["spec.containers[web].envFrom[0].configMapRef"]),
        (_REPLACED % "{{ .Values.externalConfigMap | default `web` }}", "externalConfigMap: ''", []),
        (_REPLACED.replace("if not", "with") % "web", "externalConfigMap: ''", []),
        # A name that counts only where the chart makes the object.
        (_NAMED % "web", _NAMES, ["spec.containers[web].envFrom[0].configMapRef"]),
        (_NAMED % "{{ .Values.configMap.name | default `web` }}", _NAMES, []),
        (_NAMED % "web", _NAMES.replace("true", "false"), []),
    ],
)
def test_what_takes_the_place_of_the_own(
    template: str, values: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    findings = findings_in(
        existing_objects_are_what_is_read,
        {"templates/all.yaml": template, "values.yaml": f"{values}\n"},
        tmp_path,
        tools,
    )
    assert [finding.path for finding in findings] == found


@pytest.mark.parametrize(
    ("switch", "role", "found"),
    [
        ("useReaderClusterRole", "authentication-reader", []),
        # It is called after the release: of the chart itself.
        ("useReaderClusterRole", "{{ .Release.Name }}-reader", ["roleRef.name"]),
        # Nothing is used that is elsewhere.
        ("createClusterRole", "authentication-reader", ["roleRef.name"]),
        ("useReader", "authentication-reader", ["roleRef.name"]),
    ],
)
def test_a_switch_to_use_a_role_is_for_one_that_is_there(
    switch: str, role: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    other = (
        "{{ if .Values.editors }}\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: b}\n"
    )
    files = {
        "templates/all.yaml": _BINDING % (switch, role),
        "templates/editors.yaml": f"{other}{{{{ end }}}}\n",
        "values.yaml": f"{switch}: false\neditors: ''\n",
    }
    findings = findings_in(turned_switches_leave_it_whole, files, tmp_path, tools)
    assert [finding.path for finding in findings] == found


_PROGRAM = (
    "{{ if .Values.%s }}\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: two}\n"
    "spec: {template: {spec: {serviceAccountName: two, containers: [{name: web}]}}}\n---\n"
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: two}\n---\n{{ end }}\n"
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {template: {spec: {serviceAccountName: %s, containers: [{name: web}]}}}\n---\n"
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
    "subjects: [{kind: ServiceAccount, name: two, namespace: default}]\n"
)
_PORTS = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    "spec: {selector: {app: web}, ports: [{port: 80, targetPort: other{{ if .Values.named }}, name: a{{ end }}}]}\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec:\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec: {containers: [{name: web, ports: [{name: http, containerPort: 80}]}]}\n"
)
_CONFIGURED = (
    "{{ if %s .Values.%s }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n---\n{{ end }}\n"
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {template: {spec: {containers: [{name: web, envFrom: [{configMapRef: {name: web}}]}]}}}\n"
)
_OF_LOGIN = (
    "{{ if .Values.login.enabled }}\napiVersion: v1\nkind: %s\n%s\n---\n{{ end }}\n"
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web"
    "{{ if .Values.login.enabled }}, env: [{name: A, valueFrom: {%s: {name: web, key: pass}}}]{{ end }}}]}}}\n"
)
_KEY_OF_LOGIN = "spec.template.spec.containers[web].env[A].valueFrom."
_MOUNTED = (
    (_CONFIGURED % ("", "createConfigMap"))
    .replace(
        "envFrom: [{configMapRef: {name: web}}]}]",
        "volumeMounts: [{name: all, mountPath: /a, subPath: a}]}], volumes: [{name: all, configMap: {name: web}}]",
    )
    .replace("\n---", "\ndata: {a: b}\n---")
)


@pytest.mark.parametrize(
    ("template", "values", "found"),
    [
        # Nobody runs as the account any longer: the binding grants nothing.
        (_PROGRAM % ("two", "default"), "two: true", []),
        (_PROGRAM % ("two", "two"), "two: true", ["spec.template.spec.serviceAccountName", "subjects[two].name"]),
        # The switch says that its user makes it.
        (_CONFIGURED % ("not", "skipConfig"), "skipConfig: false", []),
        (_CONFIGURED % ("", "createConfigMap"), "createConfigMap: true", []),
        (_CONFIGURED % ("not", "useExternalConfig"), "useExternalConfig: false", []),
        (_MOUNTED, "createConfigMap: true", []),
        # A key that the chart's own Secret never has, and one that it has where a value gives it.
        (
            _OF_LOGIN % ("Secret", "metadata: {name: web}\nstringData: {user: a}", "secretKeyRef"),
            "login: {enabled: false}",
            [f"{_KEY_OF_LOGIN}secretKeyRef"],
        ),
        (
            _OF_LOGIN % ("Secret", "metadata: {name: web}\nstringData: {user: a} #pass: ", "secretKeyRef"),
            "login: {enabled: false}",
            [],
        ),
        # A ConfigMap that is made where users name none, by another name than is read.
        (
            _OF_LOGIN
            % ("ConfigMap", "metadata: {name: webs{{ if not .Values.login.mine }}{{ end }}}", "configMapKeyRef"),
            "login: {enabled: false, mine: ''}",
            [f"{_KEY_OF_LOGIN}configMapKeyRef"],
        ),
        # Another name of an item is no other finding.
        (_PORTS, "named: false", []),
        (
            _CONFIGURED % ("not", "skipAll"),
            "skipAll: false",
            ["spec.template.spec.containers[web].envFrom[0].configMapRef"],
        ),
        (_CONFIGURED % ("", "config"), "config: true", ["spec.template.spec.containers[web].envFrom[0].configMapRef"]),
    ],
)
def test_what_goes_with_a_switch(template: str, values: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    findings = findings_in(
        turned_switches_leave_it_whole, {"templates/all.yaml": template, "values.yaml": values}, tmp_path, tools
    )
    assert sorted({finding.path for finding in findings}) == found


_READER = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {containers: [{name: web, envFrom: [{secretRef: {name: %s}}]}]}\n---\n"
)
_MAKER = (
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: make, annotations: {helm.sh/hook: %s}}\n"
    "spec: {template: {spec: {serviceAccountName: maker, containers: [{name: make}]}}}\n"
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: maker}\n"
    'rules: [{apiGroups: [""], resources: [secrets], verbs: [%s]}]\n'
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: maker}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: maker}\n"
    "subjects: [{kind: ServiceAccount, name: maker, namespace: default}]\n"
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: database-login}\n"
)


@pytest.mark.parametrize(
    ("name", "event", "verb", "found"),
    [
        ("cache-auth", "pre-install", "create", []),
        ("cache-auth", "post-install", "create", ["cache-auth"]),
        ("cache-auth", "pre-install", "get", ["cache-auth"]),
        # It is called almost like what is there.
        ("database-logins", "pre-install", "create", ["database-logins"]),
    ],
)
def test_a_hook_that_runs_first_may_make_a_secret(name: str, event: str, verb: str, found: list[str]) -> None:
    rendering = literal_rendering(_READER % name + _MAKER % (event, verb))
    checks = [check for check in environment_sources_are_there.checks([rendering]) if not check.passed]
    assert [check.cause for check in checks] == [f"Secret {name}" for name in found]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("secret: '{{ .Release.Name }}-login'", []),
        ("secret: 'shop-{{ .Values.env }}-login'", ["Secret release-name-login"]),
        ("secret: '{{ .Values.other }}'", ["Secret release-name-login"]),
    ],
)
def test_a_name_that_values_give_through_tpl_is_one_of_users(
    values: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    template = _READER.replace("%s", "{{ .Release.Name }}-login")
    files = {"templates/all.yaml": template, "values.yaml": "secret: ''\n", "ci/a-values.yaml": values}
    findings = findings_in(environment_sources_are_there, files, tmp_path, tools)
    assert [finding.cause for finding in findings] == found


@pytest.mark.parametrize(("volume", "found"), [("data", []), ("cache", ["PersistentVolumeClaim data"])])
def test_a_claim_template_is_in_the_place_of_a_volume_of_its_name(volume: str, found: list[str]) -> None:
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n"
        "  template:\n    spec:\n      containers: [{name: db}]\n"
        "      volumes: [{name: %s, persistentVolumeClaim: {claimName: data}}]\n"
        "  volumeClaimTemplates: [{metadata: {name: data}}]\n"
    )
    checks = claims_are_there.checks([literal_rendering(text % volume)])
    assert [check.cause for check in checks if not check.passed] == found


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{{ if gt (.Values.replicas | default 1 | int) 1 }}a{{ end }}", []),
        ("{{- else if (default 1 .Values.replicas) }}", []),
        ("{{ $n := .Values.replicas | default 1 | int }}{{ if gt $n 1 }}a{{ end }}", []),
        ("{{ $n := .Values.replicas | default 1 }}{{ if gt (int $n) 1 }}n: {{ int ($n) }}{{ end }}", ["replicas"]),
        ("replicas: {{ .Values.replicas | default 1 }}", ["replicas"]),
    ],
)
def test_a_zero_that_is_only_asked_for_is_kept(template: str, found: list[str]) -> None:
    rendering = literal_rendering(_READER % "a")
    chart = dataclasses.replace(rendering.chart, templates={"templates/a": template}, own_values={"replicas": 1})
    checks = default_keeps_zero.checks([dataclasses.replace(rendering, chart=chart)])
    assert [check.path for check in checks if not check.passed] == found
