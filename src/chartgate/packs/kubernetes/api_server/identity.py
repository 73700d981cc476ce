"""Identity: what is rendered can be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import added
from chartgate.policy.policy import policy

from ..healthy.config_map import HEALTHY

HOOKS = """
{apiVersion: batch/v1, kind: Job, metadata: {generateName: sync-, annotations: {argocd.argoproj.io/hook: PreSync}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {generateName: sync-, annotations: {argocd.argoproj.io/hook: PostSync}}}
"""


@policy(severity="error", remediation="Give one of the two another name or namespace, or render only one of them.")
def identities_are_unique(rendering: Rendering) -> Iterator[Check]:
    """No two resources of a rendering are the same object.

    The second one would silently overwrite the first when applied. One whose name the API server makes up is another
    object each time.
    """
    for resources in rendering.stages:
        times = Counter(resource.identity for resource in resources)
        for resource in resources:
            count = times[resource.identity]
            actual, passed = f"rendered {count} times", count == 1 or resource.is_generated
            check = states(resource / "metadata" / "name", passed, expected="rendered once", actual=actual)
            # Whoever brings the definitions of a project a second time brings all of them.
            is_defined = resource.kind == "CustomResourceDefinition"
            yield with_cause(check, f"definitions {actual}") if is_defined else check


identities_are_unique.breaks(
    manifests=f"{HEALTHY}---{HOOKS}", the_same_object_twice=added(HEALTHY, template="other/templates/again.yaml")
)
