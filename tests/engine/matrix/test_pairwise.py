"""Pairwise rows cover what they must, and writing them changes nothing else of the file."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.content import MatrixContent, PairwiseRows
from chartgate.matrix.file import read_matrix_file
from chartgate.matrix.pairwise import Pair, Row, covering_rows, single_rows, write_rows
from chartgate.matrix.scenarios import load_matrix
from tests.engine.toys import MATRIX, TOY, chart_from, write

OWN = Path(__file__).parents[2] / "matrix.yaml"

AXES: dict[str, dict[str, Any]] = {
    "a": {"a1": {}, "a2": {}, "a3": {}},
    "b": {"b1": {}, "b2": {}},
    "c": {"c1": {}, "c2": {}, "c3": {}, "c4": {}},
    "d": {"d1": {}, "d2": {}},
}


EXCLUSIONS = [
    [],
    [("a1", "b1")],
    # a1 leaves b2 only, and so c1 neither: that pair is not forbidden, but no row can hold it.
    [("a1", "b1"), ("a2", "c4"), ("b2", "c1"), ("c2", "d1")],
]


def allowed_pairs(axes: Mapping[str, Mapping[str, Any]], excluded: set[Pair]) -> Iterator[Pair]:
    """Give every pair of values of two axes that may stand in a row: not excluded, and leaving a way to complete it."""
    for one, other in itertools.combinations(axes, 2):
        for left, right in itertools.product(axes[one], axes[other]):
            pair = frozenset({(one, left), (other, right)})
            if pair not in excluded and _completes(dict(pair), axes, excluded):
                yield pair


def _completes(row: Row, axes: Mapping[str, Mapping[str, Any]], excluded: set[Pair]) -> bool:
    """Tell whether the axes that a row lacks have values which no exclusion forbids beside those it has."""
    lacking = next((axis for axis in axes if axis not in row), None)
    return lacking is None or any(
        _completes(row | {lacking: value}, axes, excluded)
        for value in axes[lacking]
        if not any(frozenset({item, (lacking, value)}) in excluded for item in row.items())
    )


def _pairs(row: dict[str, str]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(pair) for pair in itertools.combinations(row.items(), 2)}


@pytest.mark.parametrize("excluded", EXCLUSIONS)
def test_every_allowed_pair_and_no_other(excluded: list[tuple[str, str]]) -> None:
    forbidden = {frozenset({(left[0], left), (right[0], right)}) for left, right in excluded}
    rows = covering_rows(AXES, forbidden)
    covered = set().union(*map(_pairs, rows))
    assert covered == set(allowed_pairs(AXES, forbidden))
    assert not covered & forbidden
    assert all(list(row) == list(AXES) for row in rows)
    singles = single_rows(AXES, rows)
    assert {item for row in singles for item in row.items()} == {(a, v) for a, values in AXES.items() for v in values}
    assert all(row in rows for row in singles)


@pytest.mark.parametrize(
    ("axes", "rows"), [({}, []), ({"a": {"a1": {}, "a2": {}}}, [{"a": "a1"}, {"a": "a2"}])], ids=["none", "one"]
)
def test_fewer_axes_than_two(axes: dict[str, Any], rows: list[dict[str, str]]) -> None:
    assert covering_rows(axes, set()) == rows
    assert single_rows(axes, rows) == rows


@pytest.fixture(scope="module")
def own() -> MatrixContent:
    return read_matrix_file(OWN).content


@pytest.fixture(scope="module")
def rows(own: MatrixContent) -> PairwiseRows:
    assert own.pairwise is not None
    return own.pairwise


def test_our_rows_with_everything_on_cover_every_allowed_pair(own: MatrixContent, rows: PairwiseRows) -> None:
    covered = set().union(*map(_pairs, rows.all_on.values()))
    missing = sorted(map(sorted, set(allowed_pairs(own.axes, own.exclusions)) - covered))
    assert missing == [], "run `chartgate pairwise`"


def test_our_rows_with_the_master_off_have_each_value_once(own: MatrixContent, rows: PairwiseRows) -> None:
    every = {(axis, value) for axis, values in own.axes.items() for value in values}
    there = {item for row in rows.master_off.values() for item in row.items()}
    assert every - there == set(), "run `chartgate pairwise`"


def test_no_row_of_ours_holds_an_excluded_pair(own: MatrixContent, rows: PairwiseRows) -> None:
    every = {**rows.all_on, **rows.master_off}
    assert {name: pairs for name, row in every.items() if (pairs := _pairs(row) & own.exclusions)} == {}


def test_our_rows_are_what_the_command_writes(tmp_path: Path) -> None:
    copy = tmp_path / "matrix.yaml"
    copy.write_bytes(OWN.read_bytes())
    write_rows(copy)
    assert copy.read_text("utf-8") == OWN.read_text("utf-8"), "run `chartgate pairwise`"


SMALL = "axes:\n  size: {small: {}, large: {}}\n  place: {here: {}, 'on': {}}\n"
HEAD = "pairwise: # written by `chartgate pairwise`: every allowed pair of axis values is in a row of all_on\n"
TAIL = "\n# What comes after.\nnothing_to_examine: {}  # ünïcode \n"


@pytest.mark.parametrize(
    ("section", "tail"),
    [
        ("pairwise: {}\n", TAIL),
        ("pairwise: {}\n", "# A comment right below.\nnothing_to_examine: {}\n"),
        ("pairwise: # by hand\n  # inside\n\n  all_on:\n    old: {size: small}\n\n  # more\n  master_off: {}\n", TAIL),
        ("pairwise:\n  all_on:\n    old: {}\n", ""),
        ("pairwise: {}", ""),
        ("pairwise:\n  all_on: {}", ""),
        ("", ""),
    ],
)
def test_only_the_section_changes(section: str, tail: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"matrix.yaml": f"{MATRIX}{SMALL}{section}{tail}"}) / "matrix.yaml"
    write_rows(path)
    written = path.read_text("utf-8")
    gap = "" if section else "\n"
    assert written.startswith(f"{MATRIX}{SMALL}{gap}{HEAD}  all_on:\n    mix_01: {{size: ")
    assert written.endswith(tail)
    assert written.count("pairwise:") == 1
    assert "# by hand" not in written
    assert "old" not in written
    rows = go_yaml.load(written, "written")["pairwise"]
    assert [list(names) for names in rows.values()] == [
        ["mix_01", "mix_02", "mix_03", "mix_04"],
        ["off_mix_01", "off_mix_02"],
    ]
    assert {row["place"] for row in rows["all_on"].values()} == {"here", "on"}
    write_rows(path)
    assert path.read_text("utf-8") == written


def test_line_ends_of_the_rest_stay(tmp_path: Path) -> None:
    path = tmp_path / "matrix.yaml"
    before, after = f"{MATRIX}{SMALL}".replace("\n", "\r\n").encode(), b"\r\n# end\r\n"
    path.write_bytes(before + b"pairwise:\r\n  all_on: {}\r\n" + after)
    write_rows(path)
    assert path.read_bytes().startswith(before + HEAD.encode())
    assert path.read_bytes().endswith(after)


def test_rows_are_the_same_in_every_process(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        write(tmp_path / seed, {"matrix.yaml": OWN.read_text("utf-8")})
        code = "from chartgate.commands.main import main; raise SystemExit(main())"
        command = [sys.executable, "-c", code, "pairwise", str(tmp_path / seed / "matrix.yaml")]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert (tmp_path / "1" / "matrix.yaml").read_bytes() == (tmp_path / "2" / "matrix.yaml").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MATRIX, "/matrix.yaml: there are no `axes` to combine"),
        (
            "{chart: ../toy, release: a, namespace: b, axes: {size: {s: {}, l: {}}, place: {h: {}, g: {}}}}\n",
            "/matrix.yaml: write `pairwise: {}` as a line of its own, where the rows shall be",
        ),
        (
            MATRIX
            + SMALL
            + "pairwise: {}\nexclude:\n"
            + "".join(f"- {{together: {{size: small, place: {place}}}, reason: x}}\n" for place in ("here", "'on'")),
            "no row may hold ('size', 'small'): see `exclude`",
        ),
        ("release: x\n", "'chart' is a required property"),
    ],
)
def test_what_cannot_be_written(text: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"matrix.yaml": text}) / "matrix.yaml"
    with pytest.raises(InputError) as error:
        write_rows(path)
    assert message in str(error.value)
    assert path.read_text("utf-8") == text


def test_more_pairs_than_anybody_waits_for(tmp_path: Path) -> None:
    values = "{" + ", ".join(f"v{number}: {{}}" for number in range(101)) + "}"
    path = write(tmp_path, {"m.yaml": f"{MATRIX}axes: {{a: {values}, b: {values}}}\n"}) / "m.yaml"
    words = "axes: these have 10201 pairs of values, and the most are 10000: leave some values out"
    with pytest.raises(InputError, match=f"m.yaml: {words}$"):
        write_rows(path)
    with pytest.raises(InputError, match=rf"m.yaml:11: {words}$"):
        load_matrix(path, chart_from(tmp_path / "toy", TOY))


EXCLUDED = "exclude: [{together: {size: small, place: here}, reason: too far}]\n"


def test_rows_that_are_not_written_are_those_that_would_be(tmp_path: Path) -> None:
    toy = chart_from(tmp_path / "toy", TOY)
    matrices = {}
    for name, section in (("computed", ""), ("written", "pairwise: {}\n")):
        path = write(tmp_path / name, {"m.yaml": f"{MATRIX}{SMALL}{EXCLUDED}master: secret\n{section}"}) / "m.yaml"
        if section:
            write_rows(path)
        matrices[name] = load_matrix(path, toy)
    assert matrices["computed"].scenarios == matrices["written"].scenarios
    assert list(matrices["computed"].scenarios)[4:-2] == ["mix_01", "mix_02", "mix_03", "off_mix_01", "off_mix_02"]
    assert matrices["computed"].reasons == matrices["written"].reasons


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("", ["mix_01", "mix_02", "mix_03", "mix_04"]),
        ("pairwise: {}\n", []),
        ("pairwise: {all_on: {mine: {size: large, place: here}}}\n", ["mine"]),
        ("pairwise: {master_off: {mine: {size: large}}}\n", ["mine"]),
    ],
)
def test_rows_that_are_written_win(section: str, names: list[str], tmp_path: Path) -> None:
    """Without a master, those with the master off would only be others again."""
    path = write(tmp_path, {"matrix.yaml": f"{MATRIX}{SMALL}{section}"}) / "matrix.yaml"
    scenarios = load_matrix(path, chart_from(tmp_path / "toy", TOY)).scenarios
    assert list(scenarios) == ["off", "secret", "cache", "all_on", *names, "loud", "no_text"]


def test_one_axis_gives_a_row_a_value(tmp_path: Path) -> None:
    path = write(tmp_path, {"matrix.yaml": f"{MATRIX}axes: {{size: {{small: {{}}, large: {{}}}}}}\n"}) / "matrix.yaml"
    matrix = load_matrix(path, chart_from(tmp_path / "toy", TOY))
    assert {name: reason.text for name, reason in matrix.reasons.items() if reason.why == "all_on"} == {
        "mix_01": "all toggles on; the first with size=small",
        "mix_02": "all toggles on; the first with size=large",
    }
