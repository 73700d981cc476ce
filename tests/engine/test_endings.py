"""However a run ends, it ends in one line: no tool goes on, no folder stays, no file is half written."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.system import interruption
from chartgate.system.files import check_writable, write_whole
from chartgate.system.interruption import Stopped, ended_by_signals, undisturbed
from tests.engine.conftest import Project
from tests.engine.toys import HELM_VERSION, MATRIX, TOY, script, write

MAIN = "import sys; from chartgate.commands.main import main; sys.exit(main())"
RENDERED = (
    "printf -- '---\\n# Source: toy/templates/a.yaml\\napiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n'"
)
POLICY = '''
from chartgate.policy.checks import exists
from chartgate.policy.policy import policy

@policy(severity="error", remediation="Give it data.")
def config_has_data(rendering):
    """Every ConfigMap has data."""
    for config in rendering.resources.of_kind("ConfigMap"):
        yield exists(config.place("data"))

CONFIG = "apiVersion: v1\\\\nkind: ConfigMap\\\\nmetadata: {name: a}\\\\ndata: {}\\\\n"

@config_has_data.counterexample(manifests=CONFIG)
def no_data(rendering):
    del rendering.resources[0].manifest["data"]
    return rendering
'''


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a chart, a policy, stand-ins for helm, and a TMPDIR of its own."""
    write(tmp_path / "toy", TOY)
    write(tmp_path / "rules", {"__init__.py": "", "shop/__init__.py": "", "shop/data.py": POLICY})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    script(tmp_path / "quick", HELM_VERSION + RENDERED)
    script(tmp_path / "many", HELM_VERSION + f"for name in b c d e f; do {RENDERED} | sed s/a}}/$name}}/; done")
    # The first is this script, the second what it has started, which keeps the pipes open.
    sleeping = f"sleep 300 & echo $$ $! > {tmp_path}/pids.new; mv {tmp_path}/pids.new {tmp_path}/pids; sleep 300"
    script(tmp_path / "slow", HELM_VERSION + sleeping)
    script(tmp_path / "slow-version", sleeping)
    return tmp_path


def _pids(place: Path) -> list[int]:
    """Wait until a stand-in runs; give it and what it has started."""
    _wait_for((place / "pids").exists)
    return [int(word) for word in (place / "pids").read_text().split()]


