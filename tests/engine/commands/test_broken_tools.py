"""A tool that is missing, damaged, hangs or crashes: one message, and no run goes on, however it was started."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.policy import loading
from chartgate.system import toolchain
from chartgate.system.toolchain import OLDEST, PINNED, Tools
from tests.engine.conftest import Project
from tests.engine.toys import HELM_VERSION, MATRIX, script
from tests.review.repositories import Clone

Run = Callable[..., tuple[int, str]]
"""From options to the exit code and all that was shown."""

WAYS = ["check", "review", "pytest", "pytest -n 2"]
_SECONDS = 60
"""Far above what a run with a broken tool takes, and far below what it takes to try each item."""


@pytest.fixture(params=WAYS)
def run(
    request: pytest.FixtureRequest,
    project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Give a way to judge the project, in which every way fails with the exit code of unusable input."""
    monkeypatch.setattr(loading, "default_sources", lambda _: ["rules"])
    monkeypatch.setattr(toolchain, "_checked", set())
    if request.param == "review":
        Clone(project.root).git("init", "--quiet")
        Clone(project.root).commit({})

    def started(*options: str) -> tuple[int, str]:
        if request.param.startswith("pytest"):
            result = project.run_plainly("tests/matrix.yaml", *options, *request.param.split()[1:])
            return int(result.ret), result.stdout.str() + result.stderr.str()
        code = main([request.param, *(["HEAD"] if request.param == "review" else []), *options])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    def checked(*options: str) -> tuple[int, str]:
        start = time.monotonic()
        code, text = started(*options)
        assert time.monotonic() - start < _SECONDS
        assert "Traceback" not in text
        assert "INTERNALERROR" not in text
        assert code == (4 if request.param.startswith("pytest") else 2), text
        if not request.param.startswith("pytest"):
            assert len(text.splitlines()) == 1
        return code, text

    return checked


def _told_once(text: str, message: str) -> None:
    """Pytest shortens it, and says it in its summary once more, there without its end."""
    assert [line for line in text.splitlines() if message in line and not line.startswith("ERROR tests/")], text
    assert text.count("ERROR at setup of") <= 1
    assert sum(line.startswith("ERROR ") for line in text.splitlines()) <= 1


BREAKS = {
    "hangs": (
        "exec sleep 60",
        "--values - --kube-version 1.31.0 was stopped: no answer within 1 s (CHARTGATE_TIMEOUT)",
    ),
    "is killed": ("kill -9 $$", "was ended by SIGKILL: is there enough memory?"),
    "a shell's 137": ("exit 137", "was ended by SIGKILL: is there enough memory?"),
    "SIGTERM": ("kill -15 $$", "--kube-version 1.31.0 was ended by SIGTERM"),
    "disappears": (
        'rm "$0"; exec {helm} "$@"',
        "/helm is not there: run `chartgate provision`, or name another with --helm=PATH",
    ),
    "is overwritten": (
        'echo junk > "$0.new"; chmod +x "$0.new"; mv "$0.new" "$0"; exec {helm} "$@"',
        "/helm cannot be started: ",
    ),
    "writes bytes": ("printf '\\377'", "/helm wrote something that is not UTF-8: "),
}
# With workers, the first is told while others wait for the same helm, and the second is found by one of them alone;
# what helm does otherwise reaches them in the same way.
ENDED = [(way, name) for way in WAYS for name in BREAKS if way != "pytest -n 2" or name in ("hangs", "disappears")]


@pytest.mark.parametrize(("run", "name"), ENDED, indirect=["run"])
def test_a_helm_that_breaks_during_the_run(
    name: str, run: Run, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, message = BREAKS[name]
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "1" if "sleep" in body else "60")
    helm = script(tmp_path / "broken" / "helm", HELM_VERSION + body.replace("{helm}", str(tools.helm)))
    _, text = run(f"--helm={helm}")
    _told_once(text, message)


