"""What definitions of kinds take, and what becomes of the objects that are there."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, is_inside
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import is_left_alone
from chartgate.kubernetes.validity.crd_schemas import declared_schema, meant_schema
from chartgate.model import Resource
from chartgate.review.contract.narrowed_schemas import Narrowing, narrowings_between
from chartgate.review.pairing import Pair
from chartgate.review.review import Level
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.rules_of_kinds import lost_names, more_rules, other_defaults, other_lists

_MOST = 5


@risk(
    level="danger",
    bump="major",
    source="https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/",
)
def crd_narrowed(pair: Pair) -> Iterator[Hit]:
    """A CustomResourceDefinition no longer takes what it took.

    Objects that are there cannot be written any longer, or lose the fields that the schema does not name, with the next
    write; a part of them, such as the status, is no longer written by itself; or a version no longer becomes another
    one with what was in it; or a rule in CEL has to be kept. A caution where only the status is narrower, which
    controllers write, or numbers are below zero no longer, a rule is another one, a field that is left out means
    something else, or a short name is gone.
    Argo CD, or somebody with kubectl, applies it; Helm never upgrades what is in crds/.
    """
    if not pair.both or pair.resource.kind != "CustomResourceDefinition":
        return
    before, after = pair.both
    beside = ", once somebody applies it: Helm leaves crds/ alone" if is_left_alone(after) else ""
    yield from _no_longer_converted(before, after)
    yield from more_rules(pair)
    yield from other_defaults(pair)
    yield from other_lists(pair)
    yield from lost_names(before, after)
    had = {str(version.get("name")): version for version in maps_in(before.at("spec.versions"))}
    for version in maps_in(after.at("spec.versions")):
        name = str(version.get("name"))
        parts = [map_of(side.get("subresources")) for side in (had.get(name, {}), version)]
        for part in (part for part in parts[0] if part not in parts[1]):
            reason = (
                f"{name} no longer has {part} as a part of its own: whoever writes only that gets no answer{beside}"
            )
            yield Hit(f"spec.versions[{name}].subresources.{part}", reason)
        declared = declared_schema(before, name), declared_schema(after, name)
        narrowings = _narrowings(*declared) if all(declared) else ()
        found = [f"{narrowing.address or 'it'}: {narrowing.reason}" for narrowing in narrowings]
        if found:
            address = f"spec.versions[{name}].schema.openAPIV3Schema"
            # The status is written by controllers: nobody has to change an object for it.
            is_mild = all(n.is_of_negatives or is_inside(n.address, "status") for n in narrowings)
            level: Level | None = "caution" if is_mild else None
            yield Hit(address, f"{name} is narrower: {listed(found, _MOST)}{beside}", level)
    for address, words in (("spec.scope", "scope"), ("spec.names.kind", "kind")):
        if before.at(address) not in (ABSENT, after.at(address)):
            yield Hit(address, f"another {words}: no object of the old one fits")


def _no_longer_converted(before: Resource, after: Resource) -> Iterator[Hit]:
    """Tell whether versions no longer become each other by a webhook: then only their names change."""
    address = "spec.conversion.strategy"
    served = [version for version in maps_in(after.at("spec.versions")) if version.get("served") is True]
    if before.at(address) == "Webhook" and after.at(address) != "Webhook" and len(served) > 1:
        yield Hit(address, "its versions are no longer converted: the fields of one are lost in another")


@functools.lru_cache(maxsize=64)
def _narrowings(before: str, after: str) -> tuple[Narrowing, ...]:
    """Compare two declared schemas once for all scenarios: some are as long as a book."""
    found = narrowings_between(meant_schema(before), meant_schema(after))
    return tuple(sorted(found, key=lambda narrowing: narrowing.is_of_negatives))
