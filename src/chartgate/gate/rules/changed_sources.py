"""Which findings are about lines, or templates, of the chart that differ from a commit: they are told first.

The commit is read from git's objects; nothing that the repository configures is run.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.reading.chart_paths import ChartPaths
from chartgate.errors import InputError
from chartgate.gate.results.written import SourceLine, Written
from chartgate.system.git import Repository
from chartgate.system.git_trees import CommitTree

_LAST = "HEAD"
_MOST_LINES = 5_000
"""Of a file that is compared line by line: that takes a time which grows with their square."""
_MOST_NAMED = 2
_OF_CI = (
    ("GITHUB_BASE_REF", "origin/{}"),
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "{}"),
    ("BITBUCKET_PR_DESTINATION_BRANCH", "origin/{}"),
)
"""What CI servers call the branch that a change is for, or the commit that it starts from."""


@dataclass(frozen=True)
class Since:
    """A commit that the chart is compared with."""

    name: str
    """As reports call it."""
    repository: Repository
    commit: str


def since_named(reference: str, chart: Path) -> Since:
    """Give the commit of the repository around a chart that somebody names.

    Raises:
        InputError: there is no repository, or no such commit.
    """
    repository = Repository.around(chart, reference, "--since")
    return Since(reference, repository, repository.commit(reference))


def since_by_default(chart: Path, environment: Mapping[str, str]) -> Since | None:
    """Give the last commit; on a CI server the one that the change started from. None where there is none.

    Args:
        chart: of the work tree.
        environment: the variables of the process.
    """
    try:
        repository = Repository.around(chart, _LAST)
        for variable, form in _OF_CI:
            if base := environment.get(variable):
                reference = form.format(base)
                if commit := repository.merge_base(reference):
                    return Since(reference, repository, commit)
        return Since("the last commit", repository, repository.commit(_LAST))
    except InputError:
        return None


class ChangedSources:
    """Compares files of a chart with what they were, each once."""

    def __init__(self, since: Since, source: str, paths: ChartPaths) -> None:
        """Take a commit, and the chart as it is judged, by where its work tree is.

        Raises:
            InputError: the chart is in another repository, or git cannot read the commit.
        """
        self._since = since
        self._paths = paths
        self._source = source
        tree = CommitTree(since.repository.top, since.commit)
        folder = since.repository.path_of(Path(source)).as_posix()
        there = tree.find(folder)
        below = tree.below(there[0]) if there and not there[1] and there[0].is_tree else []
        self._start = "" if folder == "." else f"{folder}/"
        self._entries = {entry.path.removeprefix(self._start): entry for entry in below}
        self._tree = tree

    @functools.cached_property
    def _ignored(self) -> set[str]:
        """Files that no commit has, such as dependencies that are fetched: nothing is known of what they were."""
        return self._since.repository.ignored(
            f"{self._start}{path}" for path in self._paths.contents if path not in self._entries
        )

    def marked(self, written: Written) -> Written:
        """Give where something comes from with what of that has changed; of a template, with the first of its changes.

        Raises:
            InputError: git cannot read a file of the commit.
        """
        wrote = [written.by, *written.calls]
        for line in (*wrote, *filter(None, [written.key_at]), *written.parts, *written.compared, *written.also):
            if changed := _common(line, self._changes(self._path(line))):
                return dataclasses.replace(written, changed="line", changed_at=changed, since=self._since.name)
        changes = {line.file: self._changes(self._path(line)) for line in wrote}
        if not any(changes.values()):
            return written
        near = [SourceLine(file, *lines) for file, lines_of_it in changes.items() for lines in lines_of_it if lines[0]]
        also = tuple(dict.fromkeys([*near[1:_MOST_NAMED], *written.also]))
        at = near[0] if near else None
        return dataclasses.replace(written, changed="template", changed_at=at, since=self._since.name, also=also)

    def _path(self, line: SourceLine) -> str:
        return posixpath.relpath(line.file, posixpath.normpath(self._source))

    @functools.cache  # noqa: B019 - a run has one of these
    def _changes(self, path: str) -> tuple[tuple[int, int], ...]:
        """Give the lines of a file that differ, counted from 1; of lines that are gone, those on both sides."""
        if path not in self._paths.contents or ".tgz/" in path:
            return ()
        now = self._paths.text(path).replace("\r\n", "\n").split("\n")
        if path not in self._entries:
            return () if f"{self._start}{path}" in self._ignored else ((1, len(now)),)
        entry = self._entries[path]
        content = self._tree.contents([entry])[entry.object]
        before = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        if now == before:
            return ()
        if max(len(now), len(before)) > _MOST_LINES:
            return ((0, 0),)
        matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
        return tuple(
            (begin + 1, end) if end > begin else (begin, begin + 1)
            for kind, _, _, begin, end in matcher.get_opcodes()
            if kind != "equal"
        )


def _common(lines: SourceLine, changes: tuple[tuple[int, int], ...]) -> SourceLine | None:
    """Give the first change that is among some lines, as far as it is."""
    end = max(lines.line, lines.last)
    found = ((max(first, lines.line), min(last, end)) for first, last in changes if lines.line)
    return next((SourceLine(lines.file, first, last) for first, last in found if first <= last), None)
