"""A packed chart, read as helm reads it: in memory, with nothing of it ever written to a disk.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/loader/archive/archive.go and, for what a header means,
https://github.com/golang/go/blob/go1.26.0/src/archive/tar/reader.go
"""

from __future__ import annotations

import gzip
import io
import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chartgate.charts.reading.limits_of_charts import LARGEST_CHART, LARGEST_FILE, MOST_ENTRIES, checked_name
from chartgate.errors import InputError

Files = dict[str, bytes]
"""The files of a chart, by their path in it."""

_BLOCK = 512
_MOST_BYTES = LARGEST_CHART + 2**25
"""What a chart may unpack to, its headers included."""
_GZIP = b"\x1f\x8b\x08"
_CHUNK, _MOST_PARTS = 4096, 1000
"""How many bytes are decompressed at once, and how many gzip files, one behind the other, are read as one."""
_DIRECTORY, _LINKS, _WITHOUT_CONTENT = b"5", (b"1", b"2"), (b"1", b"2", b"3", b"4", b"5", b"6")
_DRIVE = re.compile(r"[a-zA-Z]:/")
_OUTSIDE = "leads out of the chart's folder"


def unpacked(content: bytes, where: str) -> Files:
    """Give the files of a packed chart, by their path in it; of two files of one name, the last counts.

    Links and devices are empty files to helm, and so they are here; a link that leads out of the chart is refused.

    Args:
        content: of the .tgz.
        where: what messages call it.

    Raises:
        InputError: it is not a gzipped tar, is cut off, too large, or has a member that helm refuses.
    """
    if not content.startswith(_GZIP):
        raise InputError(f"{where} is not a chart archive: it is not gzipped (`helm package` makes a .tgz)")
    found: Files = {}
    left = LARGEST_CHART
    for number, member in enumerate(_members(_Reader(_inflated(content, where), where)), 1):
        if number > MOST_ENTRIES:
            raise InputError(f"{where} has more than {MOST_ENTRIES} files and folders")
        if member.kind == _DIRECTORY:
            continue
        name = _name_in_chart(member.name, where)
        if member.kind in _LINKS:
            _check_link(member, where)
        if member.size > LARGEST_FILE:
            raise InputError(f"{where}: {name} is larger than {LARGEST_FILE // 2**20} MiB, the largest file helm reads")
        left -= member.size
        if left <= 0:
            raise InputError(f"{where}: it unpacks to more than {LARGEST_CHART // 2**20} MiB, the most that helm reads")
        # A name that is there again keeps its place with dict.update, but helm goes through them in order.
        found.pop(name, None)
        found[name] = member.content.removeprefix(b"\xef\xbb\xbf")
    if not found:
        raise InputError(f"{where} is not a chart archive: there is no file in it")
    return found


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack the files of a chart, so that `unpacked` and helm give the same again; equal files give equal bytes."""
    import tarfile  # most charts have no archive in them

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"chart/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _inflated(content: bytes, where: str) -> bytes:
    """Decompress as much as there is: what follows the end of the tar, a wrong checksum say, nobody looks at."""
    found, position, parts = bytearray(), 0, 0
    stream = None
    while position < len(content):
        if stream is None:
            parts += 1
            if not content.startswith(_GZIP, position):
                break
            if parts > _MOST_PARTS:
                raise InputError(
                    f"{where} is not a usable chart archive: it is more than {_MOST_PARTS} gzip files in one"
                )
            stream = zlib.decompressobj(wbits=31)
        chunk = content[position : position + _CHUNK]
        room = _MOST_BYTES + 1 - len(found)
        start = stream.copy()
        try:
            found += stream.decompress(chunk, room)
        except zlib.error:
            found += _before_the_error(start, chunk)
            break
        if len(found) > _MOST_BYTES:
            raise InputError(f"{where}: it unpacks to more than {LARGEST_CHART // 2**20} MiB, the most that helm reads")
        position += len(chunk) - len(stream.unused_data)
        stream = None if stream.eof else stream
    return bytes(found)


def _before_the_error(stream: zlib._Decompress, chunk: bytes) -> bytes:
    """Decompress what comes before the broken place: a call that fails gives nothing of it."""
    found = bytearray()
    for position in range(len(chunk)):
        try:
            found += stream.decompress(chunk[position : position + 1])
        except zlib.error:
            break
    return bytes(found)


class _Member(NamedTuple):
    name: str
    kind: bytes
    target: str
    """Where a link leads."""
    size: int
    content: bytes


class _Reader:
    """The blocks of a tar, one after another."""

    def __init__(self, content: bytes, where: str) -> None:
        self._content, self._where, self._position = content, where, 0

    def broken(self, reason: str) -> InputError:
        return InputError(f"{self._where} is not a usable chart archive: {reason}")

    def header(self) -> bytes:
        """Give the next header; empty at the end of the archive."""
        block = self._block()
        if block.strip(b"\0"):
            return block
        if block and self._block().strip(b"\0"):
            raise self.broken("its end is followed by something that is no header")
        return b""

    def _block(self) -> bytes:
        block = self._content[self._position : self._position + _BLOCK]
        if 0 < len(block) < _BLOCK:
            raise self.broken("it is cut off")
        self._position += _BLOCK
        return block

    def data(self, size: int) -> bytes:
        """Give the content of a member, and go on behind it."""
        found = self._content[self._position : self._position + size]
        if len(found) < size:
            raise self.broken("it is cut off")
        self._position += -(-size // _BLOCK) * _BLOCK
        return found


def _members(reader: _Reader) -> Iterator[_Member]:
    extended: dict[str, bytes] = {}
    while header := reader.header():
        kind = header[156:157]
        _check_sum(header, reader)
        size = _number(header[124:136], reader)
        if kind in (b"x", b"g", b"L", b"K") and size > LARGEST_FILE:
            raise reader.broken("a header in it is too large")
        if kind == b"x":
            extended = _records(reader.data(size), reader)
            continue
        if kind == b"g":
            reader.data(size)
            continue
        if kind in (b"L", b"K"):
            extended[{b"L": "path", b"K": "linkpath"}[kind]] = _text(reader.data(size))
            continue
        if kind == b"S" or any(key.startswith("GNU.sparse.") for key in extended):
            raise reader.broken("it has a sparse file: pack the chart with `helm package`")
        name = extended.get("path") or _full_name(header)
        size = _decimal(extended["size"], reader) if "size" in extended else size
        if kind in (b"\0", b"0") and name.endswith(b"/"):
            kind = _DIRECTORY
        if kind in _WITHOUT_CONTENT:
            size = 0
        content = reader.data(size) if size <= LARGEST_FILE else b""
        target = extended.get("linkpath") or _text(header[157:257])
        yield _Member(_decoded(name), kind, _decoded(target), size, content)
        extended = {}


def _full_name(header: bytes) -> bytes:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _check_sum(header: bytes, reader: _Reader) -> None:
    blank = header[:148] + b" " * 8 + header[156:]
    sums = (sum(blank), sum(byte - 256 * (byte > 127) for byte in blank))
    if _number(header[148:156], reader) not in sums:
        raise reader.broken("a header in it is damaged")


def _number(field: bytes, reader: _Reader) -> int:
    """Read a number of a header: octal digits, or binary where the first bit is set."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:])
        if field[0] & 0x40:
            raise reader.broken("a size in it is negative")
        return value
    digits = field.strip(b" \0").partition(b"\0")[0]
    if not re.fullmatch(rb"[0-7]*", digits):
        raise reader.broken("a header in it is damaged")
    return int(digits or b"0", 8)


