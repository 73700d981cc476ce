"""What a scenario sets that BASE does not know is no upgrade for anybody: it is told as what the new key does."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from chartgate.matrix.choice import Choice
from chartgate.review.new_keys import KnownToBoth
from chartgate.review.plan import ReviewPlan, plan_review
from chartgate.review.review import Risk
from chartgate.review.scenario_changes import Change
from chartgate.review.sides import open_side
from tests.engine.toys import write

VALUES = "store: {size: 1Gi, labels: {}}\nmode: plain\n"
READS = "a: {{ .Values.store.size }}{{ toYaml .Values.store.labels }}{{ .Values.mode }}{{ .Values.hidden }}\n"


def _plan(folder: Path, values: str, ci: str) -> ReviewPlan:
    sides = []
    for name, of_side in (("base", VALUES), ("head", values)):
        files = {
            "Chart.yaml": "apiVersion: v2\nname: toy\nversion: 1.0.0\n",
            "values.yaml": of_side,
            "templates/a.yaml": READS,
            "ci/a-values.yaml": ci,
        }
        chart = write(folder / name, files)
        sides.append(open_side(str(chart), Choice(chart=str(chart)), folder / f"of-{name}"))
    return plan_review(sides[0], sides[1], (), datetime.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("values", "ci", "left_out", "kept"),
    [
        (VALUES + "cache: {on: false}\n", "cache: {on: true}\nmode: odd\n", ("cache",), {"mode": "odd"}),
        (
            VALUES.replace("size: 1Gi", "size: 1Gi, named: false"),
            "store: {named: true}",
            ("store.named",),
            {"store": {}},
        ),
    ],
)
def test_a_new_key_is_left_out(
    tmp_path: Path, values: str, ci: str, left_out: tuple[str, ...], kept: dict[str, object]
) -> None:
    found = _plan(tmp_path, values, ci).known_to_both
    assert {name: (known.keys, known.scenario.overrides) for name, known in found.items()} == {"a": (left_out, kept)}


@pytest.mark.parametrize(
    ("values", "ci"),
    [
        (VALUES, "mode: odd\n"),
        (VALUES, "unknown: 1\n"),
        (VALUES + "hidden: 0\n", "hidden: 1\n"),
        (VALUES.replace("labels: {}", "labels: {a: b}"), "store: {labels: {a: c}}\n"),
    ],
    ids=["known", "of nobody", "read before", "written out before"],
)
def test_what_base_reads_is_not_new(tmp_path: Path, values: str, ci: str) -> None:
    assert _plan(tmp_path, values, ci).known_to_both == {}


def _change(risk: Risk, after: int) -> Change:
    return Change("changed", "Deployment shop/web", "t", "spec.x", 0, after, (risk,))


@pytest.mark.parametrize(
    ("name", "level"),
    [("data_loss", "note"), ("immutable", "note"), ("rbac_widened", "caution"), ("security_loosened", "caution")],
)
def test_what_only_a_new_key_does_breaks_nothing(tmp_path: Path, name: str, level: str) -> None:
    scenario = _plan(tmp_path, VALUES, "mode: odd\n").scenarios[0]
    known = KnownToBoth(scenario, ("a.b",))
    there, only = _change(Risk("image", "caution", "patch", "other"), 1), _change(Risk(name, "danger", "major", "x"), 2)
    told = list(known.of_upgrades([there, only], [there]))
    reason = "where a.b is set, which is new: x"
    assert [(risk.name, risk.level, risk.bump, risk.reason) for change in told for risk in change.risks] == [
        ("image", "caution", "patch", "other"),
        (name, level, "minor", reason),
    ]
