"""What the text of templates shows of orders, lengths, printed values and selectors, right and wrong."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.chart_files import cuts, template_variables, ternaries
from chartgate.packs.kubernetes.healthy.config_map import HEALTHY
from chartgate.packs.kubernetes.networking import selecting_templates
from chartgate.packs.kubernetes.options import default_order, printed_values
from chartgate.packs.kubernetes.pods_and_storage import checksums
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import edited


@pytest.mark.parametrize(
    ("policy", "action", "is_wrong"),
    [
        (ternaries.ternaries_have_their_sides, 'ternary "80" "443" $.Values.web.ssl', True),
        (ternaries.ternaries_have_their_sides, '(.Values.web.https | ternary "ws" "wss")', True),
        (ternaries.ternaries_have_their_sides, "ternary .port .tls.port .tls.enabled", True),
        (ternaries.ternaries_have_their_sides, 'ternary "PLAINTEXT" "SSL" .Values.broker.tls.enabled', True),
        (ternaries.ternaries_have_their_sides, 'ternary "SASL_SSL" "SASL_PLAINTEXT" .Values.tls.enabled', False),
        (ternaries.ternaries_have_their_sides, 'ternary "https" "http" .Values.tls.enabled', False),
        (ternaries.ternaries_have_their_sides, 'ternary "http" "https" .Values.insecure', False),
        (ternaries.ternaries_have_their_sides, 'ternary "http" "https" .Values.tls.disabled', False),
        (ternaries.ternaries_have_their_sides, 'ternary "http" "https" (not .Values.tls.enabled)', False),
        (ternaries.ternaries_have_their_sides, 'ternary "http" "tcp" .Values.tls.enabled', False),
        (ternaries.ternaries_have_their_sides, "ternary .tls.port .port .tls.enabled", False),
        (ternaries.ternaries_have_their_sides, "ternary .tls.port .tls.plain .tls.enabled", False),
        (ternaries.ternaries_have_their_sides, 'ternary "" .tls.port .tls.enabled', False),
        (ternaries.ternaries_have_their_sides, "if $.Values.tls.enabled }}ws://{{ else }}wss://{{ end", True),
        (
            ternaries.ternaries_have_their_sides,
            "if .Values.tlsSecretName -}}\nhttp\n{{- else -}}\nhttps\n{{- end",
            True,
        ),
        (ternaries.ternaries_have_their_sides, "if .Values.tls.enabled }}https{{ else }}http{{ end", False),
        (ternaries.ternaries_have_their_sides, "if not .Values.tls.enabled }}http{{ else }}https{{ end", False),
        (ternaries.ternaries_have_their_sides, "if .Values.insecureTls }}http{{ else }}https{{ end", False),
        (ternaries.ternaries_have_their_sides, "if .Values.proxy }}http{{ else }}https{{ end", False),
        (default_order.keys_of_a_part_come_before_those_of_all, "with .Values.a | default .Values.web.a", True),
        (default_order.keys_of_a_part_come_before_those_of_all, "$root.Values.a | default $web.a", True),
        (default_order.keys_of_a_part_come_before_those_of_all, "default .Values.web.a .Values.a", True),
        *(
            (default_order.keys_of_a_part_come_before_those_of_all, actions, is_wrong)
            for actions, is_wrong in (
                ("if .Values.a }}{{ else if .Values.web.a }}{{ end", True),
                ("if .b }}{{ else if .c }}{{ if .Values.a }}{{ .b }}{{ else if $.web.a }}{{ end }}{{ end", True),
                ("if .Values.web.a }}{{ else if .Values.a }}{{ end", False),
                ("if .Values.a }}{{ else if .Values.web.b }}{{ else if .Values.web.a }}{{ end", False),
                ("if .Values.global.a }}{{ else if .Values.web.a }}{{ end", False),
                ("if .b }}{{ if .Values.a }}{{ end }}{{ else if .Values.web.a }}{{ end", False),
            )
        ),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.web.a | default .Values.a", False),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.a | default .Values.global.a", False),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.global.a | default .Values.web.a", False),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.a | default .Values.web.ab", False),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.a.b | default .Values.web.b", False),
        (default_order.keys_of_a_part_come_before_those_of_all, ".Values.a | default .Values.web.a.b", False),
        *(
            (template_variables.merges_leave_values_as_they_are, actions, is_wrong)
            for actions, is_wrong in (
                ("merge .Values.a .Values.b }}{{ mergeOverwrite $.Values.a .Values.c", True),
                ('merge .Values.a (dict "b" "c") }}{{ merge .Values.a (dict "b" "d")', True),
                ("range .Values.parts }}{{ mergeOverwrite $.Values.a . }}{{ end", True),
                ("merge .Values.a .Values.b }}{{ merge $.Values.a $.Values.b", False),
                ("merge (deepCopy .Values.a) .Values.b }}{{ merge (deepCopy .Values.a) .Values.c", False),
                ("merge .Values.b .Values.a }}{{ merge .Values.c .Values.a", False),
                ("range .Values.parts }}{{ merge (dict) $.Values.a .b }}{{ end", False),
                ("range .Values.parts }}{{ merge $.Values.a $.Values.b }}{{ end", False),
            )
        ),
        (cuts.labels_are_cut_to_their_length, ".Values.nameOverride | default .Chart.Name | trunc 253", True),
        (cuts.labels_are_cut_to_their_length, ".Chart.Version | trunc 63", False),
        (cuts.labels_are_cut_to_their_length, ".Chart.Name | trunc 100 | trunc 63", False),
        (cuts.labels_are_cut_to_their_length, 'printf "%s-%s" .Release.Name .Chart.Name | trunc 253', False),
        (cuts.labels_are_cut_to_their_length, "include (print .Chart.Name) . | trunc 7", False),
        (cuts.labels_are_cut_to_their_length, ".Values.description | trunc 500", False),
        (checksums.checksums_are_of_contents, '(print .Template.BasePath "/a.yaml") | sha1sum', True),
        (checksums.checksums_are_of_contents, 'include (print $.Template.BasePath "/a.yaml") . | sha256sum', False),
        (checksums.checksums_are_of_contents, 'tpl (include (print $.Template.BasePath "/a") .) $ | sha256sum', False),
        (checksums.checksums_are_of_contents, ".Values.config | toYaml | sha256sum", False),
        (checksums.checksums_are_of_contents, "print $.Template.BasePath | quote", False),
        (checksums.checksums_are_of_contents, '.Files.Get "a.yaml" | sha256sum', False),
    ],
)
def test_orders(policy: Policy, action: str, *, is_wrong: bool) -> None:
    checks = checks_of(policy, [edited(HEALTHY, of_chart(templates={"templates/a.yaml": f"{{{{ {action} }}}}"}))])
    assert [check.passed for check in checks] == [not is_wrong]


_PRINTS, _ASKS = printed_values.templates_print_no_list_or_map, printed_values.what_is_printed_was_asked_for


@pytest.mark.parametrize(
    ("policy", "text", "is_wrong"),
    [
        (_PRINTS, "a: {{ .Values.items }}", True),
        (_PRINTS, '- a: "{{ $.Values.map }}"', True),
        (_PRINTS, "a: {{ .Values.items | toJson }}", False),
        (_PRINTS, "a:\n  {{ toYaml .Values.map | indent 2 }}", True),
        (_PRINTS, "{{ with .Values.map }}\na:\n  {{ toYaml . }}\n{{ end }}", True),
        (_PRINTS, "a: {{ .Values.items | toYaml | indent 2 }}", True),
        (_PRINTS, "{{ range .Values.items }}\n  {{ toYaml .spec }}\n{{ end }}", True),
        (_PRINTS, "a:\n{{ toYaml .Values.map | indent 2 }}", False),
        (_PRINTS, "a:\n  {{- toYaml .Values.map | nindent 2 }}\n  {{ toYaml .Values.map | indent 2 | trim }}", False),
        (_PRINTS, '{{- define "a" -}}\n  {{ toYaml .Values.map }}\n{{- end }}', False),
        (_PRINTS, "{{ range .Values.items }}\n  {{ toYaml . }}\n{{ end }}", False),
        (_PRINTS, "a: {{ toYaml .Values.text }}\nb: {{ toYaml .b }}", False),
        # It is filled by its name.
        (_PRINTS, "a:\n  {{ toYaml .Values.tolerations | indent 2 }}", False),
        (_PRINTS, "a: {{ .Values.text }}", False),
        (_PRINTS, "run ({{ .Values.items }})", False),
        (_PRINTS, 'a: {{ join "," .Values.items }}', False),
        (_PRINTS, "a: {{ range .Values.items }}{{ . }}{{ end }}", False),
        (_PRINTS, '{{ if kindIs "string" .Values.map }}\na: {{ .Values.map }}\n{{ end }}', False),
        (_ASKS, "{{ if or .Values.no .Values.b }}a: {{ .Values.no }}{{ end }}", True),
        (_ASKS, '{{ if or .Values.no (eq .Values.no "") }}a: "{{ .Values.no }}"{{ end }}', False),
        (_ASKS, "{{ if and .Values.no .Values.b }}{{ .Values.no }}{{ end }}", False),
        (_ASKS, "{{ if or .Values.text .Values.b }}{{ .Values.text }}{{ end }}", False),
        (_ASKS, "{{ if or .Values.no .Values.b }}{{ .Values.b }}{{ end }}", False),
        (_ASKS, "{{ if or .Values.no .Values.b }}{{ with .Values.no }}{{ $.Values.no }}{{ end }}{{ end }}", False),
        (_ASKS, "{{ if or .Values.no .Values.b }}{{ .Values.no | default 5 }}{{ end }}", False),
    ],
)
def test_what_is_printed(policy: Policy, text: str, *, is_wrong: bool) -> None:
    values = {"items": [], "map": {}, "text": "some", "no": "", "b": True, "tolerations": []}
    checks = checks_of(policy, [edited(HEALTHY, of_chart(templates={"templates/a.yaml": text}, own_values=values))])
    assert [check.passed for check in checks] == [not is_wrong]


_NAMED = '{{ define "a.labels" }}{{ .Chart.Version }}{{ end }}{{ define "a.match" }}{{ .Release.Name }}{{ end }}'


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ('selector:\n    matchLabels:\n      {{- include "a.labels" . | nindent 6 }}', True),
        ('  selector: {{- include "a.labels" . | nindent 4 }}', True),
        ('    matchLabels:\n      {{- include "a.match" . | nindent 6 }}', False),
        ('  labels:\n    {{- include "a.labels" . | nindent 4 }}', False),
        ('    matchLabels:\n      app: a\n  labels: {{ include "a.labels" . }}', False),
        ('kind: ServiceMonitor\nspec:\n    matchLabels:\n      {{- include "a.labels" . }}', False),
        ('    matchLabels:\n      {{- include "b.labels" . | nindent 6 }}', False),
        ('{{/* \n    matchLabels:\n      {{- include "a.labels" . }} */}}', False),
    ],
)
def test_what_selects(text: str, *, is_wrong: bool) -> None:
    rendering = edited(HEALTHY, of_chart(templates={"templates/_a.tpl": _NAMED, "templates/b.yaml": text}))
    checks = checks_of(selecting_templates.selecting_templates_carry_no_version, [rendering])
    assert [check.passed for check in checks] == [not is_wrong]


def test_what_rendered_objects_select_by_leaves_the_version_out() -> None:
    """It has a version only where it is asked for labels, or its objects would be told by another policy."""
    rendering = literal_rendering(HEALTHY)
    selects = 'selector:\n    matchLabels:\n      {{- include "a.labels" . | nindent 6 }}'
    rendered = next(iter(rendering.resources)).template.partition("/")[2]
    templates = {"templates/_a.tpl": _NAMED, "templates/b.yaml": selects, rendered: selects}
    chart = dataclasses.replace(rendering.chart, templates=templates)
    checks = checks_of(
        selecting_templates.selecting_templates_carry_no_version, [dataclasses.replace(rendering, chart=chart)]
    )
    assert all(check.passed for check in checks)
