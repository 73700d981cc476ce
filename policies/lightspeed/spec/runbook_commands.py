"""The runbook's commands as a table: what people type, when, and which answer the spec expects.

No rendering can tell the content of logs, events and tables, or what `curl` fetches. Whether the container is there
whose log or shell the runbook wants, is asked all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Template
from typing import NamedTuple

from chartgate.model import Scenario
from chartgate.policy.policy import Where, everywhere

from .backstage import SIDECARS
from .plugin_list import is_enabled, plugins_of
from .switches import database_namespace, master_off, master_on, postgres_on, sidecars_off, sidecars_on


class JudgedAnswer(NamedTuple):
    """Whether an answer is the expected one, in words without any secret value."""

    passed: bool
    expected: object
    actual: object


Judge = Callable[[Scenario, list[str]], JudgedAnswer]


class RunbookCommand(NamedTuple):
    """A command of the runbook, when people type it, and how its answer is judged."""

    command: str
    where: Where
    judge: Judge


def prints(*lines: str) -> Judge:
    """Expect exactly these lines; none means that nothing is found."""

    def judge(scenario: Scenario, actual: list[str]) -> JudgedAnswer:
        expected = [filled(line, scenario) for line in lines]
        return JudgedAnswer(actual == expected, expected or "nothing", actual or "nothing")

    return judge


def gives_value(address: str, before: str = "") -> Judge:
    """Expect one line with the scenario's value, which is not shown."""

    def judge(scenario: Scenario, actual: list[str]) -> JudgedAnswer:
        expected = f"{before}(the value of {address})"
        passed = actual == [f"{before}{scenario.value(address)}"]
        return JudgedAnswer(passed, expected, expected if passed else f"something else, in {len(actual)} line(s)")

    return judge


def shows_the_switches(scenario: Scenario, actual: list[str]) -> JudgedAnswer:
    """Expect the lines to begin with the switches in the order of the spec's values, so that they can be told apart."""
    keys = ("lightspeed", "lightspeed.postgres", "modelCatalog", "sidecars")
    expected = [f"enabled: {str(scenario.value(f'{key}.enabled')).lower()}" for key in keys]
    shown = [line.strip() for line in actual]
    return JudgedAnswer(shown[: len(keys)] == expected, expected, shown or "nothing")


def shows_the_plugins(scenario: Scenario, actual: list[str]) -> JudgedAnswer:
    """Expect each plugin of that name with its state beneath."""
    plugins = {name: plugin for name, plugin in plugins_of(scenario).entries() if "lightspeed" in name}
    names = {str(plugin.at("package")): name for name, plugin in plugins.items()}
    expected = {name: f"disabled: {str(not is_enabled(plugin)).lower()}" for name, plugin in plugins.items()}
    shown: dict[str, str] = {}
    package = ""
    for line in (line.strip() for line in actual):
        if line.startswith("- "):
            package = line.removeprefix("- package:").strip(" \"'")
        elif line.startswith("disabled:") and package in names:
            shown[names[package]] = line
    return JudgedAnswer(shown == expected, expected, shown or "nothing")


def shows_the_token(_: Scenario, actual: list[str]) -> JudgedAnswer:
    """Expect the subject and, beneath it, where the token comes from."""
    expected = ["subject: mcp-clients", "token: ${MCP_TOKEN}"]
    shown = [line.strip() for line in actual]
    return JudgedAnswer(shown[:2] == expected, expected, shown or "nothing")


def filled(text: str, scenario: Scenario) -> str:
    """Put in the names of a scenario where the spec has those of the default one."""
    return Template(text).safe_substitute(
        namespace=scenario.namespace,
        release=scenario.release,
        postgres=database_namespace(scenario),
        user=scenario.value("lightspeed.postgres.user"),
        database=scenario.value("lightspeed.postgres.dbName"),
    )


def namespace_created(scenario: Scenario) -> bool:
    """The chart creates the database's namespace."""
    return master_on(scenario) and scenario.value("lightspeed.postgres.createNamespace") is True


SECRETS = 'oc get secrets -n $namespace | grep -E "lightspeed|llama-stack|mcp-token"'
PODS = "oc get pod -n $namespace -l app.kubernetes.io/name=backstage"
CONTAINERS = f"{PODS} -o jsonpath='{{.items[0].spec.containers[*].name}}'"
VALUES = "oc get configmap -n $namespace $release-values -o yaml"
APP_CONFIG = "oc get configmap -n $namespace $release-developer-hub-app-config -o yaml"
MCP_STORED = "oc get secret -n $namespace lightspeed-mcp-token -o jsonpath='{.data.mcpToken}' | base64 -d"
MCP_ENV = "oc exec -n $namespace deployment/backstage-backend -c backstage-backend -- env | grep MCP_TOKEN"
VLLM_URL = "oc get secret -n $namespace llama-stack-secrets -o jsonpath='{.data.VLLM_URL}' | base64 -d"
JOB = "oc get job -n $namespace update-deployment-containers"
LOGS = "oc logs -n $namespace deployment/backstage-backend"
CURL = "oc exec -n $namespace deployment/backstage-backend -c llama-stack -- curl -v"
PSQL = "oc exec -n $postgres deployment/lightspeed-postgres -- psql -U $user -d $database -c"

