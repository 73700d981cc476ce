"""What the text of templates alone tells of a chart: keys out of reach, lost roots, settings that wait for others."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.charts.template_texts.lost_roots import lost_roots
from chartgate.charts.template_texts.meant_namespace import meant_namespace
from chartgate.charts.template_texts.misspelt_arguments import misspelt_arguments
from chartgate.charts.template_texts.unknown_includes import unknown_includes
from chartgate.charts.template_texts.unknown_roots import unknown_roots
from chartgate.charts.template_texts.unread_keys import asked_keys, unread_keys
from chartgate.charts.template_texts.waiting_settings import waiting_settings
from chartgate.documents.addresses import join
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart
from chartgate.policy.proofs import literal_rendering

_CHART = literal_rendering("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").chart


def chart(template: str, values: str = "{}", *, file: str = "templates/a.yaml", **fields: Any) -> Chart:
    given: dict[str, Any] = go_yaml.load(values, "values.yaml")
    files = {"values.yaml": values.encode(), **fields.pop("files", {})}
    return dataclasses.replace(
        _CHART, templates={file: template}, own_values=given, defaults=given, files=files, **fields
    )


LIBRARY = dataclasses.replace(
    _CHART, name="common", metadata={"type": "library"}, templates={"templates/_a.tpl": "{{ .Values.a }}"}
)
SUBCHART = dataclasses.replace(_CHART, name="db", templates={"templates/a.yaml": "{{ .Values.size }}"})


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{{ .Values.a }}", "{a: 1, b: 2}", ["b"]),
        ("{{ .Values.a.c }}", "{a: {c: 1, d: 2}, b: {c: 1, d: {e: 2}}}", ["a.d", "b"]),
        ("{{ .Values.a }}", "{a: 1, global: {a: 1}}", ["global"]),
        ("{{ .Values.global.a }}", "{global: {a: 1, b: 1}}", ["global.b"]),
        ("{{ with .Values.a }}{{ .c }}{{ end }}", "{a: {c: 1}, b: {c: 1}}", ["b"]),
        ("{{ if .Values.a }}{{ end }}{{ .Values.a.c }}", "{a: {c: 1, d: 2}}", ["a.d"]),
        # The name alone is no reader, where nothing takes all of the values.
        ("{{ .Values.a.existingClaim }}", '{a: {existingClaim: ""}, b: {existingClaim: ""}}', ["b"]),
        ('{{ index .Values "a" "c" }}', "{a: {c: 1, d: 2}}", ["a.d"]),
        ("{{ toYaml .Values }}", "{a: 1, b: 2}", ["a", "b"]),
        (
            '{{ define "n" }}{{ .part.c }}{{ end }}{{ include "n" (merge (dict "part" .Values.a) .) }}',
            "{a: {c: 1, d: 2}}",
            ["a.d"],
        ),
        # Nobody includes it, or only what nobody includes either.
        ('{{ define "n" }}{{ .Values.a }}{{ end }}', "{a: 1}", ["a"]),
        ('{{ define "n" }}{{ .Values.a }}{{ end }}{{ define "m" }}{{ include "n" . }}{{ end }}', "{a: 1}", ["a"]),
        # Its keys are read by their names, wherever the section goes.
        ("{{ with .Values.a }}{{ .b }}{{ end }}", "{a: {b: 1, c: 2}}", ["a.c"]),
        (
            '{{ define "n" }}{{ .part.b }}{{ end }}{{ include "n" (dict "part" .Values.part) }}',
            "{part: {b: 1, c: 2}}",
            ["part.c"],
        ),
    ],
)
def test_keys_that_no_template_reads(template: str, values: str, expected: list[str]) -> None:
    assert list(unread_keys(chart(template, values))) == expected


@pytest.mark.parametrize(
    ("template", "values", "fields"),
    [
        ("{{ toYaml .Values.a }}", "{a: {b: {c: 1}}}", {}),
        ("{{ range $k, $v := .Values.a }}{{ $v.x }}{{ end }}", "{a: {b: {x: 1}}}", {}),
        ('{{ include "x" (dict "root" $ "part" .Values.a) }}', "{a: {b: 1}}", {}),
        ("{{ $a := .Values.a }}{{ $a = .Values.b }}{{ $a.c }}", "{a: {c: 1}, b: {c: 1}}", {}),
        # All values at once: what is called so somewhere may be meant.
        ('{{ $v := index .Values .part }}{{ $v.size }}{{ "b" }}', "{a: {size: 1}}", {}),
        ("{{ .Values.a }}", "{a: '{{ .Values.b }}', b: 1}", {}),
        ("{{ tpl .Values.a . }}", "# a: '{{ .Values.b.c }}'\na: ''\nb: {c: 1}\n", {}),
        ("{{ .Values.a }}", "a: 1\n# reserved for charts above this one\nb: 2\n", {}),
        ("{{ .Values.a }}", "common: &common {x: 1}\na: *common\n", {}),
        ("{{ .Values.a }}", "{a: 1, enabled: true}", {}),
        (
            "{{ .Values.a }}",
            "{a: 1, b: {live: true}}",
            {"metadata": {"dependencies": [{"name": "c", "condition": "b.live"}]}},
        ),
        ("{{ .Values.a }}", "{a: 1, db: {size: 1}}", {"subcharts": (SUBCHART,)}),
        ("", "{a: 1}", {"subcharts": (LIBRARY,)}),
        ("{{ .Values.a }}", "{a: 1, b: 1}", {"files": {"files/a.conf": b"{{ .Values.b }}"}}),
        ("{{ toYaml .Values.global }}", "{global: {a: 1}}", {}),
        ("{{ .Values.a }}", "{a: 1, global: {a: 1}}", {"metadata": {"dependencies": [{"name": "not-here"}]}}),
        ("{{ with.Values.a }}{{ .b }}{{ end }}", "{a: {b: 1}}", {}),
        ('{{ define "n" }}{{ end }}{{ .Values.a }}', "{a: 1}", {}),
        ("{{ with .Values.a }}{{ toYaml . }}{{ end }}", "{a: {b: 1}}", {}),
        ('{{ with .Values.a }}{{ include "n" . }}{{ end }}', "{a: {b: 1}}", {}),
        (
            '{{ define "n" }}{{ toYaml .part }}{{ end }}{{ include "n" (dict "part" .Values.part) }}',
            "{part: {c: 2}}",
            {},
        ),
        (
            '{{ define "n" }}{{ .part.c }}{{ end }}{{ include "n" (merge (dict "a" 1) .Values.part) }}',
            "{part: {c: 2, d: 3}}",
            {},
        ),
        # It goes by the name that it has in the map.
        (
            '{{ define "n" }}{{ .value | toYaml }}{{ end }}{{ include "n" (dict "value" .Values.part "context" $) }}',
            "{part: {c: 2}}",
            {},
        ),
        (
            '{{ define "n" }}{{ .value | toYaml }}{{ end }}{{ include "n" (dict "value" (omit .Values.part "on")) }}',
            "{part: {c: 2, on: true}}",
            {},
        ),
        ('{{ define "n" }}{{ .Values.a }}{{ end }}{{ include (print "n") . }}', "{a: 1}", {}),
        ('{{ define "n" }}{{ .Values.a }}{{ end }}{{ .Values.b }}', "{a: 1, b: '{{ include \"n\" . }}'}", {}),
    ],
)
def test_keys_that_something_may_read(template: str, values: str, fields: dict[str, Any]) -> None:
    assert list(unread_keys(chart(template, values, **fields))) == []


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        (
            "{{ if .Values.job.extraEnv }}{{ toYaml .Values.extraEnv }}{{ end }}",
            "{job: {extraEnv: []}}",
            ["job.extraEnv"],
        ),
        ('{{ if typeIs "bool" .Values.a }}a: "true"{{ end }}', "{a: false}", ["a"]),
        ('{{ if and .Values.b (kindIs "bool" .Values.a) }}a: "true"{{ end }}', "{a: true, b: true}", ["a"]),
        ('{{ if typeIs "bool" .Values.a }}a: {{ .Values.a }}{{ end }}', "{a: false}", []),
        ("{{ if (.Values.a).enabled }}a: b{{ end }}", "{a: {enabled: false}}", []),
        ('{{ if kindIs "bool" .Values.a }}{{ if .Values.a }}a: b{{ end }}{{ end }}', "{a: false}", []),
        ('{{ if and (kindIs "bool" .Values.a) .Values.a }}a: b{{ end }}', "{a: false}", []),
        ("{{ if .Values.a }}a: b{{ end }}", "{a: false}", []),
        # A text, where the key of this name in another section is printed.
        ("{{ if .Values.a.key }}{{ .Values.b.key }}{{ end }}", '{a: {key: ""}, b: {key: ""}}', ["a.key"]),
        ("{{ if .Values.a.key }}{{ .Values.a.key }}{{ .Values.b.key }}{{ end }}", '{a: {key: ""}, b: {key: ""}}', []),
        ("{{ if not .Values.a.key }}{{ .Values.b.key }}{{ end }}", '{a: {key: ""}, b: {key: ""}}', []),
        ("{{ if .Values.tls.secretName }}a: b{{ end }}", '{tls: {secretName: ""}}', ["tls.secretName"]),
        ("{{ with .Values.tls.secretName }}a: {{ . }}{{ end }}", '{tls: {secretName: ""}}', []),
        ("{{ if .Values.existingSecretName }}a: b{{ end }}", '{existingSecretName: ""}', []),
        ("{{ if .Values.a.key }}{{ .Values.b.other }}{{ end }}", '{a: {key: ""}, b: {other: ""}}', []),
    ],
)
def test_keys_that_are_only_asked_for(template: str, values: str, expected: list[str]) -> None:
    assert list(asked_keys(chart(template, values))) == expected


def test_notes_are_readers() -> None:
    assert list(unread_keys(chart("{{ .Values.a }}", "{a: 1}", file="templates/NOTES.txt"))) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ range .Values.a }}{{ .Values.b }}{{ end }}", [".Values"]),
        ("{{ with .Values.a }}{{ if .b }}{{ .Release.Name }}{{ end }}{{ end }}", [".Release"]),
        ("{{ range $i, $a := $.Values.a }}{{ .Chart.Name }}{{ end }}", [".Chart"]),
        (
            '{{ define "n" }}{{ .Values.b }}{{ end }}{{ range .Values.a }}{{ include "n" . }}{{ end }}',
            ['include "n" .'],
        ),
        ('{{ define "n" }}{{ .top.Values.b }}{{ end }}{{ include "n" (dict "a" 1) }}', ['include "n"']),
    ],
)
def test_roots_that_are_lost(template: str, expected: list[str]) -> None:
    assert [lost.what for lost in lost_roots(chart(template))] == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ range .Values.a }}{{ $.Values.b }}{{ end }}",
        "{{ range .Values.a }}{{ end }}{{ .Values.b }}",
        "{{ with .Values.a }}{{ . }}{{ else }}{{ .Values.b }}{{ end }}",
        '{{ with (dict "Values" .Values) }}{{ .Values.b }}{{ end }}',
        "{{ with $ }}{{ .Values.b }}{{ end }}",
        "{{ with . }}{{ .Values.b }}{{ end }}",
        "{{ range .Values.a }}{{ with $ }}{{ .Values.b }}{{ end }}{{ end }}",
        '{{ range .Values.a }}{{ "see .Values.b" }}{{/* .Values.c */}}{{ end }}',
        "{{ range .Values.a }}{{ $root.Values.b }}{{ .root.Values.c }}{{ end }}",
        '{{ define "n" }}{{ .b }}{{ end }}{{ range .Values.a }}{{ include "n" . }}{{ end }}',
        '{{ define "n" }}{{ .top.Values.b }}{{ end }}{{ include "n" (dict "top" $ "a" 1) }}',
        '{{ define "n" }}{{ .top.Values.b }}{{ end }}{{ include "n" (merge (dict "a" 1) .) }}',
        '{{ define "n" }}{{ if hasKey . "top" }}{{ .top.Values.b }}{{ end }}{{ end }}{{ include "n" (dict "a" 1) }}',
        # Only a list of two keys and two values tells which keys it has.
        '{{ define "n" }}{{ .top.Values.b }}{{ end }}{{ include "n" (dict $key $) }}',
    ],
)
def test_roots_that_are_there(template: str) -> None:
    assert list(lost_roots(chart(template))) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ .Value.a }}", [".Value"]),
        ("{{ if .Values.on }}{{ .Chart.Name }}{{ .Realease.Name | quote }}{{ end }}", [".Realease"]),
        ('{{ range .Values.a }}{{ include "n" (dict "ctx" $.ctx) }}{{ end }}', ["$.ctx"]),
        ("{{ $.Values.a }}{{ .Values.Value.a }}{{ $.Subcharts.db }}{{ .Capabilities.KubeVersion }}", []),
        # Inside of a named template, of a block with another dot, of a text, and of a variable.
        ("{{ .Release.namespace }}{{ $.Chart.Nme | quote }}", [".Release.namespace", "$.Chart.Nme"]),
        (
            '{{ define "n" }}{{ .Release.namespace }}{{ end }}{{ with .a }}{{ .Chart.Nme }}{{ end }}',
            [".Release.namespace"],
        ),
        ("{{ .Chart.Annotations.a }}{{ .Release.Service }}{{ $web.Chart.port }}", []),
        ('{{ define "n" }}{{ $.ctx.Values.a }}{{ .Top.a }}{{ end }}', []),
        ("{{ with .Values.a }}{{ .Name.b }}{{ end }}{{ range .Values.a }}{{ .Name.b }}{{ end }}", []),
        ('{{ print "$.ctx .Value.a" }}{{ $a.Value.b }}{{ (index .Values.a 0).Name.b }}', []),
        # Some template puts words there.
        ('{{ $_ := set $ "ctx" 1 }}{{ $.ctx }}', []),
        ('{{ $_ := merge . (dict "Value" 1) }}{{ .Value.a }}', []),
    ],
)
def test_roots_that_nobody_knows(template: str, expected: list[str]) -> None:
    assert [unknown.what for unknown in unknown_roots(chart(template))] == expected


LABELS = '{{ define "l" }}{{ .component }}{{ with .more }}{{ .tiers }}{{ end }}{{ end }}'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (LABELS + '{{ include "l" (dict "componet" "web") }}', ['"componet"']),
        (LABELS + '{{ $a := dict "componet" "web" "more" (dict "b" 1) }}{{ include "l" $a }}', ['"componet"']),
        # One that reads, and two that give: the one is wrong.
        (LABELS + '{{ include "l" (dict "componet" 1) }}{{ include "l" (dict "componet" 2) }}', [".component"]),
        # It hands on what it is given.
        (LABELS + '{{ define "m" }}{{ include "l" . }}{{ end }}{{ include "m" (dict "componet" 1) }}', ['"componet"']),
        (LABELS + '{{ include "l" (dict "component" 1 "componet" 2) }}{{ include "l" (dict "other" 1) }}', []),
        # The dot is another one there, or what is read of it is not told.
        (LABELS + '{{ include "l" (dict "component" 1 "tier" 2 "mores" 3) }}', []),
        (
            LABELS + '{{ define "m" }}{{ include "l" . }}{{ toYaml . }}{{ end }}{{ include "m" (dict "componet" 1) }}',
            [],
        ),
        (LABELS + '{{ $a := dict "componet" 1 }}{{ $_ := set $a "component" 2 }}{{ include "l" $a }}', []),
        (LABELS + '{{ include "l" (merge (dict "componet" 1) .) }}{{ include "l" (dict $key 1) }}', []),
    ],
)
def test_arguments_that_are_misspelt(template: str, expected: list[str]) -> None:
    assert [misspelt.what for misspelt in misspelt_arguments(chart(template))] == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ if .Values.initContainers }}{{ with .Values.nodeSelector }}{{ . }}{{ end }}{{ end }}", ["nodeSelector"]),
        ("{{ with .Values.tolerations }}{{ toYaml $.Values.nodeSelector }}{{ end }}", ["nodeSelector"]),
        ("{{ if .Values.on }}{{ toYaml .Values.nodeSelector }}{{ end }}", []),
        ("{{ if or .Values.initContainers .Values.on }}{{ toYaml .Values.nodeSelector }}{{ end }}", []),
        ("{{ if not .Values.initContainers }}{{ toYaml .Values.nodeSelector }}{{ end }}", []),
        ("{{ if .Values.initContainers }}{{ .Values.nodeSelector }}{{ end }}{{ .Values.nodeSelector }}", []),
        ("{{ with .Values.nodeSelector }}{{ toYaml $.Values.nodeSelector }}{{ end }}", []),
        # The whole object is there for the other one.
        ("{{ if .Values.initContainers }}\nkind: Job\na: {{ .Values.nodeSelector }}\n{{ end }}", []),
        # A key that no values.yaml has, called nearly so; it is another one, is asked for elsewhere, or known.
        ("{{ if .Values.priority }}{{ .Values.priorityClass }}{{ end }}", ["priorityClass"]),
        ("{{ with $.Values.priorityClas }}{{ $.Values.priorityClass }}{{ end }}", ["priorityClass"]),
        ("{{ if .Values.prior }}{{ .Values.priorityClass }}{{ end }}", []),
        ("{{ if .Values.priority }}{{ .Values.priorityClass }}{{ end }}{{ .Values.priorityClass }}", []),
        ("{{ if or .Values.priority .Values.on }}{{ .Values.priorityClass }}{{ end }}", []),
        ("{{ if .Values.tolerations }}{{ .Values.tolerationsMode }}{{ end }}", []),
        # Of an item; what begins with the other's name is of it.
        ("{{ range $a := .Values.jobs }}{{ if $a.args }}{{ $a.tlsSecret }}{{ end }}{{ end }}", ["a.tlsSecret"]),
        ("{{ $a := .Values.web }}{{ if $a.tls }}{{ $a.tlsSecret }}{{ end }}", []),
    ],
)
def test_settings_that_wait(template: str, expected: list[str]) -> None:
    values = (
        '{initContainers: [], nodeSelector: {}, tolerations: [], on: false, priorityClass: "", tolerationsMode: ""}'
    )
    assert [join(*waiting.key) for waiting in waiting_settings(chart(template, values))] == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ include "web.name" . }}', ["web.name"]),
        ('{{ template "web.name" }}{{ print "a" (include "web.labels" .) "b" }}', ["web.name", "web.labels"]),
        ('{{ define "web.name" }}{{ end }}{{ include "web.name" . }}', []),
        # For the chart above to define.
        ('{{ if .Values.a }}b{{ else if .Values.extraEnv }}{{ include "web.extraEnv" . }}{{ end }}', []),
        # For clusters that are no more, and for others.
        ('{{ if .Values.psp.enabled }}{{ include "a" . }}{{ else }}{{ include "b" . }}{{ end }}', ["b"]),
        ('{{ include "podSecurityPolicy.apiGroup" . }}', ["podSecurityPolicy.apiGroup"]),
        # Words inside of other texts.
        ('{{ print "@include " $key ".d/*" }}{{ print `template "a"` }}{{ print "\\"" "include " .a " " }}', []),
    ],
)
def test_what_is_included_and_not_there(template: str, expected: list[str]) -> None:
    assert [found.name for found in unknown_includes(chart(template))] == expected


@pytest.mark.parametrize(
    ("kind", "namespace", "values", "expected"),
    [
        ("ServiceAccount", "{{ .Values.global.meshNamespace | quote }}", "{global: {meshNamespace: mesh}}", "mesh"),
        ("ServiceAccount", "{{ .Values.global.meshNamespace }}", "{inner: {global: {meshNamespace: mesh}}}", "mesh"),
        ("ServiceAccount", "{{ .Values.global.meshNamespace }}", '{global: {meshNamespace: ""}}', ""),
        (
            "ServiceAccount",
            "{{ .Values.global.namespace | default .Release.Namespace }}",
            "{global: {namespace: a}}",
            "",
        ),
        ("ServiceAccount", "{{ .Values.database.namespace }}", "{database: {namespace: a}}", ""),
        ("ConfigMap", "{{ .Values.global.meshNamespace }}", "{global: {meshNamespace: mesh}}", ""),
    ],
)
def test_the_namespace_that_a_system_is_in(kind: str, namespace: str, values: str, expected: str) -> None:
    template = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: a\n  namespace: {namespace}\n"
    assert meant_namespace(chart(template, values)) == expected
