"""What is there in place of what a reference leads nowhere to: words for findings, so that nobody has to look it up."""

from __future__ import annotations

from chartgate.documents.words import listed, near
from chartgate.kubernetes.links.existence import KeysOf, data_keys, keys_made, made_from
from chartgate.kubernetes.links.object_references import Reference
from chartgate.model import Resources

_MOST = 8


def instead_of(reference: Reference, resources: Resources, keys_of: KeysOf | None = None) -> str:
    """Say what is there: the keys of the object, the same name elsewhere, or names that look like it."""
    found = resources.named(reference.kind, reference.name, reference.namespace)
    if found:
        keys = sorted(
            {key for resource in found for key in (keys_of(resource, resources) if keys_of else data_keys(resource))}
        )
        return f"{reference.kind} {reference.name} has {listed(keys, _MOST) or 'nothing'}, not {reference.key}"
    if maker := made_from(reference, resources):
        return f"{maker.kind} {maker.name} makes it with {listed(keys_made(maker), _MOST)}, not {reference.key}"
    if elsewhere := resources.named(reference.kind, reference.name):
        return f"not there; {elsewhere[0].identity.label} is in another namespace"
    there = list(dict.fromkeys(r.name for r in resources.of_kind(reference.kind) if r.namespace == reference.namespace))
    if not there:
        return f"not there, nor is any other {reference.kind}"
    if meant := near(reference.name, there):
        return f"not there; there is {', '.join(meant)}"
    return f"not there; of this kind there is {listed(there, _MOST)}"
