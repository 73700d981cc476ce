"""Each bug that was reported is found, in words that name it; the mended chart has no finding of any severity."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.rendering.in_process import installed_version
from tests.field.reported import Bug, bug_table, reported_bugs

pytestmark = pytest.mark.usefixtures("library_alone")

BUGS = reported_bugs()
FORMS = [(bug, has_matrix) for bug in BUGS for has_matrix in (False, True) if bug.matrix or not has_matrix]
Check = Callable[..., dict[str, Any]]


# What is red on a mended chart without a reason, so far.
LOUD: dict[tuple[str, bool], str] = {}


def _name(value: object) -> str:
    return value.name if isinstance(value, Bug) else "with a matrix" if value else "by its ci files"


def _unless(reason: str, *values: Any) -> Any:
    return pytest.param(*values, marks=[pytest.mark.xfail(strict=True, reason=reason)] if reason else [])


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Judge a chart by the pack, in an empty folder; give the report."""
    monkeypatch.chdir(tmp_path)

    def run(chart: Path, *policies: str) -> dict[str, Any]:
        renderer = "inprocess" if installed_version() else "helm"  # which render the same
        main(
            [
                "check",
                f"--chart={chart}",
                "--policies=pack:kubernetes",
                f"--renderer={renderer}",
                "--format=json",
                *policies,
            ]
        )
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return run


@pytest.mark.parametrize(
    "bug", [_unless(bug.missing and f"nobody judges {bug.missing} yet", bug) for bug in BUGS], ids=_name
)
def test_the_bug_is_found(bug: Bug, check: Check, tmp_path: Path) -> None:
    """With the matrix, where there is one; those of whom nobody judges yet may be found by any policy."""
    folder = bug.write(tmp_path / "faulty", is_mended=False, with_matrix=bool(bug.matrix))
    report = check(folder, *filter(None, [bug.policy]))
    told = [f"{f['resource']} {f['path']} {f['expected']} {f['actual']}" for f in report["findings"]]
    assert [text for text in told if all(words in text for words in bug.says)] != [], told or report["problems"]


@pytest.mark.parametrize(
    ("bug", "has_matrix"),
    [_unless(LOUD.get((bug.name, has_matrix), ""), bug, has_matrix) for bug, has_matrix in FORMS],
    ids=_name,
)
def test_the_mended_chart_is_green(bug: Bug, has_matrix: bool, check: Check, tmp_path: Path) -> None:
    folder = bug.write(tmp_path / "mended", is_mended=True, with_matrix=has_matrix)
    report = check(folder)
    assert [(f["policy"], f["resource"], f["path"], f["actual"]) for f in report["findings"]] == []
    assert [p for p in report["problems"] if p["kind"] != "examines"] == []
    assert report["unjudged"] == []


def test_each_report_is_a_bug_of_its_own() -> None:
    assert len({bug.reported for bug in BUGS}) == len({bug.fault for bug in BUGS}) == len(BUGS)
    assert [bug.name for bug in BUGS if not bug.says or bool(bug.policy) == bool(bug.missing)] == []


def test_the_table_is_of_today() -> None:
    told = (Path(__file__).parents[2] / "docs" / "field.md").read_text("utf-8")
    assert bug_table(BUGS) in told, "run `.venv/bin/python -m tests.field.reported`, and put it into docs/field.md"


def test_what_others_find_is_of_these_bugs() -> None:
    told = (Path(__file__).parents[2] / "docs" / "field.md").read_text("utf-8").partition("## Side by side")[2]
    rows = [line.split("|")[1].strip() for line in told.splitlines() if line.startswith("| ")]
    assert rows[1:-1] == [bug.name for bug in BUGS if bug.name in rows]
