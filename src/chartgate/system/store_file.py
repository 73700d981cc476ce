"""The file in which things are kept for later runs: its owner's alone, and each entry with a sum that tells damage."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

FORMAT = 1
"""Of the file and of what is in it; another one has another file."""
NAME = f"made-{FORMAT}.sqlite"
_LOCKED = 10.0
"""Seconds to wait for another process that writes."""
_SHORT = 200
"""Bytes, up to which nothing is won by packing."""
_PLAIN, _PACKED = b"\0", b"\1"
_CHECKSUM = 8


class UnusableError(Exception):
    """The file is none that we may use."""


def connected(folder: Path) -> tuple[sqlite3.Connection, bool]:
    """Open the file, made if need be; tell whether it can be written to.

    Raises:
        UnusableError: it is somebody else's, or of another version.
        OSError: it can be neither made nor read.
        sqlite3.Error: it is damaged, or others keep it busy.
    """
    import sqlite3

    file = folder / NAME
    is_writable = _is_made_private(folder, file)
    mode = "rw" if is_writable else "ro"
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_LOCKED,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.text_factory = _text
    try:
        if is_writable:
            # It also reads in a folder that nobody may write to, where a write-ahead log does not.
            connection.execute("PRAGMA journal_mode=TRUNCATE")
            connection.execute("PRAGMA synchronous=NORMAL")
            with transaction(connection):
                if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    connection.execute("CREATE TABLE made (key TEXT PRIMARY KEY, value BLOB, used INTEGER)")
                    connection.execute("CREATE INDEX made_used ON made (used)")
                    connection.execute(f"PRAGMA user_version={FORMAT}")
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            raise UnusableError(f"{NAME} is not of this version")
    except BaseException:
        connection.close()
        raise
    return connection, is_writable


def _is_made_private(folder: Path, file: Path) -> bool:
    """Make folder and file, for their owner only; tell whether we may write to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except PermissionError:
        descriptor, is_writable = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), False
    except OSError as error:
        if not file.is_file() or file.is_symlink():
            raise
        descriptor, is_writable = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), False
        del error
    else:
        is_writable = True
    try:
        for place, status in ((folder, os.stat(folder)), (file, os.fstat(descriptor))):  # noqa: PTH116
            if status.st_uid != os.geteuid():
                raise UnusableError(f"{place.name} belongs to somebody else")
            if stat.S_IMODE(status.st_mode) & 0o077:
                if not is_writable:
                    raise UnusableError(f"others may read or write {place.name}")
                place.chmod(0o700 if place == folder else 0o600)
    finally:
        os.close(descriptor)
    return is_writable


def _text(content: bytes) -> str:
    """Read what nobody here has put there, too."""
    return content.decode("utf-8", "replace")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is written in the block be there afterwards, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):  # it has ended already, and the first error tells why
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def is_busy(error: Exception) -> bool:
    """Tell whether it is only that others use the file."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def sealed(key: str, content: bytes) -> bytes:
    """Give what is stored for some content: packed where that saves space, behind a sum of it and its key."""
    body = _PLAIN + content if len(content) <= _SHORT else _PACKED + zlib.compress(content, 1)
    return _checksum(key, body) + body


def unsealed(key: str, value: object) -> bytes | None:
    """Give what was put there; None for what has another checksum, or is something else altogether."""
    if not isinstance(value, bytes) or len(value) <= _CHECKSUM:
        return None
    body = value[_CHECKSUM:]
    if _checksum(key, body) != value[:_CHECKSUM]:
        return None
    try:
        return zlib.decompress(body[1:]) if body[:1] == _PACKED else body[1:]
    except zlib.error:
        return None


def _checksum(key: str, body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM, key=key.encode()).digest()


def clear(folder: Path) -> int:
    """Remove the files of all versions; runs that have one open keep it until they end. Give the bytes.

    Raises:
        OSError: one cannot be removed.
    """
    freed = 0
    for file in sorted(folder.iterdir()) if folder.exists() else ():
        if file.match("made-*.sqlite*"):
            freed += file.lstat().st_size
            file.unlink(missing_ok=True)
    return freed
