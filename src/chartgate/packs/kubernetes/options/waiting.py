"""Waiting: a setting of pods has its effect by itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.template_texts.waiting_settings import waiting_settings
from chartgate.documents.addresses import join
from chartgate.model import Chart, Check, Rendering, folder_of
from chartgate.policy.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
"""
EXPECTED = "read without another setting"


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Close the condition of the other setting before the template reads this one.",
)
def settings_wait_for_no_other(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """No setting of pods, such as `nodeSelector`, is read only where another list or map is filled.

    An `end` that comes too late puts the node selector under the condition of the init containers: whoever sets it
    alone gets nothing. Read from the templates' text; switches, and what holds the setting itself, are conditions like
    any other. Source: https://github.com/pulumi/pulumi-kubernetes-operator/pull/548
    """
    for names, chart in renderings[0].chart.with_subcharts():
        yield from _checks(chart, folder_of(names))


def _checks(chart: Chart, folder: str) -> Iterator[Check]:
    found = list(waiting_settings(chart))
    for waiting in found:
        template = f"{folder}{waiting.use.template}"
        actual = f"{template}:{waiting.use.action.line} reads it only where {join(*waiting.other)} is set"
        yield Check("templates", f"{folder}{join(*waiting.key)}", EXPECTED, actual, False, template)
    if not found:
        yield Check("templates", folder, EXPECTED, EXPECTED, True)


@settings_wait_for_no_other.counterexample(manifests=HEALTHY)
def a_node_selector_inside_of_the_init_containers(renderings: list[Rendering]) -> list[Rendering]:
    text = (
        "{{ if .Values.initContainers }}initContainers: {{ toYaml .Values.initContainers }}\n"
        "{{ with .Values.nodeSelector }}nodeSelector: {{ toYaml . }}{{ end }}{{ end }}"
    )
    values: dict[str, Any] = {"initContainers": [], "nodeSelector": {}}
    chart = dataclasses.replace(renderings[0].chart, own_values=values, templates={"templates/web.yaml": text})
    return [dataclasses.replace(renderings[0], chart=chart)]
