"""What differs at each rendering, taken out of snapshots: they would never be the same twice."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

from chartgate.documents.addresses import position, steps
from chartgate.gate.chance_names import chance_names
from chartgate.model import Rendering, Resource, Resources, Scenario
from chartgate.policy.chance import Chance, chances
from chartgate.policy.verdicts import ATTEMPTS
from chartgate.rendering.renderings import Renderings

DIFFERS = "<differs each time>"


def without_chance(renderings: Renderings, scenarios: Sequence[Scenario]) -> list[Rendering]:
    """Give renderings that are the same each time: what chance or the clock gives says so instead.

    Helm is asked again only where the templates do something of that kind.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    again = {
        scenario.name: [scenario.again(attempt) for attempt in ATTEMPTS]
        for scenario in scenarios
        if not renderings.is_repeatable(scenario)
    }
    renderings.prepare(scenarios)
    repeated = [other for others in again.values() for other in others]
    if not all(map(renderings.is_made, repeated)):
        # Within one second, the clock gives the same.
        time.sleep(1.01 - time.time() % 1)
        renderings.prepare(repeated)
    return [
        _settled(renderings.of(scenario), [renderings.of(other) for other in again.get(scenario.name, ())])
        for scenario in scenarios
    ]


def _settled(rendering: Rendering, again: Sequence[Rendering]) -> Rendering:
    again = [other for other in again if not other.error]
    if not again:
        return rendering
    differing = chances(rendering, again, lambda resource: resource.manifest)
    known = {each.identity: differing[id(each)] for each in rendering.resources if id(each) in differing}
    names = chance_names(rendering, again)

    def settled(resource: Resource) -> Resource:
        manifest: Any = resource.manifest
        found = known.get(resource.identity, Chance())
        for address in sorted(found.values | found.maps):
            manifest = _put(manifest, steps(address), DIFFERS)
        if resource.name in names:
            manifest = _put(manifest, ["metadata", "name"], names[resource.name])
        return dataclasses.replace(resource, manifest=manifest)

    return dataclasses.replace(
        rendering,
        resources=Resources(map(settled, rendering.resources)),
        after_hooks=Resources(map(settled, rendering.after_hooks)),
    )


def _put(there: Any, below: Sequence[str], value: Any) -> Any:
    """Give a document with something else at a place; the same where there is no such place."""
    if not below:
        return value
    if isinstance(there, dict) and below[0] in there:
        return {**there, below[0]: _put(there[below[0]], below[1:], value)}
    if isinstance(there, list) and (index := position(there, below[0])) is not None:
        return [*there[:index], _put(there[index], below[1:], value), *there[index + 1 :]]
    return there
