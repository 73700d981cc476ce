"""What pytest collects: the configured matrix as a file of tests, an item a test, and one-off tests by scenario."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from chartgate.documents.escaping import message_text
from chartgate.errors import InputError
from chartgate.gate.item import Item, Kind
from chartgate.gate.items import items_of
from chartgate.matrix.matrix import Matrix
from chartgate.model import Scenario
from chartgate.policy.policy import Policy
from chartgate.pytest_plugin import fixtures, items, matrix_items, snapshot_items
from chartgate.pytest_plugin.stash import GATE, ITEMS, JUDGEMENT

_KINDS: dict[str, Kind] = {
    "test_renders": "renders",
    "test_refused": "refused",
    "test_policy": "policy",
    "test_examines_something": "examines",
    "test_counterexample": "counterexample",
    "test_waiver_is_used": "waiver",
}
"""The kind of items that each of our tests is made for."""
_NOTHING = object()
"""The parameter of a test of ours that this run has nothing for; pytest would skip it in every run."""


class MatrixTests(pytest.Module):
    """A matrix file, collected as the tests that it stands for; nothing of it is imported."""

    def _getobj(self) -> object:
        return matrix_items


def matrix_tests(file: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Give the tests of the project's matrix, or of the one that an option names where it has none; else None."""
    gate = parent.config.stash[GATE]
    configured = gate.settings.matrix or ("" if gate.matrix.is_conventional else gate.matrix.source)
    is_it = configured and file == Path(os.path.normpath(Path.cwd() / configured))
    return MatrixTests.from_parent(parent, path=file) if is_it else None


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make our tests one for each item, and tests that ask for our `rendering` one for each scenario.

    Tests of others keep their parameters and fixtures, whatever their names are.

    Raises:
        CollectError: a policy cannot choose its scenarios, or the marker `scenarios` names none that is there.
    """
    name, of = metafunc.function.__name__, metafunc.function.__module__
    if of == items.__name__:
        found = [item for item in items_of_run(metafunc.config) if item.kind == _KINDS[name]]
        marks = {policy.name: marks_of(policy) for policy in metafunc.config.stash[GATE].policies}
        cases = [
            pytest.param(item, id=item.name, marks=marks.get(item.about.name, ()) if item.about else ())
            for item in found
        ]
        metafunc.parametrize("item", cases or [pytest.param(_NOTHING, id="none")])
    elif of == snapshot_items.__name__ and "name" in metafunc.fixturenames:
        wanted = snapshot_items.wanted(metafunc.config.stash[GATE].matrix)
        names = list(wanted.in_full if name == "test_manifests" else wanted.after_hooks)
        metafunc.parametrize("name", names or [pytest.param(_NOTHING, id="none")])
    elif _asks_for_rendering(metafunc):
        scenarios = _chosen(metafunc, metafunc.config.stash[GATE].matrix)
        metafunc.parametrize("rendering", [pytest.param(s, id=s.name) for s in scenarios], indirect=True)


def without_placeholders(found: Sequence[pytest.Item], config: pytest.Config) -> list[pytest.Item]:
    """Take out what this run has nothing for, such as waivers, or snapshots that no matrix asks for.

    Raises:
        UsageError: the matrix is collected, and so is a test file with the same tests.
    """
    files = {item.path: item.parent for item in found if _is_ours(item, items.__name__)}
    both = [file for file, parent in files.items() if not isinstance(parent, MatrixTests)]
    if both and len(files) > len(both):
        raise pytest.UsageError(
            f"{config.stash[GATE].matrix.source} is collected by itself, and {both[0]} has the same tests: take that"
            " file out, or give the matrix to collect_ignore in a conftest.py"
        )
    has_snapshots = config.stash[GATE].matrix.snapshots is not None
    return [
        item
        for item in found
        if _NOTHING not in _parameters(item).values()
        and (has_snapshots or not (isinstance(item.parent, MatrixTests) and is_snapshot(item)))
    ]


def items_of_run(config: pytest.Config) -> list[Item]:
    """Give what this run passes or fails.

    Raises:
        CollectError: a policy cannot choose its scenarios.
    """
    if ITEMS not in config.stash:
        gate = config.stash[GATE]
        try:
            config.stash[ITEMS] = list(items_of(gate, config.stash[JUDGEMENT], gate.policies))
        except InputError as error:
            raise pytest.Collector.CollectError(message_text(str(error))) from error
    return config.stash[ITEMS]


def marks_of(policy: Policy) -> list[pytest.MarkDecorator]:
    """Give the markers of a policy: its family, its package and its severity."""
    return [getattr(pytest.mark, name) for name in (*families(policy), policy.severity)]


def families(policy: Policy) -> list[str]:
    """Give module and packages of a policy as names of markers; one in a package's __init__.py has no module above."""
    return [name for name in (policy.family.lstrip("_"), *(name.lstrip("_") for name in policy.packages)) if name]


def _asks_for_rendering(metafunc: pytest.Metafunc) -> bool:
    """Tell whether a test asks for our `rendering`: not for a fixture of that name, nor for a parameter of its own."""
    definitions = metafunc._arg2fixturedefs.get("rendering", ())
    is_given = any("rendering" in call.params for call in metafunc._calls)
    return bool(definitions) and definitions[-1].func.__module__ == fixtures.__name__ and not is_given


def _chosen(metafunc: pytest.Metafunc, matrix: Matrix) -> Sequence[Scenario]:
    marker = metafunc.definition.get_closest_marker("scenarios")
    if marker is None:
        return matrix.rendering
    test, accepted = metafunc.definition.nodeid, ", ".join(matrix.scenarios)
    if not marker.args:
        raise pytest.Collector.CollectError(f"{test}: name at least one scenario in the marker `scenarios`: {accepted}")
    unknown = [name for name in marker.args if name not in matrix.scenarios]
    if unknown:
        raise pytest.Collector.CollectError(f"{test}: no scenario {unknown[0]!r} in {matrix.source}: {accepted}")
    return [matrix.scenarios[name] for name in marker.args]


def is_ours(item: pytest.Item) -> bool:
    """Tell whether a test is one of an item of the run."""
    return _is_ours(item, items.__name__)


def is_snapshot(item: pytest.Item) -> bool:
    """Tell whether a test compares what is rendered with a snapshot."""
    return _is_ours(item, snapshot_items.__name__)


def _is_ours(item: pytest.Item, module: str) -> bool:
    return isinstance(item, pytest.Function) and item.function.__module__ == module


def _parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
