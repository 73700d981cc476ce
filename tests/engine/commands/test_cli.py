"""The command line: exit code 2 and one line for what cannot be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from chartgate.commands.command_list import COMMANDS
from chartgate.commands.main import main
from chartgate.documents.yaml_texts import go_yaml
from chartgate.system import provisioning, toolchain
from tests.engine.toys import CHART, MATRIX, TOY, write

LOUD = {"secret": {"enabled": False}, "cache": {"enabled": False}, "mode": "loud"}

DEPLOYED = """
- chart: toy
  targetRevision: 1.2.3
  namespace: prod
  values: {mode: loud, secret: {token: <path:shop#token>}}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {f"toy/{name}": content for name, content in TOY.items()})
    write(tmp_path / "tests", {"matrix.yaml": MATRIX + "axes: {a: {x: {}, z: {}}, b: {u: {}, v: {}}}\npairwise: {}\n"})
    write(
        tmp_path / "ci-only", TOY | {"ci/loud-values.yaml": "mode: from ci\n", "Chart.yaml": "name: c\nversion: 1.0.0"}
    )
    write(tmp_path / "tests", {"../prod/charts.yaml": DEPLOYED})
    monkeypatch.chdir(tmp_path)
    # No command here needs helm, or may look for it.
    monkeypatch.setenv("CHARTGATE_CACHE", str(tmp_path / "no-tools"))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["loud"], LOUD),
        (["loud", "--matrix=tests/matrix.yaml", "--chart=toy"], LOUD),
        (["no_text"], {"mode": [1]}),
        (["loud", "--chart=ci-only"], {"mode": "from ci"}),
        (["--infrastructure=prod/charts.yaml"], {"mode": "loud", "secret": {"token": "<path:shop#token>"}}),
        (["all_on"], {"secret": {"enabled": True}, "cache": {"enabled": True}}),
    ],
)
def test_values(arguments: list[str], expected: object, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["values", *arguments]) == 0
    shown = capsys.readouterr()
    assert go_yaml.load(shown.out, "stdout") == expected
    assert shown.err == ""
    assert not (root / "no-tools").exists()


def test_pairwise(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pairwise"]) == 0
    written = (root / "tests" / "matrix.yaml").read_text("utf-8")
    rows = go_yaml.load(written, "written")["pairwise"]
    assert (
        {row["a"] for row in rows["all_on"].values()} == {row["a"] for row in rows["master_off"].values()} == {"x", "z"}
    )
    assert main(["pairwise", str(root / "tests" / "matrix.yaml")]) == 0
    assert (root / "tests" / "matrix.yaml").read_text("utf-8") == written
    assert capsys.readouterr() == ("", "")


COMMANDS_IN_ORDER = (
    "check, review, watch, scenarios, values, policies, explain, risks, pairwise, document, init, provision, cache"
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["values"], "name a scenario, or a file with --infrastructure=FILE: one of the two"),
        (["values", "off", "--infrastructure=a.yaml"], "name a scenario, or a file with --infrastructure=FILE: one"),
        (["values", "nobody"], "no scenario 'nobody' in tests/matrix.yaml: there is off, secret, cache, all_on, loud"),
        (["values", "sekret"], "no scenario 'sekret' in tests/matrix.yaml: did you mean secret?"),
        (["scenarios", "off..all_on"], "no scenario 'off..all_on' in tests/matrix.yaml: off..all_on is a pair: name"),
        (["scenarios", "loud.longest"], "no scenario 'loud.longest' in tests/matrix.yaml: it would be derived from"),
        (["values", "loud.nothing"], "no scenario 'loud.nothing' in tests/matrix.yaml: it would be derived from loud,"),
        (["scenarios", "sekret", "--format=json"], "no scenario 'sekret' in tests/matrix.yaml: did you mean secret?"),
        (["values", "x", "--chart=ci-only"], "no scenario 'x' in 1 file of ci-only/ci: there is loud"),
        (["values", "x", "--chart=gone"], "there is no chart at gone: name a chart folder or a .tgz"),
        (["values", "x", "--matrix=gone.yaml"], "gone.yaml: the matrix cannot be read: No such file or directory"),
        (["pairwise", "gone.yaml"], "gone.yaml: the matrix cannot be read: No such file or directory"),
        (["pairwise", "toy/values.yaml"], "toy/values.yaml:2: mode: there is no such key; "),
        (["document", "toy"], "toy/README.md cannot be read: No such file or directory"),
    ],
)
def test_one_line_for_bad_input(
    arguments: list[str], message: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"chartgate: {message}")
    assert shown.err.count("\n") == 1
    assert sorted(path.name for path in root.iterdir()) == ["ci-only", "prod", "tests", "toy"]


@pytest.mark.parametrize("arguments", [["check"], ["policies"], ["scenarios", "--chart=/toy"], ["review", "a", "b"]])
def test_in_a_folder_that_is_gone(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(arguments) == 2
    words = "chartgate: the folder that this was started in is no longer there: go to another one\n"
    assert capsys.readouterr() == ("", words)


def test_without_any_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["values", "x"]) == 2
    asked = "chartgate: name a chart with --chart=PATH, or a matrix with --matrix=PATH"
    assert capsys.readouterr().err == f"{asked}: there is no chart here\n"
    write(tmp_path, {"deploy/charts/toy/Chart.yaml": CHART, "deploy/charts/toy/charts/db/Chart.yaml": CHART})
    assert main(["values", "x"]) == 2
    made = "deploy/charts/toy is here, and `chartgate init deploy/charts/toy` makes a matrix"
    assert capsys.readouterr().err == f"{asked}: {made}\n"
    monkeypatch.chdir(tmp_path / "deploy/charts/toy")
    assert main(["values", "x"]) == 2
    made = "this folder is one, --chart=., and `chartgate init` makes a matrix"
    assert capsys.readouterr().err == f"{asked}: {made}\n"
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"matrix.yaml": ""})
    assert main(["values", "x"]) == 2
    assert capsys.readouterr().err == f"{asked}: --matrix=matrix.yaml is here\n"


