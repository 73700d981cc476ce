"""What differs each time is found, unless it is kept, made once, or made anew by its nature; a secret weighs more."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.template_texts.cluster_reads import encoded_again
from chartgate.charts.template_texts.keys_made_anew import keys_made_anew
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.packs.kubernetes.install_and_upgrade.repeatability import (
    generated_secrets_are_kept,
    same_input_gives_the_same_output,
)
from chartgate.policy.policy import Policy
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in, judged
from tests.engine.toys import chart_from

LOGIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: login%s}\n"
POD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"
    "  template:\n    metadata: {labels: {app: web}, annotations: {%s}}\n    spec: {containers: [{name: web}]}\n"
)
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
HOOK = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, annotations: {helm.sh/hook: %s}}\n"
_HELPER = '{{ define "pw" }}{{ randAlphaNum 20 | b64enc }}{{ end }}'
_KEEPER = (
    '{{ define "pw" }}{{ $s := lookup "v1" "Secret" .Release.Namespace "login" }}'
    "{{ if $s }}{{ $s.data.a }}{{ else }}{{ randAlphaNum 9 | b64enc }}{{ end }}{{ end }}"
)
_LOOKS = '{{ $s := lookup "v1" "Secret" .Release.Namespace "%s" }}'
_RANDOM = "{{ randAlphaNum 20 | b64enc }}"
_KEPT = "{{ if $s }}{{ $s.data.a }}{{ else }}{{ randAlphaNum 20 | b64enc }}{{ end }}"
_HOOK = ", annotations: {helm.sh/hook: %s}"
_SUM = 'sum: {{ include (print $.Template.BasePath "/a.yaml") . | sha256sum }}'
_SALTED = '{{ htpasswd "a" "b" | quote }}'

# By name: the files, what the first policy finds, and what the second.
CASES: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "a password": ({"a.yaml": LOGIN % "" + f"data: {{a: {_RANDOM}}}"}, ["data.a"], []),
    "an authority of a Secret that stays": (
        {
            "a.yaml": '{{ $ca := genCA "a" 9 }}'
            + LOGIN % _HOOK % "pre-install"
            + "data: {a: {{ $ca.Key | b64enc }}}\n---\napiVersion: admissionregistration.k8s.io/v1\n"
            "kind: ValidatingWebhookConfiguration\nmetadata: {name: a}\n"
            "webhooks: [{name: a.b.c, clientConfig: {caBundle: {{ $ca.Cert | b64enc }}}}]\n"
        },
        [],
        ["webhooks[a.b.c].clientConfig.caBundle"],
    ),
    "as text": ({"a.yaml": LOGIN % "" + "stringData: {a: {{ uuidv4 }}}"}, ["stringData.a"], []),
    "by default": (
        {"a.yaml": LOGIN % "" + "data: {a: {{ .Values.a | default (randAlpha 9) | b64enc }}}"},
        ["data.a"],
        [],
    ),
    "by a helper": ({"a.yaml": LOGIN % "" + 'data: {a: {{ include "pw" . }}}', "_h.tpl": _HELPER}, ["data.a"], []),
    "a lookup of something else": (
        {"a.yaml": '{{ $n := lookup "v1" "Namespace" "" "x" }}' + LOGIN % "" + f"data: {{a: {_RANDOM}}}"},
        ["data.a"],
        [],
    ),
    "a lookup in another template": (
        {"a.yaml": LOGIN % "" + f"data: {{a: {_RANDOM}}}", "b.yaml": '{{ $n := lookup "v1" "Secret" "" "x" }}'},
        ["data.a"],
        [],
    ),
    "a lookup in a comment": (
        {"a.yaml": '{{/* lookup "v1" "Secret" "" "x" */}}' + LOGIN % "" + f"data: {{a: {_RANDOM}}}"},
        ["data.a"],
        [],
    ),
    "a hook of upgrades": (
        {"a.yaml": LOGIN % _HOOK % "'pre-install,pre-upgrade'" + f"data: {{a: {_RANDOM}}}"},
        ["data.a"],
        [],
    ),
    "kept": (
        {"a.yaml": _LOOKS % "x" + LOGIN % "" + f"data: {{a: {{{{ if $s }}}}b{{{{ else }}}}{_RANDOM}{{{{ end }}}}}}"},
        [],
        [],
    ),
    "looked up for nothing": ({"a.yaml": _LOOKS % "x" + LOGIN % "" + f"data: {{a: {_RANDOM}}}"}, ["data.a"], []),
    "one of two keys kept": (
        {"a.yaml": f"{_LOOKS % 'x'}{LOGIN % ''}data:\n  a: {_KEPT}\n  b: {_RANDOM}\n  c: {_KEPT}"},
        ["data.b"],
        [],
    ),
    "one of two Secrets kept": (
        {"a.yaml": f"{_LOOKS % 'x'}{LOGIN % 'a'}data: {{a: {_KEPT}}}\n---\n{LOGIN % 'b'}data:\n  b: {_RANDOM}"},
        ["data.b"],
        [],
    ),
    "kept by a helper": ({"a.yaml": LOGIN % "" + 'data: {a: {{ include "pw" . }}}', "_h.tpl": _KEEPER}, [], []),
    "kept by a helper of a computed name": (
        {"a.yaml": LOGIN % "" + 'data: {a: {{ include (printf "p%s" "w") . }}}', "_h.tpl": _KEEPER},
        [],
        [],
    ),
    "for the installation only": ({"a.yaml": LOGIN % _HOOK % "pre-install" + f"data: {{a: {_RANDOM}}}"}, [], []),
    "made at the installation and kept": (
        {
            "a.yaml": "{{ if .Release.IsInstall }}"
            + LOGIN % ", annotations: {helm.sh/resource-policy: keep}"
            + f"data: {{a: {_RANDOM}}}{{{{ end }}}}"
        },
        [],
        [],
    ),
    "a certificate": ({"a.yaml": LOGIN % "" + 'data: {a: {{ (genCA "x" 365).Cert | b64enc }}}'}, [], ["data.a"]),
    "a salted hash": ({"a.yaml": LOGIN % "" + f"stringData: {{a: {_SALTED}}}"}, [], ["stringData.a"]),
    "a checksum of a password": (
        {"a.yaml": LOGIN % "" + f"data: {{a: {_RANDOM}}}", "b.yaml": POD % "checksum/a: {{ randAlpha 9 | sha256sum }}"},
        ["data.a"],
        [],
    ),
    "the time": (
        {"b.yaml": POD % "at: {{ randNumeric 9 | quote }}"},
        [],
        ["spec.template.metadata.annotations.at"],
    ),
    "the revision": (
        {"b.yaml": POD % "at: {{ .Release.Revision | quote }}"},
        [],
        ["spec.template.metadata.annotations.at"],
    ),
    "the revision in a ConfigMap": ({"a.yaml": MAP + 'data: {at: "{{ .Release.Revision }}"}'}, [], []),
    "a checksum of nothing that differs": (
        {"b.yaml": POD % "checksum/a: {{ randAlpha 9 | sha256sum }}"},
        [],
        ["spec.template.metadata.annotations[checksum/a]"],
    ),
    "a name": (
        {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-{{ randAlpha 9 | lower }}}"},
        [],
        ["metadata.name"],
    ),
    "keys in no order": (
        {
            "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: {{ keys (dict "
            + " ".join(f'"k{n}" 1' for n in range(24))
            + ') | join "-" }}}'
        },
        [],
        ["data.a"],
    ),
    "keys in order": (
        {"a.yaml": MAP + 'data: {a: {{ keys (dict "b" 1 "c" 2) | sortAlpha | join "-" }}}'},
        [],
        [],
    ),
    "a test": (
        {"a.yaml": HOOK % ("a-{{ randAlpha 5 | lower }}", "test")},
        [],
        [],
    ),
    "a hook": (
        {"a.yaml": HOOK % ("a, labels: {b: {{ uuidv4 }}}", "pre-upgrade")},
        [],
        [],
    ),
    "a date": (
        {"b.yaml": POD % 'at: {{ now | date "2006-01-02" | quote }}'},
        [],
        ["spec.template.metadata.annotations.at"],
    ),
    "the time by a helper": (
        {
            "b.yaml": MAP + 'data:\n  {{- include "times" . | nindent 2 }}',
            "_h.tpl": '{{ define "times" }}\nrendered-at: {{ now | unixEpoch | quote }}\nother: b\n{{ end }}',
        },
        [],
        ["data.rendered-at"],
    ),
    "a comment about now": (
        {"b.yaml": MAP + 'data: {at: {{ "now" }}}\n{{/*\nat: {{ now }} */}}'},
        [],
        [],
    ),
    "the time beside the checksum of what is looked up": (
        {
            "a.yaml": (_LOOKS % "login") + LOGIN % "" + f"data: {{a: {_KEPT}}}",
            "b.yaml": POD % f"at: {{{{ now }}}}, {_SUM}",
        },
        [],
        ["spec.template.metadata.annotations.at"],
    ),
    "chance beside the checksum of what is looked up": (
        {
            "a.yaml": (_LOOKS % "login") + LOGIN % "" + f"data: {{a: {_KEPT}}}",
            "b.yaml": MAP + f"data:\n  at: {{{{ uuidv4 }}}}\n  {_SUM}",
        },
        [],
        ["data.at"],
    ),
    "the same": ({"a.yaml": LOGIN % "" + "stringData: {a: b}", "b.yaml": POD % "a: b"}, [], []),
}


def found(policy: Policy, files: dict[str, str], folder: Path, tools: Tools) -> list[str]:
    given = {f"templates/{name}": text for name, text in files.items()}
    verdicts = judged(policy, {**given, "values.yaml": "a: ''"}, folder, tools)
    assert [verdict.unrendered for verdict in verdicts] == [()]
    return [finding.path for verdict in verdicts for finding in verdict.findings]


@pytest.mark.parametrize("name", CASES)
def test_rendered_again(name: str, tmp_path: Path, tools: Tools) -> None:
    files, secrets, others = CASES[name]
    assert found(generated_secrets_are_kept, files, tmp_path, tools) == secrets
    assert found(same_input_gives_the_same_output, files, tmp_path, tools) == others


def test_it_is_rendered_again_with_every_switch_on(tmp_path: Path, tools: Tools) -> None:
    login = f"{LOGIN % ''}data: {{a: {_RANDOM}}}\nstringData: {{b: {_SALTED}}}\n"
    text = f"{{{{ if .Values.auth.enabled }}}}\n{login}{{{{ end }}}}"
    files = {"templates/a.yaml": text, "values.yaml": "auth: {enabled: false}"}
    assert [f.path for f in findings_in(generated_secrets_are_kept, files, tmp_path, tools)] == ["data.a"]
    assert [f.path for f in findings_in(same_input_gives_the_same_output, files, tmp_path, tools)] == ["stringData.b"]


def test_no_secret_value_is_in_a_finding(tmp_path: Path, tools: Tools) -> None:
    files = {"templates/a.yaml": LOGIN % "" + f"data: {{a: {_RANDOM}, b: {_RANDOM}}}", "values.yaml": "{}"}
    [finding] = findings_in(generated_secrets_are_kept, files, tmp_path, tools)
    assert finding.actual == "a, b: another value at each upgrade, and nothing looks up the one that is there"


def test_what_a_template_includes_counts(tmp_path: Path) -> None:
    chart = chart_from(
        tmp_path / "toy",
        {
            "values.yaml": "{}",
            "templates/a.yaml": '{{ include "one" . }}{{ include (print $.Template.BasePath "/b.yaml") . }}',
            "templates/b.yaml": '{{ lookup "v1" "ConfigMap" "" "x" }}',
            "templates/c.yaml": '{{ if true }}{{ lookup "apps/v1" .Values.kind "" "x" }}{{ end }}',
            "templates/d.yaml": '{{ define "four" }}{{ if a }}{{ lookup "v1" "Node" "" "" }}{{ end }}{{ end }}d',
            "templates/_h.tpl": (
                '{{- define "one" -}}{{ if x }}{{ template "two" . }}{{ end }}{{ end }}'
                '{{ define "two" }}{{ include "one" . }}{{ lookup "v1" `Secret` "" "x" }}{{ end }}'
                '{{ define "three" }}{{ lookup "v1" "Service" "" "x" }}{{ end }}'
            ),
        },
    )
    calls = calls_of(chart)
    looked_up = {name: calls.looks_up(f"toy/templates/{name}.yaml") for name in "abcd"}
    assert looked_up == {"a": {"Secret", "ConfigMap"}, "b": {"ConfigMap"}, "c": {""}, "d": frozenset()}
    assert calls.behind("toy/templates/nothing.yaml") == []


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ if $old }}{{ $old.data.a }}{{ end }}', True),
        ('{{ $old := lookup "v1" "Secret" "" "x" | default dict }}{{ get $old "data" }}', True),
        ('{{ with lookup "v1" "Secret" "" "x" }}{{ .data.a }}{{ end }}', True),
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ randAlphaNum 8 }}', False),
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ $older }}', False),
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ $old := dict }}{{ $old.a }}', False),
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ $old := $old.data }}{{ $old.a }}', True),
        ('{{ $old := lookup "v1" "Secret" "" "x" }}{{ $a := $old.data }}', True),
    ],
)
def test_what_is_looked_up_and_forgotten_keeps_nothing(text: str, is_kept: bool, tmp_path: Path) -> None:
    calls = calls_of(chart_from(tmp_path / "toy", {"values.yaml": "{}", "templates/a.yaml": text}))
    assert calls.looks_up("toy/templates/a.yaml") == ({"Secret"} if is_kept else frozenset())


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("a: {{ randAlphaNum 8 | b64enc | quote }}", {"a"}),
        ('"a.b": "{{ uuidv4 }}"', {"a.b"}),
        ("{{ .Values.key }}: {{ randAlphaNum 8 }}", {""}),
        ("{{ if .Values.on }}\na: {{ .Values.a | default (randAlphaNum 8) }}\n{{ end }}", {"a"}),
        ("{{ $a := randAlphaNum 8 }}\na: {{ $a | b64enc }}", {"a"}),
        ("{{ if .Values.a }}\na: {{ .Values.a }}\n{{ else }}\na: {{ uuidv4 }}\n{{ end }}", {"a"}),
        ("{{ $a := $old.a | default (randAlphaNum 8) }}\na: {{ $a | b64enc }}", set()),
        ("{{ $a := randAlphaNum 8 }}{{ if $old }}{{ $a = $old.a }}{{ end }}\na: {{ $a }}", set()),
        ("{{ if $old }}\na: {{ $old.a }}\n{{ else }}\na: {{ randAlphaNum 8 }}\n{{ end }}", set()),
        ("{{ if not $old }}\na: {{ randAlphaNum 8 }}\n{{ end }}", set()),
        ('{{ if not (lookup "v1" "Secret" "" "x") }}\na: {{ randAlphaNum 8 }}\n{{ end }}', set()),
        ("{{ if .Release.IsInstall }}\na: {{ randAlphaNum 8 }}\n{{ end }}", set()),
        ('a: {{ include "kept" . | default (randAlphaNum 8) }}', set()),
        ("a: {{ index $old `a` | default (randAlphaNum 8) }}", set()),
        ("a: {{ .Values.a }}\nb: randAlphaNum", set()),
        ("{{/*\na: {{ randAlphaNum 8 }}\n*/}}", set()),
        ("a: {{ if .Values.a }}{{ .Values.a | b64enc }}{{ else }}{{ randAlphaNum 8 }}{{ end }}", {"a"}),
        ("a: {{ if $old }}{{ $old.data.a }}{{ else }}{{ randAlphaNum 8 }}{{ end }}", set()),
    ],
)
def test_keys_made_anew(text: str, anew: set[str]) -> None:
    assert keys_made_anew(text) == anew


_LOOKS_UP = '{{ $old := lookup "v1" "Secret" .Release.Namespace "x" }}'
_LOOKS_UP_DATA = '{{ $data := (lookup "v1" "Secret" "" "x").data | default dict }}'


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        (_LOOKS_UP + '{{ index $old.data "a" | b64enc | quote }}', ['index $old.data "a" | b64enc | quote']),
        (_LOOKS_UP + "{{ $old.data.a | b64enc }}", ["$old.data.a | b64enc"]),
        (_LOOKS_UP_DATA + '{{ get $data "a" | b64enc }}', ['get $data "a" | b64enc']),
        (
            _LOOKS_UP_DATA + '{{ index $data "a" | default (randAlphaNum 8) | b64enc }}',
            ['index $data "a" | default (randAlphaNum 8) | b64enc'],
        ),
        (
            _LOOKS_UP + "{{ .Values.a | default ($old.data.a | trim) | b64enc }}",
            [".Values.a | default ($old.data.a | trim) | b64enc"],
        ),
        (_LOOKS_UP_DATA + '{{ index $data "a" | default (randAlphaNum 8 | b64enc) | quote }}', []),
        (
            _LOOKS_UP_DATA + '{{ .Values.a | default (include "decoded" $data) | default (randAlphaNum 8) | b64enc }}',
            [],
        ),
        (_LOOKS_UP_DATA + '{{ printf "%s|%s" $data.a .Values.a | sha256sum | b64enc }}', []),
        ('{{ $a := index (lookup "v1" "Secret" "" "x").data "a" | b64dec }}{{ .Values.a | default $a | b64enc }}', []),
        (_LOOKS_UP + "{{ $old.data.a | b64dec | b64enc }}", []),
        (_LOOKS_UP + "{{ $old.data.a | default (randAlphaNum 8 | b64enc) }}", []),
        (_LOOKS_UP + "{{ $old.metadata.name | b64enc }}", []),
        (_LOOKS_UP + "{{ $new.data.a | b64enc }}", []),
        ('{{ $map := lookup "v1" "ConfigMap" "" "x" }}{{ $map.data.a | b64enc }}', []),
    ],
)
def test_what_is_encoded_again(text: str, actions: list[str], tmp_path: Path) -> None:
    chart = chart_from(tmp_path / "toy", {"values.yaml": "{}", "templates/a.yaml": text})
    assert [action.strip() for _, _, action in encoded_again(chart)] == actions
