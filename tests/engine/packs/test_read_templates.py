"""What the text of templates shows of variables, conditions and kept Secrets, right and wrong."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.charts.template_texts.kept_names import missed_secrets
from chartgate.packs.kubernetes.access_and_secrets import encoding
from chartgate.packs.kubernetes.chart_files import comparisons, template_variables
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import Policy
from tests.engine.packs.literal_charts import edited, findings_of


def found(
    policy: Policy, text: str, values: dict[str, Any] | None = None, schema: dict[str, Any] | None = None, **more: str
) -> list[str]:
    templates = {"templates/one.yaml": text, **{f"templates/{name}.yaml": other for name, other in more.items()}}
    found = findings_of(policy, HEALTHY, of_chart(templates=templates, own_values=values or {}, schema=schema or {}))
    return [str(check.actual) for check in found]


_LOST = "templates/one.yaml:1: `:=`, which is lost at the end of its block"


@pytest.mark.parametrize(
    ("text", "is_lost"),
    [
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ end }}{{ $x }}", True),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ else }}{{ $x := 3 }}{{ end }}{{ $x }}", True),
        ("{{ $x := 1 }}{{ range .a }}{{ if . }}{{ $x := add $x 2 }}{{ end }}{{ end }}{{ $x }}", True),
        ("{{ $x := dict }}{{ if .a }}{{ $x := .b }}{{ $x.c }}{{ end }}{{ $x }}", True),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ else }}{{ $x = 3 }}{{ end }}{{ $x }}", True),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ end }}{{ if .b }}{{ $x = 3 }}{{ end }}{{ $x }}", True),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ end }}{{ if .b }}{{ $x = 3 }}{{ $x }}{{ end }}", False),
        ("{{ $x := 1 }}{{ if .a }}{{ $x = 2 }}{{ end }}{{ $x }}", False),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", False),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ end }}", False),
        ("{{ $x := 1 }}{{ range $x, $y := .a }}{{ end }}{{ $x }}", False),
        ("{{ $x := 1 }}{{ with $x := .a }}{{ end }}{{ $x }}", False),
        ("{{ $x := 1 }}{{ if .a }}{{ $x := 2 }}{{ end }}{{ $x = 3 }}{{ $x }}", False),
        ("{{ $x := dict }}{{ if .a }}{{ $x := set $x `b` 1 }}{{ end }}{{ $x }}", False),
        ("{{ $x := .Values.x }}{{ if .a }}{{ $x := set .Values.x `b` 1 }}{{ end }}{{ $x }}", False),
        (
            "{{ $x := dict }}{{ if .a }}{{ $x := .b }}{{ $x.c }}{{ end }}{{ if .q }}{{ $x = .l }}{{ end }}{{ $x }}",
            False,
        ),
        ('{{ define "a" }}{{ $x := 1 }}{{ end }}{{ define "b" }}{{ if .a }}{{ $x := 2 }}{{ end }}{{ end }}', False),
        ("{{ $x := 1 }}{{/* if .a }}{{ $x := 2 }}{{ end */}}{{ $x }}", False),
    ],
)
def test_assignments(text: str, is_lost: bool) -> None:
    assert found(template_variables.assignments_outlive_their_block, text) == ([_LOST] if is_lost else [])


_MAP = "templates/one.yaml:1: a map, which is true; tls.enabled is the switch"
_CREATES = "{{ if .Values.tls.create }}{{ end }}"
_ASKS = "{{ if .Values.tls.enabled }}a: b{{ end }}"


@pytest.mark.parametrize(
    ("text", "values", "is_wrong"),
    [
        ("{{ if .Values.tls }}c: d{{ end }}" + _ASKS, {"tls": {"enabled": False}}, True),
        ("{{ if .a }}{{ else if $.Values.tls }}c: d{{ end }}" + _ASKS, {"tls": {"enabled": True}}, True),
        ("{{ if .Values.tls }}{{ if .Values.tls.enabled }}c: d{{ end }}{{ end }}", {"tls": {"enabled": False}}, False),
        (
            "{{ if .Values.tls }}{{ with .Values.tls }}{{ if .enabled }}c{{ end }}{{ end }}{{ end }}" + _ASKS,
            {"tls": {"enabled": False}},
            False,
        ),
        ("{{ if and .Values.tls .Values.tls.enabled }}c: d{{ end }}", {"tls": {"enabled": False}}, False),
        ("{{ if .Values.tls }}c: d{{ end }}", {"tls": {"enabled": False}}, False),  # nobody asks for the switch
        ("{{ if .Values.tls }}c: d{{ end }}" + _ASKS, {"tls": {}}, False),
        (  # it only looks whether there is a section
            "{{ if .Values.tls }}{{ if .Values.tls.a }}c{{ end }}{{ end }}" + _ASKS,
            {"tls": {"enabled": False, "a": 1}},
            False,
        ),
        ("{{ if .Values.tls }}c: d{{ end }}" + _ASKS, {"tls": {"enabled": "auto"}}, False),
        ("{{ with .Values.tls }}c: d{{ end }}" + _ASKS, {"tls": {"enabled": False}}, False),
        # What is made elsewhere has a name all the same.
        (f"{_CREATES}\nkind: Pod\n{{{{ if .Values.tls }}}}secret: a{{{{ end }}}}", {"tls": {"create": False}}, False),
    ],
)
def test_conditions(text: str, values: dict[str, Any], is_wrong: bool) -> None:
    assert found(template_variables.conditions_can_be_false, text, values) == ([_MAP] if is_wrong else [])


_COMPARES = "templates/one.yaml:1 compares it with"


@pytest.mark.parametrize(
    ("text", "values", "actual"),
    [
        (
            '{{ if eq .Values.a.type "loadbalancer" }}{{ end }}',
            {"a": {"type": "ClusterIP"}},
            "`loadbalancer`; in values.yaml it is `ClusterIP`, and the other word is `LoadBalancer`",
        ),
        (
            '{{ $a := .Values.a }}{{ if ne "debug" $a.level }}{{ end }}',
            {"a": {"level": "DEBUG"}},
            "`debug`; in values.yaml it is `DEBUG`",
        ),
        (
            '{{ if eq .Values.mode "Fast" }}{{ end }}{{ if eq .Values.mode "fast" }}{{ end }}',
            {"mode": "slow"},
            "`Fast`; templates/one.yaml:1 compares it with `fast`",
        ),
        (
            '{{ if eq .Values.type "Nodeport" }}{{ end }}',
            {"type": "ClusterIP"},
            "`Nodeport`; in values.yaml it is `ClusterIP`, and the other word is `NodePort`",
        ),
        (
            '{{ if or (eq .Values.type "NodePort") (eq .Values.type "nodeport") }}{{ end }}',
            {"type": "ClusterIP"},
            "",
        ),
        ('{{ if eq .Values.type "LoadBalancer" }}{{ end }}', {"type": "ClusterIP"}, ""),
        ('{{ if eq (lower .Values.type) "loadbalancer" }}{{ end }}', {"type": "ClusterIP"}, ""),
        ('{{ if eq .Values.type "daemonset" }}{{ end }}', {"type": "deployment"}, ""),
        ('{{ if eq .Values.type "loadbalancer" }}{{ end }}', {"type": ""}, ""),
        ('{{ if or (eq .Values.on "Yes") (eq .Values.on "yes") }}{{ end }}', {"on": "no"}, ""),
        ('{{ if eq .Values.mode "shard" }}{{ end }}', {"mode": "single"}, ""),
        ('{{/* if eq .Values.type "loadbalancer" */}}', {"type": "ClusterIP"}, ""),
        ('{{ range .Values.all }}{{ if eq .type "loadbalancer" }}{{ end }}{{ end }}', {"type": "ClusterIP"}, ""),
    ],
)
def test_comparisons(text: str, values: dict[str, Any], actual: str) -> None:
    told = [f"{_COMPARES} {actual}"] if actual else []
    assert found(comparisons.comparisons_can_be_true, text, values) == told


@pytest.mark.parametrize(("text", "is_wrong"), [("Local", False), ("local", True), ("global", True)])
def test_comparisons_by_a_schema(text: str, is_wrong: bool) -> None:
    schema = {"properties": {"policy": {"enum": ["Cluster", "Local"]}}}
    actual = f"{_COMPARES} `{text}`; the schema allows Cluster, Local"
    told = found(
        comparisons.comparisons_can_be_true, f'{{{{ if eq .Values.policy "{text}" }}}}{{{{ end }}}}', None, schema
    )
    assert told == ([actual] if is_wrong else [])


def _secret(name: str, sought: str, content: str = "{{ randAlphaNum 9 }}") -> str:
    defined = '{{ define "web.secret" }}{{ .Values.own | default (printf "%s-db" (include "web.name" .)) }}{{ end }}\n'
    defined += '{{ define "web.tls" -}}\n{{ include "web.name" . }}-tls\n{{- end }}\n'
    looks = f'{{{{ $n := include "web.name" . }}}}{{{{ $old := lookup "v1" "Secret" .Release.Namespace {sought} }}}}\n'
    return f"{defined}{looks}kind: Secret\nmetadata:\n  labels: {{}}\n  name: {name}\nstringData: {{a: {content}}}\n"


_WEB, _OWN = '{{ include "web.name" . }}', '{{ include "web.secret" . }}'


@pytest.mark.parametrize(
    ("name", "sought", "actual"),
    [
        (f"{_WEB}-tls", '(printf "%s-cert" $n)', "<web.name>-cert, and the Secret is <web.name>-tls"),
        (f'"{_WEB}"', '(printf "%s-tls" (include "web.name" $))', "<web.name>-tls, and the Secret is <web.name>"),
        ("{{ .Release.Name }}-web", "$.Release.Name", "<.Release.Name>, and the Secret is <.Release.Name>-web"),
        (
            "{{ .Release.Name }}-db",
            '(printf "%s-db" .Release.Namespace)',
            "<.Release.Namespace>-db, and the Secret is <.Release.Name>-db",
        ),
        ("{{ .Release.Name }}-db", '(printf "%s-login" .Release.Namespace)', ""),
        (
            f"{_WEB}-db",
            '(printf "%s-db" $.Release.Namespace)',
            "<.Release.Namespace>-db, and the Secret is <web.name>-db",
        ),
        (_WEB, '(printf "%s-tls" $.Release.Name)', "<.Release.Name>-tls, and the Secret is <web.name>"),
        ("web-secrets", '"web-secret"', "web-secret, and the Secret is web-secrets"),
        (_OWN, '(printf "%s-database" $n)', "<web.name>-database, and the Secret is <web.name>-db"),
        (_OWN, '(default (printf "%s-cert" $n) .Values.own)', "<web.name>-cert, and the Secret is <web.name>-db"),
        (_OWN, '(include "web.tls" .)', "<web.name>-tls, and the Secret is <web.name>-db"),
        (_OWN, '(include "web.secret" $)', ""),
        (_OWN, '(printf "%s-db" $n)', ""),
        (f"{_WEB}-tls", '(printf "%s-tls" $n)', ""),
        (f"{_WEB}-tls", '(printf "%s-%s" $n "tls")', ""),
        ('{{ template "web.name" . }}', "$n", ""),
        # Not known: another template, what the values say, a name that is cut, a Secret of somebody else.
        (f"{_WEB}-tls", '(include "web.secretName" .)', ""),
        (f"{_WEB}-tls", '(.Values.name | default "a")', ""),
        (f"{_WEB}-tls", '(printf "%s-cert" $n | trunc 9)', ""),
        (f"{_WEB}-tls", '"registry-login"', ""),
        # What is longer than any name.
        (f"{_WEB}-tls", f'(printf "%s-{"x" * 1000}" $n)', ""),
        (f"{_WEB}-tls", "(" * 5000 + "$n" + ")" * 5000, ""),
    ],
)
def test_kept_secrets(name: str, sought: str, actual: str) -> None:
    assert found(encoding.kept_secrets_are_found_again, _secret(name, sought)) == ([actual] if actual else [])


@pytest.mark.parametrize(
    ("reads", "actual"),
    [
        ("$old.data.signingkey", "signingkey, and the key is signing-key"),
        ('index $old.data "signingKey"', "signingKey, and the key is signing-key"),
        ('index $old.data "signing-key"', ""),
        ('dig "data" "signing-key" "" $old', ""),
        ('get $old.data "another"', ""),
        ('dict "data" "signingKey"', "signingKey, and the key is signing-key"),
        ("$old.metadata.signingKey", ""),
        ('index $old.data "made-Here"', ""),
    ],
)
def test_kept_keys(reads: str, actual: str) -> None:
    looks = '{{ $old := lookup "v1" "Secret" .Release.Namespace .Values.name }}{{ $_ := set $all "made-Here" "x" }}\n'
    text = f"{looks}kind: Secret\ndata:\n  made-here: a\n  signing-key: {{{{ {reads} | default (randAlphaNum 9) }}}}\n"
    assert found(encoding.kept_secrets_are_found_again, text) == ([actual] if actual else [])


_OTHER = "password, and the key is login"


@pytest.mark.parametrize(
    ("line", "sought"),
    [
        ('login: {{ index $data "password" | default (randAlphaNum 9) }}', _OTHER),
        ("login: {{ $data.password | default (randAlphaNum 9) | quote }}", _OTHER),
        (
            'login-password: {{ get $data "loginPassword" | default uuidv4 }}',
            "loginPassword, and the key is login-password",
        ),
        ('login: {{ dig "data" "password" (randAlphaNum 9 | b64enc) $old }}', _OTHER),
        ('login: {{ dig "data" "login" (randAlphaNum 9 | b64enc) $old }}', ""),
        ('login: {{ index $data "login" | default (randAlphaNum 9) }}', ""),
        ('{{ $a := uuidv4 }}{{ $a = index $data "password" }}\n  login: {{ $a | b64enc }}', _OTHER),
        ('{{ $a := uuidv4 }}{{ $a = index $data "login" }}\n  login: {{ $a | b64enc }}', ""),
        ('{{ $a := index $data "password" }}\n  login: {{ $a | default uuidv4 }}', ""),
        # Its name of before, what another line writes, what is of something else, and what is not kept.
        ('login: {{ index $data "login" | default (index $data "password") | default uuidv4 }}', ""),
        ('login: {{ index $data "token" | default uuidv4 }}\n  token: x', ""),
        ('login: {{ index $other "password" | default (randAlphaNum 9) }}', ""),
        ('login: {{ index $data "password" }}{{ $_ := randAlphaNum 9 }}', ""),
        # Two Secrets are looked for, or written, each in a document of its own.
        ('login: {{ index $data "password" | default uuidv4 }}{{ $a := lookup "v1" "Secret" "" "a" }}', ""),
        ('login: {{ index $data "password" | default uuidv4 }}\n---\na: b\nkind: Secret\nmetadata:\n  name: b', _OTHER),
    ],
)
@pytest.mark.parametrize(
    "looks",
    [
        '{{ $data := (lookup "v1" "Secret" .Release.Namespace "web").data | default dict }}',
        '{{ $old := lookup "v1" "Secret" .Release.Namespace "web" }}{{ $data := get $old "data" }}',
    ],
)
def test_kept_keys_of_data(looks: str, line: str, sought: str) -> None:
    text = f"{looks}\nkind: Secret\nmetadata:\n  name: web\ndata:\n  {line}\n"
    assert found(encoding.kept_secrets_are_found_again, text) == ([sought] if sought else [])


@pytest.mark.parametrize(
    ("line", "is_other"),
    [
        ('{{ .Values.key }}: {{ index $old "password" | default (randAlphaNum 9) }}', True),
        ('"{{ $.Values.key }}": "{{ get $old.data "password" | default (randAlphaNum 9) }}"', True),
        ("{{ .Values.key }}: {{ index $old .Values.key | default (randAlphaNum 9) }}", False),
        ('{{ .Values.key }}: {{ index $old "login-password" | default (randAlphaNum 9) }}', False),
        (
            '{{ .Values.key }}: {{ index $old.data "new" | default (index $old "login-password") | default uuidv4 }}',
            False,
        ),
        ('{{ .Values.other }}: {{ index $old "password" | default (randAlphaNum 9) }}', False),
        ('{{ .Values.key }}: {{ index $old "password" }}{{ $_ := randAlphaNum 9 }}', False),
        ('password: x\n{{ .Values.key }}: {{ index $old "password" | default (randAlphaNum 9) }}', False),
    ],
)
def test_keys_that_the_values_name(line: str, is_other: bool) -> None:
    looks = '{{ $old := lookup "v1" "Secret" .Release.Namespace .Values.name }}'
    told = found(encoding.kept_secrets_are_found_again, f"{looks}\n{line}", {"key": "login-password", "other": ""})
    assert told == (["password, and the key is login-password, as .Values.key says"] if is_other else [])


_KEY = "login-password"
_LOOKS_FOR = (
    '{{ $data := (lookup "v1" "Secret" .Release.Namespace "web").data | default dict }}\nkind: Secret\n'
    "metadata:\n  name: web\ndata:\n  %s\n"
)


@pytest.mark.parametrize("last", ["$n", '""'])
def test_variables_made_of_each_other_many_times_come_to_an_end(last: str) -> None:
    form, most = "%s" * 90, 40
    made = "".join(f'{{{{ $v{i} := printf "{form}" {f" $v{i - 1}" * 90} }}}}' for i in range(1, most))
    text = f"{{{{ $v0 := {last} }}}}{made}" + _secret(f"{_WEB}-tls", f"$v{most - 1}")
    assert found(encoding.kept_secrets_are_found_again, text) == []


def test_a_secret_is_looked_for_as_something_else() -> None:
    policy, text = encoding.kept_secrets_are_found_again, _secret(_WEB, "$n").replace('"Secret"', '"ConfigMap"')
    assert found(policy, text) == ["the ConfigMap <web.name>, and the Secret is <web.name>"]
    assert found(policy, f"{text}---\nkind: ConfigMap\nmetadata:\n  name: web\n") == []


@pytest.mark.parametrize(("kind", "sought"), [("Secret", []), ("ConfigMap", [f"loginPassword, and the key is {_KEY}"])])
def test_a_key_may_be_written_in_another_template(kind: str, sought: list[str]) -> None:
    text = _LOOKS_FOR % f'{_KEY}: {{{{ get $data "loginPassword" | default uuidv4 }}}}'
    there = f"kind: {kind}\nmetadata:\n  name: other\ndata:\n  loginPassword: a\n"
    assert found(encoding.kept_secrets_are_found_again, text, there=there) == sought


def test_a_secret_of_a_subchart_by_the_name_of_the_namespace() -> None:
    templates = {"templates/a.yaml": _secret(f"{_WEB}-db", '(printf "%s-pg" .Release.Namespace)')}
    chart = edited(HEALTHY, of_chart(templates=templates)).chart
    sought = [missed.sought for missed in missed_secrets(chart, {("<.Release.Name>", "-pg")})]
    assert (sought, list(missed_secrets(chart, set()))) == (["<.Release.Namespace>-pg"], [])


def test_other_secrets_may_be_looked_for_as_well() -> None:
    policy = encoding.kept_secrets_are_found_again
    own, other = _secret(f"{_WEB}-tls", '(printf "%s-tls" $n)'), '(printf "%s-ca" $n)'
    both = own + f'{{{{ $ca := lookup "v1" "Secret" .Release.Namespace {other} }}}}'
    assert found(policy, both) == []
    assert found(policy, _secret(f"{_WEB}-tls", other), ca=f"kind: Secret\nmetadata:\n  name: {_WEB}-ca\n") == []
    assert found(policy, _secret(f"{_WEB}-tls", other, "fixed")) == []