def test_as_a_module() -> None:
    command = [sys.executable, "-m", "chartgate", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("chartgate ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [],
            f"Name a command: {COMMANDS_IN_ORDER}.",
        ),
        (
            ["nothing"],
            f"No such command 'nothing'. Accepted: {COMMANDS_IN_ORDER}",
        ),
        (
            [""],
            f"No such command ''. Accepted: {COMMANDS_IN_ORDER}",
        ),
        (["chek"], "No such command 'chek'. Did you mean check or cache?"),
        (["--zzz"], "No such option '--zzz'. Accepted: --version, --help."),
        (["check", "--hlem=x"], "No such option '--hlem'. Did you mean --helm or --help?"),
        (["check", "--kube", "1.31"], "No such option '--kube'. Did you mean --kube-version?"),
        (
            ["values", "x", "--zzz"],
            "No such option '--zzz'. Accepted: --infrastructure, --chart, --matrix, --policies, --help.",
        ),
        (["check", "--chart"], "--chart needs a value: PATH"),
        (["check", "--scenario"], "--scenario needs a value: NAME"),
        (["check", "--output", "--format=json"], "--output needs a value: FILE"),
        (["check", "--format", "--", "json"], "--format needs a value: json or terminal"),
        (["review", "--fail-on"], "--fail-on needs a value: note or caution or danger or never"),
        (["check", "--format=html"], "Invalid value for '--format': 'html' is not one of 'json', 'terminal'."),
        (["review", "--fail-on", "error"], "'error' is not one of 'note', 'caution', 'danger', 'never'."),
        (["provision", "now"], "Got unexpected extra argument (now)"),
        (["provision", "now\n::error::x"], r"Got unexpected extra argument (now\n::error::x)"),
        (["review", "v1", "v2", "v3"], "Got unexpected extra argument (v3)"),
        (["provision", "--all=x"], "Option '--all' does not take a value."),
    ],
)
def test_what_a_command_does_not_accept(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    usage, said = shown.err.split("\n\n")
    command = "chartgate" if not arguments or arguments[0] not in COMMANDS.commands else f"chartgate {arguments[0]}"
    assert usage.startswith(f"Usage: {command} [OPTIONS]")
    assert usage.endswith(f"Try '{command} --help' for help.")
    assert said.startswith("chartgate: ")
    assert message in said


FINE = {"--who": "lines", "--why": "lines", "--base-api-versions": "empty"}
"""What of it some options take."""
OPTIONS = [
    (name, option)
    for name, command in COMMANDS.commands.items()
    for option in command.params
    if isinstance(option, click.Option) and not option.is_flag
]


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda given: getattr(given, "name", given))
def test_a_value_that_cannot_be_meant(command: str, option: click.Option, capsys: pytest.CaptureFixture[str]) -> None:
    """It comes from a script whose variable is not set: `--gate-from=$BASE` then judged by the rules of the branch."""
    name = option.opts[-1]
    faults = [
        ("empty", [f"{name}="], "is empty: give it a value, "),
        ("empty", [name, ""], "is empty: give it a value, "),
        ("long", [f"{name}={'x' * 4097}"], "has a value of 4097 characters, and the most are 4096: 'xxx"),
        ("lines", [f"{name}=a\n\x1b[31m"], "has a value with control characters: 'a\\n\\x1b[31m'"),
        ("twice", [f"{name}=a", f"{name}=b"], "is given twice, and only one would count: give it once"),
    ]
    for fault, arguments, words in faults:
        if FINE.get(name) == fault or (option.multiple and fault == "twice"):
            continue
        assert main([command, *arguments]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"chartgate: {name} {words}")
        assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(["review", "main", ""], "HEAD"), (["values", ""], "SCENARIO"), (["check", "a", ""], "[POLICY]..."),
     (["watch", "--chart="], "--chart"), (["init", ""], "CHART"), (["pairwise", ""], "MATRIX")],
)  # fmt: skip
def test_a_word_that_cannot_be_meant(arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"chartgate: {name} is empty: give it a value")


@pytest.mark.parametrize("arguments", [["loud", "--chart", "toy"], ["--chart=toy", "loud"], ["--chart", "toy", "loud"]])
def test_a_value_follows_with_or_without_an_equals_sign(
    arguments: list[str], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert root.is_dir()
    assert main(["values", *arguments]) == 0
    assert go_yaml.load(capsys.readouterr().out, "stdout") == LOUD


def test_what_a_person_interrupts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: toolchain.Release) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(provisioning, "provision", interrupted)
    assert main(["provision"]) == 130
    assert capsys.readouterr().err == "\nchartgate: interrupted\n"


@pytest.mark.parametrize(
    ("arguments", "releases"), [([], [toolchain.PINNED]), (["--all"], [toolchain.PINNED, toolchain.OLDEST])]
)
def test_provision(
    arguments: list[str],
    releases: list[toolchain.Release],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(toolchain, "is_carried", lambda: True)
    monkeypatch.setattr(provisioning, "provision", lambda release: f"/cache/{release.helm}")
    assert main(["provision", *arguments]) == 0
    said = [f"chartgate: helm {one.helm} and kubectl {one.kubectl} are in /cache/{one.helm}\n" for one in releases]
    assert capsys.readouterr().out == "".join(said)
