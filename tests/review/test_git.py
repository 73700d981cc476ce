"""What git knows by a name: tags, links, submodules, shallow clones; and the work tree stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.system.git import Repository
from tests.review.repositories import Clone, cloned

CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: toy\nversion: 1.0.0\n", "chart/templates/a.yaml": "one\n"}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Give a repository with a chart of two versions, the first of them tagged."""
    clone = cloned(tmp_path / "repository")
    clone.commit(CHART, tag="v1.0.0")
    clone.commit({"chart/templates/a.yaml": "two\n", "chart/templates/über maß.yaml": "three\n"})
    return clone


def _written(clone: Clone, reference: str, path: str, into: Path) -> dict[str, str]:
    repository = Repository.around(clone.top / path, reference)
    repository.write(repository.commit(reference), Path(path), into)
    return {file.relative_to(into).as_posix(): file.read_text() for file in into.rglob("*") if file.is_file()}


@pytest.mark.parametrize("reference", ["v1.0.0", "HEAD~1", "main~1", "refs/tags/v1.0.0"])
def test_a_name_of_a_commit(clone: Clone, tmp_path: Path, reference: str) -> None:
    assert _written(clone, reference, "chart", tmp_path / "there") == CHART


def test_an_annotated_tag_and_part_of_a_hash(clone: Clone, tmp_path: Path) -> None:
    clone.git("tag", "--annotate", "--message", "one", "one", "v1.0.0")
    start = clone.git("rev-parse", "v1.0.0").strip()[:9]
    assert _written(clone, "one", "chart", tmp_path / "there") == CHART
    assert _written(clone, start, "chart", tmp_path / "too") == CHART


def test_names_of_files_are_any_text(clone: Clone, tmp_path: Path) -> None:
    written = _written(clone, "HEAD", "chart", tmp_path / "there")
    assert written["chart/templates/über maß.yaml"] == "three\n"


def test_the_top_of_a_repository_is_a_chart_too(tmp_path: Path) -> None:
    clone = cloned(tmp_path / "repository")
    clone.commit({"Chart.yaml": "name: toy\n", "templates/a.yaml": ""})
    assert set(_written(clone, "HEAD", ".", tmp_path / "there")) == {"Chart.yaml", "templates/a.yaml"}


def test_a_link_brings_what_it_leads_to(clone: Clone, tmp_path: Path) -> None:
    (clone.top / "chart" / "charts").mkdir()
    (clone.top / "chart/charts/other").symlink_to("../../shared/other")
    clone.commit({"shared/other/Chart.yaml": "name: other\n", "shared/unused": ""})
    written = _written(clone, "HEAD", "chart", tmp_path / "there")
    assert written["shared/other/Chart.yaml"] == "name: other\n"
    assert (tmp_path / "there/chart/charts/other/Chart.yaml").read_text() == "name: other\n"
    assert "shared/unused" not in written


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "../.."])
def test_a_link_out_of_the_repository_is_refused(clone: Clone, tmp_path: Path, target: str) -> None:
    (clone.top / "chart/evil").symlink_to(target)
    clone.commit({})
    with pytest.raises(InputError, match="chart/evil is a symbolic link out of the repository"):
        _written(clone, "HEAD", "chart", tmp_path / "there")


def test_links_that_lead_to_each_other_end(clone: Clone, tmp_path: Path) -> None:
    (clone.top / "chart/one").symlink_to("two")
    (clone.top / "chart/two").symlink_to("one")
    clone.commit({})
    repository = Repository.around(clone.top, "HEAD")
    repository.write(repository.commit("HEAD"), Path("chart"), tmp_path / "there")
    assert (tmp_path / "there/chart/one").is_symlink()


def test_a_submodule_is_left_out(clone: Clone, tmp_path: Path) -> None:
    other = cloned(tmp_path / "other")
    other.commit({"Chart.yaml": "name: other\n"})
    clone.git("submodule", "--quiet", "add", str(other.top), "chart/charts/other")
    clone.commit({})
    written = _written(clone, "HEAD", "chart", tmp_path / "there")
    assert "chart/Chart.yaml" in written
    assert not [name for name in written if name.startswith("chart/charts/other")]


def test_a_reference_that_is_not_there(clone: Clone) -> None:
    message = r"'v9' is neither a chart folder nor an archive, and there is no commit of .*git fetch --tags"
    with pytest.raises(InputError, match=message):
        Repository.around(clone.top, "v9").commit("v9")


@pytest.mark.parametrize("reference", ["--help", "-1", "HEAD^{tree}", "HEAD:chart", "", "a b", "v1.0.0..HEAD"])
def test_what_is_no_commit(clone: Clone, reference: str) -> None:
    with pytest.raises(InputError, match="no commit of"):
        Repository.around(clone.top, reference).commit(reference)


def test_a_shallow_clone_says_how_to_get_more(clone: Clone, tmp_path: Path) -> None:
    clone.git("clone", "--quiet", "--depth=1", f"file://{clone.top}", str(tmp_path / "shallow"))
    shallow = Repository.around(tmp_path / "shallow", "v1.0.0")
    assert shallow.commit("HEAD")
    with pytest.raises(InputError, match=r"this is a shallow clone.*git fetch --unshallow --tags.*fetch-depth: 0"):
        shallow.commit("v1.0.0")


def test_without_a_repository(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="'v1' is neither a chart folder nor an archive, and as a git reference it needs"
    ):
        Repository.around(tmp_path, "v1")


def test_without_git(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(
        InputError, match="git is not on PATH: without it, no reference can be read; a review takes chart folders"
    ):
        Repository.around(clone.top, "v1.0.0")


def test_a_work_tree_stays_as_it_is(clone: Clone, tmp_path: Path) -> None:
    (clone.top / "chart/templates/a.yaml").write_text("not committed\n")
    (clone.top / "chart/new.yaml").write_text("nor this\n")
    before, status = clone.state(), clone.git("status", "--porcelain")
    assert _written(clone, "v1.0.0", "chart", tmp_path / "there") == CHART
    assert (clone.state(), clone.git("status", "--porcelain")) == (before, status)


def test_inside_of_a_hook(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git names the repository to its hooks that they run for, which is not the chart's here."""
    other = cloned(tmp_path / "other")
    other.commit({"README": ""})
    monkeypatch.setenv("GIT_DIR", str(other.top / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.top))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.top / ".git/index"))
    monkeypatch.setenv("GIT_PREFIX", "deep/")
    assert _written(clone, "v1.0.0", "chart", tmp_path / "there") == CHART


def test_a_linked_work_tree(clone: Clone, tmp_path: Path) -> None:
    clone.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert _written(Clone(tmp_path / "linked"), "v1.0.0", "chart", tmp_path / "there") == CHART


def test_the_tags(clone: Clone) -> None:
    clone.git("tag", "chart/v0.9")
    assert sorted(Repository.around(clone.top, "").tags()) == ["chart/v0.9", "v1.0.0"]
