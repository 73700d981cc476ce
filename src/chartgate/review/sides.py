"""The two sides of a review: a chart folder, an archive, the work tree, or what git knows by a name.

The dependencies of a chart are seldom in git: as git has it, it is lent those of the work tree's charts/.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.charts.metadata.version_constraints import chart_version, is_compatible
from chartgate.charts.reading.read import MissingDependencies, copy_chart, read_chart
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.words import listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.choice import INSIDE, Choice, chart_source, matrix_for
from chartgate.matrix.file import read_matrix_file
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart
from chartgate.system.git import Repository, WrittenCommit

_DECLARE, _LOCK = ("Chart.yaml", "requirements.yaml"), ("Chart.lock", "requirements.lock")
_LOCAL = "file://"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


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
    lent = _lend_dependencies(written, there, source, repository, commit)
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


def _lend_dependencies(written: Path, there: Path, source: Path, repository: Repository, commit: str) -> list[str]:
    """Put what charts/ lacks into a chart that git has written, and say what that is; what nobody has stays missing.

    What the repository has itself is that of the commit; anything else is the work tree's, in a version that the
    commit's Chart.lock names, or that fits where it has none.

    Args:
        written: the folder that the commit is written to.
        there: where the chart is in it.
        source: the chart in the work tree.
        repository: has the commit.
        commit: the one that the chart is of.

    Raises:
        InputError: git cannot write a chart beside it.
    """
    chart = written / there
    if (chart / "charts").exists() and not (chart / "charts").is_dir():
        return []
    locked = {str(entry.get("name")): str(entry.get("version")) for entry in _entries(chart, _LOCK)}
    lent = []
    for entry in _entries(chart, _DECLARE):
        name, repository_of = str(entry.get("name")), str(entry.get("repository") or "")
        if not _NAME.fullmatch(name) or any(_version_of(file, name) for file in _charts_of(chart)):
            continue
        if repository_of.startswith(_LOCAL):
            beside = Path(os.path.normpath(there / repository_of.removeprefix(_LOCAL)))
            if not beside.is_absolute() and beside.parts[:1] != ("..",):
                repository.write(commit, beside, written)
                if (written / beside / "Chart.yaml").is_file():
                    shutil.copytree(written / beside, chart / "charts" / name, symlinks=True)
                    continue
        wanted = locked.get(name, "")
        for file in _charts_of(source):
            version = _version_of(file, name)
            if version and (version == wanted if wanted else is_compatible(str(entry.get("version")), version)):
                _copy(file, chart / "charts")
                lent.append(f"{name} {version}")
                break
    return lent


def _entries(chart: Path, files: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Give the dependencies that files name; what is wrong with a file is told where the chart is read."""
    for file in files:
        yield from maps_in(_content(chart / file).get("dependencies"))


def _content(file: Path) -> Mapping[str, Any]:
    try:
        return map_of(go_yaml.load(file.read_text("utf-8"), str(file)))
    except (OSError, UnicodeDecodeError, InputError):
        return {}


def _charts_of(chart: Path) -> list[Path]:
    folder = chart / "charts"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _version_of(file: Path, name: str) -> str:
    """Give the version of what is in charts/, if it is the chart of a name; an archive is called after both."""
    if file.is_dir():
        metadata = _content(file / "Chart.yaml")
        return str(metadata.get("version")) if metadata.get("name") == name else ""
    version = file.name.removesuffix(".tgz").removeprefix(f"{name}-")
    return version if file.name == f"{name}-{version}.tgz" and chart_version(version) else ""


def _copy(file: Path, into: Path) -> None:
    into.mkdir(exist_ok=True)
    if file.is_dir():
        shutil.copytree(file, into / file.name)
    else:
        shutil.copyfile(file, into / file.name)
