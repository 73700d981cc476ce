"""What a folder holds, by the names and contents of the files in it: code, or a chart."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import chartgate

_MOST_FILES, _MOST_BYTES = 3000, 64 * 2**20
"""Of one folder; what has more is hardly code."""
_COARSE = 2 * 10**9
"""Nanoseconds by which a time in whole seconds may be too early: FAT counts every second one."""


def folder_digest(folder: Path) -> str:
    """Give what stands for the names and contents of all files below a folder, `__pycache__` and `.git` apart.

    Empty where it cannot tell: there are too many, one is no file or cannot be read, a link leads to a folder, or one
    has changed since this process began, so that what was read may be the one or the other.
    """
    # Paths are texts here: hundreds of files are read at the start of each run, and objects take as long as all that.
    digest, top = hashlib.sha256(), os.path.join(folder, "")  # noqa: PTH118
    count = size = 0
    for file in _files(top):
        try:
            found = os.stat(file)  # noqa: PTH116
            count, size = count + 1, size + found.st_size
            # Asked before it is read: a pipe or a device has no end.
            is_code = stat.S_ISREG(found.st_mode) and count <= _MOST_FILES and size <= _MOST_BYTES
            if not is_code or _may_have_changed(found):
                return ""
            content = file_digest(file, found)
        except OSError:
            return ""
        name = os.fsencode(file.removeprefix(top))
        digest.update(b"%d\0%s\0" % (len(name), name) + content)
    return digest.hexdigest()


def _may_have_changed(found: os.stat_result) -> bool:
    """Tell whether a file may have changed since this process began: nobody puts back the time of its last change."""
    last = max(found.st_mtime_ns, found.st_ctime_ns)
    return last + (last % 10**9 == 0) * _COARSE >= chartgate.unchanged_before()


_digests: dict[tuple[str, int, int, int, int], bytes] = {}


def file_digest(file: str, found: os.stat_result) -> bytes:
    """Give what stands for the content of a file, which is read once in a process while its state is the same.

    Raises:
        OSError: it cannot be read, or is not as it was found.
    """
    state = file, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    if state not in _digests:
        _digests[state] = hashlib.sha256(_content(file, found.st_size)).digest()
    return _digests[state]


def _content(file: str, size: int) -> bytes:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        content = os.read(descriptor, size + 1)
        if len(content) != size:
            raise OSError(f"{file} changes while it is read")
        return content
    finally:
        os.close(descriptor)


def _files(top: str) -> Iterator[str]:
    for place, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", ".git"))
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        # A link to a folder is no file, which tells that this folder is not known.
        yield from (os.path.join(place, name) for name in (*links, *sorted(names)))  # noqa: PTH118
