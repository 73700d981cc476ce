"""Pairwise rows over the axes; written into matrix.yaml, a reviewer sees them and their names stay what they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.content import PairwiseRows
from chartgate.matrix.file import MatrixFile, read_matrix_file
from chartgate.system.files import write_whole

_MOST_PAIRS = 10_000
"""Of values of two axes: that many take some seconds to cover, and twice as many four times as long."""
Row = dict[str, str]
Pair = frozenset[tuple[str, str]]

# Its own line and the indented lines below it; comments after the last of these belong to what follows.
_SECTION = re.compile(
    r"^pairwise:[^\n]*(?:\n|\Z)(?:(?:[ \t]*+(?:#[^\n]*+)?+\r?\n)*+[ \t]++[^\s#][^\n]*+(?:\n|\Z))*+", re.MULTILINE
)
_HEAD = "pairwise: # written by `chartgate pairwise`: every allowed pair of axis values is in a row of all_on\n"


def write_rows(path: Path) -> None:
    """Replace the `pairwise` section of a matrix file, or add one at its end; the rest of it stays to the letter.

    Raises:
        InputError: the file is not a matrix, has no axes, or these have no allowed row or too many values, or nothing
            can be added to it.
    """
    content = read_matrix_file(path).content
    text = path.read_bytes().decode("utf-8")  # read_text() would change line ends
    sections = list(_SECTION.finditer(text))
    if not content.axes:
        raise InputError(f"{path}: there are no `axes` to combine")
    try:
        covering = covering_rows(content.axes, content.exclusions)
        rows = {
            "all_on": _named("mix", covering),
            "master_off": _named("off_mix", single_rows(content.axes, covering)),
        }
    except InputError as error:
        raise InputError(f"{path}: axes: {error}") from error
    lines = [
        f"  {section}:\n" + "".join(_line(name, row) for name, row in named.items()) for section, named in rows.items()
    ]
    start, end = sections[0].span() if sections else (len(text), len(text))
    gap = "" if sections else "\n" if text.endswith("\n") else "\n\n"
    new = text[:start] + gap + _HEAD + "".join(lines) + text[end:]
    try:
        written = go_yaml.load(new, str(path))["pairwise"]
    except go_yaml.BrokenYaml:
        written = None
    if len(sections) > 1 or written != rows:
        raise InputError(f"{path}: write `pairwise: {{}}` as a line of its own, where the rows shall be")
    write_whole(path, new.encode())


def computed_rows(file: MatrixFile) -> PairwiseRows:
    """Give the rows of a matrix in which none are written: those that `write_rows` would write.

    Where no toggle is the master, those with the master off would only be others again, and are left out.

    Raises:
        InputError: the axes have no allowed row, or too many values.
    """
    axes = file.content.axes
    try:
        rows = covering_rows(axes, file.content.exclusions) if axes else []
    except InputError as error:
        raise file.error(["axes"], str(error)) from error
    try:
        single = single_rows(axes, rows)
    except InputError as error:
        raise file.error(["exclude"], str(error)) from error
    return PairwiseRows(_named("mix", rows), _named("off_mix", single) if file.content.master else {})


def covering_rows(axes: Mapping[str, Mapping[str, Any]], excluded: set[Pair]) -> list[Row]:
    """Give rows, one value per axis, in which every allowed pair is together at least once.

    Raises:
        InputError: there are more pairs than anybody waits for.
    """
    if len(axes) < 2:
        return [{axis: value} for axis, values in axes.items() for value in values]
    pairs = sum(len(one) * len(other) for one, other in itertools.combinations(axes.values(), 2))
    if pairs > _MOST_PAIRS:
        raise InputError(f"these have {pairs} pairs of values, and the most are {_MOST_PAIRS}: leave some values out")
    constraints = [
        {
            "operator": "or",
            "conditions": [{"operator": "ne", "left": axis, "value": value} for axis, value in sorted(pair)],
        }
        for pair in sorted(excluded, key=sorted)
    ]
    import covertable  # not needed where no axes are combined

    rows = covertable.make({axis: list(values) for axis, values in axes.items()}, constraints=constraints)
    return [{axis: row[axis] for axis in axes} for row in rows]


def single_rows(axes: Mapping[str, Mapping[str, Any]], candidates: list[Row]) -> list[Row]:
    """Choose rows in which every single value is there at least once, as few as there have to be.

    Raises:
        InputError: a value is in none of them.
    """
    missing = {(axis, value) for axis, values in axes.items() for value in values}
    chosen: list[Row] = []
    while missing:
        best = max(candidates, key=lambda row: len(missing & set(row.items())), default={})
        if not missing & set(best.items()):
            raise InputError(f"no row may hold {min(missing)}: see `exclude`")
        chosen.append(best)
        missing -= set(best.items())
    return chosen


def _named(prefix: str, rows: list[Row]) -> dict[str, Row]:
    return {f"{prefix}_{number:02}": row for number, row in enumerate(rows, 1)}


def _line(name: str, row: Row) -> str:
    flow = ", ".join(f"{_scalar(axis)}: {_scalar(value)}" for axis, value in row.items())
    return f"    {name}: {{{flow}}}\n"


def _scalar(text: str) -> str:
    return go_yaml.dump(text).splitlines()[0]
