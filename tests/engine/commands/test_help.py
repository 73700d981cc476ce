"""What the command line says about itself: help, version, completion; and that it says so at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import click
import pytest

import chartgate
from chartgate.commands.command_list import COMMANDS
from chartgate.commands.main import main

PROGRAM = "import sys; from chartgate.commands.main import main; sys.exit(main())"
Shown = pytest.CaptureFixture[str]


def _in_a_process(code: str, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    ).stdout


def test_the_commands_are_under_headings(capsys: Shown) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    text = shown.out
    headings = {
        heading: re.findall(r"^  (\w+) +[A-Z].+\.?$", section, re.MULTILINE)
        for heading, section in re.findall(r"^([A-Z][a-z ]+):\n((?:  .+\n)+)", text, re.MULTILINE)
    }
    assert headings == {
        "Options": [],
        "Judge": ["check", "review", "watch"],
        "Look": ["scenarios", "values", "policies", "explain", "risks"],
        "Write": ["pairwise", "document"],
        "Set up": ["init", "provision", "cache"],
    }
    assert "\n  check      Judge a chart over its matrix, without pytest.\n" in text


@pytest.mark.parametrize("name", COMMANDS.commands)
def test_a_command_explains_all_it_takes(name: str, capsys: Shown) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr()
    assert main([name, "-h"]) == 0
    assert capsys.readouterr() == shown
    assert shown.err == ""
    assert shown.out.startswith(f"Usage: chartgate {name} [OPTIONS]")
    before_the_options = shown.out.partition("\nOptions:\n")[0].partition("\n")[2]
    for parameter in COMMANDS.commands[name].params:
        if isinstance(parameter, click.Option):
            assert f"  {parameter.opts[0]}" in shown.out
            assert str(parameter.help).endswith("."), parameter.name
            assert parameter.is_flag or parameter.show_default, parameter.name
            assert not parameter.multiple or "May be given several times" in str(parameter.help), parameter.name
        else:
            assert parameter.human_readable_name.strip("[].") in before_the_options


def test_a_default_is_told(capsys: Shown) -> None:
    assert main(["review", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "--fail-on [note|caution|danger|never] The lowest level that makes the exit code 1. [default: danger]" in shown
    )
    assert "--helm PATH_OR_VERSION Render with this helm: a file, or a version that is pinned (3.17)." in shown
    assert "that is pinned (3.17). [default: (the pinned one)]" in shown
    assert "--format [html|json|markdown|terminal] The form of the report. [default: terminal]" in shown


def test_the_version(capsys: Shown) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"chartgate {chartgate.__version__}\n", "")


HEAVY = (
    "jsonschema",
    "kubernetes_validate",
    "pytest",
    "rich",
    "syrupy",
    "yaml",
    "chartgate.model",
    "chartgate.matrix",
    "chartgate.gate",
)


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], [], ["nothing"], *([n, "-h"] for n in COMMANDS.commands)]
)
def test_nothing_heavy_is_imported_to_answer(arguments: list[str]) -> None:
    """What a person waits for at a terminal, and a shell at each completion."""
    code = f"import sys; from chartgate.commands.main import main; main({arguments}); print([*sys.modules])"
    loaded = _in_a_process(code).splitlines()[-1]
    assert "'chartgate.commands.main'" in loaded
    assert [name for name in HEAVY if f"'{name}'" in loaded] == []


def test_only_a_page_loads_what_makes_pages() -> None:
    loaded = _in_a_process("import sys, chartgate.reports.check_formats; print('jinja2' in sys.modules)")
    assert loaded.splitlines() == ["False"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_completes_in_a_shell(shell: str) -> None:
    script = _in_a_process(PROGRAM, _CHARTGATE_COMPLETE=f"{shell}_source")
    assert f"_CHARTGATE_COMPLETE={shell}_complete" in script
    assert re.search(r"^ *(complete|compdef) .*\bchartgate\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("chartgate re", ["review"]),
        ("chartgate check --kube", ["--kube-version"]),
        ("chartgate check --format t", ["terminal"]),
        ("chartgate explain secret_k", ["secret_key_removed"]),
        ("chartgate explain images_are_", ["images_are_pinned"]),
        ("chartgate review --explain=sec", ["secret_key_removed", "security_loosened", "security_tightened"]),
        ("chartgate review --explain sec", ["secret_key_removed", "security_loosened", "security_tightened"]),
    ],
)
def test_what_is_completed(words: str, completed: list[str]) -> None:
    last = str(len(words.split()) - 1)
    told = _in_a_process(PROGRAM, _CHARTGATE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=last)
    assert [line.partition(",")[2] for line in told.splitlines()] == completed
