"""Placeholders that GitOps replaces after helm: what is rendered does not depend on their text."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.equality import differences
from chartgate.documents.walking import strings
from chartgate.documents.writings import PLACEHOLDER
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Check, Missing, Rendering, Resource, Scenario
from chartgate.policy.checks import same_identities, states
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: v1
kind: Secret
metadata: {name: token}
stringData: {token: "<path:vault#token>"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {settings.yaml: "cache: memory"}
"""
VALUE = "3f0c2a914b5e4d3c"


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
    if (before.release, before.namespace, before.kube_version) != (after.release, after.namespace, after.kube_version):
        return {}
    for _, value, placeholder in differences(before.values, after.values):
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
    were = {resource.identity: resource for resource in before.resources}
    for resource in after.resources:
        if resource.identity not in were:
            continue
        changed = list(_differences(were[resource.identity], _replaced(resource, values)))
        for address, old, new in changed:
            shown = ("what the value gives", "something else") if resource.kind == "Secret" else (old, new)
            yield states(resource, address, False, expected=shown[0], actual=shown[1])
        if not changed:
            yield states(resource, "", True, expected="what the values give", actual="what the values give")


def _replaced(resource: Resource, values: Mapping[str, str]) -> Resource:
    """Do what argocd-vault-plugin does: replace placeholders inside of every text of a manifest."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(below) for key, below in value.items()}
        if isinstance(value, list):
            return [filled(below) for below in value]
        return PLACEHOLDER.sub(lambda p: values.get(p[0], p[0]), value) if isinstance(value, str) else value

    return dataclasses.replace(resource, manifest=filled(resource.manifest))


def _differences(before: Resource, after: Resource) -> Iterator[tuple[str, Any, Any]]:
    """Compare two manifests; YAML inside of a text is compared by its content, because helm quotes as it sees fit."""
    for address, old, new in differences(before.manifest, after.manifest):
        try:
            opened = list(differences(yaml_inside(before, address), yaml_inside(after, address)))
        except Missing:
            yield address, old, new
        else:
            yield from ((f"{address}.{inner}".rstrip("."), was, now) for inner, was, now in opened)


Pair = tuple[Rendering, Rendering]


def _filled_in(before: Rendering, after: Rendering, *, text: str = "") -> Pair:
    """Give a release with the value and one with its placeholder; both Secrets hold what they should."""
    values = {"token": VALUE}, {"token": "<path:vault#token>"}
    scenarios = (
        dataclasses.replace(rendering.scenario, values=given)
        for rendering, given in zip((before, after), values, strict=True)
    )
    before, after = (
        dataclasses.replace(rendering, scenario=scenario)
        for rendering, scenario in zip((before, after), scenarios, strict=True)
    )
    before.resources.one("Secret", "token").manifest["stringData"]["token"] = VALUE
    if text:
        after.resources.one("ConfigMap", "settings").manifest["data"]["settings.yaml"] = text
    return before, after


@replaced_placeholders_give_the_same_release.counterexample(manifests=HEALTHY)
def the_configuration_decides_by_the_text(before: Rendering, after: Rendering) -> Pair:
    return _filled_in(before, after, text="cache: none")


@replaced_placeholders_give_the_same_release.counterexample(manifests=HEALTHY)
def a_checksum_of_what_stands_there(before: Rendering, after: Rendering) -> Pair:
    for rendering, token in zip(_filled_in(before, after), (VALUE, "<path:vault#token>"), strict=True):
        metadata = rendering.resources.one("ConfigMap", "settings").manifest["metadata"]
        metadata["annotations"] = {"checksum/token": hashlib.sha256(token.encode()).hexdigest()}
    return _filled_in(before, after)


@replaced_placeholders_give_the_same_release.counterexample(manifests=HEALTHY)
def an_object_is_there_for_a_real_value_only(before: Rendering, after: Rendering) -> Pair:
    before, after = _filled_in(before, after)
    after.resources.remove(after.resources.one("ConfigMap", "settings"))
    return before, after


@replaced_placeholders_give_the_same_release.counterexample(manifests=HEALTHY)
def the_placeholder_is_cut(before: Rendering, after: Rendering) -> Pair:
    before, after = _filled_in(before, after)
    after.resources.one("Secret", "token").manifest["stringData"]["token"] = "<path:vault#tok>"  # noqa: S105
    return before, after
