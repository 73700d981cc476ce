"""The two sides of a review: a chart folder, an archive, the work tree, or what git knows by a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.reading.read import MissingDependencies, copy_chart, read_chart
from chartgate.documents.words import listed
from chartgate.errors import InputError
from chartgate.matrix.choice import INSIDE, Choice, chart_source, matrix_for
from chartgate.matrix.file import read_matrix_file
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.review.lent_dependencies import lend_dependencies
from chartgate.system.git import Repository, WrittenCommit


@dataclass(frozen=True)
class Side:
    """One version of the chart."""

    label: str
    """What messages and reports call it."""
    chart: Chart
    choice: Choice
    """What chooses its matrix: for a git reference, the one that it had there."""
    source: Path
    """Where the user has the chart: around it, the repository whose tags count."""
    is_archive: bool = False
    """Whether it is a packaged chart."""
    commit: WrittenCommit | None = None
    """The commit that it is of, for a git reference."""
    reference: str = ""
    """What git was asked for."""
    written: Path | None = None
    """Where that was written: no report names a place that is gone by then."""
    notes: tuple[str, ...] = ()
    """What a reader should know about where it comes from."""

    def named(self, text: object) -> str:
        """Call the files of the commit as git does: `v1:tests/matrix.yaml`."""
        folders = [folder for folder in (self.written, self.commit and self.commit.folder) if folder]
        return _named(str(text), self.reference, folders)


def open_side(given: str, choice: Choice, folder: Path) -> Side:
    """Give one side; nothing of the user's is touched: what git knows is written below `folder`.

    Args:
        given: a chart folder, a .tgz, or a name that git knows; empty for the work tree, the chart as it is now.
        choice: the chart and matrix of the run; a git reference is looked up in the repository of that chart.
        folder: where this side of this run is written; it must not exist yet.

    Raises:
        InputError: there is no such chart, reference or repository.
    """
    folder.mkdir(parents=True)
    if not given:
        source = chart_source(choice)
        return Side(f"the work tree ({source})", read_chart(copy_chart(source, folder), str(source)), choice, source)
    path = Path(given)
    if path.is_file() or (path / "Chart.yaml").is_file():
        chart = read_chart(copy_chart(path, folder), given)
        return Side(given, chart, dataclasses.replace(choice, chart=given), path, path.is_file())
    try:
        return _from_git(given, choice, folder)
    except InputError as error:
        if path.is_dir():
            raise InputError(f"the folder {given} has no Chart.yaml; as a git reference: {error}") from error
        raise


def _from_git(reference: str, choice: Choice, folder: Path) -> Side:
    source = chart_source(choice)
    repository = Repository.around(source, reference)
    commit = repository.commit(reference)
    there = repository.path_of(source)
    written = folder / "git"
    repository.write(commit, there, written)
    if not (written / there / "Chart.yaml").is_file():
        raise InputError(f"{reference} has no chart at {there}: name another reference, or the chart with --chart=PATH")
    label = f"{reference} ({commit[:10]})" if not commit.startswith(reference) else commit[:10]
    called = f"{reference}:{there}"
    lent = lend_dependencies(written, there, source, repository, commit)
    copy = copy_chart(written / there, folder / "chart", called, within=written)
    try:
        chart = read_chart(copy, called)
    except MissingDependencies as error:
        raise InputError(
            f"{called} needs {', '.join(error.names)}, which git does not have, nor charts/ of the work tree in that"
            f" version: `git worktree add FOLDER {reference}`, `helm dependency build` there, and name that folder"
        ) from error
    notes = (f"Git does not have the dependencies of {called}: of charts/ in the work tree, {listed(lent, 5)}.",)
    named = choice.matrix or choice.default_matrix
    kept = dataclasses.replace(choice, chart=str(written / there))
    matrices = [written / there / name for name in INSIDE]
    if named and repository.holds(Path(named)):
        matrix = repository.path_of(Path(named))
        repository.write(commit, matrix, written)
        if (written / matrix).is_file():
            there_too = str(written / matrix)
            kept = dataclasses.replace(
                kept, matrix=there_too if choice.matrix else "", default_matrix="" if choice.matrix else there_too
            )
            matrices.append(written / matrix)
    try:
        files = [file for found in matrices if found.is_file() for file in read_matrix_file(found).named_files()]
    except InputError as error:
        raise InputError(_named(str(error), reference, [written])) from error
    for file in files:
        if file.is_relative_to(written):
            repository.write(commit, file.relative_to(written), written)
    of_rules = WrittenCommit(repository, commit, folder / "rules")
    more = notes if lent else ()
    return Side(label, chart, kept, source, commit=of_rules, reference=reference, written=written, notes=more)


def _named(text: str, reference: str, folders: Sequence[Path]) -> str:
    for folder in folders:
        text = text.replace(f"{folder}/", f"{reference}:")
    return text


def matrix_of(side: Side) -> Matrix:
    """Give the matrix of a side: its own, or its `ci/*-values.yaml`, or its defaults.

    Raises:
        InputError: the matrix cannot be used.
    """
    try:
        matrix = matrix_for(side.choice, side.chart)
    except InputError as error:
        raise InputError(side.named(error)) from error
    return dataclasses.replace(matrix, source=matrix.source.replace(f"{side.written}/", "")) if side.written else matrix
