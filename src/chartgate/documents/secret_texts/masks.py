"""The mask itself, and how it is put into a text."""

from __future__ import annotations

from collections.abc import Iterable

MASK = "<secret>"


def with_masks(encoded: bytes, spans: Iterable[tuple[int, int]]) -> str:
    """Give a text in UTF-8 with a mask in place of each span of bytes; what overlaps or touches is one."""
    pieces: list[bytes] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if start > done or not pieces:
            pieces += [encoded[done:start], MASK.encode()]
        done = end
    return b"".join([*pieces, encoded[done:]]).decode("utf-8", "surrogatepass")
