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
from chartgate.policy.checks import compares, rendered, states
from chartgate.policy.policy import policy

from .spec.switches import master_on, postgres_on, sidecars_on

# The spec's Secrets Management: the keys of each secret, and the value that each key is made of.
POSTGRES_INFO = {
    "namespace": "lightspeed.postgres.namespace",
    "user": "lightspeed.postgres.user",
    "password": "lightspeed.postgres.password",
    "db-name": "lightspeed.postgres.dbName",
}
LLAMA_STACK = {
    "VLLM_URL": "lightspeed.vllmUrl",
    "VLLM_API_KEY": "lightspeed.vllmApiKey",
    "VALIDATION_PROVIDER": "lightspeed.validationProvider",
    "VALIDATION_MODEL_NAME": "lightspeed.validationModelName",
}
SECRETS = {
    "lightspeed-postgres-info": POSTGRES_INFO,
    "llama-stack-secrets": LLAMA_STACK,
    "lightspeed-mcp-token": {"mcpToken": "lightspeed.mcpToken"},
}
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
    """Name each secret with its namespace; the database's stands in two, because a pod reads only its own."""
    database = str(scenario.value("lightspeed.postgres.namespace"))
    return [("lightspeed-postgres-info", database), *((name, scenario.namespace) for name in SECRETS)]


def consumers(scenario: Scenario) -> Iterator[Consumer]:
    """Name who reads the secrets in this scenario."""
    hub = ("Deployment", "backstage-backend", scenario.namespace)
    database = str(scenario.value("lightspeed.postgres.namespace"))
    info = "lightspeed-postgres-info"
    yield Consumer(*hub, "backstage-backend", "lightspeed-mcp-token", {"MCP_TOKEN": "mcpToken"})
    if sidecars_on(scenario):
        yield Consumer(*hub, "llama-stack", "llama-stack-secrets", {key: key for key in LLAMA_STACK})
    if sidecars_on(scenario) and postgres_on(scenario):
        yield Consumer(*hub, "lightspeed-core", info, PG)
        yield Consumer(*hub, "feedback-harvester", info, PG)
    if postgres_on(scenario):
        yield Consumer("Deployment", "lightspeed-postgres", database, "postgresql", info, POSTGRESQL)
        yield Consumer("Job", "lightspeed-postgres-init", database, "init", info, PG)


@policy(
    where=master_on,
    severity="error",
    remediation="Render both copies of lightspeed-postgres-info from the same values, one in each namespace.",
    spec="1. `lightspeed-postgres-info` (2 instances)",
)
def secrets_in_both_namespaces(rendering: Rendering) -> Iterator[Check]:
    """The secret lightspeed-postgres-info stands in the database's namespace and the release's, with the same data.

    A pod reads only secrets of its own namespace. Where the copies differ, the database is created with one
    password and asked with another.
    """
    scenario = rendering.scenario
    wanted = (str(scenario.value("lightspeed.postgres.namespace")), scenario.namespace)
    named = [r for r in rendering.resources.of_kind("Secret") if r.name == "lightspeed-postgres-info"]
    for secret in named:
        yield states(
            secret,
            "metadata.namespace",
            secret.namespace in wanted,
            expected=f"one of {', '.join(wanted)}",
            actual=secret.namespace,
        )
    copies = [rendering.resources.one("Secret", "lightspeed-postgres-info", namespace) for namespace in wanted]
    content = [secret_text(copy) for copy in copies]
    for index, copy in enumerate(copies):
        yield compares(copy, "type", copy.at("type"), copies[1 - index].at("type"))
        for key in sorted({*content[0], *content[1]}):
            own, other = (content[i].get(key, ABSENT) for i in (index, 1 - index))
            yield _hidden(copy, key, own == other, f"the same as in {copies[1 - index].namespace}", own)


@secrets_in_both_namespaces.counterexample("lightspeed")
def only_where_the_database_is(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("Secret", "lightspeed-postgres-info", "backstage"))
    return rendering


