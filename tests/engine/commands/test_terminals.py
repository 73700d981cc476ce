"""What only a person at a terminal sees: a line of progress, and errors in red."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from chartgate.commands import progress
from chartgate.commands.progress import Progress
from chartgate.reports.fitted_lines import fitted
from tests.engine.conftest import Project

MAIN = "import sys; from chartgate.commands.main import main; sys.exit(main())"
WORK = """
import sys
from chartgate.commands.progress import Progress
shown = Progress(sys.stderr)
shown("rendered", 9, 10)
shown._next = 0
shown("judged", 1, 2)
shown.clear()
shown.clear()
print("rich" in sys.modules)
"""
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
ERASE = "\x1b[2K"


def _at_a_terminal(code: str, *arguments: str, **environment: str) -> tuple[str, str]:
    """Run code whose stderr is a terminal; give what it writes to stdout, and what it shows there."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**inherited, "TERM": "xterm-256color", **environment},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = _all_of(ours)
    written, _ = process.communicate(timeout=60)
    return written, shown


def _all_of(terminal: int) -> str:
    shown = b""
    while block := _read(terminal):
        shown += block
    os.close(terminal)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody writes there any longer
        return b""


def test_progress_at_a_terminal() -> None:
    written, shown = _at_a_terminal(WORK)
    assert written == "True\n"
    assert re.search(r"rendered 9 of 10 .*judged 1 of 2 ", shown, re.DOTALL)
    assert COLOUR.search(shown)
    assert ERASE in shown.rpartition("judged")[2]
    assert "\n\n" not in shown.replace("\r", "")


def test_progress_without_colours() -> None:
    work = WORK.replace('"judged", 1, 2', '"1 red; judged", 1, 2, lambda: "the_first: Service [red]a\\nb"')
    written, shown = _at_a_terminal(work, NO_COLOR="1", COLUMNS="120")
    assert written == "True\n"
    assert re.search(r"1 red; judged 1 of 2 [^\n]*\r?\nthe_first: Service \[red\]a\\nb", shown)
    assert not COLOUR.search(shown)


@pytest.mark.parametrize("columns", ["40", "20"])
def test_a_narrow_terminal_has_one_line_of_progress(columns: str) -> None:
    work = WORK.replace(
        '"judged", 1, 2', '"12759 red; judged", 12920, 13051, lambda: "the_first_of_them: Service [red]shop"'
    )
    _, shown = _at_a_terminal(work, COLUMNS=columns, NO_COLOR="1")
    lines = re.split(r"[\r\n]+|\x1b\[[0-9?]*[A-Za-z]", shown)
    assert max(map(len, lines)) <= int(columns)
    assert "\n\n" not in shown.replace("\r", "")
    assert shown.endswith(ERASE)


@pytest.mark.parametrize("terminal", ["dumb", "unknown"])
def test_no_progress_at_a_terminal_that_cannot_rewrite_a_line(terminal: str) -> None:
    assert _at_a_terminal(WORK, TERM=terminal) == ("False\n", "")


def test_no_progress_in_a_file() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_written_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = _Terminal()
    shown = Progress(stream)
    for number in range(1000):
        shown("judged", number, 1000)
    shown.clear()
    assert 0 < stream.getvalue().count("judged") < 100


def test_each_step_is_shown_where_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_SECONDS", 0.0)
    stream = _Terminal()
    shown = Progress(stream)
    for number in range(3):
        shown("compared", number, 3)
    shown.clear()
    assert list(dict.fromkeys(re.findall(r"compared \d of 3", stream.getvalue()))) == [
        "compared 0 of 3",
        "compared 1 of 3",
        "compared 2 of 3",
    ]


def test_a_run_at_a_terminal(project: Project) -> None:
    """The line of progress is gone when the report comes, and no sign of it is in the report."""
    written, shown = _at_a_terminal(MAIN, "check", "--policies=rules", f"--helm={project.helm.path}")
    assert re.search(r"prepared 1 of \d+ .*judged 1 of \d+ ", shown, re.DOTALL)
    assert shown.endswith(ERASE)
    assert written.startswith("chart: toy 1.2.3 at toy; helm 4.2.3 at ")
    assert "\x1b" not in written


def test_a_report_fits_a_narrow_terminal(project: Project) -> None:
    """What is to be copied is in one line all the same."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", MAIN, "check", "--policies=rules", f"--helm={project.helm.path}"]
    with subprocess.Popen(
        command, env={**os.environ, "COLUMNS": "40", "NO_COLOR": "1"}, stdout=theirs, stderr=subprocess.DEVNULL
    ):
        os.close(theirs)
        lines = _all_of(ours).replace("\r", "").splitlines()
    long = [line for line in lines if len(line) > 40]
    assert lines[-1].startswith("  ")
    assert [line for line in long if " " in line.strip() and "see it again: " not in line] == []


@pytest.mark.parametrize(
    ("line", "columns", "shown"),
    [
        ("  error: a_policy: Its title.", 30, ["  error: a_policy: Its title."]),
        ("  error: a_policy: Its title.", 24, ["  error: a_policy: Its", "    title."]),
        ("    what to do: a-b-c-d e", 22, ["    what to do:", "      a-b-c-d e"]),
        ("    see it again: chartgate scenarios off", 20, ["    see it again: chartgate scenarios off"]),
        (f"      {'a' * 30} b", 20, [f"      {'a' * 30}", "        b"]),
        (f"{' ' * 18}a b c", 20, [f"{' ' * 18}a", f"{' ' * 10}b c"]),
        ("a b", 2, ["a b"]),
        ("", 40, [""]),
    ],
)
def test_a_line_goes_on_below_where_it_began(line: str, columns: int, shown: list[str]) -> None:
    assert fitted(f"{line}\n", columns).split("\n") == [*shown, ""]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  error: a_policy: error: b", "\x1b[31m  error\x1b[0m: a_policy: error: b"),
        ("  warning: a_policy", "\x1b[33m  warning\x1b[0m: a_policy"),
        (
            "  written by a/b.yaml:3-4; see c/_d.tpl:5",
            "  written by \x1b[1ma/b.yaml:3-4\x1b[0m; see \x1b[1mc/_d.tpl:5\x1b[0m",
        ),
        (
            "    see it again: chartgate check --chart=a/b.yaml:3",
            "    see it again: chartgate check --chart=a/b.yaml:3",
        ),
    ],
)
def test_severities_and_lines_stand_out(line: str, shown: str) -> None:
    assert fitted(f"{line}\n", 200, is_coloured=True) == f"{shown}\n"


@pytest.mark.parametrize(
    ("environment", "is_red"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
@pytest.mark.parametrize("arguments", [["values"], ["values", "--format"]])
def test_what_is_wrong_is_red(arguments: list[str], environment: dict[str, str], is_red: bool) -> None:
    written, shown = _at_a_terminal(MAIN, *arguments, **environment)
    assert written == ""
    message = shown.replace("\r", "").splitlines()[-1]
    assert message.startswith("\x1b[31mchartgate: " if is_red else "chartgate: ")
    assert ("\x1b" in shown) is is_red


def test_what_is_wrong_is_plain_in_a_file() -> None:
    done = subprocess.run([sys.executable, "-c", MAIN, "values"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert (done.stdout, done.stderr) == (
        "",
        "chartgate: name a scenario, or a file with --infrastructure=FILE: one of the two\n",
    )
