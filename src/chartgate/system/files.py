"""Reading text files with a clear error, and writing files so that no reader, and no crash, ever sees half of one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import select
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from chartgate.documents.limits import LONGEST, TOO_LONG
from chartgate.errors import InputError, ToolError, not_utf8
from chartgate.system.answers import note_content
from chartgate.system.processes import time_limit

_BLOCK = 2**20
_BETWEEN_TRIES = 0.05
"""Seconds, while nobody reads from a pipe."""
_MOST_LINKS = 40
"""That are followed, as Linux has it."""


def read_text(file: Path, what: str = "") -> str:
    """Read a text file.

    Args:
        file: which one.
        what: how messages name it (`values.yaml: the schema`); its path where nothing is said.

    Raises:
        InputError: as for `read_bytes`, or it is not UTF-8.
    """
    try:
        # As text files are read, with any ends of lines.
        return re.sub(r"\r\n?", "\n", read_bytes(file, what).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise not_utf8(error, what or file) from error


def read_bytes(file: Path, what: str = "") -> bytes:
    """Read a file; arguments are as for `read_text`.

    Raises:
        InputError: it is not there, cannot be read, or is longer than any that is read here: a device has no end; or
            it is a pipe into which nobody writes for as long as a tool may take.
    """
    if "\0" in str(file):
        raise InputError(f"{what or file} cannot be read: no name of a file has a null character")
    try:
        content = b"".join(_blocks(file, f"{what or file}"))
    except OSError as error:
        raise InputError(f"{what or file} cannot be read: {error.strerror or error}") from error
    if len(content) > LONGEST:
        raise InputError(f"{what or file} cannot be read: it is {TOO_LONG}")
    note_content(file, content)
    return content


def _blocks(file: Path, what: str) -> Iterator[bytes]:
    """Give what a file or a pipe holds, and a little more than is read here where that is not its end.

    To open a pipe without waiting tells nothing: until somebody writes, it looks as if it were empty.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        waits = select.poll()
        waits.register(descriptor, select.POLLIN)
        left = LONGEST + 1
        while left > 0:
            if not waits.poll(time_limit() * 1000):
                raise InputError(
                    f"{what} cannot be read: nobody has written into it for {time_limit():g} s (CHARTGATE_TIMEOUT)"
                )
            with contextlib.suppress(BlockingIOError):  # another reader was faster
                block = os.read(descriptor, min(left, _BLOCK))
                if not block:
                    return
                left -= len(block)
                yield block
    finally:
        os.close(descriptor)