@secrets_in_both_namespaces.counterexample("all_on")
def the_copies_have_two_passwords(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-postgres-info", "lightspeed-postgres")
    secret.manifest["stringData"]["password"] += "x"
    return rendering


@secrets_in_both_namespaces.counterexample("all_on")
def a_copy_lacks_a_key(rendering: Rendering) -> Rendering:
    del rendering.resources.one("Secret", "lightspeed-postgres-info", "backstage").manifest["stringData"]["db-name"]
    return rendering


@secrets_in_both_namespaces.counterexample("lightspeed+postgres")
def a_third_copy(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-postgres-info", "backstage")
    stray = {**secret.manifest, "metadata": {**secret.manifest["metadata"], "namespace": "default"}}
    rendering.resources.append(Resource(stray, secret.template, secret.default_namespace))
    return rendering


@policy(
    severity="error",
    remediation="Choose a name without lightspeed, llama-stack and mcp-token for what is none of the three secrets.",
    spec="Verify Lightspeed is Enabled",
)
def three_secrets_in_the_release_namespace(rendering: Rendering) -> Iterator[Check]:
    """The runbook's grep finds exactly the three secrets of Lightspeed in the release's namespace, or none when off.

    `oc get secrets` also lists what OpenShift makes of each ServiceAccount, named after it, and the grep reads whole
    rows: names and types.
    """
    expected = set(SECRETS) if master_on(rendering.scenario) else set()
    for name in expected:
        yield rendered(rendering, "Secret", name, rendering.scenario.namespace)
    for resource in rendering.resources.of_kind("Secret", "ServiceAccount"):
        if resource.namespace == rendering.scenario.namespace:
            row = f"{resource.name} {resource.at('type') or ''}".strip()
            wanted = resource.kind == "Secret" and resource.name in expected
            yield states(
                resource,
                "metadata.name",
                bool(RUNBOOK_GREP.search(row)) == wanted,
                expected="found by the runbook's grep" if wanted else "not found by the runbook's grep",
                actual=row,
            )


@three_secrets_in_the_release_namespace.counterexample("lightspeed")
def the_token_is_missing(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("Secret", "lightspeed-mcp-token"))
    return rendering


@three_secrets_in_the_release_namespace.counterexample("off")
def a_secret_that_sounds_alike(rendering: Rendering) -> Rendering:
    rendering.resources.of_kind("Secret")[0].manifest["metadata"]["name"] = "developer-hub-mcp-token"
    return rendering


@three_secrets_in_the_release_namespace.counterexample("lightspeed+catalog")
def an_account_whose_pull_secret_sounds_alike(rendering: Rendering) -> Rendering:
    account = rendering.resources.one("ServiceAccount", "rhdh-rhoai-bridge")
    account.manifest["metadata"]["name"] = "lightspeed-bridge"
    return rendering


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
        yield compares(secret, "stringData", sorted(secret_text(secret)), sorted(SECRETS[name]))


@secret_keys.counterexample("lightspeed")
def the_api_key_is_left_out(rendering: Rendering) -> Rendering:
    del rendering.resources.one("Secret", "llama-stack-secrets").manifest["stringData"]["VLLM_API_KEY"]
    return rendering


@secret_keys.counterexample("lightspeed")
def the_token_has_its_variable_as_key(rendering: Rendering) -> Rendering:
    content = rendering.resources.one("Secret", "lightspeed-mcp-token").manifest["stringData"]
    content["MCP_TOKEN"] = content.pop("mcpToken")
    return rendering


@secret_keys.counterexample("all_on")
def one_copy_has_a_host(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", "lightspeed-postgres-info", "lightspeed-postgres")
    secret.manifest["data"] = {"host": "bG9jYWxob3N0"}
    return rendering


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
        content = secret_text(secret)
        for key, address in SECRETS[name].items():
            same = content.get(key) == scenario.value(address)
            yield _hidden(secret, key, same, f"the value of {address}", content.get(key, ABSENT))
    for consumer in consumers(scenario):
        workload = resources.one(consumer.kind, consumer.workload, consumer.namespace)
        reader = container(workload, consumer.container)
        origins = variables(reader, resources)
        for variable, key in consumer.keys.items():
            expected, actual = str(from_secret(consumer.secret, key)), str(origins.get(variable, ABSENT))
            yield compares(workload, f"{reader.address}.env[{variable}]", actual, expected)


@secret_values_reach_their_consumers.counterexample("all_on")
def the_password_is_the_users_name(rendering: Rendering) -> Rendering:
    for secret in rendering.after_hooks.of_kind("Secret"):
        if secret.name == "lightspeed-postgres-info":
            secret.manifest["stringData"]["password"] = secret.manifest["stringData"]["user"]
    return rendering


@secret_values_reach_their_consumers.counterexample("all_on")
def llama_stack_reads_no_secret(rendering: Rendering) -> Rendering:
    del container(rendering.after_hooks.one("Deployment", "backstage-backend"), "llama-stack").manifest["envFrom"]
    return rendering


@secret_values_reach_their_consumers.counterexample("all_on")
def a_literal_covers_the_model_name(rendering: Rendering) -> Rendering:
    reader = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "llama-stack")
    reader.manifest["env"] = [{"name": "VALIDATION_MODEL_NAME", "value": "mistralai/Mistral-Small-Instruct-2409"}]
    return rendering


@secret_values_reach_their_consumers.counterexample("all_on")
def the_harvester_takes_the_name_for_the_user(rendering: Rendering) -> Rendering:
    reader = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "feedback-harvester")
    reader.at("env[PGUSER].valueFrom.secretKeyRef")["key"] = "db-name"
    return rendering


@secret_values_reach_their_consumers.counterexample("lightspeed+postgres")
def the_database_is_made_without_a_name(rendering: Rendering) -> Rendering:
    reader = container(rendering.after_hooks.one("Deployment", "lightspeed-postgres"), "postgresql")
    reader.manifest["env"] = [e for e in reader.manifest["env"] if e["name"] != "POSTGRESQL_DATABASE"]
    return rendering


@secret_values_reach_their_consumers.counterexample("lightspeed")
def backstage_asks_for_another_key(rendering: Rendering) -> Rendering:
    reader = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "backstage-backend")
    reader.at("env[MCP_TOKEN].valueFrom.secretKeyRef")["key"] = "MCP_TOKEN"
    return rendering


def _hidden(secret: Resource, key: str, passed: bool, expected: str, actual: object) -> Check:
    """Judge a secret's value without showing it: a finding is read by many."""
    shown = f"another text, of {len(actual)} characters" if isinstance(actual, str) else actual
    return states(secret, f"stringData[{key}]", passed, expected=expected, actual=expected if passed else shown)
