"""Each distinct input starts helm at most once in a pytest run, and only if a selected item needs it."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import Project
from tests.engine.toys import MATRIX, TOY

TWINS = MATRIX.replace(
    "scenarios:\n", "scenarios:\n  twin: {toggles: []}\n  other_place: {toggles: [], namespace: other}\n"
)
ONE_OFF = """
import pytest

def test_quiet(rendering):
    assert rendering.scenario.name != "loud"
"""


def _values(mode: str = "", secret: bool = False, cache: bool = False) -> str:
    toggles = {"secret": {"enabled": secret}, "cache": {"enabled": cache}}
    return json.dumps(toggles | ({"mode": mode} if mode else {}))


OFF, LOUD, REFUSED = _values(), _values("loud"), json.dumps({"mode": [1]})
SECRET, CACHE, ALL_ON = _values(secret=True), _values(cache=True), _values(secret=True, cache=True)
EVERYTHING = sorted([OFF, SECRET, CACHE, ALL_ON, LOUD, REFUSED])


@pytest.mark.parametrize(
    ("arguments", "rendered"),
    [
        ([], EVERYTHING),
        (["-n", "2"], EVERYTHING),
        (["--collect-only"], []),
        (["-k", "token_arrives"], sorted([SECRET, ALL_ON])),
        (["-k", "test_policy and loud"], [LOUD]),
        (["-k", "test_refused"], [REFUSED]),
        (["-k", "test_counterexample and config"], [OFF]),
        (["-k", "test_examines_something and config"], [OFF]),
        (["-m", "warning", "-n", "2"], sorted([SECRET, ALL_ON])),
        (["tests/matrix.yaml::test_renders[cache]"], [CACHE]),
        (["-k", "nothing_of_that_name"], []),
    ],
    ids=lambda value: " ".join(value) or "plain" if value and value[0].startswith(("-", "tests")) else "",
)
def test_starts(arguments: list[str], rendered: list[str], project: Project) -> None:
    project.run("-q", *arguments)
    assert project.rendered() == rendered
    assert list(project.helm.notes.parent.rglob("*.side")) == []


def test_twins_start_helm_once_and_another_place_starts_it_again(project: Project) -> None:
    project.write({"tests/matrix.yaml": TWINS})
    project.run("-q", "-n", "2").assert_outcomes(passed=21)
    assert project.rendered() == sorted([*EVERYTHING, OFF])
    places = [start.arguments[start.arguments.index("--namespace") + 1] for start in project.helm.starts("template")]
    assert sorted(set(places)) == ["other", "shop"]


def test_last_failed_renders_no_more_than_what_failed(project: Project) -> None:
    project.write({"tests/test_one_off.py": ONE_OFF})
    project.run("-q").assert_outcomes(passed=21, failed=1)
    assert project.rendered() == EVERYTHING
    project.run("-q", "--lf").assert_outcomes(failed=1)
    assert project.rendered() == [LOUD]


def test_stopping_at_the_first_failure_gives_the_verdicts_of_a_plain_run(project: Project) -> None:
    project.write({"tests/test_one_off.py": ONE_OFF})
    result = project.run("-q", "-x", "tests/test_one_off.py")
    result.stdout.fnmatch_lines(["FAILED tests/test_one_off.py::test_quiet[[]loud] *"])


def _verdicts(result: pytest.RunResult) -> list[str]:
    return sorted(
        line.partition(" - ")[0] for line in result.outlines if line.startswith(("PASSED ", "FAILED ", "ERROR "))
    )


def test_two_workers_and_a_second_run_give_the_verdicts_of_a_plain_run(project: Project) -> None:
    project.write({"tests/test_one_off.py": ONE_OFF})
    plain = _verdicts(project.run("-q", "-rA"))
    assert "FAILED tests/test_one_off.py::test_quiet[loud]" in plain
    assert len(plain) == 22
    assert _verdicts(project.run("-q", "-rA", "-n", "2")) == plain
    assert _verdicts(project.run("-q", "-rA", "--lf")) == [line for line in plain if line.startswith("FAILED")]


EDIT = """
from pathlib import Path

def test_edit():
    (Path("toy") / "templates" / "config.yaml").write_text("kind: Edited")
    (Path("toy") / "values.yaml").write_text("mode: edited")

def test_after(rendering):
    assert rendering.resources.one("ConfigMap", "demo-config").at("data.mode") in ("plain", "loud")
    assert rendering.chart.defaults["mode"] == "plain"
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["plain", "two workers"])
def test_a_chart_that_is_edited_during_the_run_changes_nothing_in_it(workers: list[str], project: Project) -> None:
    project.write({"tests/test_edit.py": EDIT})
    project.run("-q", "tests/test_edit.py", *workers).assert_outcomes(passed=6)
    assert (project.root / "toy" / "values.yaml").read_text() == "mode: edited"
    project.write({f"toy/{name}": content for name, content in TOY.items()})
