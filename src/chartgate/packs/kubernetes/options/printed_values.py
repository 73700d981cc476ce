"""Printed values: no list and no map of the values is a text as Go prints it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import join
from chartgate.documents.walking import nodes
from chartgate.kubernetes.contents import readable_texts
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "queues: parcels,notices", note: "[parcels]"}
"""
_MAP = re.compile(r"(?<!\w)map\[([\w./-]{1,253}+):")
_LIST = re.compile(r"\[[^\[\]]*+\]")
_LEAST = 2
"""Items of a list that are looked for: `[one]` is what many others write as well."""


@policy(
    severity="error",
    remediation="Print each item by `range`, all of them by `join`, or the whole by `toYaml` or `toJson`.",
)
def lists_and_maps_are_not_printed_by_go(rendering: Rendering) -> Iterator[Check]:
    """No text has a list or a map of the values as Go prints it: `[parcels notices]`, `map[app:web]`.

    No program reads that. Source: https://pkg.go.dev/fmt#hdr-Printing
    """
    lists, keys = _printed(rendering.scenario), _keys(rendering.scenario)
    odd = [printed for printed in lists if not _LIST.fullmatch(printed)]
    for resource in rendering.resources if lists or keys else ():
        wrong = 0
        for address, text in readable_texts(resource):
            key = next((lists[printed] for printed in _lists_in(text, odd) if printed in lists), "")
            as_map = next((found[1] for found in _MAP.finditer(text) if found[1] in keys), "")
            if key or as_map:
                wrong += 1
                actual = f"what {key} is, as one text" if key else f"a map with {as_map}, as one text"
                yield states(resource.place(join(*address)), False, expected="each item by itself", actual=actual)
        if not wrong:
            yield states(resource.place(), True, expected="no list and no map as a text")


def _lists_in(text: str, odd: Sequence[str]) -> Iterator[str]:
    """Give what may be a list in a text, and those of the odd ones, with brackets in their items, that are there."""
    if "[" in text:
        yield from _LIST.findall(text)
        yield from (printed for printed in odd if printed in text)


def _printed(scenario: Scenario) -> dict[str, str]:
    """Give the lists of the values as Go prints them, each with its address."""
    return {
        f"[{' '.join(value)}]": join(*keys)
        for keys, value in nodes(scenario.values)
        if isinstance(value, list) and len(value) >= _LEAST and all(isinstance(item, str) and item for item in value)
    }


def _keys(scenario: Scenario) -> set[str]:
    """Give the first keys of the maps of the values, in the order in which Go prints them."""
    maps = (value for _, value in nodes(scenario.values) if isinstance(value, dict) and value)
    return {min(map(str, value)) for value in maps}


def _given(rendering: Rendering) -> Rendering:
    values = {"queues": ["parcels", "notices"], "labels": {"app": "web", "tier": "front"}}
    return dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, values=values))


@lists_and_maps_are_not_printed_by_go.counterexample(manifests=HEALTHY)
def a_list_in_a_file(rendering: Rendering) -> Rendering:
    return _given(put("ConfigMap web", "data[web.conf]", 'queues:\n  - "[parcels notices]"\n').apply(rendering))


@lists_and_maps_are_not_printed_by_go.counterexample(manifests=HEALTHY)
def a_map_in_a_file(rendering: Rendering) -> Rendering:
    return _given(put("ConfigMap web", "data[web.conf]", "labels: map[app:web tier:front]").apply(rendering))
