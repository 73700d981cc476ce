"""The temporary folder of a run: for its owner only, and gone on every way out, since chart and values are in it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.interruption import undisturbed

_folders: set[Path] = set()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a new folder of mode 0700, which is removed with all that is in it when the block ends.

    It is in TMPDIR, which must then be usable: a folder elsewhere, that nobody named, would be a surprise.

    Raises:
        InputError: there is no place for it.
    """
    folder = _place() / f"chartgate-{secrets.token_hex(8)}"
    _folders.add(folder)
    try:
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)  # whatever the umask is
        except OSError as error:
            raise InputError(
                f"{folder.parent}: no temporary folder can be made there: {error.strerror}; name another with TMPDIR"
            ) from error
        yield folder
    finally:
        with undisturbed():
            _remove(folder)


def remove_scratch() -> None:
    """Remove what a signal in the wrong moment has left."""
    for folder in list(_folders):
        _remove(folder)


def make_private(folder: Path) -> None:
    """Make a folder and all in it readable for its owner only: a chart's copy keeps the modes of the chart.

    Raises:
        InputError: the file system does not let us.
    """
    try:
        folder.chmod(0o700)
        for path, folders, files in os.walk(folder):
            for names, mode in ((folders, 0o700), (files, 0o600)):
                for child in (Path(path) / name for name in names):
                    if not child.is_symlink():
                        child.chmod(mode)
    except OSError as error:
        raise InputError(f"{error.filename}: its mode cannot be set: {error.strerror}") from error


def _place() -> Path:
    named = os.environ.get("TMPDIR")
    if named and tempfile.tempdir is None:
        return Path(named).absolute()
    try:
        return Path(tempfile.gettempdir()).absolute()
    except FileNotFoundError as error:
        raise InputError(f"there is no temporary folder: {error.strerror}; name one with TMPDIR") from error


def _remove(folder: Path) -> None:
    # A thread that is being ended may still write a last file while we remove.
    for _ in range(3):
        if not folder.exists():
            break
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            _open_up(folder)
    _folders.discard(folder)


def _open_up(folder: Path) -> None:
    """Let us remove what is in folders that nobody may write to: a chart may have such."""
    try:
        make_private(folder)
    except InputError:
        return  # gone meanwhile
