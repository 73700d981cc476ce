"""A folder is known by its content; what is no file in it is not read, for it may have no end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import chartgate
from chartgate.system.folder_digests import _may_have_changed, folder_digest
from tests.engine.toys import write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of code that is older than this process."""
    written = write(tmp_path / "rules", {"__init__.py": "", "names.py": "A = 1\n"})
    _start_after(written, monkeypatch)
    return written


def _start_after(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process begin at the next tick of the clock by which files are dated."""
    last = max(file.stat().st_ctime_ns for file in folder.iterdir())
    while (start := chartgate.clock_of_files()) <= last:
        pass
    monkeypatch.setattr(chartgate, "STARTED", start)


def test_it_is_known_by_its_content(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = folder_digest(folder)
    (folder / "names.py").write_text("A = 2\n")
    _start_after(folder, monkeypatch)
    assert len(before) == len(folder_digest(folder)) > 0
    assert folder_digest(folder) != before


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        lambda file: file.symlink_to("/dev/zero"),
        lambda file: file.symlink_to("gone.py"),
        lambda file: file.symlink_to(file.name),
        lambda file: file.symlink_to(".."),
        lambda file: file.touch(),
        lambda file: _holey(file, 2**40),
    ],
    ids=[
        "a pipe",
        "a device",
        "a link to nothing",
        "a link to itself",
        "a link to a folder",
        "a file of just now",
        "a file of a terabyte",
    ],
)
def test_what_cannot_be_told_is_not_kept(make: Callable[[Path], None], folder: Path) -> None:
    make(folder / "more.py")
    assert folder_digest(folder) == ""


def _holey(file: Path, size: int) -> None:
    file.touch()
    os.truncate(file, size)
    os.utime(file, (1, 1))


def test_what_changes_after_the_start_is_not_dated_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tick of the kernel, whose time files get."""
    for number in range(100):
        monkeypatch.setattr(chartgate, "STARTED", chartgate.clock_of_files())
        (folder / "names.py").write_text(f"A = {number}\n")
        assert folder_digest(folder) == ""
    os.utime(folder / "names.py", (1, 1))
    assert folder_digest(folder) == "", "its time was put back"


def test_a_clock_that_was_set_back_dates_nothing_before_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = 3600 * 10**9
    monkeypatch.setattr(chartgate, "STARTED", chartgate.STARTED + hour)
    monkeypatch.setattr(chartgate, "_AHEAD", chartgate.clock_ahead() + hour)
    assert folder_digest(folder) != ""
    (folder / "names.py").write_text("A = 2\n")
    assert folder_digest(folder) == ""


@pytest.mark.parametrize(
    ("changed", "made", "may"), [(5.5, 1, False), (1, 5.5, False), (7, 1, True), (5, 1, True), (1, 7.5, True)]
)
def test_a_time_in_whole_seconds_may_be_two_too_early(
    changed: float, made: float, may: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As FAT has them."""
    monkeypatch.setattr(chartgate, "STARTED", 7 * 10**9)
    times = {"st_mtime_ns": int(changed * 10**9), "st_ctime_ns": int(made * 10**9)}
    assert _may_have_changed(SimpleNamespace(**times)) is may  # type: ignore[arg-type]
