"""The plugins by their exact names, never by their place: `-lightspeed` is a prefix of `-lightspeed-backend`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.places import Place
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Missing, Rendering, Resource, Scenario

Owner = TypeVar("Owner")

VALUES = "redhat-developer-hub.global.dynamic.plugins"
"""Where the plugins are in the values."""

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
CHAT_BACKEND, MCP_ACTIONS, CATALOG_TOOL, TECHDOCS_TOOL, MODEL_CATALOG, TECHDOC_READER = SEVEN[1:]

# What counterexamples change: the ConfigMap that the init container installs from, the list in it, and in that list the
# entry of each plugin; the ConfigMap that shows the values, and the key in it.
INSTALLED = "ConfigMap cluster-config-rhdh-helm-dynamic-plugins"
PLUGINS = "data[dynamic-plugins.yaml].plugins"
ENTRY = {name: f"{PLUGINS}[{index}]" for index, name in enumerate(SEVEN)}
SHOWN = "ConfigMap cluster-config-rhdh-helm-values"
SHOWN_FILE = "data[values.yaml]"


@dataclass(frozen=True)
class Plugins(Place[Owner]):
    """A list of plugins, as a map by their names: `installed_plugins(rendering) / CHAT / "disabled"`."""

    names: tuple[str, ...]
    """In the order of the list; one may be there twice."""

    @property
    def enabled(self) -> list[str]:
        """The names of those that the installer takes."""
        return [name for name, plugin in self.entries() if is_enabled(plugin)]


def is_enabled(plugin: Place[Owner]) -> bool:
    """Tell whether the installer takes a plugin; it does unless told otherwise."""
    return plugin.at("disabled") is not True


def plugins_in(listed: Place[Owner]) -> Plugins[Owner]:
    """Give the plugins of a list; what is not an entry with a package is passed over."""
    entries = [(_name(str(entry.at("package"))), entry.map) for entry in listed.maps() if "package" in entry.map]
    return Plugins(listed.owner, listed.address, dict(entries), tuple(name for name, _ in entries))


def plugins_of(scenario: Scenario) -> Plugins[Scenario]:
    """Give the plugins that the values list."""
    return plugins_in(Place(scenario, VALUES, scenario.value(VALUES)))


def left_alone(scenario: Scenario) -> bool:
    """The plugins are as in values.yaml."""
    return lookup(scenario.overrides, VALUES) is ABSENT


def installed_plugins(rendering: Rendering) -> Plugins[Resource]:
    """Give what the init container installs from: the ConfigMap with dynamic-plugins.yaml.

    Raises:
        Missing: it is not rendered, or has no list of plugins.
    """
    return _plugins(rendering, "dynamic-plugins", "dynamic-plugins.yaml", "plugins")


def shown_plugins(rendering: Rendering) -> Plugins[Resource]:
    """Give what the ConfigMap with the release's values shows of them.

    Raises:
        Missing: as for `installed_plugins`.
    """
    return _plugins(rendering, "values", "values.yaml", VALUES)


def listed_once(plugins: Plugins[Resource], name: str) -> Place[Resource]:
    """Give the plugin with exactly this name.

    Raises:
        Missing: it is not listed once.
    """
    times = plugins.names.count(name)
    if times != 1:
        there = f"listed {times} times, among {', '.join(plugins.names) or 'none'}"
        raise Missing.at(plugins / name, "listed once", there)
    return plugins / name


def _plugins(rendering: Rendering, name: str, key: str, address: str) -> Plugins[Resource]:
    scenario = rendering.scenario
    config = rendering.resources.one("ConfigMap", f"{scenario.release}-{name}", scenario.namespace)
    listed = yaml_inside(config / "data" / key).place(address)
    if not isinstance(listed.value, list):
        raise Missing.at(listed, "a list of plugins")
    return plugins_in(listed)


def _name(package: str) -> str:
    """Give what follows the `!` of an OCI package, else its last path segment without tag or digest."""
    image, _, inner = package.rpartition("!")
    return inner if image else inner.rpartition("/")[2].partition("@")[0].partition(":")[0]
