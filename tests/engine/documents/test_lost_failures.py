"""Which scripts lose the failure of a command: a real shell, in which that command fails, ends well."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chartgate.documents.shell.lost_failures import lost_failure
from tests.engine.toys import script

NOTHING: frozenset[str] = frozenset()
# What fails in these is `fails`.
LOST = [
    "fails; echo",
    "fails\necho",
    "fails && echo; echo",
    "echo && fails; echo",
    "if echo; then fails; echo; fi",
    "if echo; then fails; fi; echo",
    "if echo; then echo; else echo; fi\nfails\necho done",
    "case x in x) fails;; esac; echo",
    "for item in 1 2; do fails; echo; done",
    "act() { fails; echo; }; act",
    "{ fails; echo; }",
    "(fails; echo)",
    "fails | gzip > /dev/null",
    "set -e; fails | gzip > /dev/null; echo",
    "fails || true",
    "set -e; echo; fails || :",
    "set -e; if echo; then echo there; else fails || yes; fi",
    "echo; fails || true; echo done",
    "while read -r line; do fails; echo; done < /etc/passwd",
    "fails > /dev/null 2>&1; echo",
    "exec > /dev/null; fails; echo",
    "fails --bootstrap here; echo",
]
SEEN = [
    "fails",
    "echo; fails",
    "echo && fails",
    "set -e; fails; echo",
    "set -eu\nfails\necho",
    "set -o errexit; fails; echo",
    "fails || exit 1; echo",
    "fails || { echo no; exit 1; }; echo",
    "if ! fails; then exit 1; fi; echo",
    "if fails; then echo; else exit 2; fi; echo",
    "fails; code=$?; echo; exit $code",
    "if echo; then fails; exit 1; fi",
    "mkdir -p /tmp; fails",
    "echo begin; sleep 0; fails",
    "echo & wait; fails",
    "set -e; set -o pipefail 2>/dev/null || exit 1; fails | gzip > /dev/null",
    "act() { echo; fails; }; act",
]
SILENT = [
    "until fails; do exit; done; echo",  # asked about
    "kubectl delete pod a; echo",  # it may be gone
    "kubectl create namespace a || true",  # it may be there
    "cp /scripts/init-*.sh /to; echo",  # there may be none
    "fails & echo",  # in the background
    "while true; do fails && break; sleep 1; done",  # tried again
    "set +e; fails; echo",  # wanted
    "echo a | gzip > /b",
    "fails | grep x",  # grep fails, too
    "result=$(fails | gzip); echo",
    "fails | tee /x || exit 1",
    'echo "not closed',
    "",
]


def _exit_code(text: str, folder: Path) -> int:
    programs = script(folder / "fails", "exit 3").parent
    environment = {"PATH": f"{programs}:/usr/bin:/bin"}
    done = subprocess.run(["/bin/bash", "-c", text], env=environment, capture_output=True, check=False, cwd=folder)
    return done.returncode


@pytest.mark.parametrize("text", LOST)
def test_a_failure_that_is_lost(text: str, tmp_path: Path) -> None:
    lost = lost_failure(text, NOTHING)
    assert lost is not None
    assert "fails" in lost.command
    assert _exit_code(text, tmp_path) == 0


@pytest.mark.parametrize("text", SEEN)
def test_a_failure_that_is_seen(text: str, tmp_path: Path) -> None:
    assert lost_failure(text, NOTHING) is None
    assert _exit_code(text, tmp_path) != 0


@pytest.mark.parametrize("text", SILENT)
def test_what_may_be_meant_is_not_told(text: str) -> None:
    assert lost_failure(text, NOTHING) is None


def test_how_and_where() -> None:
    lost = lost_failure("echo\nfails --now\necho\n", NOTHING)
    assert lost is not None
    assert (lost.command, lost.line) == ("fails --now", 2)
    assert lost.how == "what follows runs all the same, without `set -e`"


@pytest.mark.parametrize(("options", "text"), [("errexit", "fails; echo"), ("pipefail", "fails | gzip > /dev/null")])
def test_options_of_the_shell_count(options: str, text: str) -> None:
    assert lost_failure(text, NOTHING) is not None
    assert lost_failure(text, frozenset([options])) is None
