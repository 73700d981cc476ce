"""Placeholders of argocd-vault-plugin: helm hands them on untouched.

Helm sees `<path:np-hub-secret-4#mcpToken>`; the plugin puts the value in its place in what helm has rendered.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence

from chartgate.documents.addresses import join
from chartgate.documents.secret_texts.writings import PLACEHOLDER, writings
from chartgate.kubernetes.contents import texts
from chartgate.model import Check, Rendering, Scenario
from chartgate.packs.kubernetes.options.placeholders import has_placeholders, placeholders
from chartgate.policy.checks import states
from chartgate.policy.edits import put, reworded
from chartgate.policy.policy import policy

from .postgres import DATABASE, SERVER
from .secrets import SECRETS, places
from .spec.backstage import HUB
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
            held = rendering.resources.one("Secret", name, namespace) / "stringData" / key
            shown = "the same" if held.value == text else "another text" if held.is_there else held.value
            yield states(held, held.value == text, expected=f"the placeholder of {value}", actual=shown)
    given = placeholders(rendering.scenario)
    traces = _traces(given)
    for resource in rendering.forms:
        found = list(texts(resource))
        whole = "\n".join(text for _, text in found)
        is_suspect = any(QUOTED_TWICE.fullmatch(text) for _, text in found) or _mangled(whole, given, traces)
        mangled = [(join(*keys), how) for keys, text in found if is_suspect and (how := _mangled(text, given, traces))]
        for address, how in mangled:
            yield states(resource.place(address), False, expected="placeholders as they were given", actual=how)
        if not mangled:
            unmangled = "no placeholder mangled"
            yield states(resource.place(), True, expected=unmangled, actual=unmangled)


def _traces(given: Sequence[str]) -> dict[str, str]:
    """Give what placeholders leave in a text when they are written in another way or cut, and how that is."""
    written = {form: f"a placeholder {how}" for p in given for how, form in writings(p).items()}
    inner = {placeholder[1:-1].casefold(): "a placeholder with other characters" for placeholder in given}
    return {**written, **inner, "<path:": "a placeholder that was cut or changed"}


def _mangled(text: str, given: Sequence[str], traces: Mapping[str, str]) -> str:
    """Say how a placeholder is mangled in a text: what is left of it when those that are whole are taken out."""
    if QUOTED_TWICE.fullmatch(text):
        return "a placeholder in a second pair of quotes"
    rest = text
    for placeholder in given if "<path:" in text else ():
        rest = rest.replace(placeholder, "")
    folded = rest.casefold()
    return next((how for trace, how in traces.items() if trace in rest or trace in folded), "")


placeholders_survive.breaks(
    "np_hub",
    the_url_is_quoted_twice=put(
        "Secret llama-stack-secrets", "stringData.VLLM_URL", '"<path:np-hub-secret-4#vllmUrl>"'
    ),
    the_password_is_cut_in_one_copy=put(
        "Secret lightspeed-postgres/lightspeed-postgres-info",
        "stringData.password",
        "<path:np-hub-secret-4#lightspeed",
    ),
    an_annotation_is_json_as_go_writes_it=put(
        HUB,
        "spec.template.metadata.annotations.model",
        r'{"name":"\u003cpath:np-hub-secret-4#validationModelName\u003e"}',
    ),
)
placeholders_survive.breaks(
    "placeholders",
    the_hub_password_is_lost=put("Secret backstage-postgresql", "stringData[postgres-password]", ""),
    an_image_is_in_small_letters=reworded(DATABASE, f"{SERVER}.image", "postgresImage", "postgresimage"),
)


@placeholders_survive.counterexample("np_hub")
def the_token_is_encoded(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-mcp-token")
    token = secret.manifest.pop("stringData")["mcpToken"]
    secret.manifest["data"] = {"mcpToken": base64.b64encode(token.encode()).decode()}
    return rendering
