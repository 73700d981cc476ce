"""A tool that is missing, broken or silent is an error with its name, never a traceback and never a wait."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chartgate.errors import InputError, ToolError
from chartgate.system.conversations import Conversation
from chartgate.system.parallel import worker_threads
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


def test_a_tool_that_writes_without_end(tmp_path: Path) -> None:
    for stream in ("", ">&2"):
        tool = script(tmp_path / "tool", f"echo $$ > {tmp_path}/pid; yes {stream}")
        with pytest.raises(ToolError, match=r"tool x was stopped: it wrote more than 1 MiB$"):
            start([tool, "x"], most=2**20)
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


_GOROUTINE = "\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5 +0x1d\nexit status 2\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"level=WARN msg=x\npanic: boom{_GOROUTINE}", "tool itself broke (panic): boom"),
        (
            f"panic: runtime error: index out of range [3] with length 3 [recovered]\n\tpanic: again{_GOROUTINE}",
            "tool itself broke (panic): runtime error: index out of range [3] with length 3",
        ),
        (
            "runtime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0xc0 stack=[0xc0, 0xd0]\n"
            "fatal error: stack overflow\n\nruntime stack:\nruntime.throw()\n\n"
            "goroutine 1 gp=0xc0000061c0 m=2 mp=0xc00007c708 [running]:\nmain.main()\n",
            "tool itself broke (fatal error): stack overflow",
        ),
        (f"panic: {'x' * 5000}{_GOROUTINE}", f"tool itself broke (panic): {'x' * 300}"),
        # What a template's `fail` says is helm's refusal.
        ("Error: execution error at (a.yaml:1:4): panic: no\n", "Error: execution error at (a.yaml:1:4): panic: no\n"),
        ("panic: said by a template\n", "panic: said by a template\n"),
    ],
    ids=["panic", "recovered", "stack overflow", "long", "refusal", "no stack"],
)
def test_a_program_of_go_that_breaks(written: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "written").write_text(written)
    tool = script(tmp_path / "tool", f"cat {tmp_path}/written >&2; exit 2")
    assert start([tool]).errors == said
    quiet = script(tmp_path / "quiet", f"cat {tmp_path}/written >&2")
    assert start([quiet]).errors == written


def test_a_tool_that_reads_and_writes_at_once(tmp_path: Path) -> None:
    """More than fits into a pipe, both ways."""
    text = b"0123456789abcdef" * 2**18
    assert start([script(tmp_path / "tool", "tee /dev/stderr")], stdin=text).stderr == text


def test_a_tool_that_does_not_read(tmp_path: Path) -> None:
    assert start([script(tmp_path / "tool", "exec <&-; echo done")], stdin=b"x" * 2**20).stdout == b"done\n"


def test_what_a_tool_has_started_ends_with_it(tmp_path: Path) -> None:
    """Also where it keeps the pipes open, for which nobody waits."""
    tool = script(tmp_path / "tool", f"sleep 60 & echo $! > {tmp_path}/pid; echo done")
    began = time.monotonic()
    assert start([tool]).stdout == b"done\n"
    assert time.monotonic() - began < 30
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", (tmp_path / "pid").read_text().strip()], capture_output=True, text=True, check=False
    ).stdout
    assert not state or state.startswith("Z")


def test_what_a_tool_has_started_may_finish_its_words(tmp_path: Path) -> None:
    assert start([script(tmp_path / "tool", "(sleep 0.3; echo last) & echo first")]).stdout == b"first\nlast\n"


def test_a_tool_that_closes_its_ends_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.3")
    with pytest.raises(ToolError, match=r"was stopped: no answer within 0\.3 s"):
        start([script(tmp_path / "tool", "exec >&- 2>&-; sleep 60")])


def test_a_tool_has_no_terminal_to_ask_at(tmp_path: Path) -> None:
    assert start([script(tmp_path / "tool", "cat < /dev/tty")]).exit_code != 0


@pytest.mark.parametrize("argument", ["a\0b", "\ud800"])
def test_an_argument_that_no_system_takes(argument: str) -> None:
    with pytest.raises(ToolError, match=r"^cat cannot be started: "):
        start(["cat", argument])


def test_an_error_in_one_thread_ends_the_tools_of_all(tmp_path: Path) -> None:
    tool = script(tmp_path / "tool", f"echo $$ >> {tmp_path}/pids; exec sleep 60")
    began = time.monotonic()
    with pytest.raises(ValueError, match="enough"), worker_threads() as pool:
        runs = [pool.submit(start, [tool]) for _ in range(20)]
        while not (tmp_path / "pids").exists():
            time.sleep(0.01)
        raise ValueError("enough")
    assert time.monotonic() - began < 30
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) <= (os.cpu_count() or 1)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert all(run.cancelled() or run.result().exit_code == -9 for run in runs)


def test_each_thread_of_a_conversation_gets_its_own_answer_and_all_the_same_end() -> None:
    program = (
        "import sys\nfor line in sys.stdin:\n  print({'end\\n': sys.exit}.get(line, line.strip)() + '!', flush=True)"
    )
    conversation = Conversation([sys.executable, "-c", program], dict(os.environ))
    with ThreadPoolExecutor(8) as pool:
        asked = [f"{number}".encode() for number in range(40)]
        assert list(pool.map(lambda text: conversation.ask(text, 60), asked)) == [text + b"!" for text in asked]
    for text in (b"end", b"a"):
        with pytest.raises(ToolError, match="no answer"):
            conversation.ask(text, 60)
