"""This repository's own fixtures; everything that judges a chart comes from the plugin."""

import contextlib
import hashlib
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
from chartgate.rendering.in_process import InProcess, made
from chartgate.system.processes import Output
from chartgate.system.store import NO_CACHE

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
_MOST_FILES = 60
_HELM_SAID: dict[str, Output] = {}


@pytest.fixture
def helm_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask helm once for what a chart of the same content gives, in all tests of this process that want no more of it.

    By the content that is in the folder at that moment, and by all else that a process of helm gets. What is refused,
    or comes by chance, or of a large chart, is asked for each time.
    """
    ask = vars(helm_template)["start_tool"]

    def start_tool(helm: Path, arguments: Sequence[str], *, stdin: bytes = b"", **limits: Any) -> Output:
        key = _content_key(helm, arguments, stdin)
        if key not in _HELM_SAID or not key:
            output: Output = ask(helm, arguments, stdin=stdin, **limits)
            if not key or output.exit_code or arguments[2].encode() in output.stdout + output.stderr:
                return output
            _HELM_SAID[key] = output
        return _HELM_SAID[key]

    monkeypatch.setattr(helm_template, "start_tool", start_tool)


def _content_key(helm: Path, arguments: Sequence[str], stdin: bytes) -> str:
    """Give what stands for all that a process of helm gets; empty where it may give something else each time."""
    chart = Path(arguments[2])
    files = sorted(path for path in chart.rglob("*") if not path.is_dir()) if chart.is_dir() else []
    if not 0 < len(files) <= _MOST_FILES or not all(path.is_file() and not path.is_symlink() for path in files):
        return ""
    contents = [(path.relative_to(chart).as_posix(), path.read_bytes()) for path in files]
    if _CHANCE.search(stdin) or any(_CHANCE.search(content) for _, content in contents):
        return ""
    try:
        status = helm.stat()
    except OSError:  # none, or one that takes itself away while it runs
        return ""
    program = (str(helm), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    around = sorted(item for item in os.environ.items() if item[0].startswith(("HELM", "KUBE", "XDG", "LANG", "LC_")))
    given = [program, around, list(arguments[:2]), list(arguments[3:]), stdin, contents]
    return hashlib.sha256(repr(given).encode()).hexdigest()
