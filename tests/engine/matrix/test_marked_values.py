"""Marked scenarios: what is marked, and how little is lost where a chart refuses some of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chartgate.charts.template_texts.marks import mark_of, marks_in
from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.derivations.marked_values import marked_cases
from chartgate.model import Chart, Rendering
from chartgate.policy.loading import load_policies
from chartgate.policy.verdicts import Verdict, judge
from chartgate.rendering.renderings import Renderings
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from

POLICIES = {policy.name: policy for policy in load_policies(["kubernetes"])}
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"


def marks(chart: Chart) -> dict[str, set[str]]:
    """Give the addresses that are marked in each scenario of the first case."""
    case = next(iter(marked_cases(conventional_matrix(chart).rendering)))
    return {s.name: set(marks_in(s.values).values()) for s in case.scenarios[1:]}


def judged(policy: str, chart: Chart, tools: Tools, folder: Path) -> tuple[list[Verdict], list[Rendering]]:
    """Judge a chart, and give what was rendered for it."""
    renderings = Renderings(chart, tools, (), folder / "runs")
    seen: dict[str, Rendering] = {}

    def of(scenario: object) -> Rendering:
        rendering = renderings.of(scenario)  # type: ignore[arg-type]
        seen[rendering.scenario.name] = rendering
        return rendering

    cases = POLICIES[policy].cases(conventional_matrix(chart).rendering)
    return [judge(POLICIES[policy], case, of) for case in cases], list(seen.values())


def test_what_is_marked(tmp_path: Path) -> None:
    values = """
level: info
port: 8080
replicas: 2
loops: 3
empty: ""
existingSecret: ""
extraEnv: {}
nodeSelector: {}
hosts: [{host: a.example.com, name: a}]
global: {registry: quay.io}
debug: false
"""
    chart = chart_from(
        tmp_path, {"values.yaml": values, "templates/a.yaml": "{{ range until (int .Values.loops) }}{{ end }}"}
    )
    assert marks(chart) == {
        "defaults.marked": {"level", "port", "hosts[0].host", "global.registry"},
        "defaults.filled": {"empty", "extraEnv"},
    }


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"type": "string"}, {"level", "other"}),
        ({"enum": ["info", "debug"]}, {"other"}),
        ({"pattern": "^[a-z]+$"}, {"other"}),
        ({"anyOf": [{"const": "info"}, {"type": "integer"}]}, {"other"}),
    ],
)
def test_a_schema_refuses_one_mark_and_no_other(rule: object, kept: set[str], tmp_path: Path) -> None:
    schema = json.dumps({"properties": {"level": rule}})
    chart = chart_from(tmp_path, {"values.yaml": "level: info\nother: b\n", "values.schema.json": schema})
    assert marks(chart) == {"defaults.marked": kept}


REFUSING = {
    "by the value": '{{ if ne .Values.level "info" }}{{ fail (printf "no such level %s" .Values.level) }}{{ end }}',
    "by the path": '{{ if ne .Values.level "info" }}{{ fail ".Values.level is not known" }}{{ end }}',
    "by nothing": '{{ if ne .Values.level "info" }}{{ fail "no" }}{{ end }}',
}


@pytest.mark.parametrize("reason", REFUSING)
def test_a_refusal_loses_only_what_is_refused(reason: str, tmp_path: Path, tools: Tools) -> None:
    template = f"{CONFIG}  a: {{{{ .Values.a.maxBytes | quote }}}}\n{REFUSING[reason]}"
    more = "".join(f"k{number}: text\n" for number in range(6))
    chart = chart_from(
        tmp_path / "toy", {"values.yaml": f"level: info\na: {{maxBytes: 5}}\n{more}", "templates/a.yaml": template}
    )
    [verdict], renderings = judged("integers_may_grow", chart, tools, tmp_path)
    assert [finding.path for finding in verdict.findings] == ["data.a"]
    marked = [rendering for rendering in renderings if rendering.scenario.is_trial and not rendering.error]
    found = {mark for rendering in marked for mark in marks_in(rendering.scenario.values)}
    assert {mark_of(f"k{number}") for number in range(6)} <= found
    assert len(renderings) <= (3 if reason == "by the value" else 8)


def test_a_chart_that_refuses_everything_is_given_up(tmp_path: Path, tools: Tools) -> None:
    values = "".join(f"k{number}: text\n" for number in range(200))
    template = (
        f'{CONFIG}  a: b\n{{{{ if ne (join "" (values .Values)) "{"text" * 200}" }}}}{{{{ fail "no" }}}}{{{{ end }}}}'
    )
    chart = chart_from(tmp_path / "toy", {"values.yaml": values, "templates/a.yaml": template})
    verdicts, renderings = judged("integers_may_grow", chart, tools, tmp_path)
    assert [verdict.findings for verdict in verdicts] == [()]
    assert len(renderings) <= 15
