"""One run of each distinct input, however many threads and xdist workers ask for it; none where an earlier run did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.files import write_private
from chartgate.system.store import Store


class OutputCache:
    """Outputs by key in a folder that all processes of one pytest run share.

    A tool that fails once ends the run: no process starts one again, and none waits for it a second time.
    """

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        """Make the folder.

        Args:
            folder: of this run.
            store: what earlier runs made; nothing where none is given.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.store = store or Store(None)

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
        if not done.is_file():
            if lasting and (made := self.store.get(lasting)) is not None:
                return made
            from filelock import FileLock  # imported where it is needed: most runs have it all

            with FileLock(self.folder / f"{key}.lock", mode=0o600):
                if not done.is_file():
                    made = self._produced(produce)
                    write_private(done, made)
                    if lasting and not (unless and unless.encode() in made):
                        self.store.put(lasting, made)
        return done.read_bytes()

    def _produced(self, produce: Callable[[], bytes]) -> bytes:
        failure = self.folder / "tool-error"
        if failure.is_file():
            raise ToolError(failure.read_text("utf-8"))
        try:
            return produce()
        except ToolError as error:
            from filelock import FileLock

            # Whoever fails later may do so because the first one has ended its tool.
            with FileLock(f"{failure}.lock", mode=0o600):
                if not failure.is_file():
                    write_private(failure, str(error).encode("utf-8", "replace"))
            raise ToolError(failure.read_text("utf-8")) from error
