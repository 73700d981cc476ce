"""Which program a file is, by its content: what it gave in an earlier run counts for the very same program only."""

from __future__ import annotations

import hashlib
import os
from io import BufferedReader
from pathlib import Path

from chartgate.system.answers import note, program_answer
from chartgate.system.store import Store, key_of

_BINARIES = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How programs of Linux and macOS begin. A script may start anything, and what that is may change."""


def program_digest(program: Path, store: Store) -> str:
    """Give the SHA-256 of a program, remembered while its file is the same; empty for none, and for a script."""
    try:
        with program.open("rb") as stream:
            if stream.read(4) not in _BINARIES:
                return ""
            status = os.fstat(stream.fileno())
            note("program", program, program_answer(status))
            key = key_of("program", str(program), program_answer(status))
            known = store.get(key)
            if known is None:
                known = content_digest(stream).encode()
                store.put(key, known)
            return known.decode("ascii", "replace")
    except OSError:
        return ""


_known: dict[tuple[str, str], str] = {}


def content_digest(program: BufferedReader) -> str:
    """Give the SHA-256 of an open program, made once in a process: of helm it takes a twentieth of a second.

    Raises:
        OSError: it cannot be read.
    """
    place = program.name, program_answer(os.fstat(program.fileno()))
    if place not in _known:
        program.seek(0)
        _known[place] = hashlib.file_digest(program, "sha256").hexdigest()
    return _known[place]
