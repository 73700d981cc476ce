"""Writing files so that no reader, and no crash, ever sees half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Write a side file and move it into place; what stood there stays until then."""
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
