"""The gate itself as a change: what a pull request takes out of settings, matrix, baseline and policies."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema
import pytest

from chartgate.commands.main import main
from chartgate.matrix.choice import Choice
from chartgate.review.sides import open_side
from chartgate.review.weakening.gate_change import GateChange, gate_change
from chartgate.review.weakening.gate_rules import GateRules, rules_of
from tests.review.gate_edits import (
    CHART,
    FILES,
    MATRIX,
    NOT_WEAKER,
    OF_MATRIX,
    POLICIES,
    WAIVER,
    WEAKER,
    edited,
    of_matrix,
    of_settings,
)
from tests.review.repositories import Clone, cloned

CHOICE = Choice(default_matrix="tests/matrix.yaml", chart="chart")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Make a project with a gate, tagged v1."""
    clone = cloned(tmp_path_factory.mktemp("project") / "clone")
    clone.commit(FILES, tag="v1")
    return clone


@pytest.fixture(scope="module")
def before(project: Clone, tmp_path_factory: pytest.TempPathFactory) -> GateRules:
    """Give what v1 is judged by."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.top)
        rules = rules_of(open_side("v1", CHOICE, tmp_path_factory.mktemp("v1") / "side"), CHOICE)
    assert rules is not None
    return rules


@pytest.fixture
def clone(project: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    """Go to the project, which is as v1 has it again afterwards."""
    monkeypatch.chdir(project.top)
    yield project
    project.git("reset", "--quiet", "--hard", "v1")
    project.git("clean", "--quiet", "-dfx")


SNAPSHOTS = "from chartgate.pytest_plugin.snapshot_items import *  # noqa: F403\n"


def _now(changed: Mapping[str, str], before: GateRules, folder: Path) -> GateChange:
    """Change files of the work tree, and compare it with what v1 is judged by."""
    for file, text in changed.items():
        Path(file).write_text(text)
    choice = CHOICE if Path(OF_MATRIX).is_file() else dataclasses.replace(CHOICE, default_matrix="")
    rules = rules_of(open_side("", choice, folder / "side"), choice)
    return GateChange(before, rules)


def _between(base: str, head: str, folder: Path) -> GateChange:
    sides = [open_side(given, CHOICE, folder / name) for given, name in ((base, "base"), (head, "head"))]
    return gate_change(sides[0], sides[1], CHOICE)


def _told(change: GateChange, *used: str) -> list[tuple[str, str, str]]:
    return [
        (entry.subjects[0], ", ".join(entry.addresses), risk.reason)
        for entry in change.entries(used)
        for risk in entry.risks
    ]


@pytest.mark.parametrize("name", WEAKER)
@pytest.mark.usefixtures("clone")
def test_a_weaker_gate(name: str, before: GateRules, tmp_path: Path) -> None:
    changed, told = WEAKER[name]
    assert _told(_now(changed, before, tmp_path)) == [told]


@pytest.mark.parametrize("name", NOT_WEAKER)
@pytest.mark.usefixtures("clone")
def test_a_gate_that_is_not_weaker(name: str, before: GateRules, tmp_path: Path) -> None:
    assert _told(_now(NOT_WEAKER[name], before, tmp_path)) == []


@pytest.mark.usefixtures("clone")
def test_a_scenario_goes_with_its_feature(before: GateRules, tmp_path: Path) -> None:
    without = of_matrix("toggles: {cache: cache.enabled}\n", "")
    values = edited("chart/values.yaml", "cache: {enabled: false}\n", "")
    assert _told(_now(without | values, before, tmp_path)) == []


@pytest.mark.usefixtures("clone")
def test_a_matrix_that_is_gone(before: GateRules, tmp_path: Path) -> None:
    Path(OF_MATRIX).unlink()
    reason = "the matrix is gone: nothing but the chart's own ci/ files or defaults is judged"
    change = _now(of_settings('matrix = "tests/matrix.yaml"\n', ""), before, tmp_path)
    assert _told(change) == [(OF_MATRIX, "", reason)]


@pytest.mark.usefixtures("clone")
def test_a_narrow_waiver_of_a_risk_is_shown_beside_it(before: GateRules, tmp_path: Path) -> None:
    waiver = (
        "waivers:\n- {risk: image, resource: Deployment shop/web, reason: tested, owner: me, expires: 2026-12-24}\n"
    )
    change = _now(of_matrix("waivers:\n", waiver), before, tmp_path)
    assert _told(change, "image") == []
    assert [address for _, address, _ in _told(change)] == ["waivers.image"]


@pytest.mark.usefixtures("clone")
def test_code_is_named_and_not_run(tmp_path: Path) -> None:
    for file, text in (("policies/ours.py", "raise SystemExit\n" + POLICIES), ("conftest.py", "exit(1)\n")):
        Path(file).write_text(text)
    change = _between("v1", "", tmp_path)
    assert _told(change) == []
    assert change.notes == (
        "Code that decides what is red has changed, which only reading it judges: conftest.py, policies/ours.py.",
    )


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        ("run: true\n", [(".github/workflows/gate.yml", "", "no workflow, hook or Makefile names it any longer")]),
        ("run: chartgate check\n", []),
    ],
    ids=["no longer", "in another way"],
)
def test_what_starts_it(
    workflow: str, told: list[tuple[str, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, file = cloned(tmp_path / "project"), ".github/workflows/gate.yml"
    clone.commit(FILES | {file: "run: chartgate check --page\n"}, tag="v1")
    clone.commit({file: workflow}, tag="v2")
    monkeypatch.chdir(clone.top)
    change = _between("v1", "v2", tmp_path / "sides")
    assert _told(change) == told
    assert change.notes == (f"Code that decides what is red has changed, which only reading it judges: {file}.",)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"tests/test_snapshots.py": "\n"}, ["no test file imports chartgate.pytest_plugin.snapshot_items any longer"]),
        ({"tests/test_snapshots.py": "\n", "tests/test_other.py": SNAPSHOTS}, []),
    ],
    ids=["no longer", "in another file"],
)
def test_which_tests_are_collected(
    after: dict[str, str], told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = cloned(tmp_path / "project")
    clone.commit(FILES | {"tests/test_snapshots.py": SNAPSHOTS}, tag="v1")
    clone.commit(after, tag="v2")
    monkeypatch.chdir(clone.top)
    found = _told(_between("v1", "v2", tmp_path / "sides"))
    assert found == [("tests/test_snapshots.py", "", reason) for reason in told]


def test_a_gate_is_introduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = cloned(tmp_path / "project")
    clone.commit(CHART, tag="v1")
    clone.commit(FILES, tag="v2")
    monkeypatch.chdir(clone.top)
    assert _told(_between("v1", "v2", tmp_path / "sides")) == []
    assert [file for file, _, _ in _told(_between("v2", "v1", tmp_path / "back"))] != []


def test_two_commits(clone: Clone, tmp_path: Path) -> None:
    changed, told = WEAKER["a disabled policy"]
    clone.commit(changed, tag="v2")
    assert _told(_between("v1", "v2", tmp_path / "one")) == [told]
    assert _told(_between("v2", "v1", tmp_path / "two")) == []
    outside = shutil.copytree("chart", tmp_path / "outside")
    assert _told(_between("v1", str(outside), tmp_path / "three")) == []


def test_what_cannot_be_read_is_a_note(clone: Clone, tmp_path: Path) -> None:
    clone.commit({"chartgate.toml": "nothing = 1\n"}, tag="broken")
    [note] = _between("broken", "v1", tmp_path).notes
    assert note.startswith("What broken (")
    assert "chartgate.toml:1: nothing: there is no such setting" in note


@pytest.mark.usefixtures("clone")
def test_an_older_waiver_accepts_a_weaker_gate_and_a_new_one_does_not(before: GateRules, tmp_path: Path) -> None:
    waiver = "waivers:\n- {risk: gate_weakened, path: '*', reason: agreed, owner: boss, expires: 2027-12-24}\n"
    new = _now(of_matrix("waivers:\n", waiver), before, tmp_path)
    assert new.waivers == ()
    assert [address for _, address, _ in _told(new)] == ["waivers.gate_weakened"]
    old = GateChange(new.after, before)
    assert [(waiver.policy, waiver.owner) for waiver in old.waivers] == [("gate_weakened", "boss")]


@pytest.mark.usefixtures("clone")
def test_the_review_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path(OF_MATRIX).write_text(MATRIX.replace("waivers:\n", WAIVER))
    assert main(["review", "v1", "--no-policies"]) == 1
    shown = capsys.readouterr().out
    told = shown.partition("\n  tests/matrix.yaml\n")[2].splitlines()
    assert told[0].startswith("    gate_weakened: a new waiver, of any object until ")
    assert told[1:2] == ["      waivers.it_is_red"]
    assert main(["review", "v1", "--no-policies", "--format=json"]) == 1
    report = json.loads(capsys.readouterr().out)
    schema = json.loads((Path(__file__).parents[2] / "docs/review.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert [(entry["section"], entry["subjects"]) for entry in report["entries"]] == [("gate", [OF_MATRIX])]
    assert report["version"]["required"] == "none"
