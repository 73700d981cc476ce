"""Labels by which people and tools find what belongs together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chartgate.charts.template_texts.given_objects import gives_objects
from chartgate.documents.misspellings import lost_a_letter, nearly
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: one, app.kubernetes.io/managed-by: Helm}
---
apiVersion: v1
kind: Secret
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: one, app.kubernetes.io/managed-by: Helm}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: one, app.kubernetes.io/managed-by: Helm}
"""
RECOMMENDED = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by")
_KNOWN = {
    "app.kubernetes.io": ("name", "instance", "managed-by", "version", "component", "part-of", "created-by"),
    "helm.sh": ("chart",),
}
_MOST, _FEW = 8, 3


@policy(severity="warning", remediation="Put the chart's common labels on every object, by their very names.")
def recommended_labels_are_set(rendering: Rendering) -> Iterator[Check]:
    """Every object carries the labels by which people and tools find what belongs together.

    A chart is told once, with its subcharts, which objects lack which. Left out are definitions of custom resources,
    which belong to no release, objects that values give as a whole (`extraObjects`), and tests.
    A label of theirs whose name is nearly one of them, `app.kubernetes.io/componnt` or `helm.sh/chrt`, is none that
    anybody looks for.
    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    lacking: dict[tuple[str, tuple[str, ...]], list[Resource]] = defaultdict(list)
    for resource in rendering.forms:
        is_elses = is_test(resource) or gives_objects(rendering.chart, resource.template)
        if resource.kind != "CustomResourceDefinition" and not is_elses:
            labels = resource / "metadata" / "labels"
            missing = tuple(label for label in RECOMMENDED if not (labels / label).value)
            lacking[resource.template.partition("/templates/")[0], missing].append(resource)
            yield from _misspelt(resource)
    for (chart, missing), resources in lacking.items():
        if not missing or len(resources) == 1:
            for resource in resources:
                actual = f"without {', '.join(missing)}" if missing else "all of them"
                place = resource / "metadata" / "labels"
                yield with_cause(
                    states(place, not missing, expected=list(RECOMMENDED), actual=actual),
                    f"in {chart.partition('/')[0]}",
                )
        else:
            names = list(dict.fromkeys(resource.identity.label for resource in resources))
            # Of many, how many there are is another number in each scenario.
            told = f"{', '.join(names[:_FEW])} and others" if len(names) > _MOST else ", ".join(names)
            actual = f"without {', '.join(missing)}: {told}"
            check = chart_states(f"{chart}/templates", "metadata.labels", expected=list(RECOMMENDED), actual=actual)
            yield with_cause(check, f"in {chart.partition('/')[0]}")


def _misspelt(resource: Resource) -> Iterator[Check]:
    for labels in (resource / "metadata" / "labels", template_if_any(resource) / "metadata" / "labels"):
        for name in map(str, map_of(labels.value)):
            if meant := _meant(name):
                expected = f"{meant}, in just this spelling"
                yield states(labels / name, False, expected=expected, actual=name, is_of_key=True)


def _meant(name: str) -> str:
    """Give the label that a name is nearly; empty for one that is known, or like none."""
    prefix, _, own = name.rpartition("/")
    if prefix in _KNOWN:
        known = () if own in _KNOWN[prefix] else _KNOWN[prefix]
        near = nearly(own, known) or [other for other in known if lost_a_letter(own, other)]
        return f"{prefix}/{near[0]}" if near else ""
    return next((f"{other}/{own}" for other in nearly(prefix, _KNOWN) if own in _KNOWN[other]), "") if prefix else ""


recommended_labels_are_set.breaks(
    manifests=HEALTHY,
    nobody_manages_it=gone("ConfigMap web", "metadata.labels[app.kubernetes.io/managed-by]"),
    the_name_is_empty=put("ConfigMap web", "metadata.labels[app.kubernetes.io/name]", ""),
    the_label_of_the_chart_lacks_a_letter=put("ConfigMap web", "metadata.labels[helm.sh/chrt]", "web-1.0.0"),
    its_domain_lacks_a_letter=put("ConfigMap web", "metadata.labels[app.kuberntes.io/component]", "web"),
    a_name_lacks_a_letter=put("ConfigMap web", "metadata.labels[app.kubernetes.io/componnt]", "web"),
    it_has_null_for_labels=put("ConfigMap web", "metadata.labels", None),
)
