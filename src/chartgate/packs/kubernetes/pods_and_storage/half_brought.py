"""Objects that users bring, where some readers read them and others still read the chart's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from chartgate.kubernetes.links.object_references import references
from chartgate.matrix.derivations.brought_objects import BROUGHT_KEY
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states


def half_brought(before: Rendering, after: Rendering, brought: Collection[str]) -> Iterator[Check]:
    """Expect all that read a key of the chart's own object to read that of the user, where one of them does.

    Likewise for the key itself, where a value says what it is called.

    Args:
        before: without what users bring, or without the names of its keys.
        after: with it.
        brought: the names of what users bring.
    """
    were = {resource.identity: resource for resource in before.resources}
    moved: dict[tuple[str, str, str, str], str] = {}
    keys: dict[tuple[str, str, str, str], str] = {}
    for resource in after.resources:
        olds = {old.place.address: old for old in references(were.get(resource.identity, resource))}
        for new in references(resource):
            old = olds.get(new.place.address)
            if old and old.key and new.name in brought and old.name not in brought:
                moved[old.kind, old.name, old.namespace, old.key] = new.name
            if old and new.key.startswith(BROUGHT_KEY) and old.name == new.name and old.key != new.key:
                keys[old.kind, old.name, old.namespace, old.key] = new.key
    for reference in (reference for resource in after.resources for reference in references(resource)):
        this = reference.kind, reference.name, reference.namespace, reference.key
        if meant := moved.get(this):
            expected = f"{reference.key} of {reference.kind} {meant}, as others read it"
            yield states(reference.place, False, expected=expected, actual=f"{reference.kind} {reference.name}")
        if meant := keys.get(this):
            told = states(reference.place, False, expected=f"the key that a value gives, as others read it, {meant}")
            yield dataclasses.replace(told, actual=f"{reference.key}, written out")