def _wait_for(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _is_gone(pid: int) -> bool:
    """Tell whether a process has ended, even where nobody collects it."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z")


@pytest.fixture(autouse=True)
def heard_signals() -> Iterator[None]:
    """Let what is started here hear the signals that a shell lets its work in the background ignore."""
    ignored = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def _check(*arguments: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", MAIN, "check", "--chart=toy", "--policies=rules", *arguments]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("helm", ["slow", "slow-version"])
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 2, "ended by SIGTERM"),
        (signal.SIGHUP, 2, "ended by SIGHUP"),
        (signal.SIGQUIT, 2, "ended by SIGQUIT"),
        (signal.SIGXCPU, 2, "ended by SIGXCPU"),
        (signal.SIGRTMIN + 3, 2, f"ended by signal {signal.SIGRTMIN + 3}"),
    ],
)
def test_a_signal_while_helm_runs(number: int, code: int, said: str, helm: str, place: Path) -> None:
    run = _check(f"--helm=./{helm}", "--output=report.txt")
    pids = _pids(place)
    assert [path.name.partition("-")[0] for path in (place / "tmp").iterdir()] == ["chartgate"]
    # As `timeout` and a terminal do: once to the process, once to its group.
    run.send_signal(number)
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (code, "", f"chartgate: {said}\n")
    assert list((place / "tmp").iterdir()) == []
    _wait_for(lambda: all(map(_is_gone, pids)))
    assert not (place / "report.txt").exists()
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("milliseconds", [40, 60, 80, 100, 150, 200, 300])
def test_ctrl_c_while_chartgate_starts(milliseconds: int, place: Path) -> None:
    """From its first line on; what Python does before that is not ours."""
    code = "import sys, chartgate.commands.main as m; print('on', flush=True); sys.exit(m.main())"
    words = [sys.executable, "-c", code, "check", "--chart=toy", "--policies=rules", "--helm=./slow"]
    run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "on\n"
    time.sleep(milliseconds / 1000 - 0.035)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (130, "", "chartgate: interrupted\n")
    assert list((place / "tmp").iterdir()) == []


def test_a_signal_that_the_caller_ignores(place: Path) -> None:
    """As `nohup` does for SIGHUP, and a shell for SIGINT in the background."""
    line = f"trap '' INT HUP; exec {sys.executable} -c '{MAIN}' check --chart=toy --policies=rules --helm=./slow"
    run = subprocess.Popen(["sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pids = _pids(place)
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert run.poll() is None
    run.send_signal(signal.SIGTERM)
    assert run.communicate(timeout=60) == ("", "chartgate: ended by SIGTERM\n")
    _wait_for(lambda: all(map(_is_gone, pids)))


def test_what_swallows_a_signal_is_ended_by_the_next_one(place: Path) -> None:
    """A signal that comes soon after the first is the same one, sent twice; later, somebody waits in vain."""
    deaf = (
        "try:\n                import time; open('deaf', 'w'); time.sleep(60)\n            except BaseException: pass"
    )
    policy = POLICY.replace("yield exists(config", f"while True:\n            {deaf}\n        yield exists(config")
    write(place, {"rules/shop/data.py": policy})
    run = _check("--helm=./quick")
    _wait_for((place / "deaf").exists)
    run.send_signal(signal.SIGTERM)
    time.sleep(interruption._PATIENCE / 2)
    run.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert run.poll() is None
    started = time.monotonic()
    # Again and again: how soon a busy machine lets it hear the first one, nobody knows.
    while run.poll() is None and time.monotonic() < started + 60:
        time.sleep(0.5)
        run.send_signal(signal.SIGTERM)
    assert run.communicate(timeout=10) == ("", "chartgate: ended by SIGTERM\n")
    assert run.returncode == 2
    assert list((place / "tmp").iterdir()) == []


def test_a_signal_waits_for_what_must_not_be_disturbed() -> None:
    done: list[object] = []
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped) as stopped, ended_by_signals(done.append):
        with undisturbed():
            with undisturbed():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append("inside")
            done.append("between")
        done.append("after")
    assert (done, stopped.value.number) == (["inside", "between"], signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other signals")
def test_every_signal_that_ends_a_process_is_heard() -> None:
    """But for the two that nobody hears, and those that tell of a fault in the process itself."""
    faults = {
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGSEGV,
        signal.SIGSYS,
        signal.SIGTRAP,
    }
    ignored = {signal.SIGPIPE, signal.SIGXFSZ}  # by Python
    ends = set()
    for number in sorted(signal.valid_signals() - faults - ignored - {signal.SIGKILL, signal.SIGSTOP}):
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            sleeper.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                sleeper.wait(0.3)
                ends.add(int(number))
            sleeper.kill()
    assert ends == set(interruption._SIGNALS)


def test_signals_that_somebody_else_listens_to_stay_his() -> None:
    """A time limit of whoever calls `main`, say."""
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: heard.append(number))
    try:
        with ended_by_signals(heard.append):
            os.kill(os.getpid(), signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert heard == [signal.SIGALRM]


def test_ctrl_c_under_pytest(project: Project, tmp_path: Path) -> None:
    helm = script(tmp_path / "helm", HELM_VERSION + f"echo $$ >> {tmp_path}/started; sleep 300")
    words = [sys.executable, "-m", "pytest", "-p", "no:syrupy", "-p", "no:cacheprovider", f"--helm={helm}"]
    run = subprocess.Popen(words, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    _wait_for((tmp_path / "started").exists)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in out
    started = [int(line) for line in (tmp_path / "started").read_text().split()]
    _wait_for(lambda: all(map(_is_gone, started)))
    assert len(started) <= (os.cpu_count() or 1)


FULL = "No space left on device"
OUT = "chartgate: standard output cannot be written to"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("$CHECK > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("$CHECK --format=json > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("$CHECK >&-", 2, "chartgate: standard output is closed: there is nowhere to write to\n"),
        ("$CHECK --chart=gone 2>&-", 2, ""),
        ("$CHECK --chart=gone 2> /dev/full", 2, ""),
        ("$CHECK >&- 2>&- <&-", 2, ""),
        ("{ $CHECK; echo $? > code; } | true; exit $(cat code)", 2, f"{OUT}: Broken pipe\n"),
        ("{ $MAIN risks; echo $? > code; } | true; exit $(cat code)", 2, f"{OUT}: Broken pipe\n"),
        ("$MAIN risks > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("$MAIN --help > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("$MAIN check --help > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("{ $MAIN --version; echo $? > code; } | true; exit $(cat code)", 2, f"{OUT}: Broken pipe\n"),
        ("$MAIN review --explain=data_loss > /dev/full", 2, f"{OUT}: {FULL}\n"),
        ("$CHECK --output=/dev/full > /dev/null", 2, f"chartgate: /dev/full cannot be written: {FULL}\n"),
        ("TMPDIR=$PWD/no $CHECK", 2, "chartgate: {}/no: no temporary folder can be made there: No such file"),
        ("TMPDIR=$PWD/quick $CHECK", 2, "chartgate: {}/quick: no temporary folder can be made there: Not a directory"),
        ("TMPDIR=no $CHECK", 2, "chartgate: {}/no: no temporary folder can be made there: No such file"),
        ("$CHECK --output=.", 2, "chartgate: . cannot be written: it is a folder\n"),
        ("$CHECK --output=toy", 2, "chartgate: toy cannot be written: it is a folder\n"),
        ("$CHECK --output=no/a", 2, "chartgate: no/a cannot be written: there is no folder no\n"),
        ("$CHECK --output=quick/a", 2, "chartgate: quick/a cannot be written: Not a directory\n"),
        ("ln -s l l; $CHECK --output=l", 2, "chartgate: l cannot be written: Too many levels of symbolic links\n"),
        ("ln -s no/a l; $CHECK --output=l", 2, "chartgate: l cannot be written: there is no folder {}/no\n"),
        ("$CHECK --output=$(printf 'a%.0s' $(seq 300))", 2, "cannot be written: File name too long\n"),
        ("$CHECK --output=/dev/fd/9", 2, "chartgate: /dev/fd/9 cannot be written: Bad file descriptor\n"),
        ("$CHECK --output=/dev/stdin < quick", 2, "/dev/stdin cannot be written: it is open for reading only\n"),
        (
            "$CHECK --output=$'a\\x1b[2Jb/x'",
            2,
            "chartgate: a\\x1b[2Jb/x cannot be written: there is no folder a\\x1b[2Jb\n",
        ),
        ("$CHECK --chart=$'a\\n::error::b'", 2, "chartgate: there is no chart at a\n  \\x3a:error::b: name a chart"),
        ("CHARTGATE_TIMEOUT=1e9 $CHECK", 2, "above 0 and up to 86400, a day, not '1e9'\n"),
    ],
)
def test_what_cannot_be_written(line: str, code: int, said: str, place: Path) -> None:
    done = _shell(line)
    said = said.replace("{}", str(place))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr if said else done.stderr == ""
    assert done.stderr.count("\n") <= 1 + said.count("\n  ")
    assert list((place / "tmp").iterdir()) == []
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []


def _shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which $MAIN is chartgate and $CHECK a check that finds something."""
    main = f"{sys.executable} -c '{MAIN}'"
    check = f"{main} check --chart=toy --policies=rules --helm=./quick"
    line = line.replace("$CHECK", check).replace("$MAIN", main)
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("$CHECK --format=json --output=/dev/stdout", "stdout"),
        ("echo before > a; $CHECK --format=json --output=/dev/stdout >> a", "a"),
        ("$CHECK --format=json --output=/dev/stderr 2> a", "a"),
        ("$CHECK --format=json --output=/dev/fd/3 3> a", "a"),
        ("ln -s /dev/fd/3 l; $CHECK --format=json --output=l 3> a", "a"),
        ("$CHECK --format=json --output=>(cat > b); code=$?; while [ ! -s b ]; do :; done; mv b a; exit $code", "a"),
        ("mkfifo p; cat p > a & $CHECK --format=json --output=p; code=$?; wait; exit $code", "a"),
        ("$CHECK --format=json --output=$(printf 'a%.0s' $(seq 250)); code=$?; mv aaa* a; exit $code", "a"),
        ("echo old > t; ln -s t a; $CHECK --format=json --output=a; code=$?; [ -L a ] && exit $code", "t"),
        ("ln -s t a; $CHECK --format=json --output=a; code=$?; [ -L a ] && exit $code", "t"),
        ("PYTHONIOENCODING=ascii LC_ALL=C $CHECK --format=json", "stdout"),
    ],
)
def test_where_a_report_goes(line: str, written: str, place: Path) -> None:
    done = _shell(line)
    assert (done.returncode, done.stderr) == (1, "")
    text = done.stdout if written == "stdout" else (place / written).read_text()
    report = json.loads(text.removeprefix("before\n"))
    assert [finding["policy"] for finding in report["findings"]] == ["config_has_data"]
    is_told = "config_has_data: 1 finding" in done.stdout
    assert is_told is (written != "stdout" and "/dev/stdout" not in line)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("ulimit -f 1; $CHECK --helm=./many --format=json --output=report.json", "report.json"),
        ("ulimit -f 0; $MAIN document toy", "toy/README.md"),
        ("ulimit -f 0; $MAIN pairwise matrix.yaml", "matrix.yaml"),
    ],
)
def test_nothing_is_half_written(line: str, file: str, place: Path) -> None:
    """The limit on the size of files stands for a full disk, which a test cannot have."""
    old = {
        "report.json": "old",
        "toy/README.md": "<!-- values:begin -->\n<!-- values:end -->\n",
        "matrix.yaml": MATRIX.replace("../toy", "toy") + "axes: {a: {x: {}, z: {}}, b: {u: {}, v: {}}}\npairwise: {}\n",
    }
    write(place, old | {"toy/values.yaml": "# -- Loud or plain.\nmode: plain\n", "toy/values.schema.json": "{}"})
    done = _shell(line)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"chartgate: {file} cannot be written: File too large\n"
    assert {name: (place / name).read_text() for name in old} == old
    assert [path.name for path in place.rglob(".*")] == []
    assert list((place / "tmp").iterdir()) == []


