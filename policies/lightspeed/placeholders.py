"""Placeholders of argocd-vault-plugin: helm hands them on untouched, and nothing depends on their text.

Helm sees `<path:np-hub-secret-4#mcpToken>`; the plugin puts the value in its place in what helm has rendered.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chartgate.addresses import ABSENT, differences, join
from chartgate.checks import same_identities, states
from chartgate.kubernetes.contents import yaml_inside
from chartgate.kubernetes.workloads import container
from chartgate.model import Check, Missing, Rendering, Resource, Scenario
from chartgate.policy import policy
from chartgate.texts import PLACEHOLDER, strings, texts, writings
from policies.lightspeed.scenarios import master_on
from policies.lightspeed.secrets import SECRETS, places

QUOTED_TWICE = re.compile(rf"""\s*(["']){PLACEHOLDER.pattern}\1\s*""")


def placeholders(scenario: Scenario) -> list[str]:
    """Give every placeholder that the values hold, each once."""
    return list(dict.fromkeys(found for _, text in strings(scenario.values) for found in PLACEHOLDER.findall(text)))


def has_placeholders(scenario: Scenario) -> bool:
    """GitOps injects some of the values."""
    return bool(placeholders(scenario))


def destinations(scenario: Scenario) -> Iterator[tuple[str, str, str, str]]:
    """Give the Secrets' keys that are made of a value: the Secret's name and namespace, its key, the value's."""
    if master_on(scenario):
        for name, namespace in places(scenario):
            yield from ((name, namespace, key, value) for key, value in SECRETS[name].items())
    hub, namespace = "redhat-developer-hub", scenario.namespace
    yield "backstage-auth", namespace, "backend-secret", f"{hub}.global.auth.backend.value"
    yield "backstage-postgresql", namespace, "postgres-password", f"{hub}.upstream.postgresql.auth.password"


@policy(
    where=has_placeholders,
    severity="error",
    remediation="Write the value into stringData with `quote` alone: nothing may encode, cut or change it.",
    spec="Step 2: Update Infrastructure File",
)
def placeholders_survive(rendering: Rendering) -> Iterator[Check]:
    """Every placeholder reaches its Secret's stringData verbatim, and nowhere is one mangled.

    The plugin looks for the exact text. What helm has encoded, escaped, cut or changed is deployed as it is, and the
    pod gets the placeholder for a password.
    """
    for name, namespace, key, value in destinations(rendering.scenario):
        text = rendering.scenario.value(value)
        if PLACEHOLDER.search(text):
            secret, address = rendering.resources.one("Secret", name, namespace), f"stringData[{key}]"
            actual = secret.at(address)
            shown = actual if actual is ABSENT else "the same" if actual == text else "another text"
            yield states(secret, address, actual == text, expected=f"the placeholder of {value}", actual=shown)
    given = placeholders(rendering.scenario)
    traces = _traces(given)
    for resource in rendering.resources:
        found = ((keys, _mangled(text, given, traces)) for keys, text in texts(resource))
        mangled = [(join(*keys), how) for keys, how in found if how]
        for address, how in mangled:
            yield states(resource, address, False, expected="placeholders as they were given", actual=how)
        if not mangled:
            yield states(resource, "", True, expected="no placeholder mangled", actual="no placeholder mangled")


def _traces(given: Sequence[str]) -> dict[str, str]:
    """Give what placeholders leave in a text when they are written in another way or cut, and how that is."""
    written = {form: f"a placeholder {how}" for p in given for how, form in writings(p).items()}
    inner = {placeholder[1:-1].casefold(): "a placeholder with other characters" for placeholder in given}
    return {**written, **inner, "<path:": "a placeholder that was cut or changed"}


def _mangled(text: str, given: Sequence[str], traces: Mapping[str, str]) -> str:
    """Say how a placeholder is mangled in a text: what is left of it when those that are whole are taken out."""
    if QUOTED_TWICE.fullmatch(text):
        return "a placeholder in quotes of its own"
    rest = text
    for placeholder in given if "<path:" in text else ():
        rest = rest.replace(placeholder, "")
    folded = rest.casefold()
    return next((how for trace, how in traces.items() if trace in rest or trace in folded), "")


@placeholders_survive.counterexample("np_hub")
def the_token_is_encoded(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-mcp-token")
    token = secret.manifest.pop("stringData")["mcpToken"]
    secret.manifest["data"] = {"mcpToken": base64.b64encode(token.encode()).decode()}
    return rendering


@placeholders_survive.counterexample("np_hub")
def the_url_is_quoted_twice(rendering: Rendering) -> Rendering:
    content = rendering.resources.one("Secret", "llama-stack-secrets").manifest["stringData"]
    content["VLLM_URL"] = f'"{content["VLLM_URL"]}"'
    return rendering


@placeholders_survive.counterexample("np_hub")
def the_password_is_cut_in_one_copy(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-postgres-info", "lightspeed-postgres")
    secret.manifest["stringData"]["password"] = secret.manifest["stringData"]["password"][:32]
    return rendering


@placeholders_survive.counterexample("placeholders")
def the_hub_password_is_lost(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "backstage-postgresql")
    secret.manifest["stringData"]["postgres-password"] = ""
    return rendering


@placeholders_survive.counterexample("np_hub")
def an_annotation_is_json_as_go_writes_it(rendering: Rendering) -> Rendering:
    backstage = rendering.resources.one("Deployment", "backstage-backend")
    model = writings(rendering.scenario.value("lightspeed.validationModelName"))["in JSON as Go escapes it"]
    backstage.manifest["spec"]["template"]["metadata"]["annotations"]["model"] = f'{{"name":"{model}"}}'
    return rendering


@placeholders_survive.counterexample("placeholders")
def an_image_is_in_small_letters(rendering: Rendering) -> Rendering:
    database = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    database.manifest["image"] = database.manifest["image"].lower()
    return rendering


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
    spec="Secret Flow",
)
def replaced_placeholders_give_the_same_release(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Replacing the placeholders in what helm rendered gives what helm renders of the values themselves.

    So no condition, checksum or length depends on a placeholder's text, which says nothing about the value: an API
    key, for one, may turn out empty.
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

    return replace(resource, manifest=filled(resource.manifest))


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


@replaced_placeholders_give_the_same_release.counterexample("np_hub_replaced", "np_hub")
def an_empty_api_key_leaves_the_key_out(before: Rendering, after: Rendering) -> Pair:
    del before.resources.one("Secret", "llama-stack-secrets").manifest["stringData"]["VLLM_API_KEY"]
    return before, after


@replaced_placeholders_give_the_same_release.counterexample("literals", "placeholders")
def a_checksum_of_the_placeholder(before: Rendering, after: Rendering) -> Pair:
    for rendering in (before, after):
        token = rendering.scenario.value("lightspeed.mcpToken")
        backstage = rendering.resources.one("Deployment", "backstage-backend")
        annotations = backstage.manifest["spec"]["template"]["metadata"]["annotations"]
        annotations["checksum/token"] = hashlib.sha256(token.encode()).hexdigest()
    return before, after


@replaced_placeholders_give_the_same_release.counterexample("all_on", "placeholders")
def only_a_known_provider_gets_the_database(before: Rendering, after: Rendering) -> Pair:
    after.resources.remove(after.resources.one("Deployment", "lightspeed-postgres"))
    return before, after


@replaced_placeholders_give_the_same_release.counterexample("all_on", "placeholders")
def the_stack_config_decides_by_the_text(before: Rendering, after: Rendering) -> Pair:
    data = after.resources.one("ConfigMap", "lightspeed-stack").manifest["data"]
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace("type: postgres", "type: noop")
    return before, after
