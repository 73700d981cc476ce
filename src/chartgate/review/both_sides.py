"""Both sides rendered and compared, scenario by scenario; no rendering is kept in memory."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.words import listed
from chartgate.errors import InputError
from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers
from chartgate.model import Flaw, Missing, Rendering, Scenario
from chartgate.rendering.renderings import Renderings
from chartgate.review.means import Notify
from chartgate.review.plan import ReviewPlan
from chartgate.review.risks.restarted_pods import Restart
from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import Change, changes
from chartgate.review.sides import Side
from chartgate.system.parallel import in_order, worker_threads

_MOST, _LONGEST = 5, 200
"""Places that a note names."""


@dataclass(frozen=True)
class ScenarioComparison:
    """One scenario on both sides: why a side does not render, or what changes from one to the other."""

    base_error: str = ""
    head_error: str = ""
    unset_error: str = ""
    """Why HEAD does not render it without the keys that are new: who upgrades has not set them."""
    changes: tuple[Change, ...] = ()
    base_tags: frozenset[str] = frozenset()
    """The tags of all images."""
    head_tags: frozenset[str] = frozenset()
    base_flaws: tuple[Flaw, ...] = ()
    """What is no sound object, and so is not compared, or is one with a flaw."""
    head_flaws: tuple[Flaw, ...] = ()
    restarts: tuple[Restart, ...] = ()
    """The workloads whose pods the upgrade replaces."""
    renames: tuple[tuple[str, str], ...] = ()
    """The old and the new names of objects that only have another one."""
    chances: tuple[str, ...] = ()
    """What differs at each rendering, on both sides: no change."""

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
        found = changes(before, after, OF_RESOURCES, (again(old, before), again(new, after)))
        told = [*found.changes, *_of_upgrades(before, after, found.changes, (old, new))]
        known = plan.known_to_both.get(scenario.name)
        plain = new.render(known.scenario) if known else None
        unset_error = plain.error or plain.hook_error if plain else ""
        if known and plain and not unset_error:
            found = changes(before, plain, OF_RESOURCES, (again(old, before), again(new, plain)))
            without = [*found.changes, *_of_upgrades(before, plain, found.changes, (old, new))]
            told = list(known.of_upgrades(told, without))
        return ScenarioComparison(
            unset_error=unset_error,
            changes=tuple(told),
            restarts=found.restarts,
            renames=found.renames,
            chances=found.chances,
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


def again(renderings: Renderings, rendering: Rendering) -> Rendering | None:
    """Render the same input once more, where its templates call what may give another result each time."""
    if not calls_of(rendering.chart).may_differ:
        return None
    other = renderings.render(rendering.scenario.again(1))
    return None if other.error or other.hook_error else other


def _of_upgrades(
    before: Rendering, after: Rendering, found: Iterable[Change], sides: tuple[Renderings, Renderings]
) -> Iterator[Change]:
    """Give what else is risky where templates know that they upgrade a release: what is made at its installation only.

    Nothing where a side does not render without the release: its templates look up what is there.
    """
    if not any(calls_of(rendering.chart).asks_whether_it_upgrades for rendering in (before, after)):
        return
    old, new = (
        side.render(rendering.scenario.as_upgrade()) for side, rendering in zip(sides, (before, after), strict=True)
    )
    if any(rendering.error or rendering.hook_error for rendering in (old, new)):
        return
    known = {change.key for change in found}
    for change in changes(old, new, OF_RESOURCES, (again(sides[0], old), again(sides[1], new))).changes:
        if change.key not in known and any(risk.level != "note" for risk in change.risks):
            yield change


def check_that_one_renders(base: Side, head: Side, found: Iterable[ScenarioComparison], masker: Masker) -> None:
    """Refuse to compare if neither side renders in any scenario; if one does not, that is a result of the review.

    Raises:
        InputError: with the first error of each side.
    """
    comparisons = list(found)
    if comparisons and all(comparison.base_error and comparison.head_error for comparison in comparisons):
        first = comparisons[0]
        errors = ((base, first.base_error), (head, first.head_error))
        told = "\n".join(f"{side.label}: {masker.text(error)}" for side, error in errors)
        raise InputError(
            "neither side renders in any scenario: give a file with the values that they need by --values=FILE;"
            f" the first errors are:\n{told}"
        )


def notes_on_sides(base: Side, head: Side, found: Iterable[ScenarioComparison], masker: Masker) -> Iterator[str]:
    """Say which side renders in no scenario, so that no object could be compared."""
    comparisons = list(found)
    for side, errors in (
        (base, [comparison.base_error for comparison in comparisons]),
        (head, [comparison.head_error for comparison in comparisons]),
    ):
        if errors and all(errors):
            first = masker.text(" ".join(errors[0].split()))
            yield f"{side.label} renders in no scenario, so no objects are compared; the first error is: {first}"


def notes_on_refused(found: Mapping[str, ScenarioComparison], turned: Container[str], masker: Masker) -> Iterator[str]:
    """Say why both sides refuse the first of the scenarios that neither renders, those apart that turn a switch."""
    for name, one in found.items():
        if one.base_error and one.head_error and name not in turned:
            errors = [masker.text(" ".join(error.split()))[:_LONGEST] for error in (one.base_error, one.head_error)]
            yield f"Both sides refuse {name}: {', and now: '.join(dict.fromkeys(errors))}"
            return


def notes_on_chances(found: Iterable[ScenarioComparison], masker: Masker) -> Iterator[str]:
    """Say in one line what both sides make up at each rendering."""
    places = list(dict.fromkeys(masker.text(place) for comparison in found for place in comparison.chances))
    if places:
        yield f"Another one at each rendering on both sides, and so no change: {listed(places, _MOST)}."


def _image_tags(rendering: Rendering) -> frozenset[str]:
    found: set[str] = set()
    for resource in rendering.after_hooks:
        try:
            found.update(image_reference(container.at("image")).tag for container in containers(resource))
        except Missing:
            continue
    return frozenset(found - {""})
