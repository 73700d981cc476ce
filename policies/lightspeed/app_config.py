"""Backstage's configuration: each variable in it has a source, and both sides of MCP know the same token."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.places import Place
from chartgate.documents.walking import strings
from chartgate.kubernetes.contents import secret_text, yaml_inside
from chartgate.kubernetes.pods.environment import from_secret, variables
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import source_checks

from . import stack
from .spec.backstage import BACKSTAGE, HUB, MAIN, hub_container
from .spec.plugin_list import CHAT_BACKEND, ENTRY, INSTALLED, MODEL_CATALOG, installed_plugins, is_enabled, listed_once
from .spec.switches import master_off, master_on

CONFIG = "ConfigMap cluster-config-rhdh-helm-developer-hub-app-config"
FILE = "data[app-config-from-configmap.yaml]"
ACCESS = "backend.auth.externalAccess"
BASE_ACCESS = f"redhat-developer-hub.upstream.backstage.appConfig.{ACCESS}"
MCP_SERVER = "mcp-integration-tools"
MCP_SERVERS = "pluginConfig.lightspeed.mcpServers"
MCP_CLIENTS = {"type": "static", "options": {"token": "${MCP_TOKEN}", "subject": "mcp-clients"}}
MCP_TOKEN_SECRET = "lightspeed-mcp-token"  # noqa: S105 - a name
SPEC = "Issue: MCP Authentication Failing"
# `$${...}` is an escape. Source: the function createSubstitutionTransform of @backstage/config-loader.
_VARIABLE = re.compile(r"\$?\$\{([^{}]*)\}")


def app_config(rendering: Rendering) -> Place[Resource]:
    """Give the configuration that Backstage reads last.

    Raises:
        Missing: its ConfigMap is not rendered, or holds no YAML.
    """
    scenario = rendering.scenario
    config = rendering.resources.one("ConfigMap", f"{scenario.release}-developer-hub-app-config", scenario.namespace)
    return yaml_inside(config.place(FILE))


@policy(
    where=master_on,
    severity="error",
    remediation="Give mcpToken of lightspeed-mcp-token to backstage-backend as MCP_TOKEN, read it in the entry"
    " mcp-clients and in the plugin, and name the MCP server alike in the plugin and in lightspeed-stack.yaml.",
    spec=SPEC,
)
def mcp_token_agrees(rendering: Rendering) -> Iterator[Check]:
    """The MCP token of the values is the one that Backstage accepts, and that the plugin sends under the server's name.

    The plugin passes a map of server names to tokens; lightspeed-core drops a name that it does not know, and calls
    Backstage without a token.
    """
    scenario = rendering.scenario
    secret = rendering.resources.one("Secret", MCP_TOKEN_SECRET, scenario.namespace)
    agrees = secret_text(secret).get("mcpToken") == scenario.value("lightspeed.mcpToken")
    expected = "lightspeed.mcpToken of the values"
    yield states(
        secret.place("stringData.mcpToken"), agrees, expected=expected, actual=expected if agrees else "another"
    )

    backend = hub_container(rendering, BACKSTAGE)
    origin = variables(backend, rendering.resources).get("MCP_TOKEN", ABSENT)
    yield compares(backend.place("env[MCP_TOKEN]"), str(origin), str(from_secret(MCP_TOKEN_SECRET, "mcpToken")))

    # A later file's list replaces an earlier one's, so the other entries must be here as well.
    others = lookup(scenario.values, BASE_ACCESS) or []
    yield equals(app_config(rendering).place(ACCESS), [*others, MCP_CLIENTS])

    sent = listed_once(installed_plugins(rendering), CHAT_BACKEND).place(MCP_SERVERS)
    yield equals(sent, [{"name": MCP_SERVER, "token": "${MCP_TOKEN:-unset}"}])

    servers = stack.stack_file(rendering) / "mcp_servers"
    yield compares(servers, [server.at("name") for server in servers.maps()], [MCP_SERVER])


mcp_token_agrees.breaks(
    "lightspeed",
    the_secret_has_another_token=put(f"Secret {MCP_TOKEN_SECRET}", "stringData.mcpToken", "another-token"),
    backstage_accepts_no_mcp_client=gone(CONFIG, f"{FILE}.{ACCESS}[static]"),
    the_entry_replaces_the_others=gone(CONFIG, f"{FILE}.{ACCESS}[legacy]"),
    lightspeed_core_calls_the_server_another_name=put(
        stack.STACK, f"{stack.FILE}.mcp_servers[{MCP_SERVER}].name", "mcp-tools"
    ),
)
mcp_token_agrees.breaks(
    "all_on",
    backstage_reads_another_secret=put(
        HUB, f"{MAIN}.env[MCP_TOKEN].valueFrom.secretKeyRef.name", "llama-stack-secrets"
    ),
    the_plugin_sends_the_backend_secret=put(
        INSTALLED, f"{ENTRY[CHAT_BACKEND]}.{MCP_SERVERS}[{MCP_SERVER}].token", "${BACKEND_SECRET}"
    ),
    the_plugin_calls_the_server_another_name=put(
        INSTALLED, f"{ENTRY[CHAT_BACKEND]}.{MCP_SERVERS}[{MCP_SERVER}].name", "backstage"
    ),
)


@policy(
    where=master_off,
    severity="error",
    remediation="Append the entry mcp-clients to backend.auth.externalAccess only while lightspeed.enabled is true.",
    spec="Disabling Lightspeed",
)
def mcp_clients_come_with_lightspeed_only(rendering: Rendering) -> Iterator[Check]:
    """With Lightspeed off, Backstage accepts the callers of its own values and no MCP client.

    Without MCP_TOKEN the entry would have no token, which Backstage refuses when it starts.
    """
    yield equals(app_config(rendering).place(ACCESS), lookup(rendering.scenario.values, BASE_ACCESS))


mcp_clients_come_with_lightspeed_only.breaks(
    "off", the_entry_is_always_there=append(CONFIG, f"{FILE}.{ACCESS}", MCP_CLIENTS)
)


@policy(
    severity="error",
    remediation="Set the variable on backstage-backend from something that is rendered, or write ${NAME:-default}.",
    spec=SPEC,
)
def app_config_resolves(rendering: Rendering) -> Iterator[Check]:
    """Every `${NAME}` in the app-config and in enabled plugins has a default, or a source that is rendered.

    Backstage reads a variable that is not set as a value that is not there, and most often does not start.
    """
    backend = hub_container(rendering, BACKSTAGE)
    plugins = [plugin for _, plugin in installed_plugins(rendering).entries() if is_enabled(plugin)]
    for config in (app_config(rendering), *(plugin / "pluginConfig" for plugin in plugins)):
        for keys, text in strings(config.value):
            for found in _VARIABLE.finditer(text):
                if not found[0].startswith("$$") and ":-" not in found[1]:
                    yield from source_checks(rendering, backend, found[1].strip(), config.place(join(*keys)))


app_config_resolves.breaks(
    "off",
    nobody_sets_the_variable=put(CONFIG, f"{FILE}.app.title", "${HUB_TITLE}"),
    # The reference is there, and optional; what it refers to is not.
    lightspeed_is_off_and_its_token_is_read=append(CONFIG, f"{FILE}.{ACCESS}", MCP_CLIENTS),
)
app_config_resolves.breaks(
    "plugin_model_catalog",
    an_enabled_plugin_reads_what_nobody_sets=put(
        INSTALLED,
        f"{ENTRY[MODEL_CATALOG]}.pluginConfig.catalog.providers.modelCatalog.development.baseUrl",
        "${LOCATION_URL}",
    ),
)
app_config_resolves.breaks(
    "defaults",
    the_secret_of_a_variable_is_not_rendered=gone("Secret backstage-auth"),
    the_secret_of_a_variable_has_another_key=put(
        "Secret backstage-postgresql", "stringData", {"password": "<path:np-hub-secret-4#hubPostgresPassword>"}
    ),
)
