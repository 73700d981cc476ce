"""The fixtures of a run that judges a chart; a run without one has none of them, and no name of ours in its way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from chartgate.gate.gate import Gate
from chartgate.gate.item import Item
from chartgate.gate.items import look_ahead
from chartgate.gate.judgement import Judgement
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering, Scenario
from chartgate.pytest_plugin.stash import GATE, JUDGEMENT, PREPARED
from chartgate.rendering.renderings import Renderings


@pytest.fixture(scope="session")
def gate(pytestconfig: pytest.Config) -> Gate:
    """Everything this run judges."""
    return pytestconfig.stash[GATE]


@pytest.fixture(scope="session")
def matrix(gate: Gate) -> Matrix:
    """Give every scenario, by name."""
    return gate.matrix


@pytest.fixture(scope="session")
def chart(gate: Gate) -> Chart:
    """Give the chart under judgement."""
    return gate.chart


@pytest.fixture(scope="session")
def renderings(request: pytest.FixtureRequest, gate: Gate) -> Renderings:
    """Give the renderings of the run; those that the selected tests need are made here, in parallel."""
    prepare(request.session)
    return gate.renderings


@pytest.fixture
def rendering(request: pytest.FixtureRequest) -> Rendering:
    """Give the rendering of one scenario: of each that renders, or of those of the `scenarios` marker."""
    scenario: Scenario = request.param
    # Asked for here, so that a test whose `rendering` comes from a hook of its own has no other fixture of ours.
    found: Rendering = request.getfixturevalue("renderings").of(scenario)
    if found.error:
        pytest.fail(f"scenario {scenario.name} did not render: see test_renders[{scenario.name}]", pytrace=False)
    return found


def prepare(session: pytest.Session) -> None:
    """Render what the selected tests need, once a run."""
    stash = session.config.stash
    if PREPARED not in stash:
        judgement = stash[JUDGEMENT]
        stash[GATE].renderings.prepare(_needed(session.items, judgement), judgement.rendering)
        stash[PREPARED] = True


def _needed(items: Sequence[pytest.Item], judgement: Judgement) -> Iterator[Scenario]:
    """Give the scenarios that must be rendered to judge these items, in their order."""
    given = [value for item in items for value in _parameters(item)]
    look_ahead((value for value in given if isinstance(value, Item)), judgement)
    for value in given:
        if isinstance(value, Scenario):
            yield value
        elif isinstance(value, Item) and not value.is_known(judgement):
            yield from value.scenarios


def _parameters(item: pytest.Item) -> Iterable[object]:
    return item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
