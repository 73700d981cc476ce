"""What definitions of kinds take, what becomes of the objects that are there, and in which version they are written."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, is_inside, join, steps
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.changes.lifecycle import is_left_alone
from chartgate.kubernetes.validity.crd_schemas import declared_schema, meant_schema
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Resource, Resources
from chartgate.review.contract.narrowed_schemas import Narrowing, narrowings_between
from chartgate.review.pairing import Pair
from chartgate.review.review import Level
from chartgate.review.risks.risk_class import Hit, risk

_MOST = 5
_RULES = ".x-kubernetes-validations"
_LISTS = ".x-kubernetes-list-type"
_DEFAULT = re.compile(r"\.properties(?:\.[\w-]++|\[[^\[\]]++\])\.default$")
_OF_SCHEMAS = ("properties", "items", "additionalProperties")
_OF_SIG = ("gateway.networking.k8s.io/", "policy.networking.k8s.io/", "snapshot.storage.k8s.io/", "autoscaling.k8s.io/")
"""Groups that look like those of Kubernetes, and whose definitions somebody installs."""


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
    yield from _more_rules(pair)
    yield from _other_defaults(pair)
    yield from _other_lists(pair)
    yield from _lost_names(before, after)
    stored = [_stored(resource) for resource in pair.both]
    if stored[0] and stored[1] and stored[0] != stored[1]:
        words = f"objects are stored as {stored[1]} from now on, and were as {stored[0]}: there is no simple way back"
        yield Hit(f"spec.versions[{stored[1]}].storage", words, "caution", "minor")
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
            is_mild = all(n.is_mild or is_inside(n.address, "status") for n in narrowings)
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
    return tuple(sorted(found, key=lambda narrowing: narrowing.is_mild))


def _more_rules(pair: Pair) -> Iterator[Hit]:
    """Say which rules objects have to keep now: a caution for one in place of another, which may be wider.

    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
    """
    places = dict.fromkeys(d.address.partition(_RULES)[0] for d in pair.differences if _RULES in d.address)
    for place in places if pair.both else ():
        had, has = (_rules(resource.at(place + _RULES)) for resource in pair.both or ())
        level: Level | None = "caution" if len(has) <= len(had) else None
        for rule in (rule for rule in has if rule not in had):
            yield Hit(place + _RULES, f"{_field(place)} has to keep {rule}", level)


def _other_lists(pair: Pair) -> Iterator[Hit]:
    """Say in which lists nothing may be there twice now."""
    for difference in pair.differences:
        if difference.address.endswith(_LISTS) and difference.after in ("set", "map") and difference.before != "set":
            yield Hit(
                difference.address, f"{_field(difference.address.removesuffix(_LISTS))} may have nothing twice now"
            )


def _other_defaults(pair: Pair) -> Iterator[Hit]:
    """Say what objects are that leave a field out."""
    for difference in pair.differences:
        if _DEFAULT.search(difference.address) and ABSENT not in (difference.before, difference.after):
            field = _field(difference.address.removesuffix(".default"))
            words = f"what leaves out {field} has {difference.after} there now, and had {difference.before}"
            yield Hit(difference.address, words, "caution", "minor")


def _lost_names(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say by which names nobody finds the kind any longer."""
    for field in ("shortNames", "categories"):
        had, has = (texts_in(resource.at(f"spec.names.{field}")) for resource in (before, after))
        if lost := [name for name in had if name not in has]:
            yield Hit(f"spec.names.{field}", f"it is no longer found as {listed(lost, 3)}", "caution", "minor")


def _stored(definition: Resource) -> str:
    return next(
        (str(one.get("name")) for one in maps_in(definition.at("spec.versions")) if one.get("storage") is True), ""
    )


def _rules(found: Any) -> list[str]:
    return [" ".join(str(rule.get("rule")).split()) for rule in maps_in(found)]


def _field(place: str) -> str:
    """Give the field of an object that a part of a schema is about."""
    inside = steps(place.partition(".openAPIV3Schema")[2].lstrip("."))
    names = [key for key, above in zip(inside, ["", *inside], strict=False) if _is_name(key, above)]
    return join(*names) if names else "an object"


def _is_name(key: str, above: str) -> bool:
    return key not in _OF_SCHEMAS or above == "properties"


@risk(
    level="caution",
    bump="minor",
    source="https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/",
)
def api_version_changed(pair: Pair) -> Iterator[Hit]:
    """An object is written in another version of a kind that is not of Kubernetes itself.

    A cluster whose definition of the kind is older does not serve it, and refuses the whole upgrade: whoever runs the
    controller has to be ahead. That the chart brings the definition does not help, unless the version before served it
    already: Helm asks for all versions before it changes anything, and leaves crds/ alone.
    """
    if not pair.both or pair.fate == "moved":
        return
    was, now = (str(resource.at("apiVersion")) for resource in pair.both)
    is_foreign = now.startswith(_OF_SIG) or not is_built_in(now)
    if was != now and is_foreign and now not in _served(pair.resource.kind, pair.beside[0]):
        yield Hit("apiVersion", f"the cluster has to serve {now} before the upgrade, or refuses it")


def _served(kind: str, side: Resources) -> list[str]:
    """Give the versions that the definitions of a side serve of a kind."""
    return [
        f"{definition.at('spec.group')}/{version.get('name')}"
        for definition in side.of_kind("CustomResourceDefinition")
        if definition.at("spec.names.kind") == kind
        for version in maps_in(definition.at("spec.versions"))
        if version.get("served") is not False
    ]
