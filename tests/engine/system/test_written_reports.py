"""What a run writes: whole or not at all, where it should, and one line where that cannot be."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.system.files import check_writable, write_whole
from tests.engine.ended_runs import MAIN, RENDERED, prepare
from tests.engine.toys import HELM_VERSION, MATRIX, script, write


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


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
        ("$CHECK --output=$'a\\x1b[2Jb'", 2, "chartgate: --output has a value with control characters: 'a\\x1b[2Jb'\n"),
        ("$MAIN check --chart=$'a\\n::error::b'", 2, "--chart has a value with control characters: 'a\\n"),
        ("$CHECK --report=json=a --report=html=./a", 2, "chartgate: a would be written twice, the second time over"),
        ("$CHECK --report=json=a --output=a", 2, "chartgate: a would be written twice, the second time over the first"),
        ("$CHECK --accept --baseline=a --output=a", 2, "chartgate: a would be written twice, the second time over"),
        ("mkfifo p; CHARTGATE_TIMEOUT=1 $CHECK --output=p", 2, "chartgate: p cannot be written: nobody has read from"),
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
    """Run a line of bash, in which $MAIN is chartgate and $CHECK a check that finds something, with $HELM."""
    main = f"{sys.executable} -c '{MAIN}'"
    check = f"{main} check --chart=toy --policies=rules --helm=${{HELM:-./quick}}"
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
    is_told = "  error: config_has_data: " in done.stdout
    assert is_told is (written != "stdout" and "/dev/stdout" not in line)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("ulimit -f 1; HELM=./many; $CHECK --format=json --output=report.json", "report.json"),
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
    done = _shell(f"umask {umask}; HELM=./spying; $CHECK --output=a")
    assert done.returncode == 1, done.stderr
    assert set((place / "modes").read_text().splitlines()) == {"d 700", "f 600"}
    assert stat.S_IMODE((place / "a").stat().st_mode) == 0o666 & ~int(umask, 8)


def test_a_folder_that_the_chart_protects_is_removed(place: Path) -> None:
    (place / "toy" / "templates").chmod(0o555)
    assert _shell("$CHECK").returncode == 1
    assert list((place / "tmp").iterdir()) == []
