"""What earlier runs made: private, bounded, shared; whatever is wrong with its file, a run goes on without it."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.system import store_file
from chartgate.system.store import Store, key_of
from chartgate.system.store_file import NAME as FILE
from chartgate.system.store_file import clear


def put(folder: Path, **contents: str) -> Store:
    store = Store(folder)
    for key, content in contents.items():
        store.put(key, content.encode())
    store.close()
    return store


def got(folder: Path, *keys: str) -> list[str | None]:
    store = Store(folder)
    found = [store.get(key) for key in keys]
    store.close()
    return [None if content is None else content.decode() for content in found]


def changed(folder: Path, statement: str, *given: object) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute(statement, given)
    connection.close()


@pytest.mark.parametrize("content", ["", "a", "x" * 100_000])
def test_what_was_put_is_there_for_this_run_and_the_next(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path / "a" / "made")
    store.put("key", content.encode())
    assert store.get("key") == content.encode()
    store.close()
    assert store.get("key") is None
    assert got(tmp_path / "a" / "made", "key", "other") == [content, None]


def test_a_store_without_a_folder_has_nothing() -> None:
    store = Store(None)
    store.put("key", b"a")
    store.close()
    assert (store.get("key"), store.is_used, store.size(), store.note) == (None, False, None, "")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_it_is_for_its_owner_only(tmp_path: Path, umask: int) -> None:
    """Whatever the mask is, and where folder and file are there already with other modes."""
    (tmp_path / "made").mkdir()
    (tmp_path / "made").chmod(0o755)
    (tmp_path / "made" / FILE).touch()
    (tmp_path / "made" / FILE).chmod(0o644)
    before = os.umask(umask)
    try:
        put(tmp_path / "made", key="a")
        put(tmp_path / "new" / "made", key="a")
    finally:
        os.umask(before)
    for folder in (tmp_path / "made", tmp_path / "new" / "made"):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_what_belongs_to_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, key="a")
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    store = Store(tmp_path)
    assert store.get("key") is None
    assert "belongs to somebody else" in store.note


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "theirs", key="a")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / FILE).symlink_to(tmp_path / "theirs" / FILE)
    store = Store(tmp_path / "made")
    assert store.get("key") is None
    assert store.note.startswith("what earlier runs made cannot be used, so all is made anew: ")


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        ("UPDATE made SET value = CAST(substr(value, 1, length(value) - 1) || x'21' AS BLOB)", ()),
        ("UPDATE made SET value = CAST(value AS TEXT) || x'ff'", ()),
        ("UPDATE made SET value = CAST(x'0000000000000000' || x'00' || value AS BLOB)", ()),
        ("UPDATE made SET value = ?", ("text",)),
        ("UPDATE made SET value = 7", ()),
        ("UPDATE made SET value = NULL", ()),
        ("UPDATE made SET value = x''", ()),
        ("UPDATE made SET value = (SELECT value FROM made WHERE key = 'other')", ()),
        ("DELETE FROM made WHERE key = 'key'", ()),
    ],
)
def test_what_nobody_put_there_is_not_there(tmp_path: Path, statement: str, given: tuple[object, ...]) -> None:
    put(tmp_path, key="a" * 1000, other="b" * 1000)
    changed(tmp_path, statement, *given)
    assert got(tmp_path, "key") == [None]
    put(tmp_path, key="made again")
    assert got(tmp_path, "key") == ["made again"]


def _garbage(folder: Path) -> None:
    (folder / FILE).write_bytes(b"garbage " * 1000)


def _half(folder: Path) -> None:
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content[: len(content) // 2])


def _other_tables(folder: Path) -> None:
    changed(folder, "DROP TABLE made")
    changed(folder, "CREATE TABLE others (a)")


def _other_version(folder: Path) -> None:
    changed(folder, "PRAGMA user_version=99")


def _a_folder(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()


@pytest.mark.parametrize("damage", [_garbage, _half, _other_tables, _other_version, _a_folder])
def test_a_damaged_file_is_told_once_and_done_without(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    put(tmp_path, **{f"key{number}": "a" * 5000 + str(number) for number in range(200)})
    damage(tmp_path)
    store = Store(tmp_path)
    assert [store.get(f"key{number}") for number in (0, 199)] == [None, None]
    store.put("key", b"a")
    store.close()
    assert store.note.startswith(f"what earlier runs made cannot be used, so all is made anew: {tmp_path}: ")
    assert store.note.endswith(
        " (`chartgate cache clear` removes it, CHARTGATE_CACHE names another, --no-cache does without)"
    )


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = put(tmp_path / "file" / "made", key="a")
    assert "Not a directory" in store.note


def test_a_cache_that_cannot_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The superuser of a test may write anywhere, so the system says no in its place."""
    put(tmp_path, key="a")
    opened = os.open

    def refused(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refused)
    store = put(tmp_path, other="b")
    assert store.note == ""
    assert got(tmp_path, "key", "other") == ["a", None]


