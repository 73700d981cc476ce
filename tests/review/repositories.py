"""Small git repositories for the tests, apart from whatever git settings and repository are around them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chartgate.errors import InputError
from chartgate.system.git import Repository
from tests.engine.toys import write

_ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "tester"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "tester@example.com"),
}


Tree = Sequence[tuple[str, bytes, Any]]
"""Mode, name, and what is there: the content of a file, the hash of an object, or another tree."""


SMALL_CHART = {"chart/Chart.yaml": "name: toy\nversion: 1.0.0\n", "chart/values.yaml": "a: 1\n"}


@dataclass(frozen=True)
class Clone:
    """A work tree with its repository."""

    top: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git there, and give what it wrote."""
        outside = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        command = ["git", "-C", str(self.top), "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, env=outside | _ISOLATED, check=True, capture_output=True, input=stdin)
        return done.stdout.decode("utf-8", "surrogateescape")

    def crafted(self, tree: Tree) -> str:
        """Make a commit of a tree that git itself would not make, and give it."""
        written = self._tree(tree)
        return self.git("commit-tree", "-m", "crafted", written).strip()

    def _tree(self, tree: Tree) -> str:
        content = b""
        for mode, name, what in tree:
            if isinstance(what, bytes):
                made = self.git("hash-object", "-w", "--stdin", stdin=what).strip()
            else:
                made = what if isinstance(what, str) else self._tree(what)
            content += f"{mode} ".encode() + name + b"\0" + bytes.fromhex(made)
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=content).strip()

    def commit(self, files: Mapping[str, str], tag: str = "") -> str:
        """Write files, commit everything, and give the commit."""
        write(self.top, files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD").strip()

    def state(self) -> dict[str, bytes]:
        """Give every file of the work tree and what git itself keeps, to see whether anything changed."""
        files = (path for path in self.top.rglob("*") if path.is_file())
        return {path.relative_to(self.top).as_posix(): path.read_bytes() for path in files}


def cloned(top: Path, *options: str) -> Clone:
    """Make an empty repository."""
    top.mkdir(parents=True)
    clone = Clone(top)
    clone.git("init", "--quiet", "--initial-branch=main", *options)
    return clone


def two_versions(top: Path) -> Clone:
    """Make a repository with a small chart of two versions, the first of them tagged."""
    clone = cloned(top)
    clone.commit(SMALL_CHART, tag="v1.0.0")
    clone.commit({"chart/values.yaml": "a: 2\n"})
    return clone


def written(clone: Clone, reference: str, into: Path, path: str = "chart") -> dict[str, bytes]:
    """Do all that is ever done with a repository."""
    repository = Repository.around(clone.top / path, reference)
    repository.tags()
    repository.write(repository.commit(reference), Path(path), into)
    return {file.relative_to(into).as_posix(): file.read_bytes() for file in into.rglob("*") if file.is_file()}


def refusal(clone: Clone, reference: str, into: Path, path: str = "chart") -> str:
    """Give the one line that says why that cannot be done."""
    with pytest.raises(InputError) as error:
        written(clone, reference, into, path)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 1000
    return str(error.value)
