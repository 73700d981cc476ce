"""The plugins by their exact names, never by their place: `-lightspeed` is a prefix of `-lightspeed-backend`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Manifest, Missing, Rendering, Resource, Scenario

Items = list[Any]

VALUES = "redhat-developer-hub.global.dynamic.plugins"
"""Where the plugins stand in the values."""

CHAT = "red-hat-developer-hub-backstage-plugin-lightspeed"
SEVEN = (
    CHAT,
    "red-hat-developer-hub-backstage-plugin-lightspeed-backend",
    "backstage-plugin-mcp-actions-backend",
    "red-hat-developer-hub-backstage-plugin-software-catalog-mcp-tool",
    "red-hat-developer-hub-backstage-plugin-techdocs-mcp-tool",
    "red-hat-developer-hub-backstage-plugin-catalog-backend-module-model-catalog",
    "red-hat-developer-hub-backstage-plugin-catalog-techdoc-url-reader-backend",
)


class Plugin(NamedTuple):
    """One entry of a list of plugins."""

    name: str
    content: dict[str, Any]

    @property
    def is_enabled(self) -> bool:
        """Whether the installer takes it; it does unless told otherwise."""
        return self.content.get("disabled", False) is not True


def plugins_in(items: Any) -> list[Plugin]:
    """Give the plugins of a list; what is no entry with a package is passed over."""
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [Plugin(_name(str(entry["package"])), entry) for entry in entries if "package" in entry]


def plugins_of(scenario: Scenario) -> list[Plugin]:
    """Give the plugins that the values list."""
    return plugins_in(scenario.value(VALUES))


def left_alone(scenario: Scenario) -> bool:
    """The plugins are as in values.yaml."""
    return lookup(scenario.overrides, VALUES) is ABSENT


class PluginList(NamedTuple):
    """A ConfigMap with the plugins, and where in it they stand."""

    resource: Resource
    key: str
    place: str
    """Where the list stands in the document under this key."""
    plugins: list[Plugin]

    def at(self, plugin: str, *below: str) -> str:
        """Give the address of a plugin, or of something below it, for a finding: by the plugin's name."""
        return join("data", self.key, *steps(self.place), plugin, *below)

    def one(self, name: str) -> Plugin:
        """Give the plugin with exactly this name.

        Raises:
            Missing: it is not listed once.
        """
        found = [plugin for plugin in self.plugins if plugin.name == name]
        if len(found) != 1:
            there = f"listed {len(found)} times, among {', '.join(plugin.name for plugin in self.plugins) or 'none'}"
            raise Missing(str(self.resource.identity), self.at(name), "listed once", there, self.resource.template)
        return found[0]

    def opened(self) -> Manifest:
        """Give the ConfigMap's manifest with the document in place of its text, and the plugins by their names."""
        document = yaml_inside(self.resource, f"data[{self.key}]")
        *above, last = steps(self.place)
        lookup(document, join(*above))[last] = {plugin.name: plugin.content for plugin in self.plugins}
        return {**self.resource.manifest, "data": {**self.resource.manifest["data"], self.key: document}}


def installed_plugins(rendering: Rendering) -> PluginList:
    """Give what the init container installs from: the ConfigMap with dynamic-plugins.yaml."""
    return _plugin_list(rendering, "dynamic-plugins", "dynamic-plugins.yaml", "plugins")


def shown_plugins(rendering: Rendering) -> PluginList:
    """Give what the ConfigMap with the release's values shows of them."""
    return _plugin_list(rendering, "values", "values.yaml", VALUES)


def change_list(rendering: Rendering, change: Callable[[Items], object]) -> Rendering:
    """Change the list of plugins that is installed, for a counterexample."""
    config = installed_plugins(rendering).resource
    document = yaml_inside(config, "data[dynamic-plugins.yaml]")
    change(document["plugins"])
    config.manifest["data"]["dynamic-plugins.yaml"] = go_yaml.dump(document)
    return rendering


def change_plugin(rendering: Rendering, name: str, **keys: object) -> Rendering:
    """Set keys of one plugin, for a counterexample; None removes a key."""

    def change(items: Items) -> None:
        (entry,) = [plugin.content for plugin in plugins_in(items) if plugin.name == name]
        entry.update(keys)
        for key in [key for key, value in keys.items() if value is None]:
            del entry[key]

    return change_list(rendering, change)


def _plugin_list(rendering: Rendering, name: str, key: str, place: str) -> PluginList:
    scenario = rendering.scenario
    resource = rendering.resources.one("ConfigMap", f"{scenario.release}-{name}", scenario.namespace)
    items = lookup(yaml_inside(resource, f"data[{key}]"), place)
    if not isinstance(items, list):
        address = join("data", key, *steps(place))
        raise Missing(str(resource.identity), address, "a list of plugins", repr(items), resource.template)
    return PluginList(resource, key, place, plugins_in(items))


def _name(package: str) -> str:
    """Give what stands behind the `!` of an OCI package, else its last path segment without tag or digest."""
    image, _, inner = package.rpartition("!")
    return inner if image else inner.rpartition("/")[2].partition("@")[0].partition(":")[0]
