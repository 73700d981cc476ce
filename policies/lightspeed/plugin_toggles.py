"""Enabling a plugin, as a pair of renderings: before, and with this one plugin enabled."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.json_documents.equality import unequal
from chartgate.documents.places import Place
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Check, Identity, Manifest, Rendering, Resource, Scenario
from chartgate.policy.checks import equals, same_identities, states
from chartgate.policy.edits import added, gone, put, reworded
from chartgate.policy.policy import policy

from .spec.backstage import BACKSTAGE
from .spec.plugin_list import (
    CHAT,
    CHAT_BACKEND,
    ENTRY,
    INSTALLED,
    MCP_ACTIONS,
    SHOWN,
    SHOWN_FILE,
    VALUES,
    Plugins,
    installed_plugins,
    listed_once,
    plugins_in,
    plugins_of,
    shown_plugins,
)

# How a pod notices a changed list: plugins are installed when it starts.
CHECKSUM = "spec.template.metadata.annotations[checksum/dynamic-plugins]"


def enabled_between(before: Scenario, after: Scenario) -> list[str]:
    """Name the plugins that are enabled in the second scenario and not in the first."""
    were = plugins_of(before).enabled
    return [name for name in plugins_of(after).enabled if name not in were]


def one_plugin_apart(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair each scenario with the first one that differs in nothing but one plugin, which is still disabled there."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        first.setdefault(_without(scenario, ""), scenario)
    for after in scenarios:
        for plugin in plugins_of(after).enabled:
            before = first.get(_without(after, plugin))
            if before is not None:
                yield before, after


def _without(scenario: Scenario, plugin: str) -> str:
    """Describe all that a scenario gives to helm, with this plugin disabled."""
    values = copy.deepcopy(scenario.values)
    listed = plugins_in(Place(scenario, VALUES, lookup(values, VALUES)))
    (listed / plugin).map["disabled"] = True
    return json.dumps([scenario.release, scenario.namespace, scenario.kube_version, values], sort_keys=True)


@policy(
    over=one_plugin_apart,
    severity="error",
    remediation="Let nothing but the list of plugins, its echoes and its checksum depend on a plugin's `disabled`.",
    spec="Step 3: Enable Plugins",
)
def plugin_toggles_independently(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Enabling one plugin changes that plugin's entry and nothing else in the release.

    Each plugin is enabled for itself. What may follow are echoes: the ConfigMap that shows the values, and the
    checksum that restarts the pod.
    """
    [plugin] = enabled_between(before.scenario, after.scenario)
    installed = listed_once(installed_plugins(after), plugin) / "disabled"
    shown = shown_plugins(after) / plugin / "disabled"
    yield equals(installed, False)
    yield from same_identities((resource.identity for resource in before.resources), after.resources)
    backstage = after.resources.one("Deployment", BACKSTAGE, after.scenario.namespace)
    may_follow = {(place.owner.identity, place.address) for place in (installed, shown, backstage.place(CHECKSUM))}
    were, are = _manifests(before), _manifests(after)
    for resource in after.resources:
        identity = resource.identity
        if identity not in were:
            continue
        differences = unequal(were[identity], are[identity])
        changed = [found for found in differences if (identity, found[0]) not in may_follow]
        for address, old, new in changed:
            yield states(resource.place(address), False, expected=old, actual=new)
        if not changed:
            yield states(resource.place(), True, expected="as before", actual="as before")


def _manifests(rendering: Rendering) -> dict[Identity, Manifest]:
    """Give every manifest, with the lists of plugins opened."""
    lists = (installed_plugins(rendering), shown_plugins(rendering))
    opened = {there.owner.identity: _opened(there) for there in lists}
    return {r.identity: opened.get(r.identity, r.manifest) for r in rendering.resources}


def _opened(plugins: Plugins[Resource]) -> Manifest:
    """Give a ConfigMap's manifest with the document in place of its text, and in it the plugins by their names."""
    data, key, *above, last = steps(plugins.address)
    config = plugins.owner
    document = yaml_inside(config / data / key)
    document.at(join(*above))[last] = plugins.value
    return {**config.manifest, data: {**config.at(data), key: document.value}}


plugin_toggles_independently.breaks(
    "all_on",
    "plugin_lightspeed",
    the_backend_follows_its_namesake=put(INSTALLED, f"{ENTRY[CHAT_BACKEND]}.disabled", False),
)
plugin_toggles_independently.breaks(
    "all_on",
    "plugin_mcp_actions",
    the_plugin_stays_disabled=put(INSTALLED, f"{ENTRY[MCP_ACTIONS]}.disabled", True),
)
plugin_toggles_independently.breaks(
    "all_on",
    "plugin_techdocs_tool",
    another_plugin_drops_out=gone(INSTALLED, ENTRY[CHAT]),
)
plugin_toggles_independently.breaks(
    "all_on",
    "plugin_lightspeed_backend",
    its_config_changes_along=put(
        INSTALLED, f"{ENTRY[CHAT_BACKEND]}.pluginConfig", {"lightspeed": {"servicePort": 8081}}
    ),
)
plugin_toggles_independently.breaks(
    "all_on",
    "plugin_model_catalog",
    a_role_comes_along=added(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: model-catalog}}",
        "rhdh-helm/templates/model-catalog-rbac.yaml",
    ),
)
plugin_toggles_independently.breaks(
    "all_on",
    "plugin_catalog_tool",
    the_values_show_a_switch_turned=reworded(SHOWN, SHOWN_FILE, "enabled: true", "enabled: false"),
)


@plugin_toggles_independently.counterexample("all_on", "plugin_lightspeed")
def the_pod_changes_along(before: Rendering, after: Rendering) -> tuple[Rendering, Rendering]:
    # The Deployment as it is rendered: the edits change it as the sidecar Job leaves it.
    after.resources.one("Deployment", BACKSTAGE).at("spec")["replicas"] = 2
    return before, after
