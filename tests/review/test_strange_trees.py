"""Commits of strangers: what they hold is written within limits and below one folder, or refused in one line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.system import git, git_trees
from tests.review.repositories import Clone, Tree, refusal, two_versions, written

METADATA = ("100644", b"Chart.yaml", b"name: toy\n")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return two_versions(tmp_path / "repository")


BIG = [("100644", str(number).encode(), bytes(1000)) for number in range(9)]
TWICE = [("120000", b"x", b".."), ("40000", b"x", [("100644", b"escaped", b"")])]
LINKS = [("120000", str(number).encode(), b"a") for number in range(12)]


def _deep(levels: int) -> Tree:
    tree: Tree = [METADATA]
    for _ in range(levels):
        tree = [("40000", b"d", tree)]
    return tree


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([("100644", b"..", b"")], "chart/..: a file must not be named '..'"),
        ([("40000", b"..", [("100644", b"escaped", b"")])], "chart/..: a file must not be named '..'"),
        ([("100644", b"../../escaped", b"")], "chart/../../escaped: a file must not be named '../../escaped'"),
        ([("100644", b"/tmp/escaped", b"")], "a file must not be named '/tmp/escaped'"),
        ([("100644", b".", b"")], "a file must not be named '.'"),
        ([("100644", b"", b"")], "a file must not be named ''"),
        ([("40000", b".git", [("100644", b"config", b"")])], "chart/.git: a file must not be named '.git'"),
        ([("40000", b".GIT", [("100644", b"config", b"")])], "a file must not be named '.GIT'"),
        ([("100644", b"\xff.yaml", b"")], r"chart/b'\xff.yaml': the name of a file must be UTF-8"),
        ([("100644", b"a\nb.yaml", b"")], r"chart/'a\nb.yaml': the name of a file must be without control characters"),
        ([("100644", b"\x1b[31m", b"")], "the name of a file must be without control characters"),
        ([("100644", b"n" * 300, b"")], "it cannot be written: File name too long"),
        (TWICE, "chart: the tree {object} is damaged, or made to be: see `git fsck`"),
        ([("100644", b"x", b""), ("100644", b"x", b"other")], "chart: the tree {object} is damaged"),
        ([("60000", b"device", b"")], "chart/device: it is neither a file, a folder nor a link (mode '60000')"),
        ([("100644", b"x", [METADATA])], "is a tree: see `git fsck`"),
        ([("40000", b"x", b"text")], "is a blob: see `git fsck`"),
        ([("100644", b"x", "ab" * 20)], "chart/x: git cannot read the object abababab"),
        ([("120000", b"x", b"/etc/passwd")], "chart/x is a symbolic link out of the repository, to /etc/passwd"),
        ([("120000", b"x", b"../..")], "chart/x is a symbolic link out of the repository, to ../.."),
        ([("120000", b"x", b"../../a\n::error::b")], "no name of a file"),
        ([("120000", b"x", b"\xff")], "chart/x: it is a symbolic link to '\\udcff', which is no name of a file"),
        ([("120000", b"x", b"")], "which is no name of a file"),
        ([("120000", b"x", b"a\0b")], "which is no name of a file"),
        ([("120000", b"x", b"a" * 5000)], "which is no name of a file"),
        ([("120000", b"x", b"x/x")], "chart/x: it is a symbolic link that leads to itself, or too deep"),
        (
            [
                ("40000", b"d", [("40000", b"e", [("120000", b"up", b"../..")])]),
                ("120000", b"x", b"d/e/up/../../../etc"),
            ],
            "chart/x: it is a symbolic link to d/e/up/../../../etc: write `..` at the beginning only",
        ),
        (_deep(200), "there are more than 100 folders in each other"),
        (BIG, ": more than 0 MiB are too much for a chart"),
        (LINKS, "there are more than 10 symbolic links: name a smaller folder"),
    ],
)
def test_a_tree_that_is_made_to_harm(
    tree: Tree, message: str, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_trees, "_MOST_BYTES", 5000)
    monkeypatch.setattr(git, "_MOST_LINKS", 10)
    commit = clone.crafted([("40000", b"chart", [METADATA, *tree])])
    into = tmp_path / "deep" / "there"
    said = refusal(clone, commit, into)
    chart = clone.git("rev-parse", f"{commit}:chart").strip()
    assert message.replace("{object}", chart) in said
    assert list(tmp_path.rglob("escaped")) == []


def test_a_tree_of_few_objects_and_very_many_files(clone: Clone, tmp_path: Path) -> None:
    tree: Tree = [METADATA]
    made = clone.git("rev-parse", clone.crafted(tree) + "^{tree}").strip()
    for _ in range(12):
        made = clone.git(
            "rev-parse", clone.crafted([("40000", str(n).encode(), made) for n in range(10)]) + "^{tree}"
        ).strip()
    start = time.monotonic()
    commit = clone.crafted([("40000", b"chart", made)])
    assert "chart: there are more than 100,000 files: name a smaller folder" in refusal(clone, commit, tmp_path / "to")
    assert time.monotonic() - start < 30


def test_one_large_file_at_many_places_counts_at_each(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_trees, "_MOST_BYTES", 50_000)
    commit = clone.crafted([("40000", b"chart", [("100644", str(n).encode(), bytes(10_000)) for n in range(6)])])
    assert "are too much for a chart" in refusal(clone, commit, tmp_path / "there")


def test_links_through_links_are_followed(clone: Clone, tmp_path: Path) -> None:
    chart = [METADATA, ("120000", b"charts", b"../first/./charts"), ("120000", b"same", b"charts")]
    shared = [("40000", b"charts", [("40000", b"a", [METADATA])])]
    commit = clone.crafted([("40000", b"chart", chart), ("120000", b"first", b"shared"), ("40000", b"shared", shared)])
    written(clone, commit, tmp_path / "there")
    assert (tmp_path / "there/chart/same/a/Chart.yaml").read_text() == "name: toy\n"


def test_names_that_differ_in_case_only(clone: Clone, tmp_path: Path) -> None:
    tree = [("100644", b"A.yaml", b"one"), ("100644", b"a.yaml", b"two")]
    commit = clone.crafted([("40000", b"chart", tree)])
    assert written(clone, commit, tmp_path / "there") == {"chart/A.yaml": b"one", "chart/a.yaml": b"two"}


def test_a_file_system_that_takes_two_names_for_one(clone: Clone, tmp_path: Path) -> None:
    """Here it is a link that somebody has put there."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "chart").symlink_to(tmp_path)
    said = refusal(clone, "v1.0.0", tmp_path / "there")
    assert "it cannot be written: another file of the commit has that name on this file system" in said
    assert not (tmp_path / "values.yaml").exists()


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        ([("40000", b"..", [METADATA])], "chart/..: a file must not be named '..'"),
        ([("120000", b"x", b"/etc/passwd")], "chart/x is a symbolic link out of the repository, to /etc/passwd"),
        ([("100644", b"x", "ab" * 20)], "chart/x: git cannot read the object abab"),
    ],
)
def test_the_command_says_it_in_one_line(
    chart: Tree, message: str, clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone.top)
    commit = clone.crafted([("40000", b"chart", [METADATA, *chart])])
    assert main(["review", commit, "--chart=chart"]) == 2
    shown = capsys.readouterr()
    [line] = shown.err.splitlines()
    assert message in line
    assert shown.out == ""
