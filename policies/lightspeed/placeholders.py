"""Placeholders of argocd-vault-plugin: helm hands them on untouched.

Helm sees `<path:np-hub-secret-4#mcpToken>`; the plugin puts the value in its place in what helm has rendered.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.writings import PLACEHOLDER, writings
from chartgate.kubernetes.contents import texts
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Scenario
from chartgate.packs.kubernetes.placeholders import has_placeholders, placeholders
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .secrets import SECRETS, places
from .spec.switches import master_on

QUOTED_TWICE = re.compile(rf"""\s*(["']){PLACEHOLDER.pattern}\1\s*""")


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
