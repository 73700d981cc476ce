"""Backstage's configuration: each variable in it has a source, and both sides of MCP know the same token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import strings
from chartgate.kubernetes.contents import secret_text, yaml_inside
from chartgate.kubernetes.pods.environment import from_secret, variables
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, states
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import source_checks

from . import stack
from .spec.backstage import BACKSTAGE, after_hooks
from .spec.plugin_list import SEVEN, change_plugin, installed_plugins
from .spec.switches import master_off, master_on

FILE = "data[app-config-from-configmap.yaml]"
ACCESS = "backend.auth.externalAccess"
BASE_ACCESS = f"redhat-developer-hub.upstream.backstage.appConfig.{ACCESS}"
MCP_SERVER = "mcp-integration-tools"
MCP_CLIENTS = {"type": "static", "options": {"token": "${MCP_TOKEN}", "subject": "mcp-clients"}}
MCP_TOKEN_SECRET = "lightspeed-mcp-token"  # noqa: S105 - a name
CHAT_BACKEND = SEVEN[1]
SPEC = "Issue: MCP Authentication Failing"
# `$${...}` is an escape. Source: the function createSubstitutionTransform of @backstage/config-loader.
_VARIABLE = re.compile(r"\$?\$\{([^{}]*)\}")


def app_config(rendering: Rendering) -> Resource:
    """Give the ConfigMap with the configuration that Backstage reads last.

    Raises:
        Missing: it is not rendered.
    """
    scenario = rendering.scenario
    return rendering.resources.one("ConfigMap", f"{scenario.release}-developer-hub-app-config", scenario.namespace)


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
    yield states(secret, "stringData[mcpToken]", agrees, expected=expected, actual=expected if agrees else "another")

    backend = container(after_hooks(rendering), BACKSTAGE)
    origin = variables(backend, rendering.resources).get("MCP_TOKEN", ABSENT)
    wanted = str(from_secret(MCP_TOKEN_SECRET, "mcpToken"))
    yield compares(backend.resource, f"{backend.address}.env[MCP_TOKEN]", str(origin), wanted)

    # A later file's list replaces an earlier one's, so the other entries must stand here as well.
    config = app_config(rendering)
    others = lookup(scenario.values, BASE_ACCESS) or []
    accepted = lookup(yaml_inside(config, FILE), ACCESS)
    yield compares(config, f"{FILE} {ACCESS}", accepted, [*others, MCP_CLIENTS])

    there = installed_plugins(rendering)
    sent = lookup(there.one(CHAT_BACKEND).content, "pluginConfig.lightspeed.mcpServers")
    place = there.at(CHAT_BACKEND, "pluginConfig", "lightspeed", "mcpServers")
    yield compares(there.resource, place, sent, [{"name": MCP_SERVER, "token": "${MCP_TOKEN:-unset}"}])

    source = stack.stack_config(rendering)
    servers = lookup(yaml_inside(source, stack.FILE), "mcp_servers")
    names = [server.get("name") for server in maps_in(servers)]
    yield compares(source, f"{stack.FILE} mcp_servers", names, [MCP_SERVER])


@mcp_token_agrees.counterexample("lightspeed")
def the_secret_has_another_token(rendering: Rendering) -> Rendering:
    secret = rendering.resources.one("Secret", MCP_TOKEN_SECRET)
    secret.at("stringData")["mcpToken"] = "another-token"
    return rendering


@mcp_token_agrees.counterexample("all_on")
def backstage_reads_another_secret(rendering: Rendering) -> Rendering:
    env = container(after_hooks(rendering), BACKSTAGE).at("env[MCP_TOKEN].valueFrom.secretKeyRef")
    env["name"] = "llama-stack-secrets"
    return rendering


@mcp_token_agrees.counterexample("lightspeed")
def backstage_accepts_no_mcp_client(rendering: Rendering) -> Rendering:
    return _change(rendering, lambda config: lookup(config, ACCESS).pop())


@mcp_token_agrees.counterexample("lightspeed")
def the_entry_replaces_the_others(rendering: Rendering) -> Rendering:
    return _change(rendering, lambda config: lookup(config, ACCESS).pop(0))


@mcp_token_agrees.counterexample("all_on")
def the_plugin_sends_the_backend_secret(rendering: Rendering) -> Rendering:
    servers = [{"name": MCP_SERVER, "token": "${BACKEND_SECRET}"}]
    return change_plugin(rendering, CHAT_BACKEND, pluginConfig={"lightspeed": {"mcpServers": servers}})


@mcp_token_agrees.counterexample("all_on")
def the_plugin_calls_the_server_another_name(rendering: Rendering) -> Rendering:
    servers = [{"name": "backstage", "token": "${MCP_TOKEN:-unset}"}]
    return change_plugin(rendering, CHAT_BACKEND, pluginConfig={"lightspeed": {"mcpServers": servers}})


@mcp_token_agrees.counterexample("lightspeed")
def lightspeed_core_calls_the_server_another_name(rendering: Rendering) -> Rendering:
    data = stack.stack_config(rendering).at("data")
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace(MCP_SERVER, "mcp-tools")
    return rendering


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
    config = app_config(rendering)
    accepted = lookup(yaml_inside(config, FILE), ACCESS)
    yield compares(config, f"{FILE} {ACCESS}", accepted, lookup(rendering.scenario.values, BASE_ACCESS))


@mcp_clients_come_with_lightspeed_only.counterexample("off")
def the_entry_is_always_there(rendering: Rendering) -> Rendering:
    return _change(rendering, lambda config: lookup(config, ACCESS).append(MCP_CLIENTS))


@policy(
    severity="error",
    remediation="Set the variable on backstage-backend from something that is rendered, or write ${NAME:-default}.",
    spec=SPEC,
)
def app_config_resolves(rendering: Rendering) -> Iterator[Check]:
    """Every `${NAME}` in the app-config and in enabled plugins has a default, or a source that is rendered.

    Backstage reads a variable that is not set as a value that is not there, and most often does not start.
    """
    config = app_config(rendering)
    backend = container(after_hooks(rendering), BACKSTAGE)
    places = [(config, FILE, yaml_inside(config, FILE))]
    there = installed_plugins(rendering)
    places += [
        (there.resource, there.at(plugin.name, "pluginConfig"), plugin.content.get("pluginConfig"))
        for plugin in there.plugins
        if plugin.is_enabled
    ]
    for resource, place, content in places:
        for keys, text in strings(content):
            for found in _VARIABLE.finditer(text):
                if not found[0].startswith("$$") and ":-" not in found[1]:
                    path = f"{place} {join(*keys)}"
                    yield from source_checks(rendering, backend, found[1].strip(), resource, path)


@app_config_resolves.counterexample("off")
def nobody_sets_the_variable(rendering: Rendering) -> Rendering:
    return _change(rendering, lambda config: config["app"].update(title="${HUB_TITLE}"))


@app_config_resolves.counterexample("all_on")
def an_enabled_plugin_reads_what_nobody_sets(rendering: Rendering) -> Rendering:
    config = {"catalog": {"providers": {"modelCatalog": {"development": {"baseUrl": "${LOCATION_URL}"}}}}}
    return change_plugin(rendering, SEVEN[5], disabled=False, pluginConfig=config)


@app_config_resolves.counterexample("off")
def lightspeed_is_off_and_its_token_is_read(rendering: Rendering) -> Rendering:
    # The reference is there, and optional; what it refers to is not.
    return _change(rendering, lambda config: lookup(config, ACCESS).append(MCP_CLIENTS))


@app_config_resolves.counterexample("defaults")
def the_secret_of_a_variable_is_not_rendered(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("Secret", "backstage-auth"))
    return rendering


@app_config_resolves.counterexample("defaults")
def the_secret_of_a_variable_has_another_key(rendering: Rendering) -> Rendering:
    data = rendering.resources.one("Secret", "backstage-postgresql").at("stringData")
    data["password"] = data.pop("postgres-password")
    return rendering


def _change(rendering: Rendering, change: Callable[[Any], object]) -> Rendering:
    config = app_config(rendering)
    document = yaml_inside(config, FILE)
    change(document)
    config.manifest["data"]["app-config-from-configmap.yaml"] = go_yaml.dump(document)
    return rendering