def _decimal(text: bytes, reader: _Reader) -> int:
    if not re.fullmatch(rb"[0-9]{1,18}", text):
        raise reader.broken("a size in it is no number")
    return int(text)


def _records(content: bytes, reader: _Reader) -> dict[str, bytes]:
    """Read the records of an extended header: `LENGTH KEY=VALUE` and a line break each."""
    found: dict[str, bytes] = {}
    while content:
        length = _decimal(content.partition(b" ")[0], reader)
        record, content = content[:length], content[length:]
        key, equals, value = record.partition(b" ")[2].partition(b"=")
        if length < 5 or not equals or not record.endswith(b"\n"):
            raise reader.broken("an extended header in it is damaged")
        found[_decoded(key)] = value[:-1]
    return found


def _name_in_chart(name: str, where: str) -> str:
    """Give the path of a member below the archive's folder, by helm's rules."""
    separator = "\\" if "\\" in name else "/"
    first, *below = name.split(separator)
    path = "/".join(below)
    shown = checked_name(name, where)
    if path.startswith("/"):
        raise InputError(f"{where}: {shown} {_OUTSIDE}")
    path = posixpath.normpath(path) if path else "."
    if path == "." or first == "Chart.yaml":
        raise InputError(f"{where} is not a chart archive: {shown} is not in a folder (`helm package` makes a .tgz)")
    if path.startswith("..") or _DRIVE.match(path):
        raise InputError(f"{where}: {shown} {_OUTSIDE}")
    return path


def _check_link(member: _Member, where: str) -> None:
    """Refuse a link that leads out: a hard link is named from the top, a symbolic one from where it is."""
    start = "" if member.kind == b"1" else posixpath.dirname(member.name)
    target = posixpath.normpath(posixpath.join(start, member.target))
    top = member.name.lstrip("./").partition("/")[0]
    if posixpath.isabs(member.target) or target.partition("/")[0] != top:
        name = checked_name(member.name, where)
        raise InputError(f"{where}: {name} is a link that {_OUTSIDE}, to {member.target!a}")
