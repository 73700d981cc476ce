"""Placeholders that GitOps replaces after helm: what is rendered does not depend on their text."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents.addresses import steps
from chartgate.documents.json_documents.equality import unequal
from chartgate.documents.places import Place
from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.documents.walking import replaced, strings
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Check, Missing, Rendering, Resource, Scenario, in_both
from chartgate.policy.checks import same_identities, states
from chartgate.policy.edits import Edit, gone, in_first, of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
{apiVersion: v1, kind: Secret, metadata: {name: token}, stringData: {token: "<path:vault#token>"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {settings.yaml: "cache: memory"}}
"""
VALUE, TOKEN = "3f0c2a914b5e4d3c", "<path:vault#token>"


def placeholders(scenario: Scenario) -> list[str]:
    """Give every placeholder that the values hold, each once."""
    return list(dict.fromkeys(found for _, text in strings(scenario.values) for found in PLACEHOLDER.findall(text)))


def has_placeholders(scenario: Scenario) -> bool:
    """GitOps injects some of the values."""
    return bool(placeholders(scenario))


def same_but_for_placeholders(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair each scenario with every one that has values where it has placeholders, and else all the same."""
    literal = [scenario for scenario in scenarios if not has_placeholders(scenario)]
    for after in filter(has_placeholders, scenarios):
        seen: list[Any] = []
        for before in literal:
            if before.values not in seen and replacements(before, after):
                seen.append(before.values)
                yield before, after


def replacements(before: Scenario, after: Scenario) -> dict[str, str]:
    """Give the value for each placeholder; none at all when the scenarios differ in something else, or in nothing."""
    found: dict[str, str] = {}
    if before.installed_as != after.installed_as:
        return {}
    for _, value, placeholder in unequal(before.values, after.values):
        is_pair = isinstance(value, str) and isinstance(placeholder, str)
        if not is_pair or not PLACEHOLDER.fullmatch(placeholder) or found.setdefault(placeholder, value) != value:
            return {}
    return found


@policy(
    over=same_but_for_placeholders,
    severity="error",
    remediation="Hand the value on as it is; decide in the container, after the replacement, what depends on it.",
)
def replaced_placeholders_give_the_same_release(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Replacing the placeholders in what helm rendered gives what helm renders of the values themselves.

    So no condition, checksum or length depends on a placeholder's text, which says nothing about the value: an API
    key, for one, may turn out empty. Judged over scenarios of the matrix that differ in placeholders only.
    Source: https://argocd-vault-plugin.readthedocs.io/en/stable/howitworks/
    """
    yield from same_identities((resource.identity for resource in before.resources), after.resources)
    values = replacements(before.scenario, after.scenario)
    for was, rendered in in_both(before.resources, after.resources):
        # What argocd-vault-plugin does: it replaces placeholders in every text of a manifest.
        manifest = replaced(rendered.manifest, lambda text: PLACEHOLDER.sub(lambda p: values.get(p[0], p[0]), text))
        resource = dataclasses.replace(rendered, manifest=manifest)
        changed = list(_differences(was, resource))
        for place, old, new in changed:
            expected, actual = ("what the value gives", "something else") if resource.kind == "Secret" else (old, new)
            yield states(place, False, expected=expected, actual=actual)
        if not changed:
            yield states(resource.place(), True, expected="what the values give", actual="what the values give")


def _differences(before: Resource, after: Resource) -> Iterator[tuple[Place[Resource], Any, Any]]:
    """Compare two manifests; YAML inside of a text is compared by its content, because helm quotes as it sees fit."""
    for address, old, new in unequal(before.manifest, after.manifest):
        place = after.place(address)
        try:
            opened = list(unequal(yaml_inside(before.place(address)).value, yaml_inside(place).value, *steps(address)))
        except Missing:
            opened = [(address, old, new)]
        yield from ((Place(after, inner, now), was, now) for inner, was, now in opened)


_FILLED_IN = (
    in_first(of_scenario(values={"token": VALUE})),
    in_first(put("Secret token", "stringData.token", VALUE)),
    of_scenario(values={"token": TOKEN}),
)
"""A release with the value and one with its placeholder; both Secrets hold what they should."""


def _summed(token: str) -> Edit:
    checksum = hashlib.sha256(token.encode()).hexdigest()
    return put("ConfigMap settings", "metadata.annotations[checksum/token]", checksum)


replaced_placeholders_give_the_same_release.breaks(
    manifests=HEALTHY,
    the_configuration_decides_by_the_text=(
        *_FILLED_IN,
        put("ConfigMap settings", "data[settings.yaml]", "cache: none"),
    ),
    a_checksum_of_what_is_there=(*_FILLED_IN, in_first(_summed(VALUE)), _summed(TOKEN)),
    an_object_is_there_for_a_real_value_only=(*_FILLED_IN, gone("ConfigMap settings")),
    the_placeholder_is_cut=(*_FILLED_IN, put("Secret token", "stringData.token", "<path:vault#tok>")),
)
