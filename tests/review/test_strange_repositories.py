"""Repositories of strangers: nothing that they name is run or fetched, and what git cannot use is one line."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.system.git import Repository
from tests.engine.toys import script
from tests.review.repositories import SMALL_CHART, Clone, cloned, refusal, two_versions, written


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return two_versions(tmp_path / "repository")


def _plain_git(clone: Clone, words: str, variables: Mapping[str, str]) -> None:
    """Run git as a person would, at a terminal: only there it starts a pager."""
    terminal, inside = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, "TERM": "xterm", **variables}
    subprocess.run(
        ["git", "-C", clone.top, *words.split()], env=environment, stdout=inside, stderr=subprocess.PIPE, check=False
    )
    os.close(terminal)
    os.close(inside)


TEXTCONV = {".gitattributes": "* diff=x filter=x\n"}


@pytest.mark.parametrize(
    ("settings", "variables", "provoked_by"),
    [
        ({"core.fsmonitor": "{run}"}, {}, "status"),
        ({"include.path": "{top}/included"}, {}, "status"),
        ({"core.hooksPath": "{top}/hooks"}, {}, "checkout main"),
        ({"core.pager": "{run}"}, {}, "--paginate tag --list"),
        ({"pager.tag": "{run}"}, {}, "tag --list"),
        ({"diff.external": "{run}"}, {}, "diff HEAD~1"),
        ({"diff.x.textconv": "{run}"}, {}, "diff HEAD~1"),
        ({"diff.x.command": "{run}"}, {}, "diff HEAD~1"),
        ({"filter.x.smudge": "{run}"}, {}, "cat-file --filters HEAD:chart/values.yaml"),
        ({"filter.x.process": "{run}"}, {}, "cat-file --filters HEAD:chart/values.yaml"),
        ({"alias.tags": "!{run}"}, {}, "tags"),
        ({}, {"GIT_EXTERNAL_DIFF": "{run}"}, "diff HEAD~1"),
        ({}, {"GIT_PAGER": "{run}"}, "--paginate tag --list"),
        ({}, {"GIT_TRACE": "{top}/canary"}, "status"),
        ({}, {"GIT_TRACE2_EVENT": "{top}/canary"}, "status"),
        (
            {},
            {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": "{run}"},
            "status",
        ),
        ({}, {"GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='{run}'"}, "status"),
    ],
)
def test_nothing_that_a_repository_names_is_run(
    settings: dict[str, str],
    variables: dict[str, str],
    provoked_by: str,
    clone: Clone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A plain git runs it."""
    canary = clone.top / "canary"
    run = script(clone.top / "run", f"touch {canary}; cat")
    script(clone.top / "hooks/post-checkout", f"touch {canary}")
    (clone.top / "included").write_text(f"[core]\n  fsmonitor = {run}\n")
    clone.commit(TEXTCONV)
    for name, value in settings.items():
        clone.git("config", name, value.format(run=run, top=clone.top))
    variables = {name: value.format(run=run, top=clone.top) for name, value in variables.items()}
    _plain_git(clone, provoked_by, variables)
    assert canary.exists(), "nothing is proved"
    canary.unlink()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert written(clone, "v1.0.0", tmp_path / "there") == {name: text.encode() for name, text in SMALL_CHART.items()}
    assert not canary.exists()


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        ({"remote.origin.url": "ssh://nowhere/x", "core.sshCommand": "{run}"}, {}),
        ({"remote.origin.url": "ssh://nowhere/x"}, {"GIT_SSH_COMMAND": "{run}"}),
        ({"remote.origin.url": "ext::{run}", "protocol.ext.allow": "always"}, {}),
        ({"remote.origin.url": "ext::{run}"}, {"GIT_ALLOW_PROTOCOL": "ext"}),
        ({"remote.origin.uploadpack": "{run}"}, {}),
    ],
    ids=["ssh", "variable", "ext", "allowed by a variable", "uploadpack"],
)
def test_what_a_partial_clone_lacks_is_not_fetched(
    settings: dict[str, str],
    variables: dict[str, str],
    clone: Clone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clone.git("config", "uploadpack.allowFilter", "true")
    options = ("--quiet", "--no-checkout", "--filter=blob:none")
    clone.git("clone", *options, f"file://{clone.top}", str(tmp_path / "partial"))
    partial, canary = Clone(tmp_path / "partial"), tmp_path / "canary"
    run = script(tmp_path / "run", f"touch {canary}")
    for name, value in settings.items():
        partial.git("config", name, value.format(run=run))
    variables = {name: value.format(run=run) for name, value in variables.items()}
    _plain_git(partial, "cat-file -p HEAD:chart/values.yaml", variables)
    assert canary.exists(), "nothing is proved"
    canary.unlink()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (partial.top / "chart").mkdir()
    said = refusal(partial, "HEAD", tmp_path / "there")
    assert "git cannot read the object " in said
    assert "a partial clone lacks some, which `git fetch --refetch --no-filter` brings" in said
    assert not canary.exists()
    partial.git("config", "remote.origin.url", f"file://{clone.top}")
    if "remote.origin.uploadpack" not in settings:
        partial.git("fetch", "--quiet", "--refetch", "--no-filter")
        assert written(partial, "HEAD", tmp_path / "again")["chart/values.yaml"] == b"a: 2\n"


@pytest.mark.parametrize("how", ["gone", "junk", "empty"])
@pytest.mark.parametrize("what", ["HEAD:chart/values.yaml", "HEAD:chart", "HEAD^{tree}"])
def test_an_object_that_cannot_be_read(how: str, what: str, clone: Clone, tmp_path: Path) -> None:
    name = clone.git("rev-parse", what).strip()
    file = clone.top / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o644)
    file.unlink() if how == "gone" else file.write_bytes(b"junk" if how == "junk" else b"")
    said = refusal(clone, "HEAD", tmp_path / "there")
    assert "git cannot read " in said
    assert name in said or "^{tree}" in said


