"""What a template may read: what somebody can know of, and what it asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chartgate.matrix.conventional import conventional_matrix
from chartgate.model import Rendering, Resources
from chartgate.packs.kubernetes.keys.templates import templates_read_known_values
from chartgate.policy.verdicts import checks_of
from tests.engine.toys import CHART, chart_from

VALUES = """
image: {tag: "1", pullPolicy: Always}
extra: {}
# service:
#   nodePort: 30080
nodeSelector: {}
tier: {min: 1}
"""
SCHEMA = json.dumps(
    {
        "properties": {
            "tier": {"properties": {"max": {"type": "integer"}}, "patternProperties": {"^x-": {}}},
            "image": {"properties": {"tag": {}, "pullPolicy": {}}},
            "plugins": {"additionalProperties": {"type": "object"}},
        }
    }
)


def found(folder: Path, template: str, schema: str = SCHEMA) -> list[str]:
    """Give the findings on a chart of one template."""
    files = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/a.yaml": template}
    chart = chart_from(folder, files | ({"values.schema.json": schema} if schema else {}))
    [scenario] = conventional_matrix(chart).rendering
    rendering = Rendering(scenario, chart, Resources(), Resources())
    return [f"{c.path}: {c.actual}" for c in checks_of(templates_read_known_values, [rendering]) if not c.passed]


@pytest.mark.parametrize(
    "template",
    [
        "{{ .Values.image.tag }}{{ .Values.extra.anything.below }}{{ .Values.global.host }}",
        "{{ .Values.nameOverride }}{{ .Values.fullnameOverride }}{{ .Values.namespaceOverride }}",
        "{{ .Values.service.nodePort }}",
        "{{ .Values.tier.max }}{{ .Values.plugins.mine.path }}",
        '{{ .Values.image.digest | default "" }}',
        "{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ end }}",
        "{{ with .Values.affinity }}{{ toYaml . }}{{ end }}",
        '{{ if hasKey .Values.image "digest" }}{{ .Values.image.digest }}{{ end }}',
        '{{ coalesce .Values.registry .Values.mirror "quay.io" }}',
        '{{ if eq .Values.image.tags "a" }}b{{ end }}{{ if eq .Values.image.mode "a" }}c{{ end }}',
        '{{ if eq .Values.image.ta "a" }}b{{ end }}{{ if .Values.image.ta }}c{{ end }}',
        '{{ if (.Values.image | dig "digest" "") }}{{ .Values.image.digest }}{{ end }}',
        '{{ .Values.image | dig "from" "digest" nil }}{{ .Values.image.from.digest }}',
        '{{ get .Values.image "digest" }}{{ dig "a" "b" "" .Values.image }}',
        "{{ $digest := .Values.image.digest }}{{ if $digest }}{{ $digest }}{{ end }}",
        "{{ if .Values.metrics }}{{ .Values.metrics.port }}{{ end }}",
        '{{ if eq .Values.kind "Job" }}{{ end }}',
        # A plural, and what is asked for more than once.
        "{{ with .Values.image.pullPolicys }}{{ . }}{{ end }}{{ .Values.image.pullPolicy }}",
        "{{ with .Values.image.pullPolic }}{{ $.Values.image.pullPolic }}{{ end }}{{ .Values.image.pullPolicy }}",
        # What a template sets itself, and the defaults that it puts in the place of all values.
        '{{ $_ := set $.Values "given" (deepCopy $.Values) }}{{ .Values.given.image }}',
        '{{ $_ := set $ "Values" (mustMergeOverwrite .Values.tier .Values) }}{{ .Values.min }}',
        # The schema may refuse it before the template does.
        "{{ if .Values.image.name }}{{ fail (cat .Values.image.name) }}{{ end }}",
        # In a comment of what comes out.
        "a: b\n  # to {{ .Values.image.server }}",
        # Asked for to refuse it, in words of its own.
        '{{ if hasKey .Values.image "Name" }}{{ fail "it is called name" }}{{ end }}',
        '{{ include "a.gone" (list .Values.image.oldName ".Values.image.oldName") }}',
    ],
    ids=range(25),
)
def test_what_is_known(tmp_path: Path, template: str) -> None:
    assert found(tmp_path, template) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a\n{{ .Values.colour }}", ["colour: not in values.yaml, but templates/a.yaml:2 reads it"]),
        (
            "{{ if .Values.image.pullpolicy }}{{ end }}",
            [
                "image.pullpolicy: not in values.yaml, but templates/a.yaml:1 reads it;"
                " values.yaml has image.pullPolicy, which no template reads"
            ],
        ),
        (
            '{{ .Values.image.tag }}{{ if eq .Values.image.ta "a" }}b{{ end }}',
            ["image.ta: not in values.yaml, but templates/a.yaml:1 reads it; values.yaml has image.tag"],
        ),
        (
            "{{ with .Values.nodeSelectors }}{{ toYaml . }}{{ end }}",
            [
                "nodeSelectors: not in values.yaml, but templates/a.yaml:1 reads it;"
                " values.yaml has nodeSelector, which no template reads"
            ],
        ),
        # Somebody reads that one as well: the other is another key.
        ("{{ with .Values.nodeSelectors }}{{ . }}{{ end }}{{ toYaml .Values.nodeSelector }}", []),
        ("{{ with .Values.nodeSelectors }}{{ . }}{{ end }}{{ range .Values }}{{ .nodeSelector }}{{ end }}", []),
        (
            '{{ $_ := set $ "Values" .Values.tier }}{{ .Values.low }}',
            ["low: not in values.yaml, but templates/a.yaml:1 reads it"],
        ),
        # Asking for what is above, and there, is not asking for what is below.
        (
            "{{ if .Values.tier }}{{ .Values.tier.low }}{{ end }}",
            ["tier.low: not in values.yaml, but templates/a.yaml:1 reads it"],
        ),
    ],
)
def test_what_is_not(tmp_path: Path, template: str, expected: list[str]) -> None:
    assert found(tmp_path, template, "") == expected
