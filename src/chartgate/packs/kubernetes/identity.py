"""Identity: what is rendered can be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
"""


@policy(severity="error", remediation="Give one of the two another name or namespace, or render only one of them.")
def identities_are_unique(rendering: Rendering) -> Iterator[Check]:
    """No two resources of a rendering are the same object.

    The second one would silently overwrite the first when applied.
    """
    times = Counter(resource.identity for resource in rendering.resources)
    for resource in rendering.resources:
        count = times[resource.identity]
        yield states(resource, "metadata.name", count == 1, expected="rendered once", actual=f"rendered {count} times")


@identities_are_unique.counterexample(manifests=HEALTHY)
def the_same_object_twice(rendering: Rendering) -> Rendering:
    first = rendering.resources[0]
    rendering.resources.append(Resource(dict(first.manifest), "other/templates/again.yaml", first.default_namespace))
    return rendering
