"""Labels that users add, which no selector may have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.json_documents.equality import same
from chartgate.matrix.derivations.filled_keys import labels_filled
from chartgate.model import Check, Rendering, in_both
from chartgate.policy.checks import states
from chartgate.policy.edits import in_each, of_scenario, put
from chartgate.policy.policy import policy

from ..filled import read_by, text_of
from .filling import HEALTHY

_WITH_A_FIXED_SELECTOR = ("Deployment", "DaemonSet", "StatefulSet")
_OF_CLAIMS = re.compile(r"claim|pvc|persist|storage|volume", re.IGNORECASE)


@policy(
    over=labels_filled,
    severity="error",
    remediation="Select by labels of the chart's own alone; print those of users on the pods, not in the selector.",
)
def added_labels_stay_out_of_selectors(before: Rendering, after: Rendering, *_: Rendering) -> Iterator[Check]:
    """Labels that users add are in no selector of a workload.

    Kubernetes never changes one: whoever adds a label later, or takes one away, cannot upgrade any longer. So it is
    with the labels of a claim template, but for those that a key of the claim's own adds. Source:
    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates
    """
    if before.error or after.error:
        return
    for was, resource in in_both(before.resources, after.resources):
        if resource.kind in _WITH_A_FIXED_SELECTOR:
            keys = sorted(after.scenario.changes.keys() - before.scenario.changes.keys())
            keys = [key for key in keys if "label" in key.lower()] or keys
            behind = "\n".join(calls_of(after.chart).behind(resource.template))
            own = [key for key in keys if f".Values.{key}" in behind]
            read = own or read_by(keys, text_of(after, resource.template)) or keys
            places = [resource / "spec" / "selector"]
            if not any(_OF_CLAIMS.search(key) for key in read):
                templates = (resource / "spec" / "volumeClaimTemplates").maps()
                places += [template / "metadata" / "labels" for template in templates]
            for place in places:
                passed = same(place.value, was.at(place.address))
                yield states(place, passed, expected=f"as it is without {', '.join(read)}")


_LABELLED = of_scenario(changes={"commonLabels": {"filled": "chart"}}, is_trial=True)
added_labels_stay_out_of_selectors.breaks(
    manifests=HEALTHY,
    the_selector_has_the_label=(put("Deployment web", "spec.selector.matchLabels.filled", "chart"), _LABELLED),
    a_claim_template_has_the_label=(
        in_each(put("Deployment web", "kind", "StatefulSet")),
        put("StatefulSet web", "spec.volumeClaimTemplates", [{"metadata": {"labels": {"filled": "chart"}}}]),
        _LABELLED,
    ),
)