@pytest.mark.parametrize("writes", [check_writable, lambda file: write_whole(file, b"new")])
def test_what_may_not_be_written(writes: object, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may do anything, so it is told that it may not."""
    assert callable(writes)
    (place / "old").write_text("old")
    with monkeypatch.context() as patch, pytest.raises(InputError, match="old cannot be written: it is read-only"):
        patch.setattr(os, "access", lambda *_: False)
        writes(place / "old")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(InputError, match="new cannot be written: Permission denied"):
        patch.setattr(os, "open", refuse)
        writes(place / "new")
    assert (place / "old").read_text() == "old"
    assert not (place / "new").exists()


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
def test_who_may_read_what_a_run_writes(umask: str, place: Path) -> None:
    """The chart's copy, its values and helm's output: their owner alone."""
    spy = f"find $TMPDIR -mindepth 1 -printf '%y %m\\n' > {place}/modes; "
    script(place / "spying", HELM_VERSION + spy + RENDERED)
    (place / "toy" / "templates").chmod(0o755)
    done = _shell(f"umask {umask}; $CHECK --helm=./spying --output=a".replace("--helm=./quick", ""))
    assert done.returncode == 1, done.stderr
    assert set((place / "modes").read_text().splitlines()) == {"d 700", "f 600"}
    assert stat.S_IMODE((place / "a").stat().st_mode) == 0o666 & ~int(umask, 8)


def test_a_folder_that_the_chart_protects_is_removed(place: Path) -> None:
    (place / "toy" / "templates").chmod(0o555)
    assert _shell("$CHECK").returncode == 1
    assert list((place / "tmp").iterdir()) == []


def test_a_fault_of_ours_is_told_as_one_without_its_words() -> None:
    """They may hold a secret value."""
    code = (
        "import sys, chartgate.commands.main as m, chartgate.catalogs.risk_catalog as c\n"
        "def broken(_): raise KeyError('t0p-s3cret')\n"
        "c.risk_table = broken\n"
        "sys.exit(m.main(['risks']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("chartgate: this is a fault of chartgate: KeyError at commands/short_commands.py:")
    assert done.stderr.count("\n") == 1
    assert "t0p-s3cret" not in done.stderr


def test_a_signal_that_something_has_wrapped(place: Path) -> None:
    """As Python does with what is raised while it makes a class."""
    code = (
        "import os, signal\nfrom chartgate.commands import command_list, main\n"
        "def wrapped(*_, **__):\n"
        "    try:\n        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except BaseException as error:\n        raise RuntimeError from error\n"
        "command_list.COMMANDS.main = wrapped\nmain.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "chartgate: interrupted\n")
