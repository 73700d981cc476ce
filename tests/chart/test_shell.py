"""What the player of start scripts accepts, a real shell does in the same way; all else it refuses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from policies.lightspeed.scripts.shell import NotUnderstood, environment_of
from tests.engine.toys import script

GIVEN = {"KEY": "k3y", "EMPTY": "", "SPACED": "a  b", "URL": "http://h:1/v1?a=b&c"}

UNDERSTOOD = [
    "exec prog",
    "prog --flag $KEY",
    "export A=b\nexec prog",
    "A=b\nexec prog",
    "A=b exec prog",
    "A=b prog",
    "A=b; export A; exec prog",
    "export A; A=b; exec prog",
    "export A\nexec prog",
    "KEY=other\nexec prog",
    "export A=b && exec prog",
    "set -e\nset -eo pipefail\nexec prog",
    "# comment\n  # another\nexport A=b\nexec prog",
    "export A=b \\\n  C=d\nexec prog",
    'export A="${KEY}" B=${KEY:-x} C="${EMPTY:-x}" D="${EMPTY-x}" E="${GONE:-x}" F="${GONE-x}" G="${GONE}"\nexec prog',
    'export A="${KEY:+x}" B="${EMPTY:+x}" C="${EMPTY+x}" D="${GONE+x}"\nexec prog',
    ': "${GONE:=x}" "${EMPTY:=y}" "${KEY:=z}"\nexport GONE\nexec prog',
    ': "${GONE=x}" "${EMPTY=y}"\nexec prog',
    'export A="$SPACED" B=\'$KEY\' C="a\'b" D=\'a"b\' E=a"b c"d\'e f\'g\nexec prog',
    'A=$SPACED\nexport A B=$SPACED\nexec prog',
    'export A="$URL/x" B="$KEY$KEY" C="$KEY_" D="${KEY}_"\nexec prog',
    'export A="one\ntwo"\nexec prog',
    'export KEY="${KEY:-none}"\nexec prog',
    "export A='${KEY}' B=\"it's\"\nexec prog\nexport C=d",
]  # fmt: skip

REFUSED = [
    "if true; then export A=b; fi\nexec prog",
    '[ -n "$KEY" ] && export A=b\nexec prog',
    "export A=$(id)\nexec prog",
    "export A=`id`\nexec prog",
    "A=b || true\nexec prog",
    "true\nexec prog",
    "unset KEY\nexec prog",
    "set -u\nexec prog",
    "cd /tmp\nexec prog",
    "export A=b & exec prog",
    "export A=b > /dev/null\nexec prog",
    'export A="a\\$b"\nexec prog',
    "export A=a\\ b\nexec prog",
    "export A=${KEY:?}\nexec prog",
    "export A=${KEY#k}\nexec prog",
    "export A=$1\nexec prog",
    "export A=${1}\nexec prog",
    "export A=$$\nexec prog",
    "export A=~\nexec prog",
    "export A=/x:~/y\nexec prog",
    "export -p\nexec prog",
    "readonly A=b\nexec prog",
    "A=b true\nexec prog",
    "export A='open\nexec prog",
    "export A=b # comment\nexec prog",
]


def _really(text: str, folder: Path, shell: str) -> dict[str, str]:
    prog = script(folder / "prog", "env -0")
    environment = {**GIVEN, "PATH": f"{prog.parent}:/usr/bin:/bin"}
    done = subprocess.run([shell, "-c", text], env=environment, capture_output=True, check=True, cwd=folder)
    pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
    # What a shell adds of its own.
    return {name: value for name, _, value in pairs if name not in ("PATH", "PWD", "OLDPWD", "SHLVL", "_")}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_is_understood_is_what_a_shell_does(text: str, tmp_path: Path) -> None:
    shell = "/bin/bash" if "pipefail" in text else "/bin/sh"
    assert environment_of("prog", text, GIVEN) == _really(text, tmp_path, shell)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        environment_of("prog", text, GIVEN)


@pytest.mark.parametrize("text", ["", "export A=b", "# exec prog", "A=prog"])
def test_a_script_that_does_not_start_the_program(text: str) -> None:
    assert environment_of("prog", text, GIVEN) is None


def test_the_given_environment_is_left_alone() -> None:
    given = dict(GIVEN)
    environment_of("prog", "KEY=other\n: ${GONE:=x}\nexec prog", given)
    assert given == GIVEN
