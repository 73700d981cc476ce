"""This repository's own fixtures; everything that judges a chart comes from the plugin."""

import contextlib
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_text import YamlSnapshot
from chartgate.errors import ToolError
from chartgate.rendering import helm_template
from chartgate.rendering.helm_template import HelmInput, HelmOutput
from chartgate.rendering.in_process import InProcess, made
from chartgate.system.store import NO_CACHE
from tests.engine.asked_helm import asked_once

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


@pytest.fixture
def helm_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask helm once for what a chart of the same content gives, in all tests of this process."""
    monkeypatch.setattr(helm_template, "start_tool", asked_once(vars(helm_template)["start_tool"]))
