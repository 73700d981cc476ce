"""The picture of the page in README and docs is of the page as it is: it says which one it was taken of."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "src/chartgate/reports/page"
_KEYWORD = b"chartgate page"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def page_digest() -> str:
    """Give what stands for the page: its form, its looks and what it does, not what is told in it."""
    files = sorted(path for path in PAGE.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Cut a PNG: https://www.w3.org/TR/png-3/#5Chunk-layout."""
    assert picture.startswith(_SIGNATURE)
    place = len(_SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += length + 12


def with_text(picture: bytes, text: str) -> bytes:
    """Write a text into a PNG, in front of its end, in place of the one before."""
    parts = [_SIGNATURE]
    for kind, content in _chunks(picture):
        if kind == b"IEND":
            parts.append(_chunk(b"tEXt", _KEYWORD + b"\0" + text.encode("latin-1")))
        if not (kind == b"tEXt" and content.startswith(_KEYWORD)):
            parts.append(_chunk(kind, content))
    return b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def text_of(picture: bytes) -> str:
    found = [content for kind, content in _chunks(picture) if kind == b"tEXt" and content.startswith(_KEYWORD)]
    return found[0].partition(b"\0")[2].decode("latin-1") if found else ""


@pytest.mark.parametrize("document", ["README.md", "docs/check.md"])
def test_the_picture_is_shown_and_is_of_this_page(document: str) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", (ROOT / document).read_text())
    assert [(ROOT / document).parent.joinpath(path).resolve() for path in shown] == [ROOT / "docs/report.png"]
    assert text_of((ROOT / "docs/report.png").read_bytes()) == page_digest(), (
        "the page has changed: take the picture anew as bench/report_picture.py says"
    )


def test_a_text_takes_the_place_of_the_one_before() -> None:
    end = _SIGNATURE + _chunk(b"IHDR", b"x") + _chunk(b"IEND", b"")
    assert text_of(end) == ""
    assert text_of(with_text(with_text(end, "one"), "two")) == "two"
    assert with_text(with_text(end, "one"), "two") == with_text(end, "two")
