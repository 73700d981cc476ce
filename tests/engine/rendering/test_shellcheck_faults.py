"""What shellcheck says: once a script and shell, and what policies make of it."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import pytest

from chartgate.errors import ToolError
from chartgate.model import Rendering
from chartgate.packs.kubernetes.scripts_and_files.scripts import scripts_avoid_known_pitfalls, scripts_have_no_errors
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from chartgate.rendering import shellcheck
from chartgate.rendering.shellcheck import Shellcheck
from chartgate.system.cache import OutputCache
from tests.engine.scripted import release
from tests.engine.toys import script


def _rendering(manifests: str, folder: Path) -> Rendering:
    return dataclasses.replace(literal_rendering(manifests), script_faults=Shellcheck(OutputCache(folder)))


def _codes(rendering: Rendering) -> list[str]:
    policies = {"error": scripts_have_no_errors, "warning": scripts_avoid_known_pitfalls}
    return [
        f"{level} {check.actual.rpartition('(')[2].rstrip(')')}"
        for level, policy in policies.items()
        for check in checks_of(policy, [rendering])
        if not check.passed
    ]


@pytest.mark.parametrize(
    ("container", "text", "codes"),
    [
        (
            "command: [bash, /files/a.sh]",
            "if true; then a\n",
            ["error SC1046"],
        ),
        ("command: [bash, /files/a.sh]", "[[ 1 -eq 2 ] && x\n", ["error SC1033"]),
        ("command: [sh, /files/a.sh]", "#!/bin/bash\nmapfile -t lines < x\n", ["warning SC3044"]),
        ("command: [bash, /files/a.sh]", "#!/bin/sh\nmapfile -t lines < x\n", []),
        ("command: [bash, /files/a.sh]", 'rm -rf "$PREFIX/"*\n', ["warning SC2115"]),
        ("command: [sh, /files/a.sh]", "serve http://web-{0...15}.web\n", []),
        ("command: [sh, /files/a.sh]", "serve http://web-{0..15}.web\n", ["warning SC3009"]),
        ("command: [sh, /files/a.sh]", "cp a.{yaml,json} b\n", ["warning SC3009"]),
        ("command: [sh, /files/a.sh]", 'a=$(serve > /dev/null); echo "$a"\n', ["error SC2328"]),
        # What only dash lacks, or only busybox; habits; what the container gives; what shellcheck cannot read.
        ("command: [sh, /files/a.sh]", "act() { local a=1; echo $a $b; }\n[[ $HOSTNAME = a ]] && act\n", []),
        ("command: [bash, /files/a.sh]", 'a=$(ls $x); export b="$(date)"; cp $(ls) /x; act $@; cd /y\n', []),
        ("command: [sh, /files/a.sh]", '[ -n "$(command -v a)" 2>/dev/null ] && b\n', []),
        # Nobody runs it, but its first line says what it is.
        (
            "command: [run]",
            "#!/bin/bash -e\nif true; then a\n",
            ["error SC1046"],
        ),
        ("command: [run]", "#!/usr/bin/python3\nif true; then a\n", []),
        ("command: [run]", "if true; then a\n", []),
        ("command: [sh, -c, 'if true; then a']", "", ["error SC1046"]),
    ],
)
def test_codes(container: str, text: str, codes: list[str], tmp_path: Path) -> None:
    assert _codes(_rendering(release(container, a_sh=text), tmp_path)) == codes


def test_it_runs_once_for_all_processes(tmp_path: Path) -> None:
    said = '{"comments": [{"line": 1, "code": 2115, "level": "warning", "message": "no"}]}'
    program = script(tmp_path / "bin" / "shellcheck", f"echo run >> {tmp_path}/runs\ncat > /dev/null\necho '{said}'")
    for _ in range(2):
        faults = Shellcheck(OutputCache(tmp_path / "runs.d"), program)
        assert [fault.code for fault in faults["bash", "a"]] == ["SC2115"]
        assert [fault.code for fault in copy.deepcopy(faults)["bash", "a"]] == ["SC2115"]
    assert (tmp_path / "runs").read_text() == "run\n"


def test_without_it_scripts_are_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "shellcheck_program", lambda: None)
    rendering = _rendering(release("command: [sh, /files/a.sh]", a_sh="if"), tmp_path)
    assert _codes(rendering) == []
    assert isinstance(rendering.script_faults, Shellcheck)
    assert shellcheck.unread_words(rendering.script_faults.unread) == (
        "shellcheck did not read 1 script: install chartgate[scripts], which brings it",
    )


@pytest.mark.parametrize("says", ["echo no", "exit 4", "echo '[]'"])
def test_a_broken_one_is_an_error(says: str, tmp_path: Path) -> None:
    program = script(tmp_path / "shellcheck", says)
    with pytest.raises(ToolError, match="does not say what is wrong with a script"):
        Shellcheck(OutputCache(tmp_path / "runs"), program)["bash", "a"]


def test_bytes_are_no_script(tmp_path: Path) -> None:
    assert Shellcheck(OutputCache(tmp_path)).get(("bash", "a\0b")) is None
