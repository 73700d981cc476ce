"""What earlier runs made, by the content it was made from: a file in the user's cache folder that all processes share.

Nothing of it decides whether a run goes on: where the file cannot be read or written, is damaged, somebody else's or of
another version, all that is asked for is made again, and a note says why. It holds what charts hold, secrets too, so it
is its owner's alone. The values are bytes; nothing that is read is executed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgate.system.toolchain import cache_folder

if TYPE_CHECKING:
    import sqlite3

FORMAT = 1
"""Of the file and of what is in it; another one has another file."""
NO_CACHE = "CHARTGATE_NO_CACHE"
"""The variable that keeps a run from what earlier ones made, as --no-cache does."""
_LIMIT = 256 * 2**20
"""Bytes; from there on, what nobody has asked for the longest goes."""
_BATCH = 4 * 2**20
"""Bytes that wait for being written together: each writing waits for the disk."""
_LOCKED = 10.0
"""Seconds to wait for another process that writes."""
_SHORT = 200
"""Bytes, up to which nothing is won by packing."""
_DAY = 86_400
_PLAIN, _PACKED = b"\0", b"\1"
_CHECKSUM = 8
_AT_ONCE = 500
"""Keys in one question: SQLite takes at least 999."""


def key_of(*parts: object) -> str:
    """Give what equal parts share, and no others have; they are strings, numbers, lists and maps.

    Raises:
        TypeError: one of them is something else.
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def store_folder() -> Path:
    """Give where the file is: below CHARTGATE_CACHE, or the user's cache folder."""
    return cache_folder() / "made"


@dataclass(frozen=True)
class StoreSize:
    """How much there is."""

    file: Path
    entries: int
    bytes: int


