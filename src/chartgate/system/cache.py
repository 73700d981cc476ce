"""One run of each distinct input, however many threads and xdist workers ask for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from chartgate.system.files import write_whole


class OutputCache:
    """Outputs by key in a folder that all processes of one pytest run share."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def once(self, key: str, produce: Callable[[], bytes]) -> bytes:
        """Give the output for a key; `produce` makes it when no process has, and its exceptions are not kept."""
        done = self.folder / key
        if not done.is_file():
            with FileLock(self.folder / f"{key}.lock"):
                if not done.is_file():
                    write_whole(done, produce())
        return done.read_bytes()
