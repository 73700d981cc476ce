"""Which code a run has in hand, by content: the engine, and what is installed beside it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import chartgate
from chartgate.system.folder_digests import folder_digest
from chartgate.system.store import key_of


def engine_digest() -> str:
    """Give what stands for this Python, this engine and all packages that are installed beside it; empty if unknown."""
    engine = folder_digest(Path(chartgate.__file__).parent)
    if not engine:
        return ""
    records = hashlib.sha256()
    for record in _records():
        try:
            records.update(f"\0{record.parent.name}\0".encode() + record.read_bytes())
        except OSError:
            return ""
    return key_of(sys.version, sys.platform, list(sys.flags), engine, records.hexdigest())


def _records() -> Iterator[Path]:
    """Give the lists of files, with their hashes, of all installed packages.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for place in dict.fromkeys(sys.path):
        names = os.listdir(place) if place.endswith("-packages") and Path(place).is_dir() else []  # noqa: PTH208
        yield from (Path(place, name, "RECORD") for name in sorted(names) if name.endswith(".dist-info"))
