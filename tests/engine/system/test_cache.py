"""An output is made once, however many ask for it, and never half."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chartgate.errors import ToolError
from chartgate.system.cache import OutputCache

rename = os.replace
WORKER = """
import sys, time
from pathlib import Path
from chartgate.system.cache import OutputCache

def produce():
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    time.sleep(0.05)
    return b"output"

runs = OutputCache(Path(sys.argv[1]))
assert [runs.once(key, produce) for key in ("a", "b", "a")] == [b"output"] * 3
"""


def test_threads_share_one_run(tmp_path: Path) -> None:
    made: list[str] = []

    def ask(key: str) -> bytes:
        def produce() -> bytes:
            made.append(key)
            return key.encode()

        return OutputCache(tmp_path / "runs").once(key, produce)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, ["a", "b"] * 20)) == [b"a", b"b"] * 20
    assert sorted(made) == ["a", "b"]


@pytest.mark.parametrize("is_shared", [True, False], ids=["for all processes", "for one"])
def test_an_output_is_there_once_it_is_whole(is_shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds the file reads it without a lock."""
    seen: list[tuple[bytes, bool]] = []

    def replace(part: Path | str, whole: Path | str) -> None:
        seen.append((Path(part).read_bytes(), (tmp_path / "a").exists()))
        rename(part, whole)

    monkeypatch.setattr(os, "replace", replace)
    assert OutputCache(tmp_path, is_shared=is_shared).once("a", lambda: b"output") == b"output"
    assert seen == [(b"output", False)]


def test_processes_share_one_run(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path / "runs"), str(tmp_path / "log")]
    workers = [subprocess.Popen(command) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "made\nmade\n"


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    runs = OutputCache(tmp_path)

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        runs.once("a", fail)
    assert runs.once("a", lambda: b"yes") == b"yes"
    assert runs.once("a", fail) == b"yes"


def test_the_first_failure_of_a_tool_is_the_one_told(tmp_path: Path) -> None:
    runs = OutputCache(tmp_path)

    def fail_first() -> bytes:
        raise ToolError("helm was stopped: no answer within 1 s")

    def fail_as_a_consequence() -> bytes:
        with pytest.raises(ToolError, match="no answer"):
            runs.once("b", fail_first)
        raise ToolError("helm was ended by SIGKILL")

    for key in ("a", "a", "c"):
        with pytest.raises(ToolError, match=r"^helm was stopped: no answer within 1 s$"):
            runs.once(key, fail_as_a_consequence)
