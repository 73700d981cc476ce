"""Which settings of pods of one kind are missing from those of another kind, and which are of one kind alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.packs.kubernetes.options.kinds import other_kinds_take_the_same_settings
from chartgate.packs.kubernetes.options.switches import turned_switches_leave_it_whole
from chartgate.system.toolchain import Tools
from tests.engine.judged_charts import findings_in

_WORKLOAD = (
    "{{ if %s }}\napiVersion: apps/v1\nkind: %s\nmetadata: {name: web}\n"
    "spec: {template: {spec: {containers: [{name: %s}], nodeSelector: %s}}}\n{{ end }}\n"
)
_OWN, _NAMED = "{{ toJson .Values.nodeSelector }}", '{{ include "nodes" . }}'
_BY_KIND = ('eq .Values.kind "Deployment"', 'eq .Values.kind "StatefulSet"')
_BY_SWITCH = ("not .Values.stateful.enabled", ".Values.stateful.enabled")
_VALUES = "kind: Deployment\nstateful: {enabled: false}\nnodeSelector: {}\nstrategy: {}\n"


@pytest.mark.parametrize(
    ("asked", "name", "nodes", "found"),
    [
        (_BY_KIND, "web", "{}", ["nothing reads nodeSelector"]),
        (_BY_SWITCH, "web", "{}", ["nothing reads nodeSelector"]),
        (_BY_KIND, "web", _OWN, []),
        (_BY_KIND, "web", _NAMED, []),
        # All of the values are read, whatever is made of them.
        (_BY_KIND, "web", "{{ (toJson .Values | fromJson).nodeSelector | toJson }}", []),
        # Another program is no other kind of this one.
        (_BY_SWITCH, "other", "{}", []),
    ],
)
def test_what_another_kind_reads(
    asked: tuple[str, str], name: str, nodes: str, found: list[str], tmp_path: Path, tools: Tools
) -> None:
    files = {
        "templates/_nodes.tpl": f'{{{{ define "nodes" }}}}{_OWN}{{{{ end }}}}',
        "templates/web.yaml": _WORKLOAD % (asked[0], "Deployment", "web", _OWN) + "# {{ .Values.strategy }}\n",
        "templates/set.yaml": _WORKLOAD % (asked[1], "StatefulSet", name, nodes),
        "values.yaml": _VALUES,
    }
    findings = findings_in(other_kinds_take_the_same_settings, files, tmp_path, tools)
    assert sorted({finding.actual for finding in findings}) == found


@pytest.mark.parametrize(
    ("folder", "found"), [("templates", ["a field that the schema does not have"]), ("charts/agent/templates", [])]
)
def test_a_kind_that_only_a_subchart_has(folder: str, found: list[str], tmp_path: Path, tools: Tools) -> None:
    workload = "apiVersion: apps/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n%s" + (
        "  selector: {matchLabels: {app: %s}}\n"
        "  template: {metadata: {labels: {app: %s}}, spec: {containers: [{name: a}]}}\n"
    )
    files = {
        "templates/web.yaml": workload % ("{{ .Values.kind }}", "web", "  replicas: 1\n", "web", "web"),
        f"{folder}/agent.yaml": workload % ("DaemonSet", "agent", "", "agent", "agent"),
        "charts/agent/Chart.yaml": "apiVersion: v2\nname: agent\nversion: 1.0.0\n",
        "values.yaml": "kind: Deployment\n",
    }
    findings = findings_in(turned_switches_leave_it_whole, files, tmp_path, tools)
    assert sorted({finding.actual for finding in findings}) == found
