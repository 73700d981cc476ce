"""A run after another of the same: nothing is made or judged twice, all is said as before, and any change counts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import chartgate
from chartgate.commands.main import main
from chartgate.gate import judgement, memory
from chartgate.gate.results.outcome import Finding
from chartgate.gate.rules import own_policies
from chartgate.gate.telling import source_lines
from chartgate.system.store_file import NAME
from chartgate.system.toolchain import Tools
from tests.engine.gate.conftest import Watched

WAIVER = """
waivers:
  - {policy: token_is_short, scenario: "*", reason: "It is a toy.", owner: shop, expires: 2999-01-01}
"""


def _waived(watched: Watched) -> None:
    watched.write("tests/matrix.yaml", (watched.project.root / "tests/matrix.yaml").read_text() + WAIVER)


def _accepted(watched: Watched) -> None:
    watched.run("--accept")
    shutil.rmtree(watched.cache / "made")


def _not_refused(watched: Watched) -> None:
    watched.write("toy/values.schema.json", "{}")


def _not_rendered(watched: Watched) -> None:
    watched.write("toy/templates/broken.yaml", '{{ if .Values.secret.enabled }}{{ fail "no" }}{{ end }}')


def _nothing(watched: Watched) -> None:
    """Leave it as it is: with findings that are warnings, in a project where these count."""


def _a_guard(watched: Watched) -> None:
    watched.edit("rules/shop.py", "is True", "is None")


@pytest.mark.parametrize("prepared", [_nothing, _waived, _accepted, _not_refused, _not_rendered, _a_guard])
@pytest.mark.parametrize("options", [["--proofs"], ["--format=json"]], ids=["terminal", "json"])
def test_a_second_run_says_the_same(
    watched: Watched, prepared: Callable[[Watched], None], options: Sequence[str]
) -> None:
    prepared(watched)
    cold = watched.run("--no-cache", *options)
    assert not (watched.cache / "made").exists()
    first = watched.run(*options)
    assert watched.rendered != []
    assert (watched.run(*options), watched.rendered) == (first, [])
    assert first == cold
    if prepared in (_nothing, _waived, _accepted, _not_refused, _a_guard):
        assert watched.judged == []


def test_a_run_of_a_part_has_a_use_for_that_of_the_whole_and_the_other_way_round(watched: Watched) -> None:
    watched.run("token_is_short")
    assert watched.judged == ["token_is_short-secret", "token_is_short-all_on"]
    watched.run()
    assert [name for name in watched.judged if name.startswith("token_is_short")] == []
    watched.run("config_stays")
    assert (watched.rendered, watched.judged) == ([], [])


EVERY = {"config_is_rendered", "token_is_short", "config_stays"}


@pytest.mark.parametrize(
    ("file", "old", "new", "judged", "is_rendered"),
    [
        ("toy/templates/config.yaml", "data: {mode", "# more\ndata: {mode", EVERY, True),
        ("toy/values.yaml", "mode: plain", "mode: other", EVERY, True),
        ("toy/Chart.yaml", "1.2.3", "1.2.4", set(), True),
        ("toy/charts/sub/templates/a.yaml", "a: b", "a: c", EVERY, True),
        ("rules/shop.py", "< 4", "< 5", EVERY, False),
        ("rules/limits.py", '""', "''", EVERY, False),
        ("pyproject.toml", '"warning"', '"error"', set(), False),
    ],
)
def test_what_a_change_touches_is_judged_again(
    watched: Watched, file: str, old: str, new: str, judged: set[str], is_rendered: bool
) -> None:
    subchart = {
        "Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "values.yaml": "{}",
        "templates/a.yaml": "#a: b",
    }
    watched.project.write({f"toy/charts/sub/{name}": text for name, text in subchart.items()})
    watched.run()
    watched.edit(file, old, new)
    watched.run()
    assert {name.partition("-")[0] for name in watched.judged} == judged
    assert bool(watched.rendered) == is_rendered
    watched.run()
    assert (watched.judged, watched.rendered) == ([], [])


def test_of_another_scenario_its_cases_are_judged_again(watched: Watched) -> None:
    watched.run()
    watched.edit("tests/matrix.yaml", "values: {mode: loud}", "values: {mode: louder}")
    watched.run()
    assert watched.judged == ["config_is_rendered-loud", "config_stays-all_on..loud"]
    assert [values.splitlines()[-1] for values in watched.rendered] == ["mode: louder"]


def test_another_severity_needs_no_other_verdict(watched: Watched) -> None:
    assert watched.run()[0] == 1
    watched.edit("pyproject.toml", 'fail_on = "warning"', 'fail_on = "error"')
    assert (watched.run()[0], watched.judged) == (0, [])
    severity = '\n[tool.chartgate.severity]\ntoken_is_short = {to = "error", reason = "Tokens matter."}\n'
    watched.write("pyproject.toml", (watched.project.root / "pyproject.toml").read_text() + severity)
    assert (watched.run()[0], watched.judged) == (1, [])


def test_the_line_of_what_only_warns_is_looked_for_once_and_where_it_is_read(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.edit("pyproject.toml", 'fail_on = "warning"', 'fail_on = "error"')
    looked: list[int] = []
    located = source_lines.located

    def counted(findings: Sequence[Finding], *others: Any) -> list[Finding]:
        looked.append(len(findings))
        return located(findings, *others)

    monkeypatch.setattr(source_lines, "located", counted)
    _, passed_by = watched.run()
    assert ("token_is_short" in passed_by, "written by" in passed_by, looked) == (True, False, [])
    first = watched.run("--output=report.txt")
    assert "written by toy/templates/secret.yaml:6;" in first[1]
    assert (watched.run("--output=report.txt"), looked) == (first, [1])
    watched.edit("toy/templates/secret.yaml", "apiVersion: v1", "# more\napiVersion: v1")
    _, told = watched.run("--output=report.txt")
    assert ("written by toy/templates/secret.yaml:7;" in told, looked) == (True, [1, 1])


def test_a_waiver_comes_and_expires_without_another_verdict(watched: Watched) -> None:
    assert watched.run()[0] == 1
    _waived(watched)
    assert (watched.run()[0], watched.judged) == (0, [])
    watched.edit("tests/matrix.yaml", "2999-01-01", "2026-01-01")
    code, said = watched.run()
    assert (code, watched.judged) == (1, [])
    assert "it expired on 2026-01-01" in said


def test_another_helm_renders_again(watched: Watched, tools: Tools, tmp_path: Path) -> None:
    """At the same path, with the same version, size and time."""
    helm = Path(shutil.copy(tools.helm, tmp_path / "helm"))
    watched.run(f"--helm={helm}")
    watched.run(f"--helm={helm}")
    assert (watched.judged, watched.rendered) == ([], [])
    status = helm.stat()
    with helm.open("r+b") as stream:
        stream.seek(status.st_size - 1)
        last = stream.read(1)
        stream.seek(status.st_size - 1)
        stream.write(bytes([last[0] ^ 1]))
    os.utime(helm, ns=(status.st_atime_ns, status.st_mtime_ns))
    watched.run(f"--helm={helm}")
    assert watched.judged != []
    assert watched.rendered != []


def test_a_helm_that_is_a_script_is_asked_each_time(watched: Watched) -> None:
    """What it starts may be another one at any time."""
    for _ in range(2):
        watched.run(f"--helm={watched.project.helm.path}")
        assert watched.judged != []
        assert watched.rendered != []


def test_another_kubernetes_renders_again(watched: Watched) -> None:
    watched.run()
    watched.run("--kube-version=1.30")
    assert watched.judged != []
    assert watched.rendered != []


def test_another_engine_judges_again_what_helm_gave(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.run()
    for module in (memory, own_policies):
        monkeypatch.setattr(module, "engine_digest", lambda: "another")
    watched.run()
    assert {name.partition("-")[0] for name in watched.judged} == EVERY
    assert watched.rendered == []


CLOCK = 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: clock}\ndata: {at: "{{ now }}"}\n'


def test_a_chart_with_a_clock_is_rendered_and_judged_each_time(watched: Watched) -> None:
    watched.write("toy/templates/clock.yaml", CLOCK)
    for _ in range(2):
        watched.run()
        assert {name.partition("-")[0] for name in watched.judged} == EVERY
        assert watched.rendered != []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("rules/limits.py", "from helpers import PREFIX\n"),
        ("rules/limits.py", "from pathlib import Path\nPREFIX = Path('prefix.txt').read_text()\n"),
        ("rules/limits.py", "with open('prefix.txt') as file:\n    PREFIX = file.read()\n"),
    ],
)
def test_policies_that_depend_on_more_are_judged_each_time(watched: Watched, module: str, text: str) -> None:
    watched.project.write({"helpers.py": 'PREFIX = ""\n', "prefix.txt": "", module: text})
    watched.monkeypatch.syspath_prepend(str(watched.project.root))
    code, _ = watched.run("config_is_rendered")
    assert code == 0
    watched.project.write({"helpers.py": 'PREFIX = "a-"\n', "prefix.txt": "a-"})
    code, said = watched.run("config_is_rendered")
    assert code == 1
    assert "a-demo-config" in said


def test_code_that_has_changed_since_the_run_began_is_not_trusted(watched: Watched) -> None:
    """It may be another than what was imported."""
    noted = vars(judgement)["judge"]

    def edited(*given: Any) -> Any:
        watched.edit("rules/limits.py", "\n", "\n# more\n")
        return noted(*given)

    watched.monkeypatch.setattr(judgement, "judge", edited)
    watched.run()
    watched.monkeypatch.setattr(judgement, "judge", noted)
    watched.run()
    assert {name.partition("-")[0] for name in watched.judged} == EVERY
    assert watched.rendered == []


def test_a_clock_that_is_set_back_during_the_run_hides_no_edit(watched: Watched) -> None:
    """What is edited after that has a time before the start of the run, and may be as it was by the end of it."""
    noted, clock, hour = vars(judgement)["judge"], time.time_ns, 3600
    ahead = pytest.MonkeyPatch()

    def edited(*given: Any) -> Any:
        start = chartgate.STARTED - 10**9
        ahead.undo()
        ahead.setattr(chartgate, "STARTED", start)
        ahead.setattr(chartgate, "_AHEAD", chartgate.clock_ahead() + hour * 10**9)
        for old, new in (('""', '"a-"'), ('"a-"', '""')):
            watched.edit("rules/limits.py", old, new)
        return noted(*given)

    first = watched.run("--no-cache")
    ahead.setattr(judgement, "judge", edited)
    ahead.setattr(time, "time_ns", lambda: clock() + hour * 10**9)
    ahead.setattr(time, "time", lambda: clock() / 10**9 + hour)
    assert watched.run() == first
    ahead.undo()
    assert watched.run() == first
    assert {name.partition("-")[0] for name in watched.judged} == EVERY
    assert (watched.run(), watched.judged) == (first, [])


def test_damaged_entries_are_made_again(watched: Watched) -> None:
    first = watched.run()
    file = watched.cache / "made" / NAME
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE made SET value = substr(value, 1, length(value) - 1) || x'00'")
    connection.close()
    assert watched.run() == first
    assert watched.rendered != []
    assert watched.judged != []
    assert (watched.run(), watched.rendered, watched.judged) == (first, [], [])


def test_a_damaged_file_is_said_once(watched: Watched) -> None:
    code, said = watched.run()
    file = watched.cache / "made" / NAME
    file.write_bytes(b"garbage")
    again, more = watched.run()
    assert (again, more.count("what earlier runs made cannot be used")) == (code, 1)
    assert main(["cache", "info"]) == 2
    assert main(["cache", "clear"]) == 0
    watched.capsys.readouterr()
    assert watched.run() == (code, said)


def test_the_command_tells_and_clears(watched: Watched) -> None:
    made = watched.cache / "made"
    assert main(["cache", "info"]) == 0
    assert watched.capsys.readouterr().out == f"{made}: nothing\n"
    watched.run()
    assert main(["cache", "info"]) == 0
    assert watched.capsys.readouterr().out.startswith(f"{made}/{NAME}: ")
    assert main(["cache", "clear"]) == 0
    assert list(made.iterdir()) == []
    watched.run()
    assert watched.rendered != []


def test_pytest_and_the_command_share_what_they_made(watched: Watched) -> None:
    watched.run()
    watched.forget()
    watched.project.run_plainly("--policies=rules", "-q").assert_outcomes(passed=20, failed=3)
    assert (watched.judged, watched.rendered) == ([], [])
    watched.project.run_plainly("--policies=rules", "-q", "--chartgate-no-cache").assert_outcomes(passed=20, failed=3)
    assert watched.judged != []


def test_a_review_renders_and_judges_nothing_twice(watched: Watched) -> None:
    shutil.copytree(watched.project.root / "toy", watched.project.root / "older")
    watched.edit("older/values.yaml", "token: t0p-s3cret", "token: t0p")
    given = ("older", "toy", "--chart=toy", "--policies=rules", "--format=json", "--fail-on=never")
    first = watched.run(*given, command="review")
    assert "token_is_short: expected a few letters" in first[1]
    assert watched.rendered != []
    assert sorted({name.partition("-")[0] for name in watched.judged}) == [
        "config_is_rendered",
        "config_stays",
        "token_is_short",
    ]
    assert watched.run(*given, command="review") == first
    assert (watched.rendered, watched.judged) == ([], [])
