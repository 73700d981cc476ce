"""What a scenario sets that BASE does not know is no upgrade for anybody: it is told as what the new key does."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from chartgate.matrix.choice import Choice
from chartgate.review.comparison import compare
from chartgate.review.means import Means
from chartgate.review.new_keys import KnownToBoth
from chartgate.review.plan import ReviewPlan, plan_review
from chartgate.review.review import Risk
from chartgate.review.scenario_changes import Change
from chartgate.review.sides import Side, open_side
from chartgate.system.toolchain import Tools
from tests.engine.toys import write

VALUES = "store: {size: 1Gi, labels: {}}\nmode: plain\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"
READS = CONFIG + "# {{ .Values.store.size }}{{ toYaml .Values.store.labels }}{{ .Values.mode }}{{ .Values.hidden }}\n"


def _sides(folder: Path, values: str, ci: str, template: str = READS) -> list[Side]:
    sides = []
    for name, of_side, text in (("base", VALUES, READS), ("head", values, template)):
        files = {
            "Chart.yaml": "apiVersion: v2\nname: toy\nversion: 1.0.0\n",
            "values.yaml": of_side,
            "templates/a.yaml": text,
            "ci/a-values.yaml": ci,
        }
        chart = write(folder / name, files)
        sides.append(open_side(str(chart), Choice(chart=str(chart)), folder / f"of-{name}"))
    return sides


def _plan(folder: Path, values: str, ci: str) -> ReviewPlan:
    base, head = _sides(folder, values, ci)
    return plan_review(base, head, (), datetime.date(2026, 1, 1))


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


def test_a_new_key_that_is_demanded_refuses_the_old_values(tmp_path: Path, tools: Tools) -> None:
    demands = CONFIG.replace("a: b", 'a: {{ required "needed" .Values.licence }}')
    base, head = _sides(tmp_path, VALUES + "licence: ''\n", "licence: abc\n", demands)
    plan = plan_review(base, head, (), datetime.date(2026, 1, 1))
    review = compare(base, head, plan, Means(tools, tmp_path / "runs"))
    refused = [entry for entry in review.entries if [risk.name for risk in entry.risks] == ["values_refused"]]
    assert [entry.subjects for entry in refused] == [("a without licence, which is new",)]
    assert "needed" in refused[0].risks[0].reason


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
