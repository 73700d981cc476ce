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
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgate.system.cache_folder import cache_folder
from chartgate.system.store_file import NAME, UnusableError, connected, is_busy, sealed, transaction, unsealed

if TYPE_CHECKING:
    import sqlite3

NO_CACHE = "CHARTGATE_NO_CACHE"
"""The variable that keeps a run from what earlier ones made, as --no-cache does."""
_LIMIT = 256 * 2**20
"""Bytes; from there on, what nobody has asked for the longest goes."""
_BATCH = 4 * 2**20
"""Bytes that wait for being written together: each writing waits for the disk."""
_DAY = 86_400
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


class StoreSize(NamedTuple):
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
        self._is_empty: bool | None = None
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
            left = [key for key in keys if key not in found] if len(found) < len(keys) and self._has_entries() else []
            today = _today()
            for start in range(0, len(left), _AT_ONCE):
                some = left[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                question = f"SELECT key, value, used FROM made WHERE key IN ({marks})"  # noqa: S608 - question marks
                for key, value, used in self._rows(question, some):
                    content = unsealed(key, value)
                    if content is not None:
                        found[key] = content
                        self._used |= {key} if used != today else set()
            return found

    def put(self, key: str, content: bytes) -> bool:
        """Keep something; it is written with what follows, at the latest by `close`. Tell whether there is room."""
        with self._lock:
            is_kept = self._folder is not None and self._is_writable and len(content) <= self._limit // 16
            if is_kept:
                self._waiting[key] = content
                self._room -= len(content)
                if self._room < 0:
                    self._flush()
            return is_kept

    def close(self) -> None:
        """Write what waits, and which entries were of use; after that there is nothing in it."""
        with self._lock:
            if self._waiting or self._used:
                self._flush()
            self._end()

    def size(self) -> StoreSize | None:
        """Say how much there is; None where there is nothing."""
        if self._folder is None or not (self._folder / NAME).exists():
            return None
        with self._lock:
            rows = list(self._rows("SELECT count(*), coalesce(sum(length(value)), 0) FROM made", []))
        return StoreSize(self._folder / NAME, *rows[0]) if rows else None

    def _has_entries(self) -> bool:
        """Tell whether there is anything to be asked for: a first run asks thousands of times for nothing."""
        if self._is_empty is None:
            self._is_empty = not list(self._rows("SELECT 1 FROM made LIMIT 1", []))
        return not self._is_empty

    def _rows(self, question: str, given: list[str]) -> Iterator[tuple[Any, ...]]:
        with self._giving_up_on_errors():
            connection = self._opened()
            yield from connection.execute(question, given) if connection is not None else ()

    def _flush(self) -> None:
        waiting, self._waiting, self._room = self._waiting, {}, _BATCH
        used, self._used = sorted(self._used), set()
        today, self._is_empty = _today(), False
        with self._giving_up_on_errors():
            connection = self._opened()
            if connection is None or not self._is_writable:
                return
            with transaction(connection):
                rows = ((key, sealed(key, content), today) for key, content in waiting.items())
                connection.executemany("INSERT OR REPLACE INTO made (key, value, used) VALUES (?, ?, ?)", rows)
                connection.executemany("UPDATE made SET used = ? WHERE key = ?", ((today, key) for key in used))
            if waiting and self._bytes(connection) > self._limit:
                self._trim(connection)

    def _trim(self, connection: sqlite3.Connection) -> None:
        """Take out what was not asked for the longest, until there is room for a while."""
        while self._bytes(connection) > self._limit * 3 // 4:
            with transaction(connection):
                [(count,)] = connection.execute("SELECT count(*) FROM made")
                # What a clock dated that was put back since is no younger than what is made today.
                oldest = "SELECT rowid FROM made ORDER BY min(used, ?), rowid LIMIT ?"
                connection.execute(f"DELETE FROM made WHERE rowid IN ({oldest})", [_today(), max(1, count // 8)])  # noqa: S608 - ours
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
        except (sqlite3.Error, OSError, UnusableError) as error:
            if not is_busy(error):  # else others write there, and all is well
                self.note = (
                    f"what earlier runs made cannot be used, so all is made anew: {self._folder}: {error}"
                    " (`chartgate cache clear` removes it, CHARTGATE_CACHE names another, --no-cache does without)"
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
            self._connection, self._is_writable = connected(self._folder)
        return self._connection


def run_store(*, is_wanted: bool = True) -> Store:
    """Give the user's store; one that has nothing where a run, or CHARTGATE_NO_CACHE, does not want it."""
    return Store(store_folder() if is_wanted and not os.environ.get(NO_CACHE) else None)


def _today() -> int:
    """Give the number of the day; only the order in which entries go depends on the clock."""
    return int(time.time() // _DAY)
