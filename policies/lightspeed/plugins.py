"""The seven plugins: listed, disabled until someone enables them, independent of each other, and the chat's page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import compares, equals, states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy

from .spec.plugin_list import (
    CATALOG_TOOL,
    CHAT,
    CHAT_BACKEND,
    ENTRY,
    INSTALLED,
    MCP_ACTIONS,
    MODEL_CATALOG,
    PLUGINS,
    SEVEN,
    TECHDOC_READER,
    TECHDOCS_TOOL,
    installed_plugins,
    left_alone,
    listed_once,
    plugins_of,
)

STEP_3 = (CHAT, CHAT_BACKEND, MCP_ACTIONS, CATALOG_TOOL, TECHDOCS_TOOL, MODEL_CATALOG)

ROUTES = "pluginConfig.dynamicPlugins.frontend[red-hat-developer-hub.backstage-plugin-lightspeed].dynamicRoutes"
ROUTE = {
    "path": "/lightspeed",
    "importName": "LightspeedPage",
    "module": "LightspeedPlugin",
    "menuItem": {"icon": "LightspeedIcon", "text": "Lightspeed"},
}

SOURCES = "pluginConfig.backend.actions.pluginSources"
# What the two tool plugins are called there, in any order.
TOOLS = ["software-catalog-mcp-tool", "techdocs-mcp-tool"]

# A tag or a digest, and behind the `!` the plugin's folder in the image, named like the image.
PINNED = re.compile(r"oci://(?:[^/\s]+/)+(?P<name>[^/:@!\s]+)(?::(?!latest!)[\w.-]+|@sha256:[0-9a-f]{64})!(?P=name)")


def step_3_is_done(scenario: Scenario) -> bool:
    """Somebody followed step 3 of the spec: these plugins were switched, and no other one."""
    return not left_alone(scenario) and set(plugins_of(scenario).enabled) == set(STEP_3)


@policy(
    where=left_alone,
    severity="error",
    remediation="List the plugin in values.yaml under redhat-developer-hub.global.dynamic.plugins, by this exact name.",
    spec="Plugin List",
)
def seven_plugins_listed(rendering: Rendering) -> Iterator[Check]:
    """Exactly the seven plugins of the spec's table are listed, each once.

    Step 3 of the spec switches entries that are already there. Their order means nothing: the installer takes each
    for itself, but gives up when a package is listed twice.
    """
    there = installed_plugins(rendering)
    for name in dict.fromkeys([*SEVEN, *there.names]):
        yield compares(there / name, _listed(there.names.count(name)), _listed(int(name in SEVEN)))


def _listed(times: int) -> str:
    return {0: "not listed", 1: "listed once"}.get(times, f"listed {times} times")


seven_plugins_listed.breaks(
    "defaults",
    a_plugin_is_forgotten=gone(INSTALLED, ENTRY[TECHDOC_READER]),
    an_eighth_plugin=append(
        INSTALLED,
        PLUGINS,
        {
            "package": "oci://example.com/backstage-plugin-notifications:1.0!backstage-plugin-notifications",
            "disabled": True,
        },
    ),
    the_list_is_empty=put(INSTALLED, PLUGINS, []),
)
seven_plugins_listed.breaks("off", only_the_longer_name_is_there=gone(INSTALLED, ENTRY[CHAT]))
seven_plugins_listed.breaks(
    "all_on",
    a_plugin_is_listed_twice=append(
        INSTALLED, PLUGINS, {"package": f"oci://ghcr.io/overlays/{CHAT}:next__1.0.0!{CHAT}", "disabled": False}
    ),
)


@policy(
    where=left_alone,
    severity="error",
    remediation="Write `disabled: true` at the plugin in values.yaml.",
    spec="Plugin List",
)
def plugins_disabled_by_default(rendering: Rendering) -> Iterator[Check]:
    """Every plugin of Lightspeed is `disabled: true` where nobody has touched the plugins.

    A boolean, and written down: the installer takes an entry without it, and a text is not what it compares with.
    """
    for name, plugin in installed_plugins(rendering).entries():
        if name in SEVEN:
            yield equals(plugin / "disabled", True)


plugins_disabled_by_default.breaks(
    "defaults", the_backend_is_enabled=put(INSTALLED, f"{ENTRY[CHAT_BACKEND]}.disabled", False)
)
plugins_disabled_by_default.breaks(
    "all_on", lightspeed_enables_its_chat=put(INSTALLED, f"{ENTRY[CHAT]}.disabled", False)
)
plugins_disabled_by_default.breaks(
    "off",
    disabled_is_text=put(INSTALLED, f"{ENTRY[TECHDOC_READER]}.disabled", "true"),
    disabled_is_left_out=gone(INSTALLED, f"{ENTRY[MODEL_CATALOG]}.disabled"),
)


@policy(
    where=left_alone,
    severity="error",
    remediation="Write the package as oci://<registry>/<path>/<name>:<tag>!<name>, with a tag other than latest.",
    spec="Step 3: Enable Plugins",
)
def plugin_packages_are_pinned(rendering: Rendering) -> Iterator[Check]:
    """Every plugin of Lightspeed comes from an OCI image with a tag or a digest.

    The installer runs whenever a pod starts: without a version, two pods of one release could run different code.
    """
    for name, plugin in installed_plugins(rendering).entries():
        if name in SEVEN:
            package = plugin / "package"
            passed = PINNED.fullmatch(package.text) is not None
            yield states(package, passed, expected=f"oci://.../{name}:<tag>!{name}")


plugin_packages_are_pinned.breaks(
    "defaults",
    a_package_without_a_tag=put(INSTALLED, f"{ENTRY[CHAT]}.package", f"oci://ghcr.io/overlays/{CHAT}!{CHAT}"),
    a_package_at_latest=put(
        INSTALLED, f"{ENTRY[MCP_ACTIONS]}.package", f"oci://ghcr.io/overlays/{MCP_ACTIONS}:latest!{MCP_ACTIONS}"
    ),
    a_package_in_the_image=put(INSTALLED, f"{ENTRY[CATALOG_TOOL]}.package", f"./dynamic-plugins/dist/{CATALOG_TOOL}"),
    another_plugin_inside_of_the_image=put(
        INSTALLED, f"{ENTRY[CHAT]}.package", f"oci://ghcr.io/overlays/{CHAT_BACKEND}:next__1.0.0!{CHAT}"
    ),
)


@policy(
    where=left_alone,
    severity="error",
    remediation="Name both tools under backend.actions.pluginSources of the MCP actions plugin in values.yaml.",
    spec="Plugin List",
)
def mcp_server_offers_both_tools(rendering: Rendering) -> Iterator[Check]:
    """The MCP server takes actions from its two tool plugins, by the names that these have.

    A name that no plugin has is passed over without a word, and the assistant has a tool less.
    """
    sources = listed_once(installed_plugins(rendering), MCP_ACTIONS).place(SOURCES)
    there = sources.value
    yield compares(sources, sorted(map(str, there)) if isinstance(there, list) else there, TOOLS)


mcp_server_offers_both_tools.breaks(
    "defaults",
    a_tool_is_misspelt=put(INSTALLED, f"{ENTRY[MCP_ACTIONS]}.{SOURCES}[1]", "techdoc-mcp-tool"),
    a_tool_is_forgotten=gone(INSTALLED, f"{ENTRY[MCP_ACTIONS]}.{SOURCES}[0]"),
    another_plugin_acts=append(INSTALLED, f"{ENTRY[MCP_ACTIONS]}.{SOURCES}", "catalog"),
    no_sources=gone(INSTALLED, f"{ENTRY[MCP_ACTIONS]}.pluginConfig"),
)


@policy(
    where=step_3_is_done,
    severity="error",
    remediation="Render the plugins as the values list them: exactly those with `disabled: false` are enabled.",
    spec="Step 3: Enable Plugins",
)
def step_3_enables_six_plugins(rendering: Rendering) -> Iterator[Check]:
    """Step 3 of the spec enables its six plugins, and leaves the TechDoc URL reader disabled."""
    there = installed_plugins(rendering)
    for name in SEVEN:
        yield equals(listed_once(there, name) / "disabled", name not in STEP_3)


step_3_enables_six_plugins.breaks(
    "spec_step_3",
    the_model_catalog_stays_disabled=put(INSTALLED, f"{ENTRY[MODEL_CATALOG]}.disabled", True),
    the_reader_is_enabled_along=put(INSTALLED, f"{ENTRY[TECHDOC_READER]}.disabled", False),
    a_plugin_is_lost=gone(INSTALLED, ENTRY[CHAT]),
)


@policy(
    severity="error",
    remediation="Restore the dynamic route in the pluginConfig of the Lightspeed plugin in values.yaml.",
    spec="Plugin Configuration",
)
def lightspeed_route_configured(rendering: Rendering) -> Iterator[Check]:
    """The Lightspeed plugin brings its page to /lightspeed, with an item in the menu.

    Without it the plugin is loaded and nobody can see it. A route without importName or module is skipped silently.
    """
    routes = listed_once(installed_plugins(rendering), CHAT).place(ROUTES)
    found = [route for route in routes.maps() if route.at("path") == ROUTE["path"]]
    actual = f"{len(found)} times in {routes.value!r}"
    yield states(routes, len(found) == 1, expected="/lightspeed once", actual=actual)
    for route in found:
        for key, expected in ROUTE.items():
            yield equals(route / key, expected)


lightspeed_route_configured.breaks(
    "off", the_page_moves=put(INSTALLED, f"{ENTRY[CHAT]}.{ROUTES}[0].path", "/assistant")
)
lightspeed_route_configured.breaks(
    "spec_step_3", the_menu_has_no_icon=put(INSTALLED, f"{ENTRY[CHAT]}.{ROUTES}[0].menuItem.icon", "")
)
lightspeed_route_configured.breaks("all_on", the_config_is_dropped=gone(INSTALLED, f"{ENTRY[CHAT]}.pluginConfig"))


@lightspeed_route_configured.counterexample("all_on")
def the_config_moves_to_the_backend(rendering: Rendering) -> Rendering:
    config = installed_plugins(rendering).at(f"{CHAT}.pluginConfig")
    gone(INSTALLED, f"{ENTRY[CHAT]}.pluginConfig").apply(rendering)
    return put(INSTALLED, f"{ENTRY[CHAT_BACKEND]}.pluginConfig", config).apply(rendering)
