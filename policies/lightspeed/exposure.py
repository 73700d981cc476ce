"""Credentials stand in Secrets, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup, steps
from chartgate.documents.writings import writings
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Resource
from chartgate.packs.kubernetes.secrets import given_values, shows_none_of
from chartgate.policy.checks import chart_states
from chartgate.policy.policy import policy

from .spec.switches import nothing_overridden

LIGHTSPEED = ("lightspeed.vllmApiKey", "lightspeed.mcpToken", "lightspeed.postgres.password")
CREDENTIALS = (
    *LIGHTSPEED,
    "redhat-developer-hub.global.auth.backend.value",
    "redhat-developer-hub.upstream.postgresql.auth.password",
)


def shows_no_credential(rendering: Rendering, resource: Resource) -> Iterator[Check]:
    """Expect that none of the credentials stands in a resource; those of the spec count whether marked or not."""
    given = given_values(rendering.scenario, (*CREDENTIALS, *rendering.chart.secret_keys))
    yield from shows_none_of(resource, given, "credential")


@policy(
    severity="error",
    remediation="Put the value into a Secret's stringData, and let the container read it by secretKeyRef or envFrom.",
    spec="Secret Flow",
)
def credentials_stand_in_secrets_only(rendering: Rendering) -> Iterator[Check]:
    """No credential stands outside of a Secret: not in a ConfigMap, a variable, an annotation or an argument.

    Everybody who may look at the namespace reads those. A placeholder under a credential's key is one as well: once
    replaced, it is the credential. Looked for as it is, quoted, escaped and in base64.
    """
    for resource in rendering.resources:
        if resource.kind != "Secret":
            yield from shows_no_credential(rendering, resource)


@credentials_stand_in_secrets_only.counterexample("all_on")
def the_password_is_a_literal_variable(rendering: Rendering) -> Rendering:
    database = container(rendering.resources.one("Deployment", "lightspeed-postgres"), "postgresql")
    for variable in database.manifest["env"]:
        if variable["name"] == "POSTGRESQL_PASSWORD":
            del variable["valueFrom"]
            variable["value"] = rendering.scenario.value("lightspeed.postgres.password")
    return rendering


@credentials_stand_in_secrets_only.counterexample("literals")
def the_password_is_part_of_a_url(rendering: Rendering) -> Rendering:
    password = writings(rendering.scenario.value("lightspeed.postgres.password"))["in a URL"]
    init = container(rendering.resources.one("Job", "lightspeed-postgres-init"), "init")
    init.manifest["env"].append({"name": "DSN", "value": f"postgresql://lightspeed:{password}@lightspeed-postgres"})
    return rendering


@credentials_stand_in_secrets_only.counterexample("literals")
def the_token_is_in_the_app_config(rendering: Rendering) -> Rendering:
    config = rendering.resources.one("ConfigMap", f"{rendering.scenario.release}-developer-hub-app-config")
    token = rendering.scenario.value("lightspeed.mcpToken")
    content = config.manifest["data"]["app-config-from-configmap.yaml"]
    config.manifest["data"]["app-config-from-configmap.yaml"] = content.replace("${MCP_TOKEN}", token)
    return rendering


@credentials_stand_in_secrets_only.counterexample("literals")
def the_stack_config_holds_the_password_in_quotes(rendering: Rendering) -> Rendering:
    config = rendering.resources.one("ConfigMap", "lightspeed-stack")
    password = writings(rendering.scenario.value("lightspeed.postgres.password"))["in JSON"]
    content = config.manifest["data"]["lightspeed-stack.yaml"]
    config.manifest["data"]["lightspeed-stack.yaml"] = content.replace("${env.PGPASSWORD}", f'"{password}"')
    return rendering


@credentials_stand_in_secrets_only.counterexample("np_hub")
def a_placeholder_is_an_annotation(rendering: Rendering) -> Rendering:
    backstage = rendering.resources.one("Deployment", "backstage-backend")
    annotations = backstage.manifest["spec"]["template"]["metadata"]["annotations"]
    annotations["checksum/token"] = rendering.scenario.value("lightspeed.mcpToken")
    return rendering


@credentials_stand_in_secrets_only.counterexample("off")
def the_hub_gets_its_secret_as_argument(rendering: Rendering) -> Rendering:
    backstage = container(rendering.resources.one("Deployment", "backstage-backend"), "backstage-backend")
    secret = rendering.scenario.value("redhat-developer-hub.global.auth.backend.value")
    backstage.manifest["args"].append(f"--secret={secret}")
    return rendering


@credentials_stand_in_secrets_only.counterexample("all_on")
def a_config_map_holds_it_in_base64(rendering: Rendering) -> Rendering:
    config = rendering.resources.one("ConfigMap", "lightspeed-postgres-init")
    password = rendering.scenario.value("lightspeed.postgres.password")
    config.manifest["binaryData"] = {"pgpass": writings(f"*:*:*:lightspeed:{password}")["in base64"]}
    return rendering


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
    token = lookup(rendering.chart.schema, "properties.lightspeed.properties.mcpToken")
    del token["writeOnly"]
    return rendering
