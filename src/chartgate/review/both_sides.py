"""Both sides rendered, scenario by scenario, and compared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from chartgate.errors import InputError
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Missing, Rendering, Scenario
from chartgate.rendering.renderings import Renderings
from chartgate.review.plan import Viewpoint
from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import Change, changes
from chartgate.review.sides import Side

Progress = Callable[[int, int], None]
"""Is told how many scenarios are compared, of how many."""


@dataclass(frozen=True)
class ScenarioOutcome:
    """What one scenario gave."""

    errors: Mapping[str, str]
    """By side (`base`, `head`), why it does not render."""
    changes: tuple[Change, ...] = ()
    tags: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """The tags of all images, of both sides."""


def scenario_outcomes(
    viewpoint: Viewpoint, sides: Sequence[Renderings], progress: Progress | None
) -> Iterator[tuple[str, ScenarioOutcome]]:
    """Compare one scenario after the other, and keep no rendering: those of a large chart fill the memory."""

    def outcome(scenario: Scenario) -> ScenarioOutcome:
        before, after = sides[0].render(viewpoint.of_base[scenario.name]), sides[1].render(scenario)
        errors = {
            name: rendering.error or rendering.hook_error
            for name, rendering in (("base", before), ("head", after))
            if rendering.error or rendering.hook_error
        }
        if errors or scenario in viewpoint.users:
            return ScenarioOutcome(errors)
        return ScenarioOutcome({}, tuple(changes(before, after, OF_RESOURCES)), (_tags(before), _tags(after)))

    scenarios = (*viewpoint.scenarios, *viewpoint.users)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, (scenario, found) in enumerate(zip(scenarios, pool.map(outcome, scenarios), strict=True), 1):
            if progress is not None:
                progress(done, len(scenarios))
            yield scenario.name, found


def check_that_both_render(base: Side, head: Side, outcomes: Mapping[str, ScenarioOutcome]) -> None:
    """Refuse to compare with a side that renders nothing."""
    for name, side in (("base", base), ("head", head)):
        errors = [outcome.errors.get(name) for outcome in outcomes.values()]
        if errors and all(errors):
            raise InputError(f"{side.label} renders in none of {len(errors)} scenarios; the first says:\n{errors[0]}")


def _tags(rendering: Rendering) -> frozenset[str]:
    found: set[str] = set()
    for resource in rendering.after_hooks:
        try:
            images = [container.at("image") for container in containers(resource)]
        except Missing:
            continue
        found.update(str(image).partition("@")[0].rpartition("/")[2].partition(":")[2] for image in images)
    return frozenset(found - {""})
