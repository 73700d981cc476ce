"""What else of a chart has several forms: enumerations, sections that may be null, digests of images, served APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import texts_of_actions
from chartgate.charts.template_texts.template_reads import paths_in
from chartgate.documents.addresses import join, lookup
from chartgate.documents.walking import leaves
from chartgate.kubernetes.validity.bundled_schemas import is_of_kubernetes, kinds_of
from chartgate.matrix.derivations.user_values import with_digests, with_nulls
from chartgate.model import Chart, Scenario
from chartgate.starting.trials import Changes

_COMPARED = re.compile(r'\b(?:eq|ne)\s++(?:([$.][\w.]*+)\s++"([^"]++)"|"([^"]++)"\s++([$.][\w.]*+))')
_ASKED_API = re.compile(r'\.Capabilities\.APIVersions\.Has\s*+\(?\s*+"([^"]++)"')
_MOST = 3
"""Values of an enumeration."""


class Enumeration(NamedTuple):
    """A key that has one of a few texts."""

    address: str
    texts: list[str]
    """That of the chart first."""
    decides: bool
    """Whether templates compare it with some of them."""


def enumerations(chart: Chart, base: Scenario) -> list[Enumeration]:
    """Give each key whose schema lists texts, or that templates compare with texts; those that decide first."""
    rules = Rules(chart)
    compared: dict[str, list[str]] = {}
    for use in all_uses(chart):
        for found in _COMPARED.finditer(use.action.text):
            path, text = found[1] or found[4], found[2] or found[3]
            if any(use.path[-len(own) :] == own for own in paths_in(path)):
                compared.setdefault(join(*use.path), []).append(text)
    keys: list[Enumeration] = []
    for address, value in leaves(chart.own_values):
        there = lookup(base.values, address)
        if isinstance(value, str) and isinstance(there, str) and there:
            schemas = rules.schemas_at(address)
            listed = [text for schema in schemas for text in schema.get("enum") or () if isinstance(text, str) and text]
            texts = list(dict.fromkeys([there, *compared.get(address, ()), *listed]))
            texts = [text for text in texts if not listed or text in listed]
            if len(texts) > 1 and there in texts:
                keys.append(Enumeration(address, texts[:_MOST], address in compared))
    return sorted(keys, key=lambda each: not each.decides)


def nullable_sections(base: Scenario) -> list[tuple[str, Changes]]:
    """Give the sections that a user may set to null, with all that is set for that."""
    return [
        (f"{address}: null", derived.changes)
        for _, derived in with_nulls([base])
        for address, value in derived.changes.items()
        if value is None
    ]


def digests(base: Scenario) -> Changes:
    """Give a digest for each image, under the key that the chart has for it."""
    return next((derived.changes for _, derived in with_digests([base])), {})


def asked_api_versions(chart: Chart) -> tuple[str, ...]:
    """Give what templates ask the cluster for that is not Kubernetes' own: `monitoring.coreos.com/v1`."""
    return tuple(name for name in _asked(chart) if not is_of_kubernetes("/".join(name.split("/")[:2])))


def asked_kinds_of_kubernetes(chart: Chart) -> tuple[str, ...]:
    """Give the kinds of Kubernetes that templates ask the cluster for, `policy/v1/PodDisruptionBudget`, as it is today.

    Every cluster serves them, and `helm template` says of each kind that it is not there, unless it is told.
    Source: https://helm.sh/docs/chart_template_guide/builtin_objects/
    """
    named = ((name, *name.rpartition("/")[::2]) for name in _asked(chart))
    return tuple(name for name, api_version, kind in named if kind in kinds_of(api_version))


def _asked(chart: Chart) -> list[str]:
    return sorted({name for action in _actions(chart) for name in _ASKED_API.findall(action)})


def _actions(chart: Chart) -> Iterator[str]:
    for text in chart.templates.values():
        yield from texts_of_actions(text)
    for subchart in chart.subcharts:
        yield from _actions(subchart)
