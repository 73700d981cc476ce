"""The three secrets: where they are, what they hold, and that it reaches who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.contents import secret_text
from chartgate.kubernetes.pods.environment import from_secret, variables
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Resource, Scenario
from chartgate.policy.checks import compares, equals, rendered, states
from chartgate.policy.edits import added, gone, put
from chartgate.policy.policy import policy

from .postgres import DATABASE, SERVER
from .spec.backstage import BACKSTAGE, HARVESTER, HUB, LLAMA_STACK, MAIN
from .spec.switches import database_namespace, master_on, postgres_on, sidecars_on

# The spec's Secrets Management: the keys of each secret, and the value that each key is made of.
POSTGRES_INFO = {
    "namespace": "lightspeed.postgres.namespace",
    "user": "lightspeed.postgres.user",
    "password": "lightspeed.postgres.password",
    "db-name": "lightspeed.postgres.dbName",
}
LLAMA_STACK_KEYS = {
    "VLLM_URL": "lightspeed.vllmUrl",
    "VLLM_API_KEY": "lightspeed.vllmApiKey",
    "VALIDATION_PROVIDER": "lightspeed.validationProvider",
    "VALIDATION_MODEL_NAME": "lightspeed.validationModelName",
}
SECRETS = {
    "lightspeed-postgres-info": POSTGRES_INFO,
    "llama-stack-secrets": LLAMA_STACK_KEYS,
    "lightspeed-mcp-token": {"mcpToken": "lightspeed.mcpToken"},
}
INFO = "lightspeed-postgres-info"
RUNBOOK_GREP = re.compile("lightspeed|llama-stack|mcp-token")

PG = {"PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "db-name"}
POSTGRESQL = {"POSTGRESQL_USER": "user", "POSTGRESQL_PASSWORD": "password", "POSTGRESQL_DATABASE": "db-name"}


class Consumer(NamedTuple):
    """A container that reads keys of one secret as variables."""

    kind: str
    workload: str
    namespace: str
    container: str
    secret: str
    keys: dict[str, str]
    """From the variable to the secret's key."""


def places(scenario: Scenario) -> list[tuple[str, str]]:
    """Name each secret with its namespace; the database's is in two, because a pod reads only its own."""
    return [(INFO, database_namespace(scenario)), *((name, scenario.namespace) for name in SECRETS)]


def consumers(scenario: Scenario) -> Iterator[Consumer]:
    """Name who reads the secrets in this scenario."""
    hub = ("Deployment", BACKSTAGE, scenario.namespace)
    database = database_namespace(scenario)
    yield Consumer(*hub, BACKSTAGE, "lightspeed-mcp-token", {"MCP_TOKEN": "mcpToken"})
    if sidecars_on(scenario):
        yield Consumer(*hub, "llama-stack", "llama-stack-secrets", {key: key for key in LLAMA_STACK_KEYS})
    if sidecars_on(scenario) and postgres_on(scenario):
        yield Consumer(*hub, "lightspeed-core", INFO, PG)
        yield Consumer(*hub, "feedback-harvester", INFO, PG)
    if postgres_on(scenario):
        yield Consumer("Deployment", "lightspeed-postgres", database, "postgresql", INFO, POSTGRESQL)
        yield Consumer("Job", "lightspeed-postgres-init", database, "init", INFO, PG)


@policy(
    where=master_on,
    severity="error",
    remediation="Render both copies of lightspeed-postgres-info from the same values, one in each namespace.",
    spec="1. `lightspeed-postgres-info` (2 instances)",
)
def secrets_in_both_namespaces(rendering: Rendering) -> Iterator[Check]:
    """The secret lightspeed-postgres-info is in the database's namespace and in the release's, with the same data.

    A pod reads only secrets of its own namespace. Where the copies differ, the database is created with one
    password and asked with another.
    """
    namespaces = (database_namespace(rendering.scenario), rendering.scenario.namespace)
    for secret in rendering.resources.of_kind("Secret"):
        if secret.name == INFO:
            place, expected = secret.place("metadata.namespace"), f"one of {', '.join(namespaces)}"
            yield states(place, secret.namespace in namespaces, expected=expected, actual=secret.namespace)
    one, two = (rendering.resources.one("Secret", INFO, namespace) for namespace in namespaces)
    for copy, other in ((one, two), (two, one)):
        yield equals(copy / "type", other.at("type"))
        content = secret_text(other)
        for key in sorted({*secret_text(copy), *content}):
            yield _holds(copy, key, content.get(key, ABSENT), f"the same as in {other.namespace}")


secrets_in_both_namespaces.breaks(
    "lightspeed",
    only_where_the_database_is=gone("Secret backstage/lightspeed-postgres-info"),
)
secrets_in_both_namespaces.breaks(
    "all_on",
    the_copies_have_two_passwords=put(
        "Secret lightspeed-postgres/lightspeed-postgres-info", "stringData.password", "another"
    ),
    a_copy_lacks_a_key=gone("Secret backstage/lightspeed-postgres-info", "stringData.db-name"),
)
secrets_in_both_namespaces.breaks(
    "lightspeed+postgres",
    a_third_copy=added(
        "{apiVersion: v1, kind: Secret, metadata: {name: lightspeed-postgres-info, namespace: default}}"
    ),
)


