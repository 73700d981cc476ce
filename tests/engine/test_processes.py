"""A tool that is missing, broken or silent is an error with its name, never a traceback and never a wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chartgate.errors import InputError, ToolError
from chartgate.system.processes import start
from tests.engine.toys import script


def test_output_is_bytes_as_they_came(tmp_path: Path) -> None:
    tool = script(tmp_path / "tool", "cat; printf 'a \\r\\n\\377\\n' ; printf 'w\\344rning \\n' >&2; exit 3")
    output = start([tool, "-x"], stdin=b"in \n")
    assert (output.command, output.exit_code) == ((str(tool), "-x"), 3)
    assert (output.stdout, output.stderr) == (b"in \na \r\n\xff\n", b"w\xe4rning \n")
    assert output.errors == "w�rning \n"


def test_environment_is_what_is_given(tmp_path: Path) -> None:
    tool = script(tmp_path / "tool", 'echo "$HOME-$OTHER"')
    assert start([tool], environment={"OTHER": "x"}).stdout == b"-x\n"


def _broken(folder: Path) -> Path:
    file = folder / "broken"
    file.write_bytes(b"\x7fELF")
    file.chmod(0o755)
    return file


def _not_executable(folder: Path) -> Path:
    file = script(folder / "not-executable", "exit")
    file.chmod(0o644)
    return file


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "nobody", "/nobody is not there: run `chartgate provision`, or name another"),
        (lambda folder: folder, " cannot be started: "),
        (_broken, "/broken cannot be started: [Errno 8] Exec format error"),
        # Also root may not execute a file that has no x bit at all.
        (_not_executable, "/not-executable cannot be started: [Errno 13] Permission denied"),
    ],
    ids=["missing", "folder", "no program", "not executable"],
)
def test_what_cannot_be_started(make: object, message: str, tmp_path: Path) -> None:
    assert callable(make)
    with pytest.raises(ToolError) as error:
        start([make(tmp_path)])
    assert message in str(error.value)


def test_a_tool_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2")
    tool = script(tmp_path / "tool", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    with pytest.raises(ToolError, match=r"tool template x was stopped: no answer within 0\.2 s"):
        start([tool, "template", "x"])
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    "text", ["soon", "-1", "0", "1e3", "0.0", ".", "nan", "inf", "1e9", "86401", "9" * 5000, "\uff11"]
)
def test_a_time_limit_that_is_not_one(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", text)
    with pytest.raises(InputError, match=r"^CHARTGATE_TIMEOUT is a number of seconds above 0 and"):
        start([script(tmp_path / "tool", "exit")])