_WRITES = """
import sys, resource
from pathlib import Path
from chartgate.system.store import Store
store = Store(Path(sys.argv[1]))
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
print("begun", flush=True)
for number in range(int(sys.argv[3])):
    store.put(f"{sys.argv[2]}{number}", (f"{number} " * 2000).encode())
    if sys.argv[2] == "killed" and number % 5 == 4:
        store.close()
        store = Store(Path(sys.argv[1]))
store.close()
print(store.note)
"""


def _writing(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITES, str(folder), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_full_disk(tmp_path: Path) -> None:
    """The limit of a file's size is the full disk of one process."""
    put(tmp_path, key="a")
    with _writing(tmp_path, "full", 3000) as writing:
        said, _ = writing.communicate(timeout=60)
    assert writing.returncode == 0
    assert "what earlier runs made cannot be used, so all is made anew" in said
    assert got(tmp_path, "key") == ["a"]


def test_two_runs_at_once(tmp_path: Path) -> None:
    with _writing(tmp_path, "one", 300) as one, _writing(tmp_path, "two", 300) as two:
        assert [process.communicate(timeout=60)[0] for process in (one, two)] == ["begun\n\n"] * 2
    assert [name for name in ("one", "two") if None in got(tmp_path, *(f"{name}{n}" for n in range(300)))] == []


def test_a_run_that_is_killed_while_it_writes(tmp_path: Path) -> None:
    with _writing(tmp_path, "killed", 100_000) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == "begun\n"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and got(tmp_path, "killed9") == [None]:
            time.sleep(0.02)
        writing.send_signal(signal.SIGKILL)
    assert got(tmp_path, "killed0", "killed9") == ["0 " * 2000, "9 " * 2000]
    put(tmp_path, key="a")
    assert got(tmp_path, "key") == ["a"]


def test_one_that_others_keep_busy_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, key="a")
    monkeypatch.setattr(store_file, "_LOCKED", 0.05)
    connection = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    store = Store(tmp_path)
    assert store.get("key") is None
    store.put("other", b"b")
    store.close()
    connection.close()
    assert store.note == ""
    assert got(tmp_path, "key", "other") == ["a", None]


def fill(folder: Path, numbers: range) -> None:
    store = Store(folder, limit=2**20)
    for number in numbers:
        store.put(f"key{number}", os.urandom(10_000))
    store.close()
    assert store.note == ""


def test_what_nobody_asks_for_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, range(80))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    assert got_any(tmp_path, "key0") == [True]
    fill(tmp_path, range(80, 120))
    assert got_any(tmp_path, "key0", "key1", "key119") == [True, False, True]


def test_it_is_bounded_where_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, range(80))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 400 * 86_400)
    fill(tmp_path, range(80, 120))
    size = Store(tmp_path).size()
    assert size is not None
    assert size.bytes < 2**20
    assert got_any(tmp_path, "key0", "key79", "key80", "key119") == [False, True, True, True]


def test_what_was_made_last_counts_whatever_the_clock_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, key="first", other="b")
    now = time.time()
    os.utime(tmp_path / FILE, (now + 86_400, now + 86_400))
    store = Store(tmp_path)
    store.put("key", b"second")
    monkeypatch.setattr(time, "time", lambda: now - 400 * 86_400)
    assert (store.get("key"), store.get("other")) == (b"second", b"b")
    store.close()
    assert (store.note, got(tmp_path, "key", "other")) == ("", ["second", "b"])


def got_any(folder: Path, *keys: str) -> list[bool]:
    store = Store(folder)
    found = [store.get(key) is not None for key in keys]
    store.close()
    return found


def test_something_huge_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=160_000)
    store.put("key", b"a" * 10_001)
    store.put("other", b"a" * 10_000)
    store.close()
    assert got(tmp_path, "key", "other") == [None, "a" * 10_000]


def test_clearing_removes_the_files_of_all_versions_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, key="a")
    (tmp_path / "made-0.sqlite").write_bytes(b"1234")
    (tmp_path / "mine").touch()
    assert clear(tmp_path) > 4
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]
    assert clear(tmp_path / "none") == 0
    with pytest.raises(NotADirectoryError):  # as with one that nobody may look into
        clear(tmp_path / "mine")


def test_equal_parts_have_one_key() -> None:
    parts: list[tuple[object, ...]] = [
        ("a", "b"),
        ("ab",),
        (["a"], "b"),
        ("a", 1),
        ("a", "1"),
        ("a", True),
        ("a", None),
    ]
    assert len({key_of(*each) for each in parts}) == len(parts)
    assert key_of("a", ["b", 1]) == key_of("a", ["b", 1])
