"""Order of defaults: `default` takes the default first, and the value that may be empty last."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.documents.addresses import join
from chartgate.model import Chart, Check, Rendering, folder_of
from chartgate.policy.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {port: "5432"}
"""
_VALUE = r"(?P<value>\$?\.Values(?:\.\w++)++)"
_NEVER_EMPTY = (
    r'(?P<other>"[^"\\\s]++"|[1-9]\d*+|\$?\.(?:Chart\.(?:AppVersion|Version|Name)|Release\.(?:Name|Namespace))'
    r'|\(\s*+include\s++"[\w.-]{1,60}?\.(?:full)?name"\s++[.$]\s*+\))'
)
_LAST = re.compile(rf"\bdefault\s++{_VALUE}\s++{_NEVER_EMPTY}(?=\s*+(?:[|)-]|\Z))")
_PIPED = re.compile(
    rf"(?:\A-?\s*+(?:(?:else\s++)?(?:if|with)\s++)?|[(=]\s*+){_NEVER_EMPTY}\s*+\|\s*+default\s++{_VALUE}(?![\w.])"
)


@policy(
    over=WHOLE_MATRIX,
    severity="error",
    remediation="Turn the two around: `default 5432 .Values.port`, or `.Values.port | default 5432`.",
)
def defaults_come_before_their_values(renderings: Sequence[Rendering]) -> Iterator[Check]:
    """No template gives what is never empty a value of the chart for a default: that value is then never used.

    `default` takes its last word, or what is piped into it, unless it is empty; a number, a text, the name of the
    release or the version of the application never is. Read from the templates' text.
    Source: https://masterminds.github.io/sprig/defaults.html
    """
    for names, chart in renderings[0].chart.with_subcharts():
        folder, found = folder_of(names), list(_turned_around(chart))
        for name, line, address, other in found:
            template = f"{folder}{name}"
            expected = f"used, with {other} for a default"
            actual = f"never used: {template}:{line} gives it to {other} for a default, which is never empty"
            yield Check("templates", f"{folder}{address}", expected, actual, False, template)
        if not found:
            yield Check("templates", folder, "the default first", "the default first", True)


def _turned_around(chart: Chart) -> Iterator[tuple[str, int, str, str]]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            for found in (each for pattern in (_LAST, _PIPED) for each in pattern.finditer(action.text)):
                [path] = paths_in(found["value"])
                yield name, action.line, join(*path), found["other"]


def _with(rendering: Rendering, template: str) -> list[Rendering]:
    return [dataclasses.replace(rendering, chart=dataclasses.replace(rendering.chart, templates={"a.yaml": template}))]


@defaults_come_before_their_values.counterexample(manifests=HEALTHY)
def the_number_is_last(renderings: list[Rendering]) -> list[Rendering]:
    return _with(renderings[0], "port: {{ default .Values.port 5432 | quote }}")


@defaults_come_before_their_values.counterexample(manifests=HEALTHY)
def the_text_is_piped(renderings: list[Rendering]) -> list[Rendering]:
    return _with(renderings[0], '{{ $host := "localhost" | default .Values.database.host }}')


@defaults_come_before_their_values.counterexample(manifests=HEALTHY)
def the_version_is_last(renderings: list[Rendering]) -> list[Rendering]:
    return _with(renderings[0], "image: web:{{ default .Values.image.tag .Chart.AppVersion }}")


@defaults_come_before_their_values.counterexample(manifests=HEALTHY)
def the_name_is_last(renderings: list[Rendering]) -> list[Rendering]:
    return _with(
        renderings[0], '{{ if .Values.create }}{{ default .Values.name (include "shop.fullname" .) }}{{ end }}'
    )
