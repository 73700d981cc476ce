"""Templates: what they read, somebody can set."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.samples import allows
from chartgate.charts.template_reads import Read, has_key, known_values, reads, values_below
from chartgate.documents.addresses import join
from chartgate.model import Chart, Check, Rendering
from chartgate.policy.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
"""


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Name the key in values.yaml (empty, if need be) and in values.schema.json, or correct its name.",
)
def templates_read_known_values(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """Every value that a template reads is in values.yaml, and where there is a schema, allowed by it.

    A key that only a template knows is found by nobody, a misspelt one gives an empty text and no error, and one that
    a closed schema refuses cannot be set at all. Read from the templates' text, comments left out; below a null or an
    empty map of values.yaml, there may be anything. Source: https://helm.sh/docs/chart_best_practices/values/
    """
    yield from _checks_of_chart(renderings[0].chart, {}, "")


def _is_known(chart: Chart, known: Mapping[str, Any], read: Read) -> bool:
    """Tell whether what a template reads is known; a named template may run with the values of a subchart."""
    if has_key(known, read.path):
        return True
    is_helper = read.template.rpartition("/")[2].startswith("_")
    return is_helper and any(_is_known(s, known_values(s, values_below(s, known)), read) for s in chart.subcharts)


def _checks_of_chart(chart: Chart, above: Mapping[str, Any], folder: str) -> Iterator[Check]:
    known = known_values(chart, above)
    for read in reads(chart):
        address, template = join(*read.path), f"{folder}{read.template}"
        found = "in values.yaml" if _is_known(chart, known, read) else "not in values.yaml"
        yield Check("templates", f"{template}: {address}", "in values.yaml", found, found == "in values.yaml", template)
        if chart.schema and has_key(known, read.path):
            passed = allows(chart.schema, read.path)
            actual = "allowed" if passed else f"refused, but {template} reads it"
            yield Check("values.schema.json", f"{folder}{address}", "allowed", actual, passed, template)
    for subchart in chart.subcharts:
        yield from _checks_of_chart(subchart, values_below(subchart, known), f"{folder}charts/{subchart.name}/")


def _with_template(rendering: Rendering, text: str) -> Rendering:
    """Give the rendering of a chart that has one value, `paint`, and this template."""
    templates = {**rendering.chart.templates, "templates/colour.yaml": text}
    values = {"paint": ""}
    chart = dataclasses.replace(rendering.chart, templates=templates, own_values=values, defaults=values)
    return dataclasses.replace(rendering, chart=chart)


@templates_read_known_values.counterexample(manifests=HEALTHY)
def a_misspelt_key(renderings: list[Rendering]) -> list[Rendering]:
    return [_with_template(renderings[0], "{{/* the colour */}}\ncolour: {{ .Values.no.such.colour | quote }}")]


@templates_read_known_values.counterexample(manifests=HEALTHY)
def a_key_by_index(renderings: list[Rendering]) -> list[Rendering]:
    return [_with_template(renderings[0], 'colour: {{ index $.Values "no-such-colour" "shade" }}')]


@templates_read_known_values.counterexample(manifests=HEALTHY)
def a_key_by_variable(renderings: list[Rendering]) -> list[Rendering]:
    return [_with_template(renderings[0], '{{ $known := .Values }}colour: {{ $known.noSuchColour | default "red" }}')]


@templates_read_known_values.counterexample(manifests=HEALTHY)
def a_key_that_the_schema_refuses(renderings: list[Rendering]) -> list[Rendering]:
    broken = _with_template(renderings[0], "colour: {{ .Values.colour }}")
    schema = {"properties": {"paint": {"type": "string"}}, "additionalProperties": False}
    chart = dataclasses.replace(
        broken.chart, own_values={"colour": "red", "paint": ""}, defaults={"colour": "red", "paint": ""}, schema=schema
    )
    return [dataclasses.replace(broken, chart=chart)]
