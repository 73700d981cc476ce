"""Dependencies that git does not have: they are those of the work tree where these fit, and named where none does."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.matrix.choice import Choice
from chartgate.review.sides import Side, open_side
from tests.engine.toys import write
from tests.review.repositories import cloned

HEAD = "apiVersion: v2\nname: toy\nversion: 1.0.0\ndependencies:\n"
REMOTE = HEAD + "  - {name: kv, version: 1.x, repository: 'https://charts.example.com'}\n"
LOCAL = HEAD + "  - {name: kv, version: 1.x, repository: 'file://../kv'}\n"
LOCK = "digest: sha256:0\ndependencies:\n  - {name: kv, version: 1.4.0, repository: 'https://charts.example.com'}\n"


def _kv(version: str) -> str:
    return f"apiVersion: v2\nname: kv\nversion: {version}\n"


def _opened(top: Path, committed: dict[str, str], version: str) -> Side:
    clone = cloned(top / "repository")
    clone.commit({".gitignore": "charts/\n", "chart/values.yaml": "a: 1\n", **committed}, tag="v1")
    write(clone.top, {"chart/charts/kv/Chart.yaml": _kv(version)})
    return open_side("v1", Choice(chart=str(clone.top / "chart")), top / "side")


@pytest.mark.parametrize(
    ("committed", "version", "taken", "notes"),
    [
        ({"chart/Chart.yaml": REMOTE}, "1.4.0", "1.4.0", 1),
        ({"chart/Chart.yaml": REMOTE, "chart/Chart.lock": LOCK}, "1.4.0", "1.4.0", 1),
        ({"chart/Chart.yaml": LOCAL, "kv/Chart.yaml": _kv("1.2.0")}, "1.4.0", "1.2.0", 0),
    ],
)
def test_one_that_fits_is_lent(tmp_path: Path, committed: dict[str, str], version: str, taken: str, notes: int) -> None:
    side = _opened(tmp_path, committed, version)
    assert [(chart.name, chart.version) for chart in side.chart.subcharts] == [("kv", taken)]
    told = "Git does not have the dependencies of v1:chart: of charts/ in the work tree, kv 1.4.0."
    assert side.notes == (told,) * notes


@pytest.mark.parametrize(
    ("committed", "version"),
    [
        ({"chart/Chart.yaml": REMOTE}, "2.0.0"),
        ({"chart/Chart.yaml": REMOTE, "chart/Chart.lock": LOCK}, "1.5.0"),
        ({"chart/Chart.yaml": REMOTE, "chart/charts": "no folder"}, "1.4.0"),
        ({"chart/Chart.yaml": LOCAL.replace("../kv", "../../kv")}, "2.0.0"),
    ],
)
def test_none_that_fits_is_named(tmp_path: Path, committed: dict[str, str], version: str) -> None:
    top = tmp_path / "repository"
    clone = cloned(top)
    clone.commit({"chart/values.yaml": "a: 1\n", **committed}, tag="v1")
    (top / "chart" / "charts").unlink(missing_ok=True)
    write(top, {"chart/charts/kv/Chart.yaml": _kv(version)})
    with pytest.raises(InputError) as error:
        open_side("v1", Choice(chart=str(top / "chart")), tmp_path / "side")
    assert str(error.value) == (
        "v1:chart needs kv, which git does not have, nor charts/ of the work tree in that version:"
        " `git worktree add FOLDER v1`, `helm dependency build` there, and name that folder"
    )


def test_a_name_that_leads_elsewhere_is_no_folder(tmp_path: Path) -> None:
    metadata = HEAD + "  - {name: ../../../escaped, version: 1.x, repository: 'file://../kv'}\n"
    with pytest.raises(InputError):
        _opened(tmp_path, {"chart/Chart.yaml": metadata, "kv/Chart.yaml": _kv("1.0.0")}, "1.0.0")
    assert not list(tmp_path.rglob("escaped"))