class Store:
    """Bytes by key; whatever goes wrong, `get` has nothing and `put` does nothing."""

    def __init__(self, folder: Path | None, limit: int = _LIMIT) -> None:
        """Open nothing yet.

        Args:
            folder: where the file is, or will be; None for a store that never has anything.
            limit: the most bytes that it may hold.
        """
        self._folder = folder
        self._limit = limit
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._waiting: dict[str, bytes] = {}
        self._room = _BATCH
        self._used: set[str] = set()
        self._is_writable = True
        self.note = ""
        """Why a run has nothing of earlier ones, or leaves nothing for later ones; empty where all is well."""

    @property
    def is_used(self) -> bool:
        """Whether anything may be in it."""
        return self._folder is not None

    def get(self, key: str) -> bytes | None:
        """Give what was put there; None where nothing is, or something that nobody put there."""
        return self.get_all([key]).get(key)

    def get_all(self, keys: list[str]) -> dict[str, bytes]:
        """Give what is there of these keys."""
        with self._lock:
            found = {key: self._waiting[key] for key in keys if key in self._waiting}
            left = [key for key in keys if key not in found]
            today = _today()
            for start in range(0, len(left), _AT_ONCE):
                some = left[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                question = f"SELECT key, value, used FROM made WHERE key IN ({marks})"  # noqa: S608 - question marks
                for key, value, used in self._rows(question, some):
                    content = _content(key, value)
                    if content is not None:
                        found[key] = content
                        self._used |= {key} if used != today else set()
            return found

    def put(self, key: str, content: bytes) -> None:
        """Keep something; it is written with what follows, at the latest by `close`."""
        with self._lock:
            if self._folder is not None and self._is_writable and len(content) <= self._limit // 16:
                self._waiting[key] = content
                self._room -= len(content)
                if self._room < 0:
                    self._flush()

    def close(self) -> None:
        """Write what waits, and which entries were of use; after that there is nothing in it."""
        with self._lock:
            if self._waiting or self._used:
                self._flush()
            self._end()

    def size(self) -> StoreSize | None:
        """Say how much there is; None where there is nothing."""
        if self._folder is None or not (self._folder / _NAME).exists():
            return None
        with self._lock:
            rows = list(self._rows("SELECT count(*), coalesce(sum(length(value)), 0) FROM made", []))
        return StoreSize(self._folder / _NAME, *rows[0]) if rows else None

    def _rows(self, question: str, given: list[str]) -> Iterator[tuple[Any, ...]]:
        with self._giving_up_on_errors():
            connection = self._opened()
            yield from connection.execute(question, given) if connection is not None else ()

    def _flush(self) -> None:
        waiting, self._waiting, self._room = self._waiting, {}, _BATCH
        used, self._used = sorted(self._used), set()
        today = _today()
        with self._giving_up_on_errors():
            connection = self._opened()
            if connection is None or not self._is_writable:
                return
            with _transaction(connection):
                rows = ((key, _value(key, content), today) for key, content in waiting.items())
                connection.executemany("INSERT OR REPLACE INTO made (key, value, used) VALUES (?, ?, ?)", rows)
                connection.executemany("UPDATE made SET used = ? WHERE key = ?", ((today, key) for key in used))
            if waiting and self._bytes(connection) > self._limit:
                self._trim(connection)

    def _trim(self, connection: sqlite3.Connection) -> None:
        """Take out what was not asked for the longest, until there is room for a while."""
        while self._bytes(connection) > self._limit * 3 // 4:
            with _transaction(connection):
                [(count,)] = connection.execute("SELECT count(*) FROM made")
                oldest = "SELECT rowid FROM made ORDER BY used, rowid LIMIT ?"
                connection.execute(f"DELETE FROM made WHERE rowid IN ({oldest})", [max(1, count // 8)])  # noqa: S608 - ours
            if not count:
                return

    @staticmethod
    def _bytes(connection: sqlite3.Connection) -> int:
        """Give what the entries take of the file; what was taken out is free for others."""
        [pages], [free], [size] = (
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    @contextlib.contextmanager
    def _giving_up_on_errors(self) -> Iterator[None]:
        """Let nothing that is wrong with the file end the run: from then on there is none."""
        import sqlite3

        try:
            yield
        except (sqlite3.Error, OSError, _UnusableError) as error:
            if not _is_busy(error):  # else others write there, and all is well
                self.note = (
                    f"what earlier runs made cannot be used, so all is made anew: {self._folder}: {error}"
                    " (`chartgate cache clear` removes it, --no-cache does without)"
                )
            self._waiting.clear()
            with contextlib.suppress(sqlite3.Error):
                self._end()

    def _end(self) -> None:
        self._folder = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _opened(self) -> sqlite3.Connection | None:
        if self._connection is None and self._folder is not None:
            self._connection, self._is_writable = _connected(self._folder)
        return self._connection


_NAME = f"made-{FORMAT}.sqlite"


def run_store(*, is_wanted: bool = True) -> Store:
    """Give the user's store; one that has nothing where a run, or CHARTGATE_NO_CACHE, does not want it."""
    return Store(store_folder() if is_wanted and not os.environ.get(NO_CACHE) else None)


def clear(folder: Path) -> int:
    """Remove the files of all versions; runs that have one open keep it until they end. Give the bytes.

    Raises:
        OSError: one cannot be removed.
    """
    freed = 0
    for file in sorted(folder.glob("made-*.sqlite*")):
        freed += file.lstat().st_size
        file.unlink(missing_ok=True)
    return freed


class _UnusableError(Exception):
    """The file is none that we may use."""


def _connected(folder: Path) -> tuple[sqlite3.Connection, bool]:
    """Open the file, made if need be; tell whether it can be written to."""
    import sqlite3

    file = folder / _NAME
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
            with _transaction(connection):
                if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    connection.execute("CREATE TABLE made (key TEXT PRIMARY KEY, value BLOB, used INTEGER)")
                    connection.execute("CREATE INDEX made_used ON made (used)")
                    connection.execute(f"PRAGMA user_version={FORMAT}")
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            raise _UnusableError(f"{_NAME} is not of this version")
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
                raise _UnusableError(f"{place.name} belongs to somebody else")
            if stat.S_IMODE(status.st_mode) & 0o077:
                if not is_writable:
                    raise _UnusableError(f"others may read or write {place.name}")
                place.chmod(0o700 if place == folder else 0o600)
    finally:
        os.close(descriptor)
    return is_writable


def _text(content: bytes) -> str:
    """Read what nobody here has put there, too."""
    return content.decode("utf-8", "replace")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):  # it has ended already, and the first error tells why
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _value(key: str, content: bytes) -> bytes:
    body = _PLAIN + content if len(content) <= _SHORT else _PACKED + zlib.compress(content, 1)
    return _checksum(key, body) + body


def _content(key: str, value: object) -> bytes | None:
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


def _today() -> int:
    """Give the number of the day; only the order in which entries go depends on the clock."""
    return int(time.time() // _DAY)
