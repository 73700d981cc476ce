"""A file is written whole or not at all, and nobody waits for one that never ends."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from chartgate.errors import InputError, ToolError
from chartgate.system.files import check_apart, read_bytes, write_private, write_whole


def test_a_new_file_can_be_read_by_everyone(tmp_path: Path) -> None:
    write_whole(tmp_path / "new", b"content\r\n")
    assert (tmp_path / "new").read_bytes() == b"content\r\n"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_an_old_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "old").chmod(mode)
    write_whole(tmp_path / "old", b"new")
    assert (tmp_path / "old").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == mode


@pytest.mark.parametrize("content", [b"new", None])
def test_a_failure_leaves_the_old_file_and_no_other(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it fails while writing (None is no bytes) or when the side file is moved into place."""
    (tmp_path / "old").write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((InputError, TypeError)):
        write_whole(tmp_path / "old", content)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_link_leads_where_it_led(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write_whole, args=(tmp_path / "pipe", b"new"))
    writer.start()
    assert (tmp_path / "pipe").read_bytes() == b"new"
    writer.join()
    assert (tmp_path / "pipe").is_fifo()


def test_nobody_waits_for_a_pipe_that_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2")
    os.mkfifo(tmp_path / "pipe")
    words = r"/pipe cannot be written: nobody has read from it for 0\.2 s \(CHARTGATE_TIMEOUT\)$"
    with pytest.raises(InputError, match=words):
        write_whole(tmp_path / "pipe", b"new")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(InputError, match=words):
            write_whole(tmp_path / "pipe", bytes(2**21))
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("names", "is_refused"),
    [
        (["a", "a"], True),
        (["a", "b", "./a"], True),
        (["a", "folder/../a"], True),
        (["old", "hard"], True),
        (["old", "link"], True),
        (["a", "dangling"], True),
        (["a", "b", "old"], False),
        (["pipe", "pipe"], False),
        (["/dev/null", "/dev/null"], False),
        (["/dev/stdout", "/dev/stdout"], False),
    ],
)
def test_two_names_of_one_file(
    names: list[str], is_refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "old").write_text("old", "utf-8")
    (tmp_path / "hard").hardlink_to("old")
    (tmp_path / "link").symlink_to("old")
    (tmp_path / "dangling").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    words = f"{Path(names[-1])} would be written twice, the second time over the first: name another file"
    with pytest.raises(InputError, match=f"^{words}$") if is_refused else contextlib.nullcontext():
        check_apart(map(Path, names))


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_a_file_of_our_own_is_for_its_owner_only(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_private(tmp_path / "new", b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    with pytest.raises(ToolError, match=r"gone/new cannot be written: No such file or directory$"):
        write_private(tmp_path / "gone" / "new", b"content")


def test_a_file_that_is_somebodys_descriptor(tmp_path: Path) -> None:
    """It goes on where it is, and is not replaced."""
    with (tmp_path / "log").open("wb") as log:
        log.write(b"before ")
        log.flush()
        write_whole(Path(f"/dev/fd/{log.fileno()}"), b"new ")
        log.write(b"after")
    assert (tmp_path / "log").read_bytes() == b"before new after"


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As of `--values=<(sops -d values.yaml)`, where the first words may take a while."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    line = f"sleep 0.3; printf a; sleep 0.3; head -c {2**21} /dev/zero"
    with subprocess.Popen(["sh", "-c", f"({line}) > {pipe}"]):
        assert read_bytes(pipe) == b"a" + bytes(2**21)


def test_no_file_has_a_name_with_a_null_character() -> None:
    with pytest.raises(InputError, match=r"cannot be read: no name of a file has a null character$"):
        read_bytes(Path("a\0b"))


def test_nobody_waits_for_a_pipe_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2")
    os.mkfifo(tmp_path / "pipe")
    words = r"/pipe cannot be read: nobody has written into it for 0\.2 s \(CHARTGATE_TIMEOUT\)$"
    with pytest.raises(InputError, match=words):
        read_bytes(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        os.write(writer, b"a")
        with pytest.raises(InputError, match=words):
            read_bytes(tmp_path / "pipe")
    finally:
        os.close(writer)


def test_a_device_without_end_is_too_long() -> None:
    with pytest.raises(InputError, match=r"^/dev/zero cannot be read: it is longer than 64 MiB$"):
        read_bytes(Path("/dev/zero"))
