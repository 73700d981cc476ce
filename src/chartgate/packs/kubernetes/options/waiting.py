"""Waiting: a setting of pods has its effect by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.template_texts.template_reads import Path
from chartgate.charts.template_texts.waiting_settings import WaitingSetting, waiting_settings
from chartgate.documents.addresses import join
from chartgate.documents.words import listed
from chartgate.model import Chart, Check
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

from ..healthy.config_map import HEALTHY

EXPECTED = "read without another setting"
_MOST = 3


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Close the condition of the other setting before the template reads this one.",
)
def settings_wait_for_no_other(chart: Chart) -> Iterator[Check]:
    """No setting of pods, such as `nodeSelector`, is read only where another list or map is filled.

    An `end` that comes too late puts the node selector under the condition of the init containers: whoever sets it
    alone gets nothing. So it is with a condition on a key that values.yaml does not have and that is nearly called
    like the one that is read. Read from the templates' text; switches, and what holds the setting itself, are
    conditions like any other. Source: https://github.com/pulumi/pulumi-kubernetes-operator/pull/548
    """
    yield from template_checks(chart, EXPECTED, _waiting)


def _waiting(chart: Chart) -> Iterator[WrongLine]:
    by_condition: dict[tuple[str, Path], list[WaitingSetting]] = defaultdict(list)
    for waiting in waiting_settings(chart):
        by_condition[waiting.use.template, waiting.other].append(waiting)
    for (template, other), (first, *more) in by_condition.items():
        too = f", and so {listed([join(*waiting.key) for waiting in more], _MOST)}" if more else ""
        says = f" reads it only where {join(*other)} is set{too}"
        cause = f"{first.key[-1]} where {other[-1]} is set"
        yield WrongLine(join(*first.key), template, first.use.action.line, says, cause)


settings_wait_for_no_other.breaks(
    manifests=HEALTHY,
    a_node_selector_inside_of_the_init_containers=in_template(
        "{{ if .Values.initContainers }}initContainers: {{ toYaml .Values.initContainers }}\n"
        "{{ with .Values.nodeSelector }}nodeSelector: {{ toYaml . }}{{ end }}{{ end }}",
        own_values={"initContainers": [], "nodeSelector": {}},
    ),
    resources_inside_of_the_arguments_of_an_item=in_template(
        "{{ range $name, $job := .Values.jobs }}{{ with $job.args }}args: {{ toYaml . }}\n"
        "{{ with $job.resources }}resources: {{ toYaml . }}{{ end }}{{ end }}{{ end }}",
        own_values={"jobs": {}},
    ),
)
