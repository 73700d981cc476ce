"""However a run ends, it ends in one line: no tool goes on, and no folder stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

from chartgate.system import interruption
from chartgate.system.interruption import Stopped, ended_by_signals, undisturbed
from tests.engine.conftest import Project
from tests.engine.ended_runs import MAIN, POLICY, prepare
from tests.engine.toys import HELM_VERSION, script, write

pytestmark = pytest.mark.usefixtures("heard_signals")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


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


def test_a_signal_in_a_place_that_swallows_it_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Python says of an exception in a callback that it is ignored, to a person who has only asked for the end."""

    class Thing:
        pass

    thing = Thing()
    swallowing = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(Stopped), ended_by_signals(lambda _: None):
        del thing
        assert swallowing() is None
        interruption.raise_what_came()
    assert capsys.readouterr() == ("", "")
    assert sys.unraisablehook.__module__ != interruption.__name__


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


def test_a_policy_without_an_end_is_named(place: Path) -> None:
    endless = "open('on', 'w').close()\n        while True:\n            pass\n        yield exists(config"
    write(place, {"rules/shop/data.py": POLICY.replace("yield exists(config", endless)})
    run = _check("--helm=./quick")
    _wait_for((place / "on").exists)
    run.send_signal(signal.SIGINT)
    said = "chartgate: interrupted while the policy config_has_data judged\n"
    assert run.communicate(timeout=60) == ("", said)


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
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:syrupy",
        "-p",
        "no:hypothesispytest",
        "-p",
        "no:cacheprovider",
        f"--helm={helm}",
    ]
    run = subprocess.Popen(words, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    _wait_for((tmp_path / "started").exists)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in out
    started = [int(line) for line in (tmp_path / "started").read_text().split()]
    _wait_for(lambda: all(map(_is_gone, started)))
    assert len(started) <= (os.cpu_count() or 1)


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


def test_a_signal_that_python_swallows_ends_the_run_all_the_same(place: Path) -> None:
    """What is raised in the callback of a weak reference goes nowhere; imports have such callbacks."""
    code = (
        "import os, signal, sys, weakref, chartgate.commands.main as m, chartgate.system.toolchain as t\n"
        "class Thing: pass\n"
        "def find(*a, real=t.find, **k):\n"
        "    thing = Thing()\n"
        "    seen = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))\n"
        "    del thing\n"
        "    print('on', flush=True)\n"
        "    return real(*a, **k)\n"
        "import chartgate.matrix.choice as c\n"
        "c.find = find\n"
        "sys.unraisablehook = lambda _: None\n"
        "sys.exit(m.main())"
    )
    words = [sys.executable, "-c", code, "check", "--chart=toy", "--policies=rules", "--helm=./slow"]
    run = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (2, "on\n", "chartgate: ended by SIGTERM\n")
    assert list((place / "tmp").iterdir()) == []
