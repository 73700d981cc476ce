"""Objects that users bring, where some readers read them and others still read the chart's own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.walking import strings
from chartgate.kubernetes.links.object_references import references
from chartgate.matrix.derivations.brought_objects import BROUGHT_KEY
from chartgate.model import Check, Rendering
from chartgate.policy.checks import chart_states, states

from ..filled import line_of, text_of

_NOTHING = re.compile(
    r"(?<!\S)([^\s:]++):(\d++):\d++:?\s++executing \S++ at <[^<>\n]++>:?\s++"
    r"(?:error calling \w++: )?+(?:invalid value; expected|wrong type for value; expected \w++; got inter|nil point)"
)
"""What helm says of a value that is not there."""
_SECRET = re.compile(r"^kind: *+Secret\b", re.MULTILINE)


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


def written_keys(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Expect a key of what users bring that a value names, for some template, to be read by that name in all."""
    texts = {text for resource in after.resources for _, text in strings(resource.manifest)}
    read = {(found.name, found.key) for resource in after.resources for found in references(resource)}
    brought = [(steps(key)[:-1], str(name)) for key, name in before.scenario.changes.items()]
    known = {join(*use.path) for use in all_uses(after.chart)}
    for key, name in after.scenario.changes.items():
        was = lookup(before.scenario.values, key)
        if str(name).startswith(BROUGHT_KEY) and isinstance(was, str) and was and key in known:
            beside = [one for section, one in brought if steps(key)[: len(section)] == section]
            is_lost = not after.error and name not in texts and any((one, was) in read for one in beside)
            expected = "read where what users bring is, as the key that it says"
            yield chart_states(
                "values.yaml", key, expected=expected, actual=f"{was}, written out" if is_lost else expected
            )


def asked_beside(after: Rendering, brought: Collection[str]) -> Iterator[Check]:
    """Expect that no template asks for the content of a Secret that users bring: by the keys that name those."""
    found = _NOTHING.search(after.error)
    if not found or not _SECRET.search(text_of(after, found[1])):
        return
    asked = {path[:-1]: join(*path) for path in paths_in(line_of(after, found[1], int(found[2])))}
    for key in brought:
        if content := asked.get(tuple(steps(key)[:-1])):
            actual = f"{found[1]}:{found[2]} asks for {content}"
            yield chart_states("values.yaml", key, expected=f"{content} is in the Secret that it names", actual=actual)
