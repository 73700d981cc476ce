"""Selecting templates: what a template that no scenario renders takes for a selector has no version in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.charts.template_texts.template_calls import Calls, calls_of
from chartgate.model import Check, Rendering, folder_of
from chartgate.policy.edits import of_chart
from chartgate.policy.policy import WHOLE_MATRIX, policy

from ..healthy.config_map import HEALTHY

_SELECTS = re.compile(
    r"(?:^|\n)[ \t]*+(?:- )?(?:matchLabels|selector):[ \t]*+(?:\n[ \t]*+)?"
    r'\{\{-?[ \t]*+(?:include|template)[ \t]++"(?P<name>[^"\n]++)"'
)
_MONITOR = re.compile(r"^kind:[ \t]++(?:Service|Pod)Monitor\b", re.MULTILINE)
"""What selects Services, whose labels are of the same version."""
_VERSION = re.compile(r"\.Chart\.(?:App)?Version\b")


@policy(over=WHOLE_MATRIX, severity="warning", remediation="Take the named template of the selectors' labels.")
def selecting_templates_carry_no_version(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """No template that nothing is rendered of selects by a named template that has the version of the chart in it.

    The labels of objects in place of those of selectors: a budget that is off in each scenario covers no pod after the
    next upgrade. Of what is rendered, selectors_carry_no_version tells. Read from the templates' text. Source:
    https://helm.sh/docs/chart_best_practices/labels/
    """
    rendered = {resource.template for rendering in renderings for resource in rendering.resources}
    calls, top = calls_of(renderings[0].chart), renderings[0].chart.name
    # What the selectors of rendered objects are made by, and have no version, leaves it out where it selects.
    texts = ((folder_of(names), chart.templates) for names, chart in renderings[0].chart.with_subcharts())
    shown = (text for folder, of in texts for name, text in of.items() if f"{top}/{folder}{name}" in rendered)
    proven = {found["name"] for text in shown for found in _SELECTS.finditer(without_comments(text))}
    for names, chart in renderings[0].chart.with_subcharts():
        folder, expected, is_fine = folder_of(names), "labels that are the same in every version", True
        for name, text in sorted(chart.templates.items()):
            plain = without_comments(text)
            is_rendered = f"{top}/{folder}{name}" in rendered or name.rpartition("/")[2][:1] == "_"
            if is_rendered or _MONITOR.search(plain):
                continue
            for found in _SELECTS.finditer(plain):
                if found["name"] not in proven and _has_a_version(found["name"], calls):
                    is_fine, template = False, f"{folder}{name}"
                    line = plain.count("\n", 0, found.end()) + 1
                    actual = f"{template}:{line}: those of {found['name']}, with the version of the chart"
                    yield Check("templates", f"{template} {found['name']}", expected, actual, False, template)
        if is_fine:
            yield Check("templates", folder, expected, expected, True)


def _has_a_version(name: str, calls: Calls) -> bool:
    return name in calls.named and any(_VERSION.search(action) for action in calls.behind(name))


selecting_templates_carry_no_version.breaks(
    manifests=HEALTHY,
    a_budget_takes_all_labels=of_chart(
        templates={
            "templates/_helpers.tpl": '{{ define "web.labels" }}version: {{ .Chart.AppVersion }}{{ end }}',
            "templates/budget.yaml": "{{ if .Values.budget }}spec:\n  selector:\n    matchLabels:\n      "
            '{{- include "web.labels" . }}\n{{ end }}',
        }
    ),
)