@policy(
    severity="error",
    remediation="Choose a name without lightspeed, llama-stack and mcp-token for anything but the three secrets.",
    spec="Verify Lightspeed is Enabled",
)
def three_secrets_in_the_release_namespace(rendering: Rendering) -> Iterator[Check]:
    """The runbook's grep finds exactly the three secrets of Lightspeed in the release's namespace, or none when off.

    `oc get secrets` also lists what OpenShift makes of each ServiceAccount, named after it, and the grep reads whole
    rows: names and types.
    """
    names = tuple(SECRETS) if master_on(rendering.scenario) else ()
    for name in names:
        yield rendered(rendering, "Secret", name, rendering.scenario.namespace)
    for resource in rendering.resources.of_kind("Secret", "ServiceAccount"):
        if resource.namespace == rendering.scenario.namespace:
            row = f"{resource.name} {resource.at('type') or ''}".strip()
            is_found = bool(RUNBOOK_GREP.search(row))
            wanted = resource.kind == "Secret" and resource.name in names
            expected = "found by the runbook's grep" if wanted else "not found by the runbook's grep"
            yield states(resource.place("metadata.name"), is_found == wanted, expected=expected, actual=row)


three_secrets_in_the_release_namespace.breaks(
    "lightspeed",
    the_token_is_missing=gone("Secret lightspeed-mcp-token"),
)
three_secrets_in_the_release_namespace.breaks(
    "off",
    a_secret_that_sounds_alike=put("Secret backstage-auth", "metadata.name", "developer-hub-mcp-token"),
)
three_secrets_in_the_release_namespace.breaks(
    "lightspeed+catalog",
    an_account_whose_pull_secret_sounds_alike=put(
        "ServiceAccount rhdh-rhoai-bridge", "metadata.name", "lightspeed-bridge"
    ),
)


@policy(
    where=master_on,
    severity="error",
    remediation="Give the secret exactly the keys of the spec.",
    spec="Secrets Created (when enabled)",
)
def secret_keys(rendering: Rendering) -> Iterator[Check]:
    """Each of the three secrets has exactly the keys of the spec."""
    for name, namespace in places(rendering.scenario):
        secret = rendering.resources.one("Secret", name, namespace)
        yield compares(secret / "stringData", sorted(secret_text(secret)), sorted(SECRETS[name]))


secret_keys.breaks(
    "lightspeed",
    the_api_key_is_left_out=gone("Secret llama-stack-secrets", "stringData.VLLM_API_KEY"),
    the_token_has_its_variable_as_key=put("Secret lightspeed-mcp-token", "stringData", {"MCP_TOKEN": "mcp"}),
)
secret_keys.breaks(
    "all_on",
    one_copy_has_a_host=put("Secret lightspeed-postgres/lightspeed-postgres-info", "data", {"host": "bG9jYWxob3N0"}),
)


@policy(
    where=master_on,
    severity="error",
    remediation="Follow the value: values.yaml, the secret's key, the variable's reference (secretKeyRef or envFrom).",
    spec="Secret Flow",
)
def secret_values_reach_their_consumers(rendering: Rendering) -> Iterator[Check]:
    """Every value under a secret's key is the scenario's, and every container that needs it reads that very key.

    Judged on the resources after the hooks. A literal in between, or a variable of the same name from elsewhere,
    would hold until the first rotation.
    """
    scenario, resources = rendering.scenario, rendering.after_hooks
    for name, namespace in places(scenario):
        secret = resources.one("Secret", name, namespace)
        for key, address in SECRETS[name].items():
            yield _holds(secret, key, scenario.value(address), f"the value of {address}")
    for consumer in consumers(scenario):
        workload = resources.one(consumer.kind, consumer.workload, consumer.namespace)
        reader = container(workload, consumer.container)
        origins = variables(reader, resources)
        for variable, key in consumer.keys.items():
            expected, actual = from_secret(consumer.secret, key), origins.get(variable, ABSENT)
            yield compares(reader / "env" / variable, str(actual), str(expected))


@secret_values_reach_their_consumers.counterexample("all_on")
def the_password_is_the_users_name(rendering: Rendering) -> Rendering:
    for secret in rendering.after_hooks.of_kind("Secret"):
        if secret.name == INFO:
            secret.manifest["stringData"]["password"] = secret.manifest["stringData"]["user"]
    return rendering


secret_values_reach_their_consumers.breaks(
    "all_on",
    llama_stack_reads_no_secret=gone(HUB, f"{LLAMA_STACK}.envFrom"),
    a_literal_covers_the_model_name=put(
        HUB, f"{LLAMA_STACK}.env", [{"name": "VALIDATION_MODEL_NAME", "value": "mistralai/Mistral-Small-Instruct-2409"}]
    ),
    the_harvester_takes_the_name_for_the_user=put(
        HUB, f"{HARVESTER}.env[PGUSER].valueFrom.secretKeyRef.key", "db-name"
    ),
)
secret_values_reach_their_consumers.breaks(
    "lightspeed+postgres",
    the_database_is_made_without_a_name=gone(DATABASE, f"{SERVER}.env[POSTGRESQL_DATABASE]"),
)
secret_values_reach_their_consumers.breaks(
    "lightspeed",
    backstage_asks_for_another_key=put(HUB, f"{MAIN}.env[MCP_TOKEN].valueFrom.secretKeyRef.key", "MCP_TOKEN"),
)


def _holds(secret: Resource, key: str, expected: object, words: str) -> Check:
    """Expect a text under a secret's key without showing it: a finding is read by many."""
    actual = secret_text(secret).get(key, ABSENT)
    shown = f"another text, of {len(actual)} characters" if isinstance(actual, str) else actual
    passed = actual == expected
    return states(secret / "stringData" / key, passed, expected=words, actual=words if passed else shown)
