"""What a snapshot that differs says: the lines that differ, few of them, and how to take the new ones."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator

from chartgate.documents.words import counted

_CONTEXT = 2
_MOST = 40
"""Lines: what one takes in at a glance; the file itself shows the rest once it is written."""
_WIDEST = 200
"""Characters of a line."""


def difference_text(file: str, before: str | None, now: str, command: str) -> str:
    """Say what differs.

    Args:
        file: of the snapshot.
        before: what is in it; None where it is not there.
        now: what there would be.
        command: that writes it.
    """
    if before is None:
        return f"there is no snapshot {file}: `{command}` writes it"
    lines = list(_differing(before, now))
    gone, new = (sum(line[0] == sign for line in lines) for sign in "-+")
    more = [f"... and {counted(len(lines) - _MOST, 'more line')} of the difference"] * (len(lines) > _MOST)
    head = f"the snapshot {file} differs, {counted(gone, 'line')} gone (-), {counted(new, 'line')} new (+):"
    take = f"where you can explain it, write it and read the diff: {command}"
    return "\n".join([head, *lines[:_MOST], *more, take])


def _differing(before: str, now: str) -> Iterator[str]:
    """Give the lines that differ, with those around them."""
    lines = difflib.unified_diff(before.split("\n"), now.split("\n"), n=_CONTEXT, lineterm="")
    for line in itertools.islice(lines, 2, None):  # behind the names of both
        yield line if len(line) <= _WIDEST else f"{line[:_WIDEST]}..."
