"""Credentials are in Secrets, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.charts.chart_values.secret_values import secrets_in
from chartgate.documents.addresses import lookup, steps
from chartgate.documents.secret_texts.writings import writings
from chartgate.model import Check, Rendering
from chartgate.packs.kubernetes.access_and_secrets.secrets import given_values, shows_none_of
from chartgate.policy.checks import chart_states
from chartgate.policy.edits import append, put, reworded
from chartgate.policy.policy import policy

from . import app_config, stack
from .defaults import DEFAULTS
from .postgres import DATABASE, INIT, INIT_JOB, SERVER
from .spec.backstage import HUB, MAIN
from .spec.switches import nothing_overridden

LIGHTSPEED = ("lightspeed.vllmApiKey", "lightspeed.mcpToken", "lightspeed.postgres.password")
CREDENTIALS = (
    *LIGHTSPEED,
    "redhat-developer-hub.global.auth.backend.value",
    "redhat-developer-hub.upstream.postgresql.auth.password",
)
PASSWORD = DEFAULTS["lightspeed.postgres.password"]
"""What it is in the scenarios that do not set it."""


def credentials_in(rendering: Rendering) -> tuple[tuple[str, str], ...]:
    """Give the credentials of a scenario, each with its key; those of the spec count whether marked or not."""
    scenario = rendering.scenario
    marked = {s.address: s.text for s in secrets_in(rendering.chart, scenario.values) if s.is_marked}
    return tuple((marked | given_values(scenario, CREDENTIALS)).items())


@policy(
    severity="error",
    remediation="Put the value into a Secret's stringData, and let the container read it by secretKeyRef or envFrom.",
    spec="Secret Flow",
)
def credentials_stand_in_secrets_only(rendering: Rendering) -> Iterator[Check]:
    """No credential is outside of a Secret: not in a ConfigMap, a variable, an annotation or an argument.

    Everybody who may look at the namespace reads those. A placeholder under a credential's key is one as well: once
    replaced, it is the credential. Looked for as it is, quoted, escaped and in base64.
    """
    given = credentials_in(rendering)
    for resource in rendering.forms:
        if resource.kind != "Secret":
            yield from shows_none_of(resource, given, "credential")


credentials_stand_in_secrets_only.breaks(
    "all_on",
    the_password_is_a_literal_variable=put(
        DATABASE,
        f"{SERVER}.env[POSTGRESQL_PASSWORD]",
        {"name": "POSTGRESQL_PASSWORD", "value": PASSWORD},
    ),
    a_config_map_holds_it_in_base64=put(
        "ConfigMap lightspeed-postgres-init",
        "binaryData.pgpass",
        writings(f"*:*:*:lightspeed:{PASSWORD}")["in base64"],
    ),
)
credentials_stand_in_secrets_only.breaks(
    "np_hub",
    a_placeholder_is_an_annotation=put(
        HUB, "spec.template.metadata.annotations[checksum/token]", "<path:np-hub-secret-4#mcpToken>"
    ),
)


@credentials_stand_in_secrets_only.counterexample("literals")
def the_password_is_part_of_a_url(rendering: Rendering) -> Rendering:
    password = writings(rendering.scenario.value("lightspeed.postgres.password"))["in a URL"]
    variable = {"name": "DSN", "value": f"postgresql://lightspeed:{password}@lightspeed-postgres"}
    return append(INIT_JOB, f"{INIT}.env", variable).apply(rendering)


@credentials_stand_in_secrets_only.counterexample("literals")
def the_token_is_in_the_app_config(rendering: Rendering) -> Rendering:
    token = rendering.scenario.value("lightspeed.mcpToken")
    return reworded(app_config.CONFIG, app_config.FILE, "${MCP_TOKEN}", token).apply(rendering)


@credentials_stand_in_secrets_only.counterexample("literals")
def the_stack_config_holds_the_password_in_quotes(rendering: Rendering) -> Rendering:
    password = writings(rendering.scenario.value("lightspeed.postgres.password"))["in JSON"]
    return reworded(stack.STACK, stack.FILE, "${env.PGPASSWORD}", f'"{password}"').apply(rendering)


@credentials_stand_in_secrets_only.counterexample("off")
def the_hub_gets_its_secret_as_argument(rendering: Rendering) -> Rendering:
    secret = rendering.scenario.value("redhat-developer-hub.global.auth.backend.value")
    return append(HUB, f"{MAIN}.args", f"--secret={secret}").apply(rendering)


@policy(
    where=nothing_overridden,
    severity="error",
    remediation="Mark the key `writeOnly: true` in values.schema.json.",
    spec="Secrets Management",
)
def credentials_are_write_only(rendering: Rendering) -> Iterator[Check]:
    """The schema marks every credential of Lightspeed `writeOnly`, for whoever prints values or renderings.

    Reports, snapshots and other tools mask what is marked, and nothing else.
    """
    for key in LIGHTSPEED:
        address = "".join(f".properties.{step}" for step in steps(key)).removeprefix(".") + ".writeOnly"
        actual = lookup(rendering.chart.schema, address)
        yield chart_states("values.schema.json", address, expected=True, actual=actual)


@credentials_are_write_only.counterexample("defaults")
def the_token_is_not_marked(rendering: Rendering) -> Rendering:
    del lookup(rendering.chart.schema, "properties.lightspeed.properties.mcpToken")["writeOnly"]
    return rendering
