"""The alerts and recording rules of a rule object, or of the rules in a ConfigMap, that an upgrade takes away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.model import Resource
from chartgate.review.risks.risk_class import Hit

_RULE = re.compile(r"""^[ \t]*+(?:-[ \t]++)?+(alert|record):[ \t]++["']?+([^\s"']++)""", re.MULTILINE)
_KINDS = ("PrometheusRule", "VMRule", "AlertingRule", "RecordingRule")
_MOST = 4
"""Names that a reason gives."""


def lost_alerts(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say which rules are gone: nobody is called any longer, and what is made of a recorded series stays empty."""
    if after.kind in _KINDS:
        address = "spec.groups"
    elif after.kind == "ConfigMap":
        address = "data"
    else:
        return
    has = set(_rules(after))
    lost = list(dict.fromkeys(name for name in _rules(before) if name not in has))
    if lost:
        yield Hit(address, f"no longer there: {listed(lost, _MOST)}", bump="minor")


def _rules(resource: Resource) -> Iterator[str]:
    for text in texts_in(list(map_of(resource.at("data")).values())):
        yield from (f"{kind} {name}" for kind, name in _RULE.findall(text))
    for group in maps_in(resource.at("spec.groups")):
        for rule in maps_in(group.get("rules")):
            yield from (f"{kind} {rule[kind]}" for kind in ("alert", "record") if kind in rule)
