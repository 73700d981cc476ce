"""Equivalence: releases that differ in their names only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chartgate.addresses import ABSENT, differences
from chartgate.checks import states
from chartgate.model import Check, Identity, Rendering, Resource, Scenario
from chartgate.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: base}
data: {colour: red}
"""
# Names that occur nowhere else in a chart, so that one can be replaced by the other wherever it stands.
ONE = {"release": "first-release-x7", "namespace": "first-namespace-x7"}
TWO = {"release": "second-release-y8", "namespace": "second-namespace-y8"}


def corners(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Give the scenarios with all toggles off and all on; all of them, where a matrix has no toggles."""
    product = [scenario for scenario in scenarios if scenario.switched is not None]
    most = max((len(scenario.switched or ()) for scenario in product), default=0)
    return [s for s in product if len(s.switched or ()) in (0, most)] or list(scenarios)


def renamed(scenarios: Sequence[Scenario]) -> Iterable[tuple[Scenario, Scenario]]:
    """Pair two releases that differ in name and namespace only."""
    return [(scenario.derived("one", **ONE), scenario.derived("two", **TWO)) for scenario in corners(scenarios)]


@policy(
    over=renamed,
    severity="error",
    remediation="Take names from .Release.Name and .Release.Namespace, and decide nothing by them.",
)
def renaming_changes_names_only(before: Rendering, after: Rendering) -> Iterator[Check]:
    """A release of another name in another namespace is the same one with the names replaced.

    What was cut, counted or decided by a name surprises whoever installs the chart under another one.
    """
    names = {ONE[key]: TWO[key] for key in ONE}
    expected = {Identity(*_replaced(list(r.identity), names)): _replaced(r.manifest, names) for r in before.resources}
    found = {resource.identity: resource for resource in after.resources}
    for identity, manifest in expected.items():
        if identity not in found:
            yield Check(str(identity), "", "rendered", ABSENT, passed=False)
            continue
        changed = [address for address, *_ in differences(manifest, found[identity].manifest)]
        yield states(found[identity], "", not changed, expected="the same", actual=changed or "the same")
    for identity, resource in found.items():
        if identity not in expected:
            yield states(resource, "", False, expected=ABSENT, actual="rendered")


@renaming_changes_names_only.counterexample(manifests=HEALTHY)
def a_name_is_cut(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    before.resources[0].manifest["data"]["release"] = ONE["release"][:6]
    after.resources[0].manifest["data"]["release"] = TWO["release"][:6]
    return before, after


@renaming_changes_names_only.counterexample(manifests=HEALTHY)
def an_object_comes_with_the_name(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    extra = {**after.resources[0].manifest, "metadata": {"name": "extra"}}
    after.resources.append(Resource(extra, "literal/templates/all.yaml", after.scenario.namespace))
    return before, after


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_replaced(key, names): _replaced(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, names) for item in value]
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
    return value
