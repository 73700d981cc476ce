"""What git knows of a chart: the files of a commit, read from its objects, with the work tree left alone."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.processes import Output, start

_LINK, _SUBMODULE = "120000", "160000"


@dataclass(frozen=True)
class Repository:
    """A git repository, by the folder of its work tree."""

    top: Path

    @classmethod
    def around(cls, path: Path, reference: str) -> Repository:
        """Give the repository that holds a chart.

        Raises:
            InputError: there is none; the message says what else could have been meant by the reference.
        """
        # The chart itself may have moved or gone since.
        folder = next(above for above in (path.resolve(), *path.resolve().parents) if above.is_dir())
        found = _git(folder, "rev-parse", "--show-toplevel")
        if found.exit_code:
            said = found.errors.strip().splitlines()
            raise InputError(
                f"{reference!r} is neither a chart folder nor an archive, and as a git reference it needs a repository"
                f" around {path}: {said[-1] if said else 'git found none'}"
            )
        return cls(Path(os.fsdecode(found.stdout.removesuffix(b"\n"))))

    def commit(self, reference: str) -> str:
        """Give the commit that a reference names.

        Raises:
            InputError: git knows no such commit; in a shallow clone, the message says how to get more.
        """
        found = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
        if found.exit_code == 0:
            return found.stdout.decode().strip()
        shallow = _git(self.top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        hint = (
            "this is a shallow clone, which may lack it: `git fetch --unshallow --tags` (on a CI server, a checkout"
            " with its whole history, `fetch-depth: 0`)"
            if shallow
            else "`git fetch --tags` may bring it"
        )
        raise InputError(
            f"{reference!r} is neither a chart folder nor an archive, and there is no commit of that name in"
            f" {self.top}: {hint}"
        )

    def holds(self, path: Path) -> bool:
        """Tell whether a path is inside the work tree."""
        return path.resolve().is_relative_to(self.top.resolve())

    def path_of(self, path: Path) -> Path:
        """Give a path relative to the top of the repository.

        Raises:
            InputError: it is not inside.
        """
        if not self.holds(path):
            raise InputError(f"{path} is outside the git repository {self.top}")
        return path.resolve().relative_to(self.top.resolve())

    def tags(self) -> list[str]:
        """Give the names of all tags."""
        return _git(self.top, "tag", "--list").stdout.decode("utf-8", "replace").split()

    def write(self, commit: str, path: Path, into: Path) -> None:
        """Write the files of a commit at or below a path, and what its symbolic links lead to, below a folder.

        Raises:
            InputError: a link leads out of the repository, or git cannot read an object.
        """
        pending, done = [path.as_posix()], set[str]()
        while pending:
            wanted = pending.pop()
            if wanted in done:
                continue
            done.add(wanted)
            entries = list(self._entries(commit, wanted))
            contents = self._contents([blob for _, blob, _ in entries])
            for (mode, _, name), content in zip(entries, contents, strict=True):
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if mode == _LINK:
                    pending.append(_inside(name, os.fsdecode(content)))
                    if not target.is_symlink():
                        target.symlink_to(os.fsdecode(content))
                else:
                    target.write_bytes(content)

    def _entries(self, commit: str, path: str) -> Iterator[tuple[str, str, str]]:
        """Give mode, object and path of every file at or below a path, without submodules."""
        where = [] if path == "." else ["--", path]
        listed = _git(self.top, "ls-tree", "-r", "-z", "--full-tree", commit, *where)
        for line in filter(None, listed.stdout.split(b"\0")):
            about, _, file = line.partition(b"\t")
            mode, _, blob = about.decode().split()[:3]
            if mode != _SUBMODULE:
                yield mode, blob, os.fsdecode(file)

    def _contents(self, names: list[str]) -> Iterator[bytes]:
        if not names:
            return
        output = _git(self.top, "cat-file", "--batch", stdin="\n".join([*names, ""]).encode())
        position, stream = 0, output.stdout
        for name in names:
            end = stream.find(b"\n", position)
            head = stream[position:end].split()
            if output.exit_code or end < 0 or len(head) != 3:
                raise InputError(f"git cannot read the object {name} of {self.top}: {output.errors.strip() or head!r}")
            size = int(head[2])
            yield stream[end + 1 : end + 1 + size]
            position = end + 1 + size + 1


def _inside(link: str, target: str) -> str:
    """Give what a link leads to, relative to the top of the repository."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
    if posixpath.isabs(target) or path == ".." or path.startswith("../"):
        raise InputError(f"{link} is a symbolic link out of the repository, to {target}")
    return path


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> Output:
    """Run git there, whatever repository the caller's environment points at (as in a commit hook)."""
    pointers = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE")
    kept = {key: value for key, value in os.environ.items() if key not in pointers}
    if shutil.which("git") is None:
        raise InputError("git is not on PATH: without it, name a chart folder or a .tgz for each side of the review")
    return start(["git", "-C", folder, *arguments], stdin=stdin, environment={**kept, "GIT_OPTIONAL_LOCKS": "0"})
