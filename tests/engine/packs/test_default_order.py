"""Which defaults are given the wrong way round, and which only look like it."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.options.default_order import HEALTHY, defaults_come_before_their_values
from chartgate.policy.edits import of_chart
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of


def found(template: str) -> list[str]:
    """Give the values that a template of a chart never uses, by the findings."""
    found = findings_of(defaults_come_before_their_values, HEALTHY, of_chart(templates={"templates/a.yaml": template}))
    return [check.path for check in found]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ default .Values.a.port 5432 | quote }}", ["a.port"]),
        ('{{- default $.Values.a "b" -}}', ["a"]),
        ('{{ printf "%s:%v" .Values.x (default .Values.port 80) }}', ["port"]),
        ("{{ .Chart.AppVersion | default .Values.image.tag }}", ["image.tag"]),
        ("{{ if .Release.Namespace | default .Values.namespace }}{{ end }}", ["namespace"]),
        ('{{ default .Values.name (include "shop.fullname" .) | trunc 63 }}', ["name"]),
        ("{{ $new := default .Values.token (randAlphaNum 24) }}", ["token"]),
        ("{{ randNumeric 6 | quote | default (get $old `pin`) }}", ["(get $old `pin`)"]),
    ],
)
def test_what_is_never_used(template: str, expected: list[str]) -> None:
    assert found(template) == expected


def test_of_a_subchart_its_own_file_is_named() -> None:
    """The chart may have one of that name."""
    rendering = literal_rendering(HEALTHY)
    subchart = dataclasses.replace(
        rendering.chart, name="sub", templates={"templates/a.yaml": "{{ default .Values.a 5 }}"}
    )
    chart = dataclasses.replace(rendering.chart, templates={}, subcharts=(subchart,))
    checks = checks_of(defaults_come_before_their_values, [dataclasses.replace(rendering, chart=chart)])
    [check] = [check for check in checks if not check.passed]
    assert (check.path, check.template) == ("charts/sub/a", "charts/sub/templates/a.yaml")
    assert "charts/sub/templates/a.yaml:1 gives it to 5" in check.actual


@pytest.mark.parametrize(
    "template",
    [
        "{{ default 5432 .Values.port }}",
        "{{ .Values.port | default 5432 }}",
        "{{ default .Values.a .Values.b }}",
        # What is empty gives the value.
        '{{ default .Values.a "" }}{{ default .Values.a 0 }}{{ default .Values.a false }}',
        '{{ default .Values.a (include "shop.registry" .) }}',
        '{{ printf "%s-%s" .Values.a "b" | default .Values.c }}',
        '{{ .Values.a | default .Chart.AppVersion }}{{ default (include "shop.fullname" .) .Values.name }}',
        "{{ default .Values.a .Chart.Name.x }}{{ default .Values.a $other }}",
        "{{/* default .Values.a 5 */}}",
        '{{ default (randAlphaNum 9) .Values.a }}{{ index $kept "a" | default (randAlphaNum 9 | b64enc) }}',
        '{{ default .Values.a (printf "%s" (randAlphaNum 9)) }}{{ uuidv4 | trunc 8 }}',
    ],
)
def test_what_only_looks_like_it(template: str) -> None:
    assert found(template) == []