def _cache(tools: Tools, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the cache, whose helm and kubectl may be damaged."""
    for tool in (tools.helm, tools.kubectl):
        there = folder / tool.parent.name / tool.name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(tool)  # another name of the file itself would be a change of it, for runs beside this one
    monkeypatch.setenv("CHARTGATE_CACHE", str(folder))
    assert tools.helm.parent.name == PINNED.folder.name
    return folder / PINNED.folder.name


def _replaced(tool: Path, content: str | None) -> None:
    tool.unlink()  # the cache's own file is behind it
    if content is not None:
        script(tool, content)


HOOKS = "after_hooks: [{job: patcher, patch_file: PATCH, target: TARGET}]\n"


@pytest.mark.parametrize(
    ("tool", "content", "message"),
    [
        ("helm", None, "helm 4.2.3 is not provisioned: run `chartgate provision`, or name another with --helm=PATH"),
        (
            "helm",
            "exit 1",
            "/helm is damaged, or is not the helm that was pinned (its SHA-256 differs): run `chartgate",
        ),
        ("kubectl", None, "kubectl 1.36.3 is not provisioned: run `chartgate provision`"),
    ],
)
def test_a_provisioned_tool_that_cannot_be_used(
    tool: str,
    content: str | None,
    message: str,
    run: Run,
    project: Project,
    tools: Tools,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project.write({"tests/matrix.yaml": MATRIX + HOOKS})
    _replaced(_cache(tools, tmp_path / "cache", monkeypatch) / tool, content)
    _, text = run()
    _told_once(text, message)


JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: patcher}
spec:
  template:
    spec:
      containers:
        - name: a
          env: [{name: PATCH, value: /p/mode}, {name: TARGET, value: app=a}]
          volumeMounts: [{name: p, mountPath: /p}]
      volumes: [{name: p, configMap: {name: demo-config}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, labels: {app: a}}
"""


def test_a_kubectl_that_is_damaged(
    run: Run, project: Project, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"tests/matrix.yaml": MATRIX + HOOKS, "toy/templates/job.yaml": JOB})
    _replaced(_cache(tools, tmp_path / "cache", monkeypatch) / "kubectl", "exit 0")
    _, text = run()
    _told_once(text, "/kubectl is damaged, or is not the kubectl that was pinned (its SHA-256 differs): run `chartgate")


def test_a_kubectl_that_nobody_needs_may_be_missing(
    project: Project, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replaced(_cache(tools, tmp_path / "cache", monkeypatch) / "kubectl", None)
    assert project.run_plainly("-q").ret == pytest.ExitCode.OK


def test_a_run_that_starts_no_tool_checks_none(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(release: toolchain.Release, name: str) -> str:
        raise AssertionError(f"{name} of {release.folder} is read")

    monkeypatch.setattr(toolchain, "_checked", set())
    monkeypatch.setattr(toolchain.Release, "damage", unwanted)
    assert project.run_plainly("--collect-only", "-q").ret == pytest.ExitCode.OK
    for command in (["policies", "rules"], ["values", "off", "--matrix=tests/matrix.yaml"], ["check", "--help"]):
        assert main(command) == 0
    monkeypatch.setenv("CHARTGATE_DEBUG", "1")
    with pytest.raises(AssertionError, match=r"^helm of "):
        main(["check", "--policies=rules"])


def test_a_wrong_time_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "soon")
    _, text = run()
    _told_once(text, "CHARTGATE_TIMEOUT is a number of seconds above 0 and up to 86400, a day, not 'soon'")


@pytest.mark.parametrize("way", WAYS[:3])
def test_a_newer_helm_is_used_with_a_warning(
    way: str, project: Project, tools: Tools, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    newer = f'if [ "$1" = version ]; then echo v4.3.0-rc.1+g0; exit; fi\nexec {tools.helm} "$@"'
    helm = script(tmp_path / "newer", newer)
    words = f"helm 4.3.0-rc.1 at {helm}, newer than helm 4.2, the last that is tested"
    if way == "pytest":
        result = project.run_plainly(f"--helm={helm}")
        result.stdout.fnmatch_lines([f"chart: toy 1.2.3 at toy; {words}"])
        shown, code = result.stderr.str(), int(result.ret)
    else:
        shutil.copytree("toy", "twin")
        code = main([way, *(["twin"] if way == "review" else ["--policies=rules"]), f"--helm={helm}"])
        shown = capfd.readouterr().err
    assert code == 0
    assert f"chartgate: warning: {words}" in shown.splitlines()


@pytest.mark.parametrize("release", [PINNED, OLDEST], ids=lambda release: release.helm)
def test_both_ends_of_the_supported_helms_are_used_without_a_warning(
    release: toolchain.Release, project: Project
) -> None:
    result = project.run_plainly(f"--helm={release.tool('helm')}", "-q")
    assert result.ret == pytest.ExitCode.OK
    assert "warning" not in result.stderr.str()
