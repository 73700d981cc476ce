"""Both sides rendered and compared, scenario by scenario; no rendering is kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chartgate.documents.masking import Masker
from chartgate.errors import InputError
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Flaw, Missing, Rendering, Scenario
from chartgate.rendering.renderings import Renderings
from chartgate.review.plan import ReviewPlan
from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import Change, changes
from chartgate.review.sides import Side
from chartgate.system.parallel import in_order, worker_threads

Notify = Callable[[int, int], None]
"""Called with the number of scenarios that are compared already, and with the number of all."""


@dataclass(frozen=True)
class ScenarioComparison:
    """One scenario on both sides: why a side does not render, or what changes from one to the other."""

    base_error: str = ""
    head_error: str = ""
    changes: tuple[Change, ...] = ()
    base_tags: frozenset[str] = frozenset()
    """The tags of all images."""
    head_tags: frozenset[str] = frozenset()
    base_flaws: tuple[Flaw, ...] = ()
    """What is no sound object, and so is not compared, or is one with a flaw."""
    head_flaws: tuple[Flaw, ...] = ()

    @property
    def is_rendered(self) -> bool:
        """Whether both sides render it."""
        return not self.base_error and not self.head_error


def compare_scenarios(
    old: Renderings, new: Renderings, plan: ReviewPlan, notify: Notify | None
) -> Iterator[tuple[str, ScenarioComparison]]:
    """Give the comparison of each scenario with its name, one by one: all renderings together would fill the memory."""
    to_compare = {scenario.name for scenario in plan.scenarios}

    def comparison(scenario: Scenario) -> ScenarioComparison:
        before, after = old.render(plan.for_base[scenario.name]), new.render(scenario)
        errors = [rendering.error or rendering.hook_error for rendering in (before, after)]
        if any(errors) or scenario.name not in to_compare:
            return ScenarioComparison(base_error=errors[0], head_error=errors[1])
        return ScenarioComparison(
            changes=tuple(changes(before, after, OF_RESOURCES)),
            base_tags=_image_tags(before),
            head_tags=_image_tags(after),
            base_flaws=before.flaws,
            head_flaws=after.flaws,
        )

    scenarios = (*plan.scenarios, *plan.dropped)
    with worker_threads() as pool:
        for done, (scenario, found) in enumerate(zip(scenarios, in_order(pool, comparison, scenarios), strict=True), 1):
            if notify is not None:
                notify(done, len(scenarios))
            yield scenario.name, found


def check_that_both_render(base: Side, head: Side, found: Iterable[ScenarioComparison], masker: Masker) -> None:
    """Refuse to compare if a side renders in no scenario."""
    comparisons = list(found)
    for side, errors in (
        (base, [comparison.base_error for comparison in comparisons]),
        (head, [comparison.head_error for comparison in comparisons]),
    ):
        if errors and all(errors):
            first = masker.text(errors[0])
            raise InputError(f"{side.label} does not render in any scenario; the first error is:\n{first}")


def _image_tags(rendering: Rendering) -> frozenset[str]:
    found: set[str] = set()
    for resource in rendering.after_hooks:
        try:
            found.update(image_reference(container.at("image")).tag for container in containers(resource))
        except Missing:
            continue
    return frozenset(found - {""})
