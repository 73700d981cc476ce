"""What a template's text says of a switch, and of the dot that a named template gets."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.chart_files import template_roots
from chartgate.packs.kubernetes.healthy import release
from chartgate.packs.kubernetes.options import leftovers
from chartgate.policy.edits import added, of_scenario
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import chart_with, failed


@pytest.mark.parametrize(
    ("condition", "told"), [("and .Values.pdb.enabled .Values.wide", set()), (".Values.pdb.enabled", {"pdb.enabled"})]
)
def test_another_condition_decides_whether_there_is_a_budget(condition: str, told: set[str]) -> None:
    budget = added("{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: other}}")
    text = f"{{{{ if {condition} }}}}{{{{ end }}}}"
    values = {"pdb": {"enabled": True}}, {"pdb": {"enabled": False}}
    pair = [chart_with(release.HEALTHY, budget, text=text, values=given) for given in values]
    pair = [of_scenario(values=given).apply(one) for one, given in zip(pair, values, strict=True)]
    off = dataclasses.replace(pair[1].scenario, changes={"pdb.enabled": False}, is_trial=True)
    pair[1] = dataclasses.replace(pair[1], scenario=off)
    found = failed(checks_of(leftovers.what_is_off_leaves_nothing_behind, pair))
    assert {check.cause for check in found} == told


_ALL_OF_IT = '{{ include "all" (dict "root" . "part" .Values.a) }}'


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('{{ include "name" . }}', False),
        ('{{ with .Values.a }}{{ include "name" $ }}{{ end }}', False),
        ('{{ with .Values.a }}{{ include "name" . }}{{ end }}', True),
        # The root by the name that it has in the map of a named template.
        ('{{ define "all" }}{{ with .root }}{{ include "name" . }}{{ end }}{{ end }}' + _ALL_OF_IT, False),
        ('{{ define "all" }}{{ with .part }}{{ include "name" . }}{{ end }}{{ end }}' + _ALL_OF_IT, True),
    ],
)
def test_a_named_template_gets_the_dot(call: str, told: bool) -> None:
    text = '{{ define "name" }}{{ .Values.name }}{{ end }}' + call
    found = failed(checks_of(template_roots.values_are_read_from_their_root, [chart_with(release.HEALTHY, text=text)]))
    assert ['include "name"' in check.path for check in found] == [True] * told