THREE_SECRETS = ("lightspeed-mcp-token Opaque", "lightspeed-postgres-info Opaque", "llama-stack-secrets Opaque")
# The Job's pod stays, so that its log can be read; the one that runs is the database's.
DATABASE_PODS = ("lightspeed-postgres Running", "lightspeed-postgres-init Completed")
SEVEN = ("backstage-backend", *SIDECARS)

# A rendering has the answer.
ANSWERS = (
    # Verify Lightspeed is Disabled (Default State)
    RunbookCommand(SECRETS, master_off, prints()),
    RunbookCommand("oc get all -n $postgres", master_off, prints()),
    RunbookCommand(CONTAINERS, sidecars_off, prints("backstage-backend")),
    # Verify Lightspeed is Enabled
    RunbookCommand(SECRETS, master_on, prints(*THREE_SECRETS)),
    RunbookCommand("oc get pod -n $postgres", postgres_on, prints(*DATABASE_PODS)),
    RunbookCommand(CONTAINERS, sidecars_on, prints(" ".join(SEVEN))),
    # Issue: PostgreSQL Pod Not Starting
    RunbookCommand("oc get namespace $postgres", namespace_created, prints("$postgres")),
    RunbookCommand("oc get namespace $postgres", master_off, prints()),
    RunbookCommand("oc get pvc -n $postgres", postgres_on, prints("lightspeed-postgres")),
    # Issue: Sidecar Containers Not Injected
    RunbookCommand(f'{VALUES} | grep "enabled:"', everywhere, shows_the_switches),
    RunbookCommand(JOB, sidecars_on, prints("update-deployment-containers")),
    RunbookCommand(JOB, sidecars_off, prints()),
    # Issue: Lightspeed UI Not Showing
    RunbookCommand(f'{VALUES} | grep -A 5 "lightspeed"', everywhere, shows_the_plugins),
    # Issue: MCP Authentication Failing
    RunbookCommand(MCP_STORED, master_on, gives_value("lightspeed.mcpToken")),
    RunbookCommand(MCP_ENV, master_on, gives_value("lightspeed.mcpToken", before="MCP_TOKEN=")),
    RunbookCommand(MCP_ENV, master_off, prints()),
    RunbookCommand(f'{APP_CONFIG} | grep -A 5 "mcp-clients"', master_on, shows_the_token),
    RunbookCommand(f'{APP_CONFIG} | grep -A 5 "mcp-clients"', master_off, prints()),
    # Issue: Model Connection Failed
    RunbookCommand(VLLM_URL, master_on, gives_value("lightspeed.vllmUrl")),
)

# A rendering has only what the command is about: the container that it reads or enters, the workload that it restarts.
TARGETS = (
    # Verify Lightspeed is Enabled
    RunbookCommand(f"{LOGS} -c lightspeed-core | grep -i mcp", sidecars_on, prints("lightspeed-core")),
    RunbookCommand(f'{LOGS} -c llama-stack | grep -i "model loaded"', sidecars_on, prints("llama-stack")),
    # Test Lightspeed Functionality
    RunbookCommand(f'{PSQL} "SELECT COUNT(*) FROM feedback;"', postgres_on, prints("postgresql")),  # noqa: S608
    # Issue: PostgreSQL Pod Not Starting
    RunbookCommand("oc logs -n $postgres deployment/lightspeed-postgres", postgres_on, prints("postgresql")),
    # Issue: Sidecar Containers Not Injected
    RunbookCommand("oc logs -n $namespace job/update-deployment-containers", sidecars_on, prints("update")),
    RunbookCommand(JOB.replace("get", "delete"), sidecars_on, prints("update-deployment-containers")),
    # Issue: Lightspeed UI Not Showing
    RunbookCommand(f"{LOGS} | grep -i lightspeed", everywhere, prints("backstage-backend")),
    RunbookCommand(
        "oc rollout restart deployment/backstage-backend -n $namespace", everywhere, prints("backstage-backend")
    ),
    # Issue: Model Connection Failed
    RunbookCommand(f"{LOGS} -c llama-stack", sidecars_on, prints("llama-stack")),
    RunbookCommand(f"{CURL} https://your-model-endpoint.com/v1/health", sidecars_on, prints("llama-stack")),
    # Issue: Feedback Not Saving
    RunbookCommand(f"{LOGS} -c feedback-harvester", sidecars_on, prints("feedback-harvester")),
    RunbookCommand(f'{PSQL} "SELECT 1;"', postgres_on, prints("postgresql")),
    RunbookCommand(PSQL + r' "\dt"', postgres_on, prints("postgresql")),
    RunbookCommand("oc logs -n $postgres job/lightspeed-postgres-init", postgres_on, prints("init")),
    # Support
    RunbookCommand(f"{LOGS} --all-containers", sidecars_off, prints("backstage-backend")),
    RunbookCommand(f"{LOGS} --all-containers", sidecars_on, prints(*SEVEN)),
)
