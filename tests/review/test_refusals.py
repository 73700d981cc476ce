"""Scenarios that only the newer version refuses: each error once, with the few names that say where."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chartgate.documents.secret_texts.masking import Masker
from chartgate.review.both_sides import ScenarioComparison, notes_on_refused
from chartgate.review.chart_entries import entries_of_refusals

HINT = "\n\nUse --debug flag to render out invalid YAML"


@pytest.mark.parametrize(
    ("errors", "turned", "told"),
    [
        ({"a": "no", "b": "no", "c": "not"}, [], [("a, b", "no"), ("c", "not")]),
        ({"a": f"no{HINT}"}, [], [("a", "no")]),
        ({"defaults": "no", "x=true": "no"}, ["x=true"], [("defaults", "no")]),
        ({"x=true": "no", "y=true": "no"}, ["x=true", "y=true"], [("x=true, y=true", "no")]),
        (
            {"a": "(a.yaml:1:9): no", "b": "(a.yaml:2:8): no", "c": "(b.yaml:2:8): no"},
            [],
            [("a, b", "(a.yaml:1:9): no"), ("c", "(b.yaml:2:8): no")],
        ),
        ({f"s{number}": "no" for number in range(9)}, [], [("s0, s1, s2, s3, s4 and 4 more", "no")]),
    ],
)
def test_each_error_is_told_once(errors: Mapping[str, str], turned: list[str], told: list[tuple[str, str]]) -> None:
    entries = list(entries_of_refusals(errors, turned))
    assert [(entry.subjects[0], entry.risks[0].reason) for entry in entries] == told


def test_why_neither_side_renders_a_scenario_is_said_once() -> None:
    refused = ScenarioComparison(base_error="no licence-1\nat a", head_error="no licence-1\nat b")
    other = ScenarioComparison(base_error="no licence-1 at b", head_error="no name")
    found = {"one": ScenarioComparison(), "x=true": refused, "two": refused, "three": refused}
    told = list(notes_on_refused(found, ["x=true"], Masker(["licence-1"])))
    assert told == ["Both sides refuse two: no <secret> at a, and now: no <secret> at b"]
    assert list(notes_on_refused({"a": other}, [], Masker([]))) == [
        "Both sides refuse a: no licence-1 at b, and now: no name"
    ]
