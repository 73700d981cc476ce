"""The table of changes: what a review says of each, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.review.risks.risk_classes import CLASSES
from chartgate.system.toolchain import Tools
from tests.review.table import Row, as_row, edited, reviewed, rows
from tests.review.test_changed_routes import TOLD
from tests.review.test_narrowed_use import SHOWN as NARROWED
from tests.review.test_object_risks import SHOWN

pytestmark = pytest.mark.usefixtures("library_alone")

ROWS = rows()
RESTARTS = "restarts"
"""What most changes bring with them; test_object_risks.py tells where."""
ELSEWHERE = {RESTARTS, "new_finding", "gate_weakened"}
"""The classes that test_object_risks.py, test_review_command.py and test_weakened_gate.py are about."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_change_is_told(row: Row, tmp_path: Path, tools: Tools, renderings: Path) -> None:
    review = reviewed(edited(tmp_path / "toy", row.edit), tmp_path, renderings, tools)

    told = [entry for entry in review.entries if [risk.name for risk in entry.risks] != [RESTARTS]]
    assert sorted(map(_line, map(as_row, told))) == sorted(map(_line, row.entries))
    least = "note" if len(told) < len(review.entries) and row.level == "none" else row.level
    assert (review.level or "none", review.versions.required) == (least, row.bump)
    levels = [entry.level or "none" for entry in review.entries]
    assert levels == sorted(levels, key=["danger", "caution", "note", "none"].index)


def _line(entry: Any) -> str:
    return json.dumps(entry, default=str)


def test_a_row_for_every_class_and_one_that_is_near() -> None:
    of_objects = {name for row in (*SHOWN, *NARROWED) for name in row[3]} | {told.split()[0] for *_, told in TOLD}
    assert sorted({name for row in ROWS for name in row.classes} | of_objects | ELSEWHERE) == sorted(CLASSES)
    assert sorted({name for row in ROWS for name in row.near} | of_objects | ELSEWHERE) == sorted(CLASSES)


def test_what_is_near_is_not_there() -> None:
    assert [row.name for row in ROWS if row.classes & set(row.near)] == []


def test_no_row_has_the_name_of_another() -> None:
    names = [row.name for row in ROWS]
    assert sorted(set(names)) == sorted(names)
