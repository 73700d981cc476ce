"""Reading text files with a clear error, and writing files so that no reader, and no crash, ever sees half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from chartgate.errors import InputError


def read_text(file: Path, what: str = "") -> str:
    """Read a text file.

    Args:
        file: which one.
        what: how messages name it (`values.yaml: the schema`); its path where nothing is said.

    Raises:
        InputError: it is not there, cannot be read, or is not UTF-8.
    """
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{what or file} cannot be read: {error}") from error


def write_whole(file: Path, content: bytes) -> None:
    """Write a side file and move it into place; what was there stays until then, and a link leads where it led.

    A pipe or a device (`/dev/stdout`) is written to as it is.
    """
    file = file.resolve()
    if file.exists() and not file.is_file() and not file.is_dir():
        with file.open("wb") as stream:
            stream.write(content)
        return
    handle, side = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        # mkstemp makes files that only their owner may read.
        Path(side).chmod(stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644)
        Path(side).replace(file)
    except BaseException:
        Path(side).unlink(missing_ok=True)
        raise
