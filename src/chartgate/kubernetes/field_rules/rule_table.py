"""The rules of all parts, and what an object makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chartgate.kubernetes.field_rules.field_rule import Breach, FieldRule, Part
from chartgate.kubernetes.field_rules.parts import parts_of
from chartgate.kubernetes.field_rules.rules_of_containers import RULES_OF_CONTAINERS
from chartgate.kubernetes.field_rules.rules_of_effects import RULES_OF_EFFECTS
from chartgate.kubernetes.field_rules.rules_of_networks import RULES_OF_NETWORKS
from chartgate.kubernetes.field_rules.rules_of_pods import RULES_OF_PODS
from chartgate.kubernetes.field_rules.rules_of_programs import RULES_OF_PROGRAMS
from chartgate.kubernetes.field_rules.rules_of_storage_and_access import RULES_OF_STORAGE_AND_ACCESS
from chartgate.kubernetes.field_rules.rules_of_warnings import RULES_OF_WARNINGS
from chartgate.kubernetes.field_rules.rules_of_workloads import RULES_OF_WORKLOADS
from chartgate.model import Resource

FIELD_RULES = (
    *RULES_OF_CONTAINERS,
    *RULES_OF_PODS,
    *RULES_OF_WORKLOADS,
    *RULES_OF_NETWORKS,
    *RULES_OF_STORAGE_AND_ACCESS,
    *RULES_OF_WARNINGS,
    *RULES_OF_EFFECTS,
    *RULES_OF_PROGRAMS,
)


class Judged(NamedTuple):
    """A part of an object, the rules that hold for it, and those that it breaks."""

    place: Part
    rules: Sequence[FieldRule]
    broken: Sequence[tuple[FieldRule, Breach]]


RulesByPart = Mapping[str, Sequence[FieldRule]]


def rules_by_part(*rules: FieldRule) -> RulesByPart:
    """Give the rules of each sort of part, in their order."""
    by_part: dict[str, list[FieldRule]] = {}
    for rule in rules:
        by_part.setdefault(rule.part, []).append(rule)
    return by_part


def judged_parts(resource: Resource, rules: RulesByPart) -> Iterator[Judged]:
    """Give each part of an object that some of these rules are about, with what is wrong with it."""
    for sort, place in parts_of(resource):
        if sort in rules:
            broken = [(rule, breach) for rule in rules[sort] for breach in rule.breaches(place)]
            yield Judged(place, rules[sort], broken)
