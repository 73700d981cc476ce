"""Enabling a plugin, as a pair of renderings: before, and with this one plugin enabled."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.equality import differences
from chartgate.model import Check, Identity, Manifest, Rendering, Resource, Scenario
from chartgate.policy.checks import compares, same_identities, states
from chartgate.policy.policy import policy

from .spec.plugin_list import (
    SEVEN,
    VALUES,
    change_list,
    change_plugin,
    installed_plugins,
    plugins_in,
    plugins_of,
    shown_plugins,
)

# How a pod notices a changed list: plugins are installed when it starts.
CHECKSUM = "spec.template.metadata.annotations[checksum/dynamic-plugins]"


def enabled_between(before: Scenario, after: Scenario) -> list[str]:
    """Name the plugins that are enabled in the second scenario and not in the first."""
    were = {plugin.name for plugin in plugins_of(before) if plugin.is_enabled}
    return [plugin.name for plugin in plugins_of(after) if plugin.is_enabled and plugin.name not in were]


def one_plugin_apart(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair each scenario with the first one that differs in nothing but one plugin, which is still disabled there."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        first.setdefault(_without(scenario, ""), scenario)
    for after in scenarios:
        for plugin in plugins_of(after):
            before = first.get(_without(after, plugin.name)) if plugin.is_enabled else None
            if before is not None:
                yield before, after


def _without(scenario: Scenario, plugin: str) -> str:
    """Describe all that a scenario gives to helm, with this plugin disabled."""
    values = copy.deepcopy(scenario.values)
    for entry in plugins_in(lookup(values, VALUES)):
        if entry.name == plugin:
            entry.content["disabled"] = True
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
    (plugin,) = enabled_between(before.scenario, after.scenario)
    installed, shown = installed_plugins(after), shown_plugins(after)
    disabled = installed.one(plugin).content.get("disabled", ABSENT)
    yield compares(installed.resource, installed.at(plugin, "disabled"), disabled, False)
    yield from same_identities((resource.identity for resource in before.resources), after.resources)
    backstage = after.resources.one("Deployment", "backstage-backend", after.scenario.namespace)
    may_follow = {
        (installed.resource.identity, installed.at(plugin, "disabled")),
        (shown.resource.identity, shown.at(plugin, "disabled")),
        (backstage.identity, CHECKSUM),
    }
    were, are = _manifests(before), _manifests(after)
    for resource in after.resources:
        identity = resource.identity
        if identity not in were:
            continue
        changed = [
            difference
            for difference in differences(were[identity], are[identity])
            if (identity, difference[0]) not in may_follow
        ]
        for address, old, new in changed:
            yield states(resource, address, False, expected=old, actual=new)
        yield from [] if changed else [states(resource, "", True, expected="as before", actual="as before")]


def _manifests(rendering: Rendering) -> dict[Identity, Manifest]:
    """Give every manifest, with the lists of plugins opened."""
    lists = (installed_plugins(rendering), shown_plugins(rendering))
    opened = {there.resource.identity: there.opened() for there in lists}
    return {r.identity: opened.get(r.identity, r.manifest) for r in rendering.resources}


Pair = tuple[Rendering, Rendering]


@plugin_toggles_independently.counterexample("all_on", "plugin_lightspeed")
def the_backend_follows_its_namesake(before: Rendering, after: Rendering) -> Pair:
    return before, change_plugin(after, SEVEN[1], disabled=False)


@plugin_toggles_independently.counterexample("all_on", "plugin_mcp_actions")
def the_plugin_stays_disabled(before: Rendering, after: Rendering) -> Pair:
    return before, change_plugin(after, SEVEN[2], disabled=True)


@plugin_toggles_independently.counterexample("all_on", "plugin_techdocs_tool")
def another_plugin_drops_out(before: Rendering, after: Rendering) -> Pair:
    return before, change_list(after, lambda items: items.pop(0))


@plugin_toggles_independently.counterexample("all_on", "plugin_lightspeed_backend")
def its_config_changes_along(before: Rendering, after: Rendering) -> Pair:
    return before, change_plugin(after, SEVEN[1], pluginConfig={"lightspeed": {"servicePort": 8081}})


@plugin_toggles_independently.counterexample("all_on", "plugin_lightspeed")
def the_pod_changes_along(before: Rendering, after: Rendering) -> Pair:
    backstage = after.resources.one("Deployment", "backstage-backend")
    backstage.manifest["spec"]["replicas"] = 2
    return before, after


@plugin_toggles_independently.counterexample("all_on", "plugin_model_catalog")
def a_role_comes_along(before: Rendering, after: Rendering) -> Pair:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "model-catalog"}}
    after.resources.append(Resource(role, "rhdh-helm/templates/model-catalog-rbac.yaml", after.scenario.namespace))
    return before, after


@plugin_toggles_independently.counterexample("all_on", "plugin_catalog_tool")
def the_values_show_a_switch_turned(before: Rendering, after: Rendering) -> Pair:
    values = shown_plugins(after).resource
    values.manifest["data"]["values.yaml"] = values.manifest["data"]["values.yaml"].replace(
        "enabled: true", "enabled: false"
    )
    return before, after