def check_writable(file: Path) -> None:
    """Tell now, before the work, whether `write_whole` could write there; nothing is changed.

    Raises:
        InputError: it could not.
    """
    try:
        target = _target(file)
        if isinstance(target, Path) and (_mode(target) is None or target.is_file()):
            side = _side(target)
            try:
                os.close(os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            finally:
                side.unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(file, error) from error


def check_apart(files: Iterable[Path]) -> None:
    """Refuse two names for one file, of which only what is written last would be left; pipes and devices take both.

    Raises:
        InputError: two of them are one file.
    """
    named: dict[object, Path] = {}
    for file in files:
        try:
            place = os.path.realpath(file)
            known = Path(place).stat()
            key: object = (known.st_dev, known.st_ino) if stat.S_ISREG(known.st_mode) else None
        except OSError:  # it is not there yet
            key = place
        if key is not None and _descriptor(file) is None and named.setdefault(key, file) is not file:
            raise InputError(f"{file} would be written twice, the second time over the first: name another file")


def write_whole(file: Path, content: bytes) -> None:
    """Write a file of the user's: what was there stays until the new content is there as a whole.

    A regular file is replaced by a side file of the same mode, a new one gets the usual mode, and a link leads where
    it led. What is no file (a pipe, a device, a descriptor of ours: `/dev/stdout`, `/dev/fd/3`) is written to as it is.

    Raises:
        InputError: it cannot be written; what was there is as it was.
    """
    try:
        target = _target(file)
        mode = None if isinstance(target, int) else _mode(target)
        if isinstance(target, int):
            with os.fdopen(os.dup(target), "wb") as stream:
                stream.write(content)
        elif mode is not None and stat.S_ISFIFO(mode):
            _write_pipe(target, content)
        elif mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as stream:
                stream.write(content)
        else:
            _replace(target, content, None if mode is None else stat.S_IMODE(mode))
    except OSError as error:
        raise _refusal(file, error) from error


def _write_pipe(pipe: Path, content: bytes) -> None:
    """Write into a pipe, and wait no longer than a tool may take: for a reader, nor for one that reads nothing more.

    Raises:
        OSError: nobody reads, or no longer.
    """
    descriptor = _opened_pipe(pipe)
    try:
        ready = select.poll()
        ready.register(descriptor, select.POLLOUT)
        while content:
            if not ready.poll(time_limit() * 1000):
                raise _nobody_reads()
            with contextlib.suppress(BlockingIOError):  # there is room, but not for another writer's and ours
                content = content[os.write(descriptor, content[:_BLOCK]) :]
    finally:
        os.close(descriptor)


def _opened_pipe(pipe: Path) -> int:
    """Open a pipe for writing, which fails for as long as nobody has opened it for reading."""
    last = time.monotonic() + time_limit()
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if time.monotonic() > last:
            raise _nobody_reads()
        time.sleep(_BETWEEN_TRIES)


def _nobody_reads() -> OSError:
    return OSError(errno.ETIMEDOUT, f"nobody has read from it for {time_limit():g} s (CHARTGATE_TIMEOUT)")


def write_private(file: Path, content: bytes) -> None:
    """Write a file of our own, whole, of mode 0600 whatever the umask is.

    Raises:
        ToolError: it cannot be written (the disk is full): no chart is to blame, and no run can go on.
    """
    try:
        _replace(file, content, 0o600)
    except OSError as error:
        raise ToolError(str(_refusal(file, error))) from error


def write_for_this_process(file: Path, content: bytes) -> None:
    """Write a file of our own of mode 0600 that only threads of this process read: it is there once it is whole.

    Raises:
        ToolError: as for `write_private`.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
            new.write(content)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ToolError(str(_refusal(file, error))) from error


def leads_to_stdout(file: Path) -> bool:
    """Tell whether a path names our own standard output."""
    return _descriptor(file) == 1


def _target(file: Path) -> Path | int:
    """Give what is to be written to: a path without links, or a descriptor of this process.

    Raises:
        OSError: it is a folder, may not be written to, or is a circle of links.
    """
    descriptor = _descriptor(file)
    if descriptor is not None:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "it is open for reading only")
        return descriptor
    mode = _mode(file)
    if mode is not None and stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "it is a folder")
    if mode is not None and stat.S_ISSOCK(mode):
        raise OSError(errno.ENXIO, "it is a socket")
    if mode is not None and not os.access(file, os.W_OK):
        raise OSError(errno.EACCES, "it is read-only")
    target = Path(os.path.realpath(file))
    if not target.parent.exists():
        raise OSError(errno.ENOENT, f"there is no folder {file.parent if target.name == file.name else target.parent}")
    return target


def _mode(file: Path) -> int | None:
    """Give the mode of what a path leads to; None where there is nothing."""
    try:
        return file.stat().st_mode
    except FileNotFoundError:
        return None


def _descriptor(file: Path) -> int | None:
    """Give the descriptor of this process that a path names, over links too: `/dev/stdout` is `/proc/self/fd/1`.

    Such a file is not to be replaced, nor to be opened anew: what the shell has opened goes on where it is.
    """
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(file.parent)
        if re.fullmatch(rf"/dev/fd|/proc/{os.getpid()}(/task/[0-9]+)?/fd", folder) and re.fullmatch(
            "[0-9]+", file.name
        ):
            return int(file.name)
        if not file.is_symlink():
            return None
        file = Path(folder) / file.readlink()
    return None


def _side(target: Path) -> Path:
    """Name a side file, by a short name: that of the target may be as long as names can be."""
    return target.with_name(f".chartgate-{secrets.token_hex(8)}")


def _replace(target: Path, content: bytes, mode: int | None) -> None:
    side = _side(target)
    try:
        with os.fdopen(
            os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600), "wb"
        ) as new:
            if mode is not None:
                os.fchmod(new.fileno(), mode)
            new.write(content)
        side.replace(target)
    except BaseException:
        side.unlink(missing_ok=True)
        raise


def _refusal(file: Path, error: OSError) -> InputError:
    return InputError(f"{file} cannot be written: {error.strerror or error}")
