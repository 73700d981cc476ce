"""Upgrades that people reported, end to end: the right class of risk is told, and a change of form tells none."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.choice import Choice
from chartgate.policy.loading import load_policies
from chartgate.review.comparison import NOBODY, compare
from chartgate.review.means import Means
from chartgate.review.plan import plan_review
from chartgate.review.review import Review
from chartgate.review.risks.risk_classes import CLASSES
from chartgate.review.side_gates import Judges
from chartgate.review.sides import open_side
from chartgate.system.toolchain import Tools
from tests.review.table import edited

pytestmark = pytest.mark.usefixtures("library_alone")

HERE = Path(__file__).parent
DEPOT, MATRIX = HERE / "depot", HERE / "depot.yaml"
NOT_RISKS = {"version_not_raised", "values_key_added"}
"""That the version is the same, in all rows, and keys that a change of form brings with it."""


@dataclass(frozen=True)
class Upgrade:
    """What was reported, and a change of form that comes near it."""

    name: str
    risk: str
    policy: str
    after: Mapping[str, Any]
    harmless: Mapping[str, Any]


def _upgrades() -> list[Upgrade]:
    rows: Sequence[Mapping[str, Any]] = go_yaml.load((HERE / "upgrades.yaml").read_text("utf-8"), "upgrades.yaml")
    return [Upgrade(row["name"], row["is"], row.get("policy", ""), row["after"], row["harmless"]) for row in rows]


UPGRADES = _upgrades()


def _reviewed(upgrade: Upgrade, edit: Mapping[str, Any], tmp_path: Path, renderings: Path, tools: Tools) -> Review:
    head = edited(tmp_path / "depot", edit, DEPOT)
    base, side = (
        open_side(str(chart), Choice(chart=str(chart), matrix=str(MATRIX)), tmp_path / name)
        for chart, name in ((DEPOT, "base"), (head, "head"))
    )
    plan = plan_review(base, side, (), datetime.date(2026, 1, 1))
    judges = NOBODY
    if upgrade.policy:
        judges = Judges(tuple(p for p in load_policies(["kubernetes"]) if p.name == upgrade.policy), Settings())
        assert len(judges.policies) == 1
    return compare(base, side, plan, Means(tools, renderings), judges=judges)


@pytest.mark.parametrize("upgrade", UPGRADES, ids=lambda upgrade: upgrade.name)
def test_what_was_reported_is_told(upgrade: Upgrade, tmp_path: Path, tools: Tools, renderings: Path) -> None:
    review = _reviewed(upgrade, upgrade.after, tmp_path, renderings, tools)
    assert upgrade.risk in {risk.name for entry in review.entries for risk in entry.risks}


@pytest.mark.parametrize("upgrade", UPGRADES, ids=lambda upgrade: upgrade.name)
def test_a_change_of_form_is_not(upgrade: Upgrade, tmp_path: Path, tools: Tools, renderings: Path) -> None:
    review = _reviewed(upgrade, upgrade.harmless, tmp_path, renderings, tools)
    told = [(entry.subjects, entry.addresses, [risk.name for risk in entry.risks]) for entry in review.entries]
    assert [row for row in told if not row[2] or {*row[2]} - NOT_RISKS] == []


def test_rows_are_about_classes_and_have_names_of_their_own() -> None:
    assert sorted({upgrade.risk for upgrade in UPGRADES} - set(CLASSES)) == []
    assert len({upgrade.name for upgrade in UPGRADES}) == len(UPGRADES)
