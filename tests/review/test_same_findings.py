"""What was found before is not new where an object, or the chart, has another name now."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.reading.read import read_chart
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.choice import Choice
from chartgate.policy.loading import load_policies
from chartgate.review.comparison import compare
from chartgate.review.means import Means
from chartgate.review.plan import plan_review
from chartgate.review.review import Review
from chartgate.review.same_findings import SameFindings
from chartgate.review.side_gates import Judges
from chartgate.review.sides import open_side
from chartgate.system.toolchain import Tools
from tests.engine.recorded_outcomes import finding_of
from tests.review.table import edited

DEPOT, MATRIX = Path(__file__).parent / "depot", Path(__file__).parent / "depot.yaml"
NAMES = {
    "a ConfigMap that was called as its Deployment": {
        "templates/config.yaml": {
            'name: {{ include "depot.name" . }}\n': 'name: {{ include "depot.name" . }}-config\n'
        },
        "templates/deployment.yaml": {
            'configMap:\n            name: {{ include "depot.name" . }}\n': (
                'configMap:\n            name: {{ include "depot.name" . }}-config\n'
            )
        },
    },
    "the chart alone": {"Chart.yaml": {"name: depot": "name: store"}},
    "the chart and all that is called after it": {
        "Chart.yaml": {"name: depot": "name: warehouse"},
        "templates/_helpers.tpl": {"{{ .Release.Name }}-depot": "{{ .Release.Name }}-{{ .Chart.Name }}"},
    },
}
POLICIES = ("pods_fit_the_demanded_security_level", "recommended_labels_are_set")


def _reviewed(
    edit: Mapping[str, Any], policies: Sequence[str], tmp_path: Path, renderings: Path, tools: Tools
) -> Review:
    head = edited(tmp_path / "head", edit, DEPOT)
    base, side = (
        open_side(str(chart), Choice(chart=str(chart), matrix=str(MATRIX)), tmp_path / name)
        for chart, name in ((DEPOT, "base"), (head, "side"))
    )
    judges = Judges(tuple(p for p in load_policies(["kubernetes"]) if p.name in policies), Settings())
    plan = plan_review(base, side, (), datetime.date(2026, 1, 1))
    return compare(base, side, plan, Means(tools, renderings), judges=judges)


@pytest.mark.parametrize("edit", NAMES.values(), ids=NAMES)
def test_what_has_another_name_is_not_found_anew(
    edit: Mapping[str, Any], tmp_path: Path, tools: Tools, renderings: Path
) -> None:
    review = _reviewed(edit, POLICIES, tmp_path, renderings, tools)
    found = [(entry.subjects, risk.reason) for entry in review.entries for risk in entry.risks]
    assert [one for one in found if one[1].startswith(POLICIES)] == []
    assert [note for note in review.notes if "gone in HEAD" in note] == []


def test_a_key_that_nothing_reads_any_longer_is_told_as_a_change_alone(
    tmp_path: Path, tools: Tools, renderings: Path
) -> None:
    edit = {"templates/ingress.yaml": {"{{ .Values.ingress.path }}": "/shop"}}
    review = _reviewed(edit, ["keys_are_named_in_templates"], tmp_path, renderings, tools)
    told = [[risk.name for risk in entry.risks] for entry in review.entries if entry.addresses == ("ingress.path",)]
    assert told == [["values_key_ignored"]]


@pytest.mark.parametrize(
    ("before", "after", "new", "gone"),
    [
        (["PodDisruptionBudget web"], ["Deployment web"], set(), set()),
        (["Deployment web"], ["Deployment web", "Service web"], {"a Service web spec"}, set()),
        (
            ["PodDisruptionBudget web"],
            ["Deployment shop"],
            {"a Deployment shop spec"},
            {"a PodDisruptionBudget web spec"},
        ),
    ],
    ids=["the other object", "another object as well", "another name"],
)
def test_what_is_found_of_an_object_of_another_kind(
    before: list[str], after: list[str], new: set[str], gone: set[str]
) -> None:
    chart = read_chart(DEPOT, "depot")
    was, now = (
        [
            dataclasses.replace(finding_of("a", ("b",)), subject=subject, fingerprint=f"a {subject} spec")
            for subject in side
        ]
        for side in (before, after)
    )
    same = SameFindings(chart, chart)
    assert (same.new(now, was), same.gone(was, now)) == (new, gone)


@pytest.mark.parametrize(("template", "is_new"), [("depot/templates/a.yaml", False), ("depot/templates/b.yaml", True)])
def test_what_fails_with_values_that_are_tried_together(template: str, is_new: bool) -> None:
    chart = read_chart(DEPOT, "depot")
    was, now = (
        dataclasses.replace(
            finding_of("a", ("b",)), subject="values.yaml", path=keys, fingerprint=keys, actual=f"{where} fails: {keys}"
        )
        for keys, where in (("x, y", "depot/templates/a.yaml"), ("x, y, z", template))
    )
    assert SameFindings(chart, chart).new([now], [was]) == ({"x, y, z"} if is_new else set())


def test_what_is_found_of_all_scenarios_together_is_found_in_each(
    tmp_path: Path, tools: Tools, renderings: Path
) -> None:
    edit = {"templates/config.yaml": {"  banner.txt: welcome\n": '  banner.txt: "{{ .Values.image.digets }}"\n'}}
    review = _reviewed(edit, ["templates_read_known_values"], tmp_path, renderings, tools)
    told = [(entry.subjects, entry.condition) for entry in review.entries if "templates" in entry.subjects]
    assert told == [(("templates",), "all")]
