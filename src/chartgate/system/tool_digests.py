"""Which program a file is, by its content: what it gave in an earlier run counts for the very same program only."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from chartgate.system.answers import note, program_answer
from chartgate.system.store import Store, key_of

_BINARIES = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How programs of Linux and macOS begin. A script may start anything, and what that is may change."""


def program_digest(program: Path, store: Store) -> str:
    """Give the SHA-256 of a program, remembered for as long as its file is the same; empty for none, and for a script.

    Hashing helm takes a twentieth of a second.
    """
    try:
        with program.open("rb") as stream:
            if stream.read(4) not in _BINARIES:
                return ""
            status = os.fstat(stream.fileno())
            note("program", program, program_answer(status))
            key = key_of("program", str(program), program_answer(status))
            known = store.get(key)
            if known is None:
                stream.seek(0)
                known = hashlib.file_digest(stream, "sha256").hexdigest().encode()
                store.put(key, known)
            return known.decode("ascii", "replace")
    except OSError:
        return ""
