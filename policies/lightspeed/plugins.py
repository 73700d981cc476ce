"""The seven plugins: listed, disabled until someone enables them, independent of each other, and the chat's page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.kubernetes.contents import text
from chartgate.model import Check, Rendering, Scenario
from chartgate.policy.checks import compares, states
from chartgate.policy.policy import policy

from .spec.plugin_list import CHAT, SEVEN, change_list, change_plugin, installed_plugins, left_alone, plugins_of

CHAT_BACKEND, MCP_SERVER, CATALOG_TOOL, TECHDOCS_TOOL, MODEL_CATALOG, TECHDOC_READER = SEVEN[1:]
STEP_3 = (CHAT, CHAT_BACKEND, MCP_SERVER, CATALOG_TOOL, TECHDOCS_TOOL, MODEL_CATALOG)

FRONTEND = "red-hat-developer-hub.backstage-plugin-lightspeed"
ROUTE = {
    "path": "/lightspeed",
    "importName": "LightspeedPage",
    "module": "LightspeedPlugin",
    "menuItem": {"icon": "LightspeedIcon", "text": "Lightspeed"},
}

# A tag or a digest, and behind the `!` the plugin's folder in the image, named like the image.
PINNED = re.compile(r"oci://(?:[^/\s]+/)+(?P<name>[^/:@!\s]+)(?::(?!latest!)[\w.-]+|@sha256:[0-9a-f]{64})!(?P=name)")


def step_3_is_done(scenario: Scenario) -> bool:
    """Somebody followed step 3 of the spec: these plugins were switched, and no other one."""
    return not left_alone(scenario) and {p.name for p in plugins_of(scenario) if p.is_enabled} == set(STEP_3)


@policy(
    where=left_alone,
    severity="error",
    remediation="List the plugin in values.yaml under redhat-developer-hub.global.dynamic.plugins, by this exact name.",
    spec="Plugin List",
)
def seven_plugins_listed(rendering: Rendering) -> Iterator[Check]:
    """Exactly the seven plugins of the spec's table are listed, each once.

    Step 3 of the spec switches entries that are already there. Their order means nothing: the installer takes each
    for itself, but gives up when a package stands twice.
    """
    there = installed_plugins(rendering)
    names = [plugin.name for plugin in there.plugins]
    for name in dict.fromkeys([*SEVEN, *names]):
        expected, actual = _listed(int(name in SEVEN)), _listed(names.count(name))
        yield states(there.resource, there.at(name), actual == expected, expected=expected, actual=actual)


def _listed(times: int) -> str:
    return {0: "not listed", 1: "listed once"}.get(times, f"listed {times} times")


@seven_plugins_listed.counterexample("defaults")
def a_plugin_is_forgotten(rendering: Rendering) -> Rendering:
    return change_list(rendering, lambda items: items.pop())


@seven_plugins_listed.counterexample("off")
def only_the_longer_name_is_there(rendering: Rendering) -> Rendering:
    return change_list(rendering, lambda items: items.pop(0))


@seven_plugins_listed.counterexample("all_on")
def a_plugin_stands_twice(rendering: Rendering) -> Rendering:
    return change_list(rendering, lambda items: items.append({**items[0], "disabled": False}))


@seven_plugins_listed.counterexample("defaults")
def an_eighth_plugin(rendering: Rendering) -> Rendering:
    package = "oci://example.com/backstage-plugin-notifications:1.0!backstage-plugin-notifications"
    return change_list(rendering, lambda items: items.append({"package": package, "disabled": True}))


@seven_plugins_listed.counterexample("defaults")
def the_list_is_empty(rendering: Rendering) -> Rendering:
    return change_list(rendering, lambda items: items.clear())


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
    there = installed_plugins(rendering)
    for plugin in there.plugins:
        if plugin.name in SEVEN:
            actual = lookup(plugin.content, "disabled")
            yield compares(there.resource, there.at(plugin.name, "disabled"), actual, True)


@plugins_disabled_by_default.counterexample("defaults")
def the_backend_is_enabled(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CHAT_BACKEND, disabled=False)


@plugins_disabled_by_default.counterexample("all_on")
def lightspeed_enables_its_chat(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CHAT, disabled=False)


@plugins_disabled_by_default.counterexample("off")
def disabled_is_text(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, TECHDOC_READER, disabled="true")


@plugins_disabled_by_default.counterexample("off")
def disabled_is_left_out(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, MODEL_CATALOG, disabled=None)


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
    there = installed_plugins(rendering)
    for plugin in there.plugins:
        if plugin.name in SEVEN:
            package = plugin.content["package"]
            passed = isinstance(package, str) and PINNED.fullmatch(package) is not None
            expected = f"oci://.../{plugin.name}:<tag>!{plugin.name}"
            address = there.at(plugin.name, "package")
            yield states(there.resource, address, passed, expected=expected, actual=package)


@plugin_packages_are_pinned.counterexample("defaults")
def a_package_without_a_tag(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CHAT, package=f"oci://ghcr.io/overlays/{CHAT}!{CHAT}")


@plugin_packages_are_pinned.counterexample("defaults")
def a_package_at_latest(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, MCP_SERVER, package=f"oci://ghcr.io/overlays/{MCP_SERVER}:latest!{MCP_SERVER}")


@plugin_packages_are_pinned.counterexample("defaults")
def a_package_in_the_image(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CATALOG_TOOL, package=f"./dynamic-plugins/dist/{CATALOG_TOOL}")


@plugin_packages_are_pinned.counterexample("defaults")
def another_plugin_inside_of_the_image(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CHAT, package=f"oci://ghcr.io/overlays/{CHAT_BACKEND}:next__1.0.0!{CHAT}")


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
        disabled = lookup(there.one(name).content, "disabled")
        yield compares(there.resource, there.at(name, "disabled"), disabled, name not in STEP_3)


@step_3_enables_six_plugins.counterexample("spec_step_3")
def the_model_catalog_stays_disabled(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, MODEL_CATALOG, disabled=True)


@step_3_enables_six_plugins.counterexample("spec_step_3")
def the_reader_is_enabled_along(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, TECHDOC_READER, disabled=False)


@step_3_enables_six_plugins.counterexample("spec_step_3")
def a_plugin_is_lost(rendering: Rendering) -> Rendering:
    return change_list(rendering, lambda items: items.pop(0))


@policy(
    severity="error",
    remediation="Restore the dynamic route in the pluginConfig of the Lightspeed plugin in values.yaml.",
    spec="Plugin Configuration",
)
def lightspeed_route_configured(rendering: Rendering) -> Iterator[Check]:
    """The Lightspeed plugin brings its page to /lightspeed, with an item in the menu.

    Without it the plugin is loaded and nobody can see it. A route without importName or module is skipped silently.
    """
    there = installed_plugins(rendering)
    above = ("pluginConfig", "dynamicPlugins", "frontend", FRONTEND, "dynamicRoutes")
    routes = lookup(there.one(CHAT).content, f"pluginConfig.dynamicPlugins.frontend[{FRONTEND}].dynamicRoutes")
    found = [r for r in routes if lookup(r, "path") == ROUTE["path"]] if isinstance(routes, list) else []
    actual = f"{len(found)} times in {routes!r}"
    yield states(there.resource, there.at(CHAT, *above), len(found) == 1, expected="/lightspeed once", actual=actual)
    for route in found:
        for key, expected in ROUTE.items():
            address = there.at(CHAT, *above, str(ROUTE["path"]), key)
            yield compares(there.resource, address, lookup(route, key), expected)


@lightspeed_route_configured.counterexample("off")
def the_page_moves(rendering: Rendering) -> Rendering:
    config = installed_plugins(rendering).resource
    moved = text(config, "data[dynamic-plugins.yaml]").replace("path: /lightspeed", "path: /assistant")
    config.manifest["data"]["dynamic-plugins.yaml"] = moved
    return rendering


@lightspeed_route_configured.counterexample("spec_step_3")
def the_menu_has_no_icon(rendering: Rendering) -> Rendering:
    config = installed_plugins(rendering).resource
    bare = text(config, "data[dynamic-plugins.yaml]").replace("icon: LightspeedIcon", "icon: ''")
    config.manifest["data"]["dynamic-plugins.yaml"] = bare
    return rendering


@lightspeed_route_configured.counterexample("all_on")
def the_config_is_dropped(rendering: Rendering) -> Rendering:
    return change_plugin(rendering, CHAT, pluginConfig=None)


@lightspeed_route_configured.counterexample("all_on")
def the_config_moves_to_the_backend(rendering: Rendering) -> Rendering:
    config = installed_plugins(rendering).plugins[0].content["pluginConfig"]
    return change_plugin(change_plugin(rendering, CHAT, pluginConfig=None), CHAT_BACKEND, pluginConfig=config)
