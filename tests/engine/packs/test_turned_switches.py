"""What a turned switch brings to light in a chart."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.options.switches import turned_switches_leave_it_whole
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in

_WEB = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec:\n  replicas: {{ .Values.replicas }}\n  selector: {matchLabels: {app: web}}\n"
    "  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers: [{name: web, volumeMounts: [{name: data, mountPath: /data}]}]\n      volumes:\n"
)
_CLAIM = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: web}\n"
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n"
)
_OWN = "        - {name: data, persistentVolumeClaim: {claimName: web}}\n"
_EMPTY = _WEB + "        - {name: data, emptyDir: {}}\n"
_BUDGET = (
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
    "spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n---\n"
)
_KEPT = f"{{{{ if .Values.persistence.enabled }}}}\n{_CLAIM}{{{{ end }}}}\n" + _WEB.replace(
    "volumes:\n",
    "volumes:\n        - name: data\n          {{ if .Values.persistence.enabled }}"
    "persistentVolumeClaim: {claimName: web}{{ else }}emptyDir: {}{{ end }}\n",
)
_PART = (
    "{{{{ if .Values.part.enabled }}}}{}{{{{ end }}}}\n"
    + _WEB.replace("{", "{{").replace("}", "}}")
    + ("        - {{name: data, emptyDir: {{}}}}\n")
)
_SHUT = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\n"
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: []}\n---\n"
)
_SYNCED = (
    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec: {target: {name: %s}}\n---\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  volumes: [{name: s, secret: {secretName: %s}}]\n"
    "  containers: [{name: a, volumeMounts: [{name: s, mountPath: /s}]}]\n---\n"
)
_NUMBER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: {{ .Values.part.number }}}\n---\n"
_VALUES = "replicas: 1\npart: {enabled: false, name: shop, number: 1, kind: null}\n"


def _found(template: str, values: str, tmp_path: Path, tools: Tools, ci: str = "") -> list[str]:
    files = {"templates/all.yaml": template, "values.yaml": values}
    findings = findings_in(
        turned_switches_leave_it_whole, files | ({"ci/one-values.yaml": ci} if ci else {}), tmp_path, tools
    )
    return sorted({f"{finding.path}: {finding.actual}" for finding in findings})


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("{{ if (.Values.part.name) or (.Values.replicas) }}{{ end }}", "can't give argument to non-function"),
        ("{{ if not .Values.part.name .Values.replicas }}{{ end }}", "wrong number of args for not"),
        ('{{ if eq .Values.part.number "one" }}{{ end }}', "incompatible types for comparison"),
        ("{{ .Values.part | sha256sum }}", "wrong type for value; expected string; got map"),
        # What a template prints without a question is given, so that the rest is seen.
        (
            "kind: Secret\napiVersion: v1\nmetadata: {name: a, labels: {a: {{tpl .Values.part.kind .}}, a: b}}\n---\n",
            "metadata.labels.a: twice",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
            "  containers: [{name: a, resources: {limits: {cpu: {{ required `a` .Values.part.limits.cpu }},"
            " memory: {{ required `a` .Values.part.limits.memory }}}}}]\n---\n",
            "",
        ),
        # Whoever turns it on has to give what values.yaml leaves null.
        ('{{ if eq .Values.part.kind "one" }}{{ end }}', ""),
        # What is swallowed is no object any longer; a name that is left empty is for users to give.
        ("#{{- print `apiVersion: v1` }}\nkind: Secret\nmetadata: {name: part}\n---\n", "apiVersion: (absent)"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Values.part.kind }}}\n---\n", ""),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: {a: b, a: b}}\n---\n", "metadata.labels.a: twice"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n" * 2, "metadata.name: "),
        (
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n"
            "spec:\n  template:\n    spec:\n      restartPolicy: Never\n"
            "      containers: [{name: a, envFrom: [{configMapRef: {name: a}}]}]\n"
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n",
            "envFrom[0].configMapRef: ConfigMap default/a is part of the release itself",
        ),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n---\n", "metadata.namespace: "),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n", ""),
        # What named_templates_are_defined reads, and what it cannot read.
        ('{{ include "part.more" . }}', ""),
        ('{{ include (print "part." "more") . }}', 'no template "part.more"'),
        # The namespace is written, and nobody has given one; nor whom to admit.
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: {{ .Values.part.kind }}}\n---\n", ""),
        (_SHUT, ""),
        # The Secret that is made then has another name than the one that is read.
        (_SYNCED % ("made", "read"), "volumes[s].secret: not there"),
        (_SYNCED % ("made", "made"), ""),
    ],
)
def test_what_a_part_brings(part: str, found: str, tmp_path: Path, tools: Tools) -> None:
    told = _found(_PART.format(part), _VALUES, tmp_path, tools)
    assert [text for text in told if found not in text] == []
    assert bool(told) == bool(found)


@pytest.mark.parametrize(
    ("template", "values", "found"),
    [
        (_KEPT, "replicas: 1\npersistence: {enabled: false}\n", ["spec.strategy"]),
        # How many pods there are over a claim that is there already is up to its user.
        (
            _CLAIM + _WEB.replace("\n  selector", "\n  strategy: {type: Recreate}\n  selector") + _OWN,
            "replicas: 1\n",
            [],
        ),
        # Nor is one pod in place of two judged behind a budget that keeps one.
        (_BUDGET + _EMPTY, "replicas: 2\n", []),
    ],
)
def test_what_a_number_of_pods_allows(
    template: str, values: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    assert [text.partition(":")[0] for text in _found(template, values, tmp_path, tools)] == found


@pytest.mark.parametrize(
    ("of_name", "of_switch", "is_told"),
    [
        ("Its name, which is required", "", True),
        ("Required if enabled", "", False),
        ("Its name", "Be sure to also give its name!", False),
    ],
)
def test_what_is_empty_and_required_with_it(
    of_name: str, of_switch: str, is_told: bool, tmp_path: Path, tools: Tools
) -> None:
    values = f'replicas: 1\npart:\n  # {of_switch}\n  enabled: false\n  number: 1\n  # {of_name}\n  name: ""\n'
    assert bool(_found(_PART.format(_NUMBER), values, tmp_path, tools)) is is_told


@pytest.mark.parametrize(("ci", "is_told"), [("replicas: 2\n", True), ("mariadb: {enabled: true}\n", False)])
def test_one_part_instead_of_another(ci: str, is_told: bool, tmp_path: Path, tools: Tools) -> None:
    """With the other one on in a file of ci/, nobody turns this one on as well."""
    given = "{{ if .Values.%s.enabled }}{name: DATABASE_HOST, value: a},{{ end }}"
    both = given % "mariadb" + given % "postgres" + "{name: DATABASE_HOST, value: here}" * is_told
    template = _WEB.replace("volumeMounts: [{name: data, mountPath: /data}]", f"env: [{both}]")
    values = "replicas: 1\nmariadb: {enabled: false}\npostgres: {enabled: false}\n"
    told = _found(template.partition("      volumes:")[0], values, tmp_path, tools, ci)
    assert ["DATABASE_HOST" in text for text in told] == [True] * is_told


_MOUNTS = _WEB.replace("volumeMounts: [", "volumeMounts: [{{ if %s }}{name: more, mountPath: /more},{{ end }}")
_WORDS = f"{_MOUNTS}{_OWN.replace('persistentVolumeClaim: {claimName: web}', 'emptyDir: {}')}"


@pytest.mark.parametrize(
    ("asked", "values", "ci", "is_told"),
    [
        ('eq .Values.mode "cluster"', "mode: alone\n", "", True),
        ('ne .Values.mode "alone"', "mode: alone # alone, pair or cluster\n", "", True),
        ('eq .Values.store.type "s3"', "store: {enabled: false, type: disk}\n", "", True),
        ('eq .Values.mode "cluster"', "mode: alone\n", "mode: other\n", False),
        ('eq .Values.mode "cluster"', 'mode: ""\n', "", False),
        ('eq .Values.mode "cluster"', "mode: cluster\n", "", False),
        ('ne .Values.mode "alone"', "mode: alone # the one that we like, and no other\n", "", False),
    ],
)
def test_words_that_decide(asked: str, values: str, ci: str, is_told: bool, tmp_path: Path, tools: Tools) -> None:
    told = _found(_WORDS.replace("%s", asked), f"replicas: 1\n{values}", tmp_path, tools, ci)
    assert [": more" in text for text in told] == [True] * is_told


@pytest.mark.parametrize(("switch", "is_told"), [("autoscaler", False), ("external", True)])
def test_pods_that_another_program_makes(switch: str, is_told: bool, tmp_path: Path, tools: Tools) -> None:
    values = f"replicas: 1\n{switch}: {{enabled: false}}\n"
    pods = f"{_WEB.replace('{name: web}', '{name: more}', 1)}        - {{name: data, emptyDir: {{}}}}\n"
    template = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: more}\nspec: {selector: {app: more}, ports: [{port: 80}]}\n"
        f"---\n{_WEB}        - {{name: data, emptyDir: {{}}}}\n"
        f"{{{{ if not .Values.{switch}.enabled }}}}---\n{pods.replace('app: web', 'app: more')}{{{{ end }}}}"
    )
    assert bool(_found(template, values, tmp_path, tools)) is is_told


_MADE = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: made}\n---\n"
_MAKER = (
    "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: maker}\n"
    "rules: [{apiGroups: [''], resources: [configmaps], resourceNames: [made], verbs: [create]}]\n---\n"
)


@pytest.mark.parametrize(("part", "is_told"), [(_MADE, True), (_MAKER, False)])
def test_what_a_program_makes_that_is_off(part: str, is_told: bool, tmp_path: Path, tools: Tools) -> None:
    """Another release makes it then; a ConfigMap of the release itself is gone."""
    web = f"{_WEB}        - {{name: data, configMap: {{name: made}}}}\n"
    template = f"{{{{ if .Values.part.enabled }}}}{part}{{{{ end }}}}{web}"
    assert bool(_found(template, "replicas: 1\npart: {enabled: true}\n", tmp_path, tools)) is is_told


_GIVEN = "{{ if .Values.%s }}kind: %s\napiVersion: v1\nmetadata: {name: release-name-%s}\n---\n{{ end }}"


@pytest.mark.parametrize(
    ("kind", "switch", "values", "is_told"),
    [
        ("Secret", "tls", 'tls: true\nexistingSecret: ""\n', True),
        ("Secret", "web.tls.enabled", 'web: {tls: {enabled: true}, existingSecret: ""}\n', True),
        # Somebody else makes the certificate.
        ("Secret", "tls.create", "tls: {create: true}\n", False),
        ("Secret", "enableTLS", "enableTLS: true\n", True),
        ("Secret", "createTls", "createTls: true\n", False),
        ("Service", "made.enabled", 'made: {enabled: true}\nexternalMade: {host: ""}\n', True),
        ("Service", "mysql.enabled", 'mysql: {enabled: true}\ndatabase: {external: {host: ""}}\n', True),
        ("Service", "made.enabled", "made: {enabled: true}\n", False),
    ],
)
def test_who_still_asks_for_what_is_off(
    kind: str, switch: str, values: str, is_told: bool, tmp_path: Path, tools: Tools
) -> None:
    """A certificate without TLS, and a database in whose place another one has its host."""
    name = switch.partition(".")[0].lower()
    volume = f"secret: {{secretName: release-name-{name}}}" if kind == "Secret" else "emptyDir: {}"
    asks = f'command: [sh, -c, "until nc -zvw1 release-name-{name} 5432; do sleep 1; done"], ' * (kind == "Service")
    web = _WEB.replace("volumeMounts", f"{asks}volumeMounts") + f"        - {{name: data, {volume}}}\n"
    template = _GIVEN % (switch, kind, name) + web
    assert bool(_found(template, f"replicas: 1\n{values}", tmp_path, tools)) is is_told


_HOLDING = "apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData:\n  %s: a\n"
_READING = (
    'env: [{name: A, valueFrom: {secretKeyRef: {name: {{ ternary "a" "b" .Values.part.enabled }}, key: token}}}], '
)


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ("", True),
        ("  {{ with .Values.token }}\n  token: a\n  {{ end }}\n", False),
        ("  {{ range $key, $text := .Values.more }}\n  {{ $key }}: {{ $text }}\n  {{ end }}\n", False),
        ("  {{- toYaml .Values.more | nindent 2 }}\n", False),
    ],
)
def test_a_key_that_the_secret_of_another_mode_never_has(
    more: str, is_told: bool, tmp_path: Path, tools: Tools
) -> None:
    secrets = (
        f"{{{{ if .Values.part.enabled }}}}\n{_HOLDING % ('a', 'token')}{{{{ else }}}}\n{_HOLDING % ('b', 'own-token')}"
    )
    web = _WEB.replace("volumeMounts", f"{_READING}volumeMounts") + "        - {name: data, emptyDir: {}}\n"
    values = 'replicas: 1\npart: {enabled: true}\ntoken: ""\nmore: {other: a}\nexternal: {host: a}\n'
    assert bool(_found(f"{secrets}{more}{{{{ end }}}}---\n{web}", values, tmp_path, tools)) is is_told


_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n---\n"
_ROUTE = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n---\n"
)


@pytest.mark.parametrize(("asks", "found"), [("", ["spec.defaultBackend.service: not there"]), ("service", [])])
def test_a_part_that_a_file_leaves_out_is_left_out_where_all_else_is_on(
    asks: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    route = f"{{{{ if .Values.{asks or 'route'}.enabled }}}}{_ROUTE}{{{{ end }}}}"
    service = f"{{{{ if .Values.service.enabled }}}}{_SERVICE}{{{{ end }}}}"
    route = f"{{{{ if .Values.route.enabled }}}}{route}{{{{ end }}}}"
    template = f"{service}{route}{_WEB}        - {{name: data, emptyDir: {{}}}}\n"
    files = {
        "templates/all.yaml": template,
        "values.yaml": "replicas: 1\nservice: {enabled: true}\nroute: {enabled: false}\n",
        "ci/full-values.yaml": "route: {enabled: true}",
        "ci/small-values.yaml": "service: {enabled: false}",
    }
    findings = findings_in(turned_switches_leave_it_whole, files, tmp_path, tools)
    assert [f"{finding.path}: {finding.actual.partition(',')[0]}" for finding in findings] == found
