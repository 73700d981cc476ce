"""The files of a commit, read from git's objects, within limits and under names that are safe to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.git_process import run_git

_LINK, _TREE, _SUBMODULE = "120000", "40000", "160000"
_FILES = ("100644", "100755", "100664")

_MOST_ENTRIES = 100_000
MOST_LEVELS = 100
_MOST_BYTES = 256 * 2**20
"""As many bytes as an archive of a chart may unpack to."""


@dataclass(frozen=True)
class TreeEntry:
    """One file, link or folder of a commit."""

    mode: str
    object: str
    path: str
    """From the top of the repository; empty for the top itself."""

    @property
    def is_tree(self) -> bool:
        """Whether it is a folder."""
        return self.mode == _TREE

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == _LINK


@dataclass(frozen=True)
class CommitTree:
    """The files of one commit."""

    top: Path
    """Of the repository."""
    commit: str

    def find(self, path: str) -> tuple[TreeEntry, str] | None:
        """Look a path up; where a link is on the way, give the link and what follows it.

        Args:
            path: from the top, `/` between its parts; `.` is the top.

        Raises:
            InputError: an object cannot be read, or is not what it should be.
        """
        entry = TreeEntry(_TREE, f"{self.commit}^{{tree}}", "")
        parts = [] if path == "." else path.split("/")
        for number, part in enumerate(parts):
            if not entry.is_tree:
                return (entry, "/".join(parts[number:])) if entry.is_link else None
            found = [child for child in self._children([entry]) if child.path.rpartition("/")[2] == part]
            if not found:
                return None
            [entry] = found
        return entry, ""

    def below(self, entry: TreeEntry) -> list[TreeEntry]:
        """Give all files and links below a folder, without submodules.

        Raises:
            InputError: there are too many, one has a name that cannot be written, or an object cannot be read.
        """
        found: list[TreeEntry] = []
        level = [entry]
        for _ in range(MOST_LEVELS):
            children: list[TreeEntry] = []
            for child in self._children(level):
                children.append(child)
                # Few objects can be very many files: each folder may hold the next one ten times.
                if len(found) + len(children) > _MOST_ENTRIES:
                    raise self.error(entry.path, f"there are more than {_MOST_ENTRIES:,} files: name a smaller folder")
            found += [child for child in children if not child.is_tree]
            level = [child for child in children if child.is_tree]
            if not level:
                return [child for child in found if child.mode != _SUBMODULE]
        raise self.error(entry.path, f"there are more than {MOST_LEVELS} folders in each other")

    def contents(self, entries: Sequence[TreeEntry]) -> dict[str, bytes]:
        """Give the contents of files, by their objects.

        Raises:
            InputError: an object is missing or damaged, or they are too large together.
        """
        return self._read([(entry.object, entry.path) for entry in entries], "blob")

    def error(self, path: str, message: str) -> InputError:
        """Make an error that says where in the commit it is."""
        return InputError(f"{self.commit[:10]}:{path}: {message}")

    def _children(self, trees: Sequence[TreeEntry]) -> Iterator[TreeEntry]:
        contents = self._read([(tree.object, tree.path) for tree in trees], "tree")
        for tree in trees:
            yield from self._parsed(tree, contents[tree.object])

    def _parsed(self, tree: TreeEntry, content: bytes) -> Iterator[TreeEntry]:
        """Read a tree object: mode, space, name, NUL and the bytes of a hash, again and again.

        https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
        """
        length, position, seen = len(self.commit) // 2, 0, set[str]()
        while position < len(content):
            end = content.find(b"\0", position)
            mode, _, raw = content[position:end].partition(b" ")
            position = end + 1 + length
            name = self._checked_name(tree.path, raw)
            if end < 0 or position > len(content) or name in seen:
                raise self.error(tree.path, f"the tree {tree.object} is damaged, or made to be: see `git fsck`")
            seen.add(name)
            kind = mode.decode("ascii", "replace").lstrip("0")
            path = f"{tree.path}/{name}".lstrip("/")
            if kind not in (_TREE, _SUBMODULE, _LINK, *_FILES):
                raise self.error(path, f"it is neither a file, a folder nor a link (mode {kind!r})")
            yield TreeEntry(kind, content[end + 1 : position].hex(), path)

    def _checked_name(self, folder: str, raw: bytes) -> str:
        """Refuse what leads elsewhere once it is written, and what no report can show."""
        shown = f"{folder}/" if folder else ""
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.error(f"{shown}{raw!r}", "the name of a file must be UTF-8") from error
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
            raise self.error(f"{shown}{name!r}", "the name of a file must be without control characters")
        # As git itself does not check out: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreprotectNTFS
        if name in ("", ".", "..") or "/" in name or name.lower() in (".git", "git~1"):
            raise self.error(f"{shown}{name}", f"a file must not be named {name!r}")
        return name

    def _read(self, wanted: Sequence[tuple[str, str]], kind: str) -> dict[str, bytes]:
        """Give the contents of objects of one kind, each read once; their sizes are looked at first."""
        paths, places = dict(reversed(wanted)), Counter(name for name, _ in wanted)
        lines = "".join(f"{name}\n" for name in paths).encode()
        if not paths:
            return {}
        checked = run_git(self.top, "cat-file", "--batch-check=%(objecttype) %(objectsize)", stdin=lines)
        answers = checked.stdout.decode("utf-8", "replace").splitlines()
        total = 0
        for (name, path), answer in zip(paths.items(), answers, strict=False):
            found, _, size = answer.rpartition(" ")
            if found != kind:
                raise self._unreadable(path, name, found, checked.errors)
            total += int(size) * places[name]
            if total > _MOST_BYTES:
                raise self.error(path, f"more than {_MOST_BYTES // 2**20} MiB are too much for a chart")
        if len(answers) < len(paths):  # at the first that it cannot even look for, git ends
            name, path = list(paths.items())[len(answers)]
            raise self._unreadable(path, name, "", checked.errors)
        output = run_git(self.top, "cat-file", "--batch=%(objectsize)", stdin=lines)
        contents, position, stream = dict[str, bytes](), 0, output.stdout
        for name, path in paths.items():
            end = stream.find(b"\n", position)
            size = stream[position:end].decode("utf-8", "replace")
            if output.exit_code or end < 0 or not size.isdecimal():
                raise self._unreadable(path, name, "", output.errors)
            position = end + 1 + int(size) + 1
            contents[name] = stream[end + 1 : position - 1]
        return contents

    def _unreadable(self, path: str, name: str, found: str, said: str) -> InputError:
        said = " ".join(said.split())
        if found in ("blob", "tree", "commit", "tag"):
            return self.error(path, f"the object {name} is a {found}: see `git fsck`")
        return self.error(
            path,
            f"git cannot read the object {name}{said and f' ({said})'}: a partial clone lacks some, which"
            " `git fetch --refetch --no-filter` brings; else see `git fsck`",
        )
