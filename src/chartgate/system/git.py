"""What git knows of a chart: the files of a commit, read from its objects, with the work tree left alone."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.git_process import git_complaint, run_git
from chartgate.system.git_trees import MOST_LEVELS, CommitTree, TreeEntry

_MOST_LINKS = 1000
_LONGEST_TARGET = 4095
"""Bytes, as Linux has it."""


def _wrong(reference: str, option: str, what: str) -> str:
    begin = f"{option}={reference!r}:" if option else f"{reference!r} is neither a chart folder nor an archive, and"
    return f"{begin} {what}"


@dataclass(frozen=True)
class Repository:
    """A git repository, by the folder of its work tree."""

    top: Path
    option: str = field(default="", compare=False)
    """That names its commit; empty for an argument, which may be a folder or an archive as well."""

    @classmethod
    def around(cls, path: Path, reference: str, option: str = "") -> Repository:
        """Give the repository that holds a chart, for a reference that somebody has named, by an option say.

        Raises:
            InputError: there is none; the message says what else could have been meant by the reference.
        """
        # The chart itself may have moved or gone since.
        folder = next(above for above in (_real(path), *_real(path).parents) if above.is_dir())
        found = run_git(folder, "rev-parse", "--show-toplevel")
        if found.exit_code:
            wrong = _wrong(reference, option, "as a git reference it needs a repository around")
            raise InputError(f"{wrong} {path}: {git_complaint(found)}")
        top = Path(os.fsdecode(found.stdout.removesuffix(b"\n")))
        if not folder.is_relative_to(_real(top)):
            raise InputError(f"the git repository around {path} has its files in {top} (core.worktree): name a .tgz")
        return cls(top, option)

    def commit(self, reference: str) -> str:
        """Give the commit that a reference names.

        Raises:
            InputError: git knows no such commit; in a shallow clone, the message says how to get more.
        """
        found = run_git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
        if found.exit_code == 0:
            return found.stdout.decode().strip()
        hint = "`git fetch --tags` may bring it"
        if found.errors.startswith(("fatal:", "error:")):  # of a name that is nobody's, git says nothing
            hint = git_complaint(found)
        elif run_git(self.top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            hint = (
                "this is a shallow clone, which may lack it: `git fetch --unshallow --tags` (on a CI server, a checkout"
                " with its whole history, `fetch-depth: 0`)"
            )
        raise InputError(f"{_wrong(reference, self.option, 'there is no commit of that name in')} {self.top}: {hint}")

    def merge_base(self, reference: str) -> str:
        """Give the last commit that a reference and HEAD have in common; empty where git knows none."""
        found = run_git(self.top, "merge-base", "HEAD", f"{reference}^{{commit}}")
        return found.stdout.decode().strip() if found.exit_code == 0 else ""

    def holds(self, path: Path) -> bool:
        """Tell whether a path is inside the work tree."""
        return _real(path).is_relative_to(_real(self.top))

    def path_of(self, path: Path) -> Path:
        """Give a path relative to the top of the repository.

        Raises:
            InputError: it is not inside.
        """
        if not self.holds(path):
            raise InputError(f"{path} is outside the git repository {self.top}")
        return _real(path).relative_to(_real(self.top))

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Give those of some paths, from the top, that its `.gitignore` files keep out of commits.

        Raises:
            InputError: git cannot tell.
        """
        named = "\0".join(paths).encode("utf-8", "surrogateescape")
        found = run_git(self.top, "check-ignore", "--no-index", "--stdin", "-z", stdin=named)
        if found.exit_code not in (0, 1):
            raise InputError(f"git cannot tell what {self.top} ignores: {git_complaint(found)}")
        return {path for path in found.stdout.decode("utf-8", "surrogateescape").split("\0") if path}

    def tags(self) -> list[str]:
        """Give the names of all tags.

        Raises:
            InputError: git cannot list them.
        """
        listed = run_git(self.top, "for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
        if listed.exit_code:
            raise InputError(f"git cannot list the tags of {self.top}: {git_complaint(listed)}")
        return listed.stdout.decode("utf-8", "replace").splitlines()

    def write(self, commit: str, path: Path, into: Path) -> None:
        """Write the files of a commit at or below a path, and what its symbolic links lead to, below a folder.

        Nothing is written outside of that folder, and no link leads out of it.

        Raises:
            InputError: a link leads out of the repository, a name cannot be written, there are too many files or bytes,
                or git cannot read an object.
        """
        tree = CommitTree(self.top, commit)
        entries = _with_linked(tree, path.as_posix())
        contents = tree.contents(list(entries.values()))
        # Links come last: no file is written through one.
        for entry in sorted(entries.values(), key=lambda entry: entry.is_link):
            try:
                _write(entry, contents[entry.object], into)
            except OSError as error:
                raise tree.error(entry.path, f"it cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True)
class WrittenCommit:
    """A commit of which files are written out as they are wanted."""

    repository: Repository
    commit: str
    folder: Path
    """Where the top of the repository is written; nothing else is in it."""

    def place(self, path: Path) -> Path:
        """Write what the commit has at a path of the repository, and give where it is, or would be.

        Args:
            path: relative to the top of the repository.

        Raises:
            InputError: the path leads out of the repository, or what is there cannot be written.
        """
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{path} is outside the git repository {self.repository.top}")
        self.repository.write(self.commit, path, self.folder)
        return self.folder / path

    def at(self, path: Path) -> Path:
        """Write what the commit has at a path of the work tree, and give where it is, or would be.

        Raises:
            InputError: the path is outside of the repository, or what is there cannot be written.
        """
        normal = Path(os.path.normpath(path))
        if path.is_absolute() and normal.is_relative_to(self.folder):
            return self.place(normal.relative_to(self.folder))
        return self.place(self.repository.path_of(path))


def _real(path: Path) -> Path:
    """Give a path without links; until Python 3.13, `Path.resolve` fails for links in a circle."""
    return Path(os.path.realpath(path))


def _with_linked(tree: CommitTree, path: str) -> dict[str, TreeEntry]:
    """Give the files and links at or below a path, and at or below what the links lead to."""
    pending, done, found = [path], set[str](), dict[str, TreeEntry]()
    while pending:
        wanted = pending.pop()
        if wanted in done:
            continue
        done.add(wanted)
        there, rest = tree.find(wanted) or (None, "")
        if there is None:
            continue
        new = [entry for entry in (tree.below(there) if there.is_tree else [there]) if entry.path not in found]
        found |= {entry.path: entry for entry in new}
        links = [entry for entry in (*new, there) if entry.is_link]
        if sum(entry.is_link for entry in found.values()) > _MOST_LINKS:
            raise tree.error(path, f"there are more than {_MOST_LINKS:,} symbolic links: name a smaller folder")
        targets = tree.contents(links)
        for link in links:
            target = _target(tree, link, targets[link.object])
            if rest and link == there:
                target = posixpath.normpath(posixpath.join(target, rest))
            if target.count("/") > MOST_LEVELS:
                raise tree.error(link.path, "it is a symbolic link that leads to itself, or too deep")
            pending.append(target)
    return found


def _target(tree: CommitTree, link: TreeEntry, content: bytes) -> str:
    """Give what a link leads to, relative to the top of the repository.

    `..` is allowed at its beginning only, where it is above folders that are no links: behind the name of another link,
    it would lead to a place that only the file system knows.
    """
    target = os.fsdecode(content)
    if not target or not target.isprintable() or len(content) > _LONGEST_TARGET:
        raise tree.error(link.path, f"it is a symbolic link to {_shown(target)}, which is no name of a file")
    parts = [part for part in target.split("/") if part not in ("", ".")]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), target))
    if posixpath.isabs(target) or path == ".." or path.startswith("../"):
        raise InputError(f"{link.path} is a symbolic link out of the repository, to {_shown(target)}")
    if ".." in parts[parts.count("..") :]:
        raise tree.error(link.path, f"it is a symbolic link to {_shown(target)}: write `..` at the beginning only")
    return path


def _shown(target: str) -> str:
    """Give the target of a link as it can be shown on one line."""
    text = target if target.isprintable() else repr(target)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _write(entry: TreeEntry, content: bytes, into: Path) -> None:
    target = into / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Where the file system takes upper and lower case for the same, one name may stand for two files.
    is_elsewhere = Path(os.path.realpath(target.parent)) != Path(os.path.realpath(into)) / Path(entry.path).parent
    if entry.is_link:
        if target.is_symlink() and os.fsencode(target.readlink()) == content:
            return
        is_other = os.path.lexists(target)
    else:
        is_other = target.is_symlink() or (target.exists() and target.read_bytes() != content)
    if is_elsewhere or is_other:
        raise FileExistsError("another file of the commit has that name on this file system")
    if not entry.is_link:
        target.write_bytes(content)
    elif not target.is_symlink():
        target.symlink_to(os.fsdecode(content))


def work_tree_around(folder: Path) -> str:
    """Give the top of the work tree that a folder is in, as its `.git` shows it, without git; empty for none."""
    return next((str(above) for above in (folder, *folder.parents) if (above / ".git").exists()), "")
