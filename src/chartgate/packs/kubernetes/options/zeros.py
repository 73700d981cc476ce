"""Zeros: a number that somebody sets to 0 stays one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.charts.template_texts.template_reads import Path, paths_in
from chartgate.documents.addresses import join, lookup
from chartgate.documents.shapes import is_whole
from chartgate.model import Chart, Check, folder_of
from chartgate.policy.checks import with_cause
from chartgate.policy.edits import in_template
from chartgate.policy.policy import THE_CHART, policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {retries: "3"}
"""
_VALUE = r"\$?\.Values(?:\.\w++)++"
_AFTER = re.compile(rf"(?<![\w.$])({_VALUE})\s*+\|\s*+(?:int\s*+\|\s*+)?default\s++([1-9]\d*+)(?![\w.])")
_BEFORE = re.compile(rf"\bdefault\s++([1-9]\d*+)\s++({_VALUE})(?![\w.])")
_ASKS = re.compile(r"-?\s*+(?:else\s++)?if\b")
_ASSIGNS = re.compile(r"-?\s*+(\$\w++)\s*+:?=")
_OF_USE = re.compile(
    r"(?:replicas?|replicaCount|HistoryLimit|backoffLimit|retries|weight"
    r"|(?:gracePeriod|delay|minReady|toleration|afterFinished)Seconds)\Z",
    re.IGNORECASE,
)
"""Where 0 is as good a number as another: no pod, no old revision, no waiting; no deadline is 0."""
_LEAST = "kind: HorizontalPodAutoscaler"
"""Which has one pod at least."""


@policy(
    over=THE_CHART,
    severity="warning",
    remediation="Set the default in values.yaml alone, or ask with `kindIs`, `hasKey` or `dig` whether it is there.",
)
def default_keeps_zero(top: Chart) -> Iterator[Check]:
    """No template gives a number another default where 0 means something: 0 counts as empty, and cannot be set.

    Replicas, old revisions, seconds to wait: values.yaml has a number of its own, so that the default of the template
    does nothing but take 0 away. So it does where a schema has 0 as the least, or values.yaml has 0 itself. Read from
    the templates' text. Told once a template.
    Source: https://github.com/helm/helm/issues/13036
    """
    for names, chart in top.with_subcharts():
        found = dict(_swallowed(chart))
        for path, (place, other) in found.items():
            told = f"{folder_of(names)}{place} makes it {other}"
            check = Check("templates", f"{folder_of(names)}{join(*path)}", "0, where it is set to 0", told, False)
            yield with_cause(check, f"numbers in {place.partition(':')[0]}")
        if not found:
            yield Check("templates", folder_of(names), "0, where it is set to 0", "no default is a number", True)


def _swallowed(chart: Chart) -> Iterator[tuple[Path, tuple[str, str]]]:
    rules = Rules(chart)
    for name, text in sorted(chart.templates.items()):
        every = () if name.endswith("NOTES.txt") else tuple(actions(text))
        for action in every:
            if not _is_printed(action, every):
                continue
            found = [(each[1], each[2]) for each in _AFTER.finditer(action.text)]
            found += [(each[2], each[1]) for each in _BEFORE.finditer(action.text)]
            for value, other in found:
                [path] = paths_in(value)
                there = lookup(chart.own_values, join(*path))
                is_number = is_whole(there)
                may_be_none = any(schema.get("minimum") == 0 for schema in rules.schemas_at(join(*path)))
                is_of_use = _OF_USE.search(path[-1]) and not (_LEAST in text and path[-1] == "minReplicas")
                if may_be_none or (is_number and (there == 0 or is_of_use)):
                    yield path, (f"{name}:{action.line}", other)


def _is_printed(action: Action, every: Sequence[Action]) -> bool:
    """Tell whether what an action makes of a value may be printed: it asks for nothing, and fills no such variable."""
    variable = _ASSIGNS.match(action.text)
    if variable is None:
        return not _ASKS.match(action.text)
    used = (other for other in every if f"{variable[1]} " in f"{other.text} ".replace(")", " "))
    return any(not _ASKS.match(other.text) and not _ASSIGNS.match(other.text) for other in used)


default_keeps_zero.breaks(
    manifests=HEALTHY,
    after_the_number=in_template(
        "retries: {{ .Values.web.retries | default 3 | quote }}", own_values={"web": {"retries": 3}}
    ),
    in_front_of_it=in_template("retries: {{ default 3 .Values.web.retries }}", own_values={"web": {"retries": 3}}),
    a_zero_of_the_chart_itself=in_template(
        "threads: {{ .Values.web.threads | default 4 }}", own_values={"web": {"threads": 0}}
    ),
)
