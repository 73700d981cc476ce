"""What the text of templates shows of orders, lengths, printed values and selectors, right and wrong."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.chart_files import template_variables
from chartgate.packs.kubernetes.networking import selecting_templates
from chartgate.packs.kubernetes.options import default_order, printed_values
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of


@pytest.mark.parametrize(
    ("policy", "action", "is_wrong"),
    [
        (default_order.keys_of_a_part_come_before_those_of_all, "with .Values.a | default .Values.web.a", True),
        (default_order.keys_of_a_part_come_before_those_of_all, "$root.Values.a | default $web.a", True),
        (default_order.keys_of_a_part_come_before_those_of_all, "default .Values.web.a .Values.a", True),
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
    ],
)
def test_orders(policy: Policy, action: str, *, is_wrong: bool) -> None:
    rendering = literal_rendering(default_order.HEALTHY)
    chart = dataclasses.replace(rendering.chart, templates={"templates/a.yaml": f"{{{{ {action} }}}}"})
    checks = checks_of(policy, [dataclasses.replace(rendering, chart=chart)])
    assert [check.passed for check in checks] == [not is_wrong]


_PRINTS = printed_values.templates_print_no_list_or_map


@pytest.mark.parametrize(
    ("policy", "text", "is_wrong"),
    [
        (_PRINTS, "a: {{ .Values.items }}", True),
        (_PRINTS, '- a: "{{ $.Values.map }}"', True),
        (_PRINTS, "a: {{ .Values.items | toJson }}", False),
        (_PRINTS, "a: {{ .Values.text }}", False),
        (_PRINTS, "run ({{ .Values.items }})", False),
        (_PRINTS, 'a: {{ join "," .Values.items }}', False),
        (_PRINTS, "a: {{ range .Values.items }}{{ . }}{{ end }}", False),
        (
            _PRINTS,
            '{{ if kindIs "string" .Values.map }}\na: {{ .Values.map }}\n{{ end }}',
            False,
        ),
    ],
)
def test_what_is_printed(policy: Policy, text: str, *, is_wrong: bool) -> None:
    rendering = literal_rendering(default_order.HEALTHY)
    values = {"items": [], "map": {}, "text": "some", "no": "", "b": True}
    chart = dataclasses.replace(rendering.chart, templates={"templates/a.yaml": text}, own_values=values)
    checks = checks_of(policy, [dataclasses.replace(rendering, chart=chart)])
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
    rendering = literal_rendering(default_order.HEALTHY)
    templates = {"templates/_a.tpl": _NAMED, "templates/b.yaml": text}
    chart = dataclasses.replace(rendering.chart, templates=templates)
    checks = checks_of(
        selecting_templates.selecting_templates_carry_no_version, [dataclasses.replace(rendering, chart=chart)]
    )
    assert [check.passed for check in checks] == [not is_wrong]


def test_what_rendered_objects_select_by_leaves_the_version_out() -> None:
    """It has a version only where it is asked for labels, or its objects would be told by another policy."""
    rendering = literal_rendering(default_order.HEALTHY)
    selects = 'selector:\n    matchLabels:\n      {{- include "a.labels" . | nindent 6 }}'
    rendered = next(iter(rendering.resources)).template.partition("/")[2]
    templates = {"templates/_a.tpl": _NAMED, "templates/b.yaml": selects, rendered: selects}
    chart = dataclasses.replace(rendering.chart, templates=templates)
    checks = checks_of(
        selecting_templates.selecting_templates_carry_no_version, [dataclasses.replace(rendering, chart=chart)]
    )
    assert all(check.passed for check in checks)
