"""Isolation: a feature that is switched on leaves the others alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from chartgate.documents.json_documents.equality import unequal
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.chance import Chance, chances, paired
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: base}, data: {colour: red}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {features: none}}
"""


def one_toggle_apart(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Give the pairs of the exhaustive product in which the second has one toggle more than the first."""
    product = [scenario for scenario in scenarios if scenario.switched is not None]
    for before, after in itertools.permutations(product, 2):
        if len(_toggles_added(before, after)) == 1 and not _toggles_added(after, before):
            yield before, after


@policy(
    over=one_toggle_apart,
    severity="error",
    remediation="Render what depends on the toggle in its own object, or declare the object under `shared`.",
    rerenders=True,
)
def feature_isolation(before: Rendering, after: Rendering, *again: Rendering) -> Iterator[Check]:
    """Switching one toggle on takes nothing away, and changes only what the matrix declares as shared.

    A flag that leaks into another feature's objects cannot be reviewed by itself: whoever wants the one feature gets
    a rollout, or a breakage, of the other. What differs when the same input is rendered twice does not count. A toggle
    that chooses between two forms may put one in the place of the other: an object of the same name and another kind,
    or of the same kind from the same template.
    """
    (toggle,) = _toggles_added(before.scenario, after.scenario)
    allowed = after.scenario.declared.shared.get(toggle, ())
    of_before, of_after = (chances(rendering, again, lambda r: r.manifest) for rendering in (before, after))
    pairs = list(paired(before.resources, after.resources, of_before, of_after))
    added = [other for resource, other in pairs if resource is None and other is not None]
    for resource, other in pairs:
        if resource is None:
            continue
        if other is None:
            passed = is_named_by(resource, allowed) or any(_takes_the_place(new, resource) for new in added)
            actual = "another form of it" if passed else _gone(resource, toggle, added)
            yield states(resource.place(), passed, expected=f"rendered with {toggle} on as well", actual=actual)
            continue
        chance = of_before.get(id(resource), Chance()).joined(of_after.get(id(other), Chance()))
        different = () if is_named_by(resource, allowed) else unequal(resource.manifest, other.manifest)
        changed = [address for address, *sides in different if not chance.explains(address, *sides)]
        expected = f"the same with and without {toggle}"
        yield states(other.place(), not changed, expected=expected, actual=changed or "the same")


def _takes_the_place(new: Resource, old: Resource) -> bool:
    """Tell whether a toggle that chooses between two forms renders one object where it rendered the other."""
    if new.namespace != old.namespace:
        return False
    return new.name == old.name if new.kind != old.kind else new.template == old.template


def _gone(resource: Resource, toggle: str, added: Sequence[Resource]) -> str:
    """Say that an object is gone, and what to declare where the toggle puts others in its place."""
    if not added:
        return "not rendered"
    new = ", ".join(f"{other.kind} {other.name}" for other in added[:3])
    return (
        f"not rendered, but {new}: if {toggle} chooses between the two,"
        f' declare `shared: {{{toggle}: ["{resource.kind} {resource.name}"]}}`'
    )


feature_isolation.breaks(
    manifests=HEALTHY,
    it_leaks_into_another_object=put("ConfigMap base", "data.colour", "blue"),
    it_takes_another_object_away=gone("ConfigMap base"),
)


def _toggles_added(before: Scenario, after: Scenario) -> frozenset[str]:
    return (after.switched or frozenset()) - (before.switched or frozenset())


def is_named_by(resource: Resource, patterns: Sequence[str]) -> bool:
    """Tell whether one of these patterns of `Kind name` fits a resource."""
    return any(fnmatchcase(f"{resource.kind} {resource.name}", pattern) for pattern in patterns)
