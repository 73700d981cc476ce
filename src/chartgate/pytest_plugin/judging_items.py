"""How an item is judged where pytest calls a test: a failure with everything needed, or expected if accepted."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from chartgate.gate.item import Item
from chartgate.gate.results.outcome import ItemResult
from chartgate.gate.telling.causes import JudgedItem, judged_item
from chartgate.model import Rendering
from chartgate.pytest_plugin.fixtures import prepare
from chartgate.pytest_plugin.green_summary import properties_of
from chartgate.pytest_plugin.grouped_output import CARRIED, again
from chartgate.pytest_plugin.stash import JUDGEMENT
from chartgate.reports.pytest_failure import accepted_text, failure_text


def judge(test: pytest.Function, item: Item) -> None:
    """Judge an item, and say it as pytest does."""
    judgement = test.config.stash[JUDGEMENT]
    prepare(test.session)
    result = item.judge(judgement)
    test.user_properties.extend(properties_of(result))
    test.stash[CARRIED] = judged_item(item, result, judgement.gate.masker)
    if result.is_red:
        pytest.fail(failure_text(result, _again(test, result)), pytrace=False)
    if result.waived or result.accepted:
        pytest.xfail(accepted_text(result))
    if result.idle:
        pytest.skip(result.idle)


def leave_unjudged(test: pytest.Item, renderings: Iterable[Rendering]) -> None:
    """Fail a test that compares renderings where one of them is none: the run tells once why, for all that wait."""
    unrendered = tuple(rendering.scenario.name for rendering in renderings if rendering.error)
    if not unrendered:
        return
    judgement = test.config.stash[JUDGEMENT]
    result = ItemResult(
        unjudged=tuple(map(judgement.gate.masker.name, unrendered)), causes=judgement.causes(unrendered, ())
    )
    test.stash[CARRIED] = JudgedItem("snapshot", "", test.name, result)
    pytest.fail(failure_text(result, _again(test, result)), pytrace=False)


def _again(test: pytest.Item, result: ItemResult) -> list[str]:
    """Give the pytest command of an item, and the first two helm commands that show what it judged."""
    found = [finding.again for finding in result.open] + [problem.again for problem in result.problems]
    rendered = [command for commands in found for command in commands]
    return [f"pytest {again(test)}", *dict.fromkeys(rendered)][:3]
