"""What a commit says of a project's gate: settings, matrix, policies and baseline, written out as they were."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.gate.rules.settings import OWN_FOLDER, USUAL_MATRIX, Settings, baseline_file, completed, policy_sources
from chartgate.gate.rules.settings_file import read_settings
from chartgate.gate.rules.settings_places import SETTINGS_FILES, settings_places
from chartgate.matrix.choice import INSIDE, Choice
from chartgate.matrix.file import read_matrix_file
from chartgate.policy.loading import packs_there
from chartgate.system.git import WrittenCommit


@dataclass(frozen=True)
class CommittedRules:
    """The gate of a commit; all paths are where its files are written."""

    settings: Settings
    choice: Choice
    """What the same options, and these settings, choose there; the chart is always named."""
    policies: tuple[str, ...]
    """Folders and packs."""
    baseline: str
    """It need not be there."""


def committed_rules(
    commit: WrittenCommit, here: Path, choice: Choice, *, policies: Sequence[str] = (), baseline: str = ""
) -> CommittedRules:
    """Write out what a run would be judged by, had it been made at a commit.

    Args:
        commit: the commit, and where its files are written.
        here: the folder of the work tree that the run is made in.
        choice: what its options say; paths are those of the work tree.
        policies: the folders and packs that it names.
        baseline: the file of the baseline that it names.

    Raises:
        InputError: the settings or the matrix of the commit cannot be used, or a file cannot be written.
    """
    settings = committed_settings(commit, here)
    root = commit.folder / commit.repository.path_of(here)
    commit.at((settings.folder if settings.source else root) / OWN_FOLDER)
    named = [source if is_pack(source) else str(commit.at(Path(source))) for source in policies]
    sources = policy_sources(named, settings, root)
    file = baseline_file(_written(commit, baseline), settings, root)
    return CommittedRules(
        settings=settings,
        choice=_chosen(commit, choice, settings, here),
        policies=tuple(source if is_pack(source) else str(_package(commit, Path(source))) for source in sources),
        baseline=_written(commit, file),
    )


def committed_settings(commit: WrittenCommit, here: Path) -> Settings:
    """Give the settings that a folder of the work tree had.

    Raises:
        InputError: they cannot be used.
    """
    folder = commit.folder / commit.repository.path_of(here)
    for place in settings_places(folder, commit.folder):
        for name in SETTINGS_FILES:
            commit.at(place / name)
    return read_settings(folder, commit.folder)


def is_pack(source: str) -> bool:
    """Tell whether a source of policies is one that ships with the engine."""
    return source.removeprefix("pack:") in packs_there()


def _chosen(commit: WrittenCommit, choice: Choice, settings: Settings, here: Path) -> Choice:
    """Choose as in the work tree, and write out all that is chosen."""
    is_elsewhere = bool(choice.chart) and not _is_of(commit, choice.chart)
    given = dataclasses.replace(
        choice,
        chart=choice.chart if is_elsewhere else _written(commit, choice.chart),
        matrix=_matrix(commit, choice.matrix),
        # The work tree may have lost it.
        default_matrix=_matrix(commit, choice.default_matrix or str(here / USUAL_MATRIX)),
    )
    chosen = completed(given, settings)
    chosen = dataclasses.replace(
        chosen, matrix=_matrix(commit, chosen.matrix), default_matrix=_matrix(commit, chosen.default_matrix)
    )
    if not chosen.chart and (matrix := chosen.matrix or chosen.default_matrix):
        file = read_matrix_file(Path(matrix))
        chosen = dataclasses.replace(chosen, chart=str(file.relative(file.content.chart)), matrix=matrix)
    if chosen.chart and not is_elsewhere:
        _written(commit, chosen.chart)
        for name in INSIDE:
            _matrix(commit, str(Path(chosen.chart) / name))
    return chosen


def _is_of(commit: WrittenCommit, path: str) -> bool:
    """Tell whether a path is inside of the repository, or of what is written of it."""
    return Path(path).is_relative_to(commit.folder) or commit.repository.holds(Path(path))


def _written(commit: WrittenCommit, path: str) -> str:
    return str(commit.at(Path(path))) if path else ""


def _package(commit: WrittenCommit, folder: Path) -> Path:
    """Write out a folder of policies, with the package that it is a part of."""
    written = top = commit.at(folder)
    while top != commit.folder and commit.at(top.parent / "__init__.py").is_file():
        top = top.parent
    commit.at(top)
    return written


def _matrix(commit: WrittenCommit, file: str) -> str:
    """Write out a matrix, with the files that it names; empty where there was none, and as it is if it is elsewhere."""
    if file and not _is_of(commit, file):
        return file
    if not file or not (written := commit.at(Path(file))).is_file():
        return ""
    for named in read_matrix_file(written).named_files():
        commit.at(named)
    return str(written)
