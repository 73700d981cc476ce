"""Small git repositories for the tests, apart from whatever git settings and repository are around them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.engine.toys import write

_ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "tester"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "tester@example.com"),
}


@dataclass(frozen=True)
class Clone:
    """A work tree with its repository."""

    top: Path

    def git(self, *arguments: str) -> str:
        """Run git there, and give what it wrote."""
        outside = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        command = ["git", "-C", str(self.top), "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, env=outside | _ISOLATED, check=True, capture_output=True, text=True)
        return done.stdout

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


def cloned(top: Path) -> Clone:
    """Make an empty repository."""
    top.mkdir(parents=True)
    clone = Clone(top)
    clone.git("init", "--quiet", "--initial-branch=main")
    return clone
