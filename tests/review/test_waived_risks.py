"""Waived risks: who accepts what, until when, and a waiver that fits only in part accepts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.review.review import Review
from chartgate.system.toolchain import Tools
from tests.review.table import MATRIX, edited, reviewed

STORE = {"templates/store.yaml": {"serviceName: {{ .Release.Name }}-store": "serviceName: other"}}
WAIVER = "  - {risk: immutable, LIMIT, reason: nobody has a store yet, owner: shop, expires: EXPIRES}\n"


def _review(folder: Path, renderings: Path, tools: Tools, *limits: str, risk: str = "", expires: str = "") -> Review:
    waivers = "".join(WAIVER.replace("LIMIT", limit).replace("EXPIRES", expires or "'2026-06-30'") for limit in limits)
    text = MATRIX.read_text("utf-8").replace("chart: toy", f"chart: {MATRIX.parent / 'toy'}")
    matrix = folder / "matrix.yaml"
    matrix.write_text(f"{text}waivers:\n{waivers.replace('immutable', risk or 'immutable')}")
    return reviewed(edited(folder / "toy", STORE), folder, renderings, tools, matrix)


@pytest.mark.parametrize(
    "limits",
    [
        ["resource: StatefulSet shop/demo-store"],
        ["path: spec.serviceName"],
        ["scenario: '*'"],
        ["scenario: 'no such one'", "resource: 'StatefulSet */*', path: 'spec.*'"],
    ],
)
def test_an_accepted_risk(limits: list[str], tmp_path: Path, renderings: Path, tools: Tools) -> None:
    review = _review(tmp_path, renderings, tools, *limits)
    (entry,) = review.entries
    assert [str(risk.waiver) for risk in entry.risks] == ["nobody has a store yet (shop, until 2026-06-30)"]
    assert (entry.level, review.level) == (None, None)
    # What it does to the version is not for a waiver to say.
    assert review.versions.required == "major"


@pytest.mark.parametrize(
    "limit",
    [
        "resource: StatefulSet shop/other",
        "resource: Deployment shop/demo-store",
        "path: spec.selector",
        "scenario: store",
        "scenario: 'store+*'",
    ],
)
def test_a_waiver_that_fits_only_in_part_accepts_nothing(
    limit: str, tmp_path: Path, renderings: Path, tools: Tools
) -> None:
    review = _review(tmp_path, renderings, tools, limit)
    assert [[risk.waiver for risk in entry.risks] for entry in review.entries] == [[None]]
    assert review.level == "danger"


def test_an_expired_one_accepts_nothing_and_says_so(tmp_path: Path, renderings: Path, tools: Tools) -> None:
    review = _review(tmp_path, renderings, tools, "path: spec.serviceName", expires="'2025-12-31'")
    assert review.level == "danger"
    assert "The waiver of immutable expired on 2025-12-31." in review.notes


def test_its_last_day_counts(tmp_path: Path, renderings: Path, tools: Tools) -> None:
    assert _review(tmp_path, renderings, tools, "path: spec.serviceName", expires="'2026-01-01'").level is None


def test_an_unknown_risk_is_refused(tmp_path: Path, renderings: Path, tools: Tools) -> None:
    with pytest.raises(InputError, match=r"a waiver is about the risk 'immutables'; accepted: immutable, storage, "):
        _review(tmp_path, renderings, tools, "path: spec", risk="immutables")
