"""What another value of a key changes in what is rendered: which templates, and where a mark shows up."""

from __future__ import annotations

import re

from chartgate.charts.template_texts.marks import marks_written
from chartgate.documents.addresses import steps
from chartgate.documents.json_documents.equality import same, unequal
from chartgate.documents.very_objects import once_for
from chartgate.matrix.derivations.marked_values import marks_of
from chartgate.model import Identity, Rendering, Resource

from ..options.isolation import is_named_by

_REFUSED_BY_SCHEMA = "meet the specifications of the schema"
"""What helm says where values miss a schema; any other refusal is a template's, which then reads the value."""
_CHECKSUM = re.compile(r"checksum|sha\d+|hash", re.IGNORECASE)


def templates_of_echoes(rendering: Rendering) -> set[str]:
    """Give the templates that render nothing but echoes of the values."""
    echoes = rendering.scenario.declared.echoes
    others = {resource.template for resource in rendering.resources if not is_named_by(resource, echoes)}
    return {resource.template for resource in rendering.resources} - others


@once_for(64)
def keys_shown(base: Rendering, rendering: Rendering) -> frozenset[str]:
    """Give the keys whose marks are somewhere in a rendering, but for echoes and checksums."""
    known = marks_of(rendering)
    same_as_ever = {id(resource.manifest) for resource in base.resources}  # CRDs are large
    return frozenset(
        known[mark]
        for resource in _contents(rendering).values()
        if id(resource.manifest) not in same_as_ever
        for _, mark, _ in resource.made(marks_written)
        if mark in known
    )


def has_effect(before: Rendering, after: Rendering) -> bool:
    """Tell whether another value of a key changes a resource, or is refused by a template.

    Not where only a schema refuses it, nor where there is no other value.
    """
    if before.error or _REFUSED_BY_SCHEMA in after.error or same(before.scenario.values, after.scenario.values):
        return False
    return bool(after.error) or bool(touched(before, after))


@once_for(256)
def touched(before: Rendering, after: Rendering) -> frozenset[str]:
    """Give the templates of which something differs between two renderings, but for echoes and checksums."""
    was, now = _contents(before), _contents(after)
    found = {(was.get(name) or now[name]).template for name in was.keys() ^ now.keys()}
    for name in was.keys() & now.keys():
        old, new = was[name].manifest, now[name].manifest
        if old is not new and any(not _is_checksum(address) for address, _, _ in unequal(old, new)):
            found |= {was[name].template, now[name].template}
    return frozenset(found)


def _contents(rendering: Rendering) -> dict[Identity, Resource]:
    echoes = rendering.scenario.declared.echoes
    return {resource.identity: resource for resource in rendering.resources if not is_named_by(resource, echoes)}


def _is_checksum(address: str) -> bool:
    """Tell whether this is the annotation of a checksum: what it sums up is compared itself."""
    *above, last = steps(address) or [""]
    return "annotations" in above and bool(_CHECKSUM.search(last))