def test_names_that_cannot_be_read_are_told_in_the_words_of_git(clone: Clone) -> None:
    (clone.top / ".git/packed-refs").write_bytes(b"junk\n")
    with pytest.raises(InputError, match=r"there is no commit of that name in .*: fatal: unexpected line in "):
        Repository(clone.top).commit("HEAD")


def test_what_a_replacement_or_a_graft_says_does_not_count(clone: Clone, tmp_path: Path) -> None:
    other = clone.crafted([("40000", b"chart", [("100644", b"Chart.yaml", b"another")])])
    clone.git("replace", "HEAD", other)
    (clone.top / ".git/info/grafts").write_text(f"{clone.git('rev-parse', 'HEAD').strip()}\n")
    assert written(clone, "HEAD", tmp_path / "there")["chart/values.yaml"] == b"a: 2\n"
    assert written(clone, "HEAD~1", tmp_path / "too")["chart/values.yaml"] == b"a: 1\n"


def test_a_repository_of_another_user(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's own tests make one by a variable."""
    script(tmp_path / "bin/git", f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    said = refusal(clone, "HEAD", tmp_path / "there")
    command = f"git config --global --add safe.directory {clone.top}"
    assert said.endswith(
        f": git refuses the repository, since it belongs to another user; if you trust it: `{command}`"
    )
    (tmp_path / "settings").write_text(f"[safe]\n  directory = {clone.top}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    assert written(clone, "v1.0.0", tmp_path / "there")["chart/values.yaml"] == b"a: 1\n"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[core\n", ": fatal: bad config line 1 in file .git/config"),
        ("[core]\nrepositoryformatversion = 99\n", ": fatal: Expected git repo version <= 1, found 99"),
        (
            "[core]\nrepositoryformatversion = 1\n[extensions]\nunheardOf = 1\n",
            ": fatal: unknown repository extension found: unheardof",
        ),
        (
            "[core]\nrepositoryformatversion = 0\nworktree = /etc\n",
            "/chart has its files in /etc (core.worktree): name a .tgz",
        ),
        ("[include]\npath = config\n", "fatal: exceeded maximum include depth"),
    ],
)
def test_a_configuration_that_git_cannot_use(config: str, message: str, clone: Clone, tmp_path: Path) -> None:
    (clone.top / ".git/config").write_text(config)
    said = refusal(clone, "HEAD", tmp_path / "there")
    assert message in said
    assert said.startswith(
        ("'HEAD' is neither a chart folder nor an archive, and as a git", "the git repository around")
    )


def test_a_bare_repository(clone: Clone, tmp_path: Path) -> None:
    """One that lies in somebody's files would bring its own configuration."""
    clone.git("clone", "--quiet", "--bare", str(clone.top), str(tmp_path / "bare"))
    said = refusal(Clone(tmp_path / "bare"), "HEAD", tmp_path / "there")
    assert f"fatal: cannot use bare repository '{tmp_path}/bare' (safe.bareRepository is 'explicit')" in said


@pytest.mark.parametrize("kind", ["sha256", "shared", "work tree", "submodule", "packed", "shallow"])
def test_kinds_of_repositories(kind: str, clone: Clone, tmp_path: Path) -> None:
    there = tmp_path / "kind"
    if kind == "sha256":
        other = cloned(there, "--object-format=sha256")
        other.commit(SMALL_CHART, tag="v1.0.0")
    elif kind == "work tree":
        clone.git("worktree", "add", "--quiet", str(there))
    elif kind == "submodule":
        outer = cloned(tmp_path / "outer")
        outer.git("submodule", "--quiet", "add", str(clone.top), "inner")
        there = outer.top / "inner"
    elif kind == "packed":
        clone.git("gc", "--quiet")
        there = clone.top
    else:
        option = "--shared" if kind == "shared" else "--depth=1"
        clone.git("clone", "--quiet", option, f"{'' if kind == 'shared' else 'file://'}{clone.top}", str(there))
    reference = "HEAD" if kind == "shallow" else "v1.0.0"
    assert set(written(Clone(there), reference, tmp_path / "to")) == set(SMALL_CHART)


@pytest.mark.parametrize(
    "reference", ["--upload-pack=touch x", "-x", "a b", "a\nb", "\x1b", "../..", ":", "@{99999}", "HEAD^{/(((}", "é"]
)
def test_a_reference_that_is_made_to_harm(reference: str, clone: Clone, tmp_path: Path) -> None:
    said = refusal(clone, reference, tmp_path / "there") if reference.isprintable() else ""
    if not said:
        with pytest.raises(InputError, match="there is no commit of that name"):
            Repository.around(clone.top, reference).commit(reference)
    else:
        assert f"{reference!r} is neither a chart folder nor an archive, and there is no commit of that name" in said


def test_the_names_of_tags_are_any_bytes(clone: Clone) -> None:
    os.makedirs(clone.top / ".git/refs/tags", exist_ok=True)  # noqa: PTH103
    commit = clone.git("rev-parse", "HEAD")
    Path(os.fsdecode(bytes(clone.top / ".git/refs/tags/") + b"/v\xff")).write_text(commit)
    clone.git("config", "column.ui", "always")
    clone.git("config", "tag.sort", "-nonsense")
    assert Repository.around(clone.top, "").tags() == ["v1.0.0", "v\N{REPLACEMENT CHARACTER}"]
