"""The fixtures of a run that judges a chart; a run without one has none of them, and no name of ours in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from chartgate.gate.gate import Gate
from chartgate.gate.item import Item
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import ItemResult
from chartgate.gate.telling.causes import judged_item
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Rendering, Scenario
from chartgate.pytest_plugin.green_summary import properties_of
from chartgate.pytest_plugin.grouped_output import CARRIED, again
from chartgate.pytest_plugin.stash import GATE, JUDGEMENT, PREPARED
from chartgate.rendering.renderings import Renderings
from chartgate.reports.pytest_failure import accepted_text, failure_text


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
    gate.renderings.prepare(_needed(request.session.items, request.config.stash[JUDGEMENT]))
    request.config.stash[PREPARED] = True
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


@pytest.fixture
def judged(request: pytest.FixtureRequest) -> Callable[[Item], None]:
    """Judge an item, and say it as pytest does: a failure with everything needed, or expects it if accepted.

    Each fixture that a test asks for costs pytest as much as ours may cost in all: of many thousand items, none asks
    for `renderings` but the first.
    """
    judgement = request.config.stash[JUDGEMENT]
    if PREPARED not in request.config.stash:
        request.getfixturevalue("renderings")

    def judge(item: Item) -> None:
        result = item.judge(judgement)
        request.node.user_properties.extend(properties_of(result))
        request.node.stash[CARRIED] = judged_item(item, result, judgement.gate.masker)
        if result.is_red:
            pytest.fail(failure_text(result, _again(request.node, result)), pytrace=False)
        if result.waived or result.accepted:
            pytest.xfail(accepted_text(result))
        if result.idle:
            pytest.skip(result.idle)

    return judge


def _again(node: pytest.Item, result: ItemResult) -> list[str]:
    """Give the pytest command of an item, and the first two helm commands that show what it judged."""
    found = [finding.again for finding in result.open] + [problem.again for problem in result.problems]
    rendered = [command for commands in found for command in commands]
    return [f"pytest {again(node)}", *dict.fromkeys(rendered)][:3]


def _needed(items: Sequence[pytest.Item], judgement: Judgement) -> Iterator[Scenario]:
    """Give the scenarios that must be rendered to judge these items, in their order."""
    for item in items:
        given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        for value in given.values():
            if isinstance(value, Scenario):
                yield value
            elif isinstance(value, Item) and not value.is_known(judgement):
                yield from value.scenarios
