"""The alerts and recording rules of a rule object, or of the rules in a ConfigMap, that an upgrade takes away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
    had, has = list(_rules(before)), list(_rules(after))
    names = {name for name, _ in has}
    lost = list(dict.fromkeys(name for name, _ in had if name not in names))
    if lost:
        yield Hit(address, f"no longer there: {listed(lost, _MOST)}", bump="minor")
    # Of several rules of one name, nobody can say which is which.
    sides = [{name: words for name, words in rules if _is_once(name, rules)} for rules in (had, has)]
    other = [name for name, words in sides[0].items() if sides[1].get(name, words) != words]
    if other:
        yield Hit(address, f"of something else now: {listed(other, _MOST)}", "note", "patch")


def _is_once(name: str, rules: Sequence[tuple[str, str]]) -> bool:
    return [other for other, _ in rules].count(name) == 1


def _rules(resource: Resource) -> Iterator[tuple[str, str]]:
    """Give each rule by its name, with its expression, as far as it is an object's."""
    for text in texts_in(list(map_of(resource.at("data")).values())):
        yield from ((f"{kind} {name}", "") for kind, name in _RULE.findall(text))
    for group in maps_in(resource.at("spec.groups")):
        for rule in maps_in(group.get("rules")):
            words = "".join(str(rule.get("expr")).split())
            yield from ((f"{kind} {rule[kind]}", words) for kind in ("alert", "record") if kind in rule)
