"""One run of each distinct input, however many threads and xdist workers ask for it; none where an earlier run did."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.files import write_for_this_process, write_private
from chartgate.system.store import Store


class OutputCache:
    """Outputs by key in a folder that all processes of one run share, or all threads of the only one.

    A tool that fails once ends the run: no process starts one again, and none waits for it a second time.
    """

    def __init__(self, folder: Path, store: Store | None = None, *, is_shared: bool = True) -> None:
        """Make the folder.

        Args:
            folder: of this run.
            store: what earlier runs made; nothing where none is given.
            is_shared: whether other processes may ask for the same in this folder.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.store = store or Store(None)
        self._is_shared = is_shared
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def once(self, key: str, produce: Callable[[], bytes], lasting: str = "", unless: str = "") -> bytes:
        """Give the output for a key; `produce` makes it when no process has.

        Args:
            key: of the file in the folder.
            produce: makes the output.
            lasting: the key for later runs; empty for what is for this run alone.
            unless: a text that is another one in each run: what has it is for this run alone.

        Raises:
            ToolError: that of the first `produce` that raised one, for whatever is not there yet; no other is kept.
        """
        done = self.folder / key
        if done.is_file():
            return done.read_bytes()
        # A lock of files takes longer than to ask, and what another process made since then is in its file.
        if self._is_shared and (made := self._stored(lasting)) is not None:
            return made
        with self._lock(key):
            if done.is_file():
                return done.read_bytes()
            if not self._is_shared and (made := self._stored(lasting)) is not None:
                return made
            made = self._produced(produce)
            is_lasting = bool(lasting) and not (unless and unless.encode() in made)
            is_stored = is_lasting and self.store.put(lasting, made)
            if self._is_shared:
                write_private(done, made)
            elif not is_stored:  # else whoever asks again finds it in the store
                write_for_this_process(done, made)
            return made

    def _stored(self, lasting: str) -> bytes | None:
        return self.store.get(lasting) if lasting else None

    def _produced(self, produce: Callable[[], bytes]) -> bytes:
        failure = self.folder / "tool-error"
        if failure.is_file():
            raise ToolError(failure.read_text("utf-8"))
        try:
            return produce()
        except ToolError as error:
            # Whoever fails later may do so because the first one has ended its tool.
            with self._lock(failure.name):
                if not failure.is_file():
                    write_private(failure, str(error).encode("utf-8", "replace"))
            raise ToolError(failure.read_text("utf-8")) from error

    def _lock(self, key: str) -> AbstractContextManager[object]:
        """Give what keeps all others from a key: a lock of files takes as long as a rendering by helm's library."""
        if not self._is_shared:
            return self._locks[key]
        from filelock import FileLock  # imported where it is needed: most runs have it all

        return FileLock(self.folder / f"{key}.lock", mode=0o600)
