"""What is there in place of what a reference leads nowhere to: words for findings, so that nobody has to look it up."""

from __future__ import annotations

from typing import NamedTuple

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of
from chartgate.documents.words import listed, near
from chartgate.kubernetes.links.existence import KeysOf, data_keys, keys_made, made_from
from chartgate.kubernetes.links.label_selectors import (
    PodSelection,
    matches_label_selector,
    may_have,
    template_labels,
)
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.workloads import workloads
from chartgate.model import Resources

_MOST = 8


class Instead(NamedTuple):
    """What is there in place of what is looked for."""

    words: str
    elsewhere: str = ""
    """The object that is the one, but for its namespace."""


def instead_of(reference: Reference, resources: Resources, keys_of: KeysOf | None = None) -> Instead:
    """Say what is there: the keys of the object, the same name elsewhere, or names that look like it."""
    found = resources.named(reference.kind, reference.name, reference.namespace)
    if found:
        keys = sorted(
            {key for resource in found for key in (keys_of(resource, resources) if keys_of else data_keys(resource))}
        )
        return Instead(f"{reference.kind} {reference.name} has {listed(keys, _MOST) or 'nothing'}, not {reference.key}")
    if maker := made_from(reference, resources):
        made = listed(keys_made(maker), _MOST)
        return Instead(f"{maker.kind} {maker.name} makes it with {made}, not {reference.key}")
    if others := resources.named(reference.kind, reference.name):
        label = others[0].identity.label
        return Instead(f"not there; {label} is in another namespace", label)
    there = list(dict.fromkeys(r.name for r in resources.of_kind(reference.kind) if r.namespace == reference.namespace))
    if not there:
        return Instead(f"not there, nor is any other {reference.kind}")
    if meant := near(reference.name, there):
        return Instead(f"not there; there is {', '.join(meant)}")
    return Instead(f"not there; of this kind there is {listed(there, _MOST)}")


def instead_of_pods(selection: PodSelection, resources: Resources) -> Instead:
    """Say which pods a selector would find in another namespace, or if a label were another; no words for none.

    Args:
        selection: one that finds none.
        resources: of the release.
    """
    labels = map_of(map_of(selection.selector).get("matchLabels"))
    for workload in may_have(labels, resources.indexed(_with_pods), resources) if labels else ():
        if matches_label_selector(selection.selector, template_labels(workload)):
            label = workload.identity.label
            return Instead(f"those of {label} are in another namespace", label)
    for label in labels if len(labels) > 1 else ():
        others = {key: value for key, value in labels.items() if key != label}
        for workload in may_have(others, selection.namespaces, resources):
            has = template_labels(workload)
            if matches_label_selector({**selection.selector, "matchLabels": others}, has):
                return Instead(f"those of {workload.identity.label} have {label}: {has.get(label, ABSENT)}")
    return Instead("")


def _with_pods(resources: Resources) -> tuple[str, ...]:
    return tuple(dict.fromkeys(workload.namespace for workload in workloads(resources)))
