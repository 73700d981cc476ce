"""The table of changes: what a review says of each, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.review.risks.risk_classes import CLASSES, OF_GATES
from chartgate.system.toolchain import Tools
from tests.review.table import Row, as_row, edited, reviewed, rows

ROWS = rows()
OF_CHARTS = CLASSES.keys() - {risk.name for risk in OF_GATES}
"""What is about the gate, test_weakened_gate.py tells."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_change_is_told(row: Row, tmp_path: Path, tools: Tools, renderings: Path) -> None:
    review = reviewed(edited(tmp_path / "toy", row.edit), tmp_path, renderings, tools)

    assert sorted(map(_line, map(as_row, review.entries))) == sorted(map(_line, row.entries))
    assert (review.level or "none", review.versions.required) == (row.level, row.bump)
    levels = [entry.level or "none" for entry in review.entries]
    assert levels == sorted(levels, key=["danger", "caution", "note", "none"].index)


def _line(entry: Any) -> str:
    return json.dumps(entry, default=str)


def test_a_row_for_every_class_and_one_that_is_near() -> None:
    assert sorted({name for row in ROWS for name in row.classes}) == sorted(OF_CHARTS)
    assert sorted({name for row in ROWS for name in row.near}) == sorted(OF_CHARTS)


def test_what_is_near_is_not_there() -> None:
    assert [row.name for row in ROWS if row.classes & set(row.near)] == []


def test_no_row_has_the_name_of_another() -> None:
    names = [row.name for row in ROWS]
    assert sorted(set(names)) == sorted(names)
