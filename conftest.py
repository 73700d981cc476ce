"""This repository's own fixtures; everything that judges a chart comes from the plugin."""

import contextlib
import dataclasses
import hashlib
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_text import YamlSnapshot
from chartgate.errors import ToolError
from chartgate.rendering import helm_template
from chartgate.rendering.helm_template import HelmInput, HelmOutput
from chartgate.rendering.in_process import HELMS, InProcess, installed_version, made
from chartgate.system.processes import Output
from chartgate.system.store import NO_CACHE
from chartgate.system.toolchain import PINNED
from tests.engine.toys import WRAPPERS

# For tests/engine, which runs whole pytest runs; only this file may name plugins.
pytest_plugins = ["pytester"]
# Its tests have the names of tests/test_policies.py and tests/test_snapshots.py here, beside their snapshots.
collect_ignore = ["tests/matrix.yaml"]


ALL_ITEMS = pytest.StashKey[list[str]]()
"""The items that were collected, before any were deselected."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remember what there is to select from."""
    config.stash[ALL_ITEMS] = [item.nodeid for item in items]


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Keep each snapshot in a YAML file of its own, below tests/snapshots/."""
    return snapshot.use_extension(YamlSnapshot)


@pytest.fixture(scope="session", autouse=True)
def without_earlier_runs() -> Iterator[None]:
    """Let the runs that tests start begin with nothing, whatever was run before; this run has opened its own by now.

    Nor do they load what is only installed beside us, and takes a third of what pytest needs to start.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NO_CACHE, "1")
        patch.setenv("PYTEST_ADDOPTS", "-p no:anyio -p no:hypothesispytest")
        yield


@pytest.fixture
def library_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let helm's library render a chart without helm beside it the first time, where the library is used at all.

    That both render the same is shown by tests/chart/test_renderers.py and tests/engine/rendering/test_in_process.py;
    each of some hundred charts that differ by a line need not show it again. They ask for no version of Kubernetes
    that they are not rendered for.
    """

    def template(self: InProcess, given: HelmInput, *, is_trial: bool = False) -> HelmOutput:
        with contextlib.suppress(ToolError):  # another test has ended the process that waited for a question
            if self._is_used and (found := made(given, is_trial=is_trial)):
                return found
        return helm_template.template(given)

    monkeypatch.setattr(InProcess, "template", template)


_CHANCE = re.compile(rb"rand|now|uuid|gen[A-Z]|shuffle|htpasswd|bcrypt|encrypt|lookup|getHost|[dD]ate|ago")
"""What a template may call to print something else each time."""
_OF_HELM = re.compile(rb"HelmVersion|Capabilities|kubeVersion")
"""What the library may answer otherwise."""
_MOST_FILES = 60
_HELM_SAID: dict[str, Output] = {}
_STARTED: set[str] = set()
"""The helms that rendered something in this process: they are what they should be."""


@pytest.fixture
def helm_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask helm once for what a chart of the same content gives, in all tests of this process that want no more of it.

    By the content that is in the folder at that moment, and by all else that a process of helm gets. What is refused,
    or comes by chance, or of a large chart, is asked for each time; of its library, where that renders the same. A
    script that writes down the starts of a helm has all of them.
    """
    ask = vars(helm_template)["start_tool"]

    def start_tool(helm: Path, arguments: Sequence[str], *, stdin: bytes = b"", **limits: Any) -> Output:
        wrapper = WRAPPERS.get(helm)
        tool = wrapper.tool if wrapper else helm
        contents, program = _contents(Path(arguments[2])), _program(tool)
        if not (contents and program):
            asked: Output = ask(helm, arguments, stdin=stdin, **limits)
            return asked
        read = [stdin, *contents.values()]
        key = "" if any(map(_CHANCE.search, read)) else _key(program, arguments[:2], arguments[3:], stdin, contents)
        output: Output | None = _HELM_SAID.get(key)
        if output is None:
            is_known = program in _STARTED and not any(map(_OF_HELM.search, read))
            output = _by_library(tool, arguments, stdin) if is_known else None
            output = output or ask(tool, arguments, stdin=stdin, **limits)
            if output.exit_code == 0:
                _STARTED.add(program)
                if key and arguments[2].encode() not in output.stdout + output.stderr:
                    _HELM_SAID[key] = output
        if wrapper:
            wrapper.note(arguments, stdin, output.stdout)
        return dataclasses.replace(output, command=(str(helm), *arguments))

    monkeypatch.setattr(helm_template, "start_tool", start_tool)


def _contents(chart: Path) -> dict[str, bytes]:
    """Give the files of a small chart; none where there is anything but files."""
    files = sorted(path for path in chart.rglob("*") if not path.is_dir()) if chart.is_dir() else []
    is_plain = len(files) <= _MOST_FILES and all(path.is_file() and not path.is_symlink() for path in files)
    return {path.relative_to(chart).as_posix(): path.read_bytes() for path in files} if is_plain else {}


def _program(helm: Path) -> str:
    """Give what stands for a program and for what it finds around it; empty where there is none."""
    try:
        status = helm.stat()
    except OSError:  # none, or one that takes itself away while it runs
        return ""
    around = sorted(item for item in os.environ.items() if item[0].startswith(("HELM", "KUBE", "XDG", "LANG", "LC_")))
    return _key(str(helm), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, around)


def _key(*given: object) -> str:
    return hashlib.sha256(repr(given).encode()).hexdigest()


def _by_library(helm: Path, arguments: Sequence[str], stdin: bytes) -> Output | None:
    """Give what helm's library makes of the same; None where helm is to be asked."""
    if HELMS.get(installed_version() or "") != PINNED.helm or helm.parent.name != PINNED.folder.name:
        return None
    options = [*itertools.pairwise(arguments)]
    version = dict(options).get("--kube-version", "")
    served = tuple(word for option, word in options if option == "--api-versions")
    chart: Any = None
    given = HelmInput(chart, arguments[1], arguments[4], version, served, stdin.decode(), helm, copy=Path(arguments[2]))
    with contextlib.suppress(ToolError):
        if given.arguments == [*arguments] and (found := made(given)):
            return Output((), 0, found.stdout.encode(), b"")
    return None
