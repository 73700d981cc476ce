"""A run that would say what an earlier one said says it at once; any change of what that one asked for counts."""

from __future__ import annotations

import datetime
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands import main as commands
from chartgate.commands import told_again
from chartgate.system import toolchain
from chartgate.system.answers import hold
from chartgate.system.store_file import NAME
from chartgate.system.toolchain import Tools
from tests.engine.gate.conftest import Watched

ONE = ("config_is_rendered", "--scenario=off")
LOOKED_AT = (
    'kind: ConfigMap\napiVersion: v1\nmetadata: {name: notes}\ndata: {a: {{ .Files.Get "notes.txt" | quote }}}\n'
)
CRD = """
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: {name: shops.example.com}
spec: {group: example.com, names: {kind: NAME}, versions: [{name: v1, schema: {openAPIV3Schema: {}}}]}
"""
MORE = """
schemas: {crds: [crds]}
waivers:
  - {policy: token_is_short, scenario: "*", reason: "It is a toy.", owner: shop, expires: 2999-01-01}
"""
CLOCK = 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: clock}\ndata: {at: "{{ now }}"}\n'


class Told:
    """A project whose runs are counted, as far as they are made at all."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.root = watched.project.root
        self.patch = watched.monkeypatch
        self.runs = 0
        run_command = commands.run_command

        def counted(words: list[str]) -> int:
            self.runs += 1
            return run_command(words)

        self.patch.setattr(commands, "run_command", counted)
        subchart = {"Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "templates/a.yaml": "#a: b"}
        watched.project.write({f"toy/charts/sub/{name}": text for name, text in subchart.items()})
        watched.project.write({"toy/templates/notes.yaml": LOOKED_AT, "tests/given.yaml": "mode: given\n"})
        watched.project.write({"tests/crds/a.yaml": CRD, "tests/matrix.yaml": self.text("tests/matrix.yaml") + MORE})
        watched.edit(
            "tests/matrix.yaml", "scenarios:", "scenarios:\n  given: {toggles: [], values_files: [given.yaml]}"
        )
        watched.edit("pyproject.toml", '"warning"', '"error"')

    def text(self, file: str) -> str:
        return (self.root / file).read_text()

    def again(self, *options: str) -> tuple[bool, int, str]:
        """Run once more; tell whether all was said at once, the exit code, and the words."""
        before = self.runs
        code, said = self.watched.run(*(options or ONE))
        return self.runs == before, code, said


@pytest.fixture
def told(watched: Watched) -> Told:
    """Give the project of the runs that are watched, with a subchart, a file of values, definitions and a waiver."""
    return Told(watched)


def _write(file: str, text: str) -> Callable[[Told], None]:
    return lambda told: told.watched.write(file, text)


def _edit(file: str, old: str, new: str) -> Callable[[Told], None]:
    return lambda told: told.watched.edit(file, old, new)


def _a_variable(told: Told) -> None:
    told.patch.setenv("TZ", "Pacific/Apia")


def _a_linked_chart(told: Told) -> None:
    (told.root / "toy").rename(told.root / "elsewhere")
    (told.root / "toy").symlink_to("elsewhere")


def _linked_policies(told: Told) -> None:
    shutil.copytree(told.root / "rules", told.root / "older" / "rules")
    shutil.rmtree(told.root / "rules")
    (told.root / "rules").symlink_to("older/rules")


def _another_day(told: Told) -> None:
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)

    class Tomorrow(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return tomorrow.astimezone(tz)

    told.patch.setattr("time.time", tomorrow.timestamp)
    told.patch.setattr("datetime.datetime", Tomorrow)


def _another_engine(told: Told) -> None:
    told.patch.setattr(told_again, "engine_digest", lambda: "another")


def _damage(told: Told) -> None:
    with sqlite3.connect(told.watched.cache / "made" / NAME) as connection:
        connection.execute("UPDATE made SET value = substr(value, 1, length(value) - 1) || x'00'")
    connection.close()


EDITS: dict[str, Callable[[Told], None]] = {
    "a template": _edit("toy/templates/config.yaml", "data: {mode", "# more\ndata: {mode"),
    "values.yaml": _edit("toy/values.yaml", "mode: plain", "mode: other"),
    "a subchart": _edit("toy/charts/sub/templates/a.yaml", "a: b", "a: c"),
    "a file that a template reads, which was not there": _write("toy/notes.txt", "a"),
    "that file": _write("toy/notes.txt", "b"),
    "a file that helm leaves out": _write("toy/.helmignore", "notes.txt"),
    "values in ci/": _write("toy/ci/more-values.yaml", "mode: more"),
    "the chart is behind a link": _a_linked_chart,
    "the matrix": _edit("tests/matrix.yaml", "namespace: shop", "namespace: store"),
    "a file of values": _write("tests/given.yaml", "mode: other\n"),
    "a definition": _write("tests/crds/a.yaml", CRD.replace("NAME", "Shop")),
    "a definition more": _write("tests/crds/b.yaml", CRD.replace("NAME", "Store")),
    "a policy": _edit("rules/shop.py", "< 4", "< 5"),
    "a module that a policy imports": _edit("rules/limits.py", '""', "''"),
    "the policies are behind a link": _linked_policies,
    "policies become a part of others": _write("older/__init__.py", ""),
    "settings": _edit("pyproject.toml", '"error"', '"warning"'),
    "a baseline that was not there": _write("chartgate-baseline.yaml", "format: 1\nchart: toy\nfindings: []\n"),
    "a variable": _a_variable,
    "another day": _another_day,
    "damage": _damage,
    "another engine": _another_engine,
}


def test_whatever_changes_is_judged_and_told_again_after_that(told: Told) -> None:
    first = told.again()
    assert first[:2] == (False, 0), first[2]
    assert told.again() == (True, *first[1:])
    assert told.watched.run(*ONE, "--no-cache") == first[1:]
    for name, edit in EDITS.items():
        edit(told)
        is_at_once, *said = told.again()
        assert (name, is_at_once) == (name, False)
        if name != "another engine":
            assert (name, *told.again()) == (name, True, *said)


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (_write("chartgate.toml", ""), 2, "there are settings in chartgate.toml as well"),
        (lambda told: (told.watched.cache / toolchain.PINNED.folder.name).unlink(), 2, "helm 4.2.3 is not provisioned"),
        (_edit("toy/templates/config.yaml", "-config}", "-other}"), 1, "1 finding"),
    ],
    ids=["settings", "tools", "chart"],
)
def test_what_is_wrong_then_is_told_and_not_kept(
    told: Told, edit: Callable[[Told], None], code: int, words: str
) -> None:
    told.again()
    assert told.again()[:2] == (True, 0)
    edit(told)
    for _ in range(2):
        again, ended, said = told.again()
        assert (again, ended, words in said) == (False, code, True)


def test_a_waiver_that_expires_overnight_counts_no_longer(told: Told) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    told.watched.edit("tests/matrix.yaml", "2999-01-01", today.isoformat())
    assert told.again("token_is_short")[1] == 0
    assert told.again("token_is_short")[:2] == (True, 0)
    _another_day(told)
    again, code, said = told.again("token_is_short")
    assert (again, code, f"it expired on {today}" in said) == (False, 1, True)


def test_another_helm_is_asked(told: Told, tools: Tools, tmp_path: Path) -> None:
    """One that is named, at the same path with the same version, size and time; and one that comes first on PATH."""
    helm = Path(shutil.copy(tools.helm, tmp_path / "a-helm"))
    named = (*ONE, f"--helm={helm}")
    told.again(*named)
    assert told.again(*named)[0] is True
    status = helm.stat()
    with helm.open("r+b") as stream:
        stream.seek(status.st_size - 1)
        stream.write(b"x")
    os.utime(helm, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert told.again(*named)[0] is False
    told.patch.setattr(toolchain, "is_carried", lambda: False)
    told.patch.setenv("PATH", f"first:{helm.parent}/second:{os.environ['PATH']}")
    told.watched.write("first/note", "")
    (helm.parent / "second").mkdir()
    (helm.parent / "second/helm").symlink_to(helm)
    told.again()
    assert told.again()[0] is True
    (told.root / "first/helm").symlink_to(helm)
    assert told.again()[0] is False


@pytest.mark.parametrize(
    "more", [["--durations=1"], ["--prune"], ["--since=HEAD"], ["--no-cache"], ["--gate-from=HEAD"]]
)
def test_what_does_more_than_say_something_is_done_each_time(told: Told, more: list[str]) -> None:
    if any("HEAD" in word for word in more):
        told.watched.project.pytester.run("git", "init", "-q")
        told.watched.project.pytester.run("git", "add", ".")
        author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        told.watched.project.pytester.run("git", *author, "commit", "-qm", "all of it")
    options = more if more == ["--prune"] else [*ONE, *more]
    assert [told.again(*options)[:2] for _ in range(2)] == [(False, 0)] * 2


def test_a_chart_with_a_clock_is_judged_each_time(told: Told) -> None:
    told.watched.write("toy/templates/clock.yaml", CLOCK)
    assert [told.again()[:2] for _ in range(2)] == [(False, 0)] * 2


@pytest.mark.parametrize(
    "text", ["from helpers import PREFIX\n", "with open('prefix.txt') as file:\n    PREFIX = ''\n"]
)
def test_policies_that_depend_on_more_judge_each_time(told: Told, text: str) -> None:
    told.watched.project.write({"helpers.py": 'PREFIX = ""\n', "prefix.txt": "", "rules/limits.py": text})
    told.patch.syspath_prepend(str(told.root))
    assert [told.again()[:2] for _ in range(2)] == [(False, 0)] * 2


def test_reports_are_written_each_time(told: Told) -> None:
    reports = ("--report=sarif=a.sarif", "--report=junit=a.xml", "--output=report.json", "--format=json")
    names = ("a.sarif", "a.xml", "report.json")
    first = told.again(*ONE, *reports)
    texts = {name: told.text(name) for name in names}
    for name in names:
        (told.root / name).unlink()
    assert told.again(*ONE, *reports) == (True, *first[1:])
    assert {name: told.text(name) for name in names} == texts
    (told.root / "report.json").unlink()
    (told.root / "report.json").mkdir()
    assert told.again(*ONE, *reports) == (True, *told.watched.run(*ONE, *reports, "--no-cache"))
    (told.root / "report.json").rmdir()
    with Path("/dev/full").open("w") as full, told.patch.context() as patch:
        patch.setattr(sys, "stdout", full)
        again, code, said = told.again(*ONE, *reports)
    assert (again, code, said) == (
        True,
        2,
        "chartgate: standard output cannot be written to: No space left on device\n",
    )


def test_what_warns_is_looked_at_each_time_where_somebody_reads_its_lines(told: Told) -> None:
    """Which of them have changed since the last commit, only git can say."""
    told.watched.edit("tests/matrix.yaml", "waivers:", "nothing_to_examine: {}\nwaivers:")
    told.watched.edit("tests/matrix.yaml", "token_is_short", "config_is_rendered")
    word = ("token_is_short", "--scenario=secret")
    assert [told.again(*word)[:2] for _ in range(2)] == [(False, 0), (True, 0)]
    assert [told.again(*word, "--output=a.txt")[:2] for _ in range(2)] == [(False, 0), (False, 0)]


def test_lines_fit_the_terminal_of_today(told: Told) -> None:
    told.patch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    told.patch.delenv("COLUMNS", raising=False)
    told.patch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((200, 24)))
    wide = told.again()
    told.patch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((40, 24)))
    narrow = told.again()
    assert (wide[:2], narrow[:2]) == ((False, 0), (True, 0))
    assert max(map(len, wide[2].splitlines())) > 40 >= max(map(len, narrow[2].splitlines()))
    assert wide[2].split() == narrow[2].split()


def test_a_run_opens_nothing_that_it_has_not_noted(told: Told) -> None:
    """But its own code, what is installed beside it, and what it writes itself; Python looks for packages around it."""
    opened: set[str] = set()
    listening = [True]

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if listening and event in ("open", "os.listdir", "os.scandir") and isinstance(given[0], str | bytes):
            opened.add(str(Path(os.fsdecode(given[0])).absolute()))

    noted: set[str] = set()

    def asked(answers: dict[tuple[str, str], str]) -> bool:
        noted.update(path for _, path in answers)
        return hold(answers)

    told.patch.setattr(told_again, "hold", asked)
    sys.addaudithook(hear)
    try:
        told.again(*ONE, "--proofs")
    finally:
        listening.clear()
    ours = [path for path in opened - {str(told.root)} if Path(path).is_relative_to(told.root) and Path(path).exists()]
    assert ours != []
    assert [path for path in ours if not any(Path(path).is_relative_to(place) for place in noted)] == []
