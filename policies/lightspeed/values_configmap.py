"""The ConfigMap with the release's values: what an operator looks at first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chartgate.documents import go_yaml
from chartgate.documents.addresses import join, lookup, steps
from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Check, Rendering, Resource, Values
from chartgate.policy.checks import compares
from chartgate.policy.policy import policy

from .disabled import SWITCHES
from .exposure import shows_no_credential
from .spec.plugin_list import VALUES, plugins_in, plugins_of, shown_plugins

KEY = "data[values.yaml]"


def values_configmap(rendering: Rendering) -> Resource:
    """Give the ConfigMap that the runbook calls `<release>-values`."""
    scenario = rendering.scenario
    return rendering.resources.one("ConfigMap", f"{scenario.release}-values", scenario.namespace)


@policy(
    severity="error",
    remediation="In values-configmap.yaml, show switches and plugins as the values have them, and no credential.",
    spec="Issue: Sidecar Containers Not Injected",
)
def values_configmap_shows_switches_and_no_secret(rendering: Rendering) -> Iterator[Check]:
    """The ConfigMap `<release>-values` shows every switch and each plugin's state as they are, and no credential.

    The runbook decides by it whether a feature is on; and everybody who may read the namespace can read it.
    """
    scenario = rendering.scenario
    config = values_configmap(rendering)
    document = yaml_inside(config, KEY)
    for switch in SWITCHES:
        address = join("data", "values.yaml", *steps(switch))
        yield compares(config, address, lookup(document, switch), scenario.value(switch))
    shown = shown_plugins(rendering)
    for plugin in plugins_of(scenario):
        disabled = lookup(shown.one(plugin.name).content, "disabled")
        yield compares(config, shown.at(plugin.name, "disabled"), disabled, not plugin.is_enabled)
    yield from shows_no_credential(rendering, config)


@values_configmap_shows_switches_and_no_secret.counterexample("lightspeed+sidecars")
def a_switch_is_left_out(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: values["sidecars"].pop("enabled"))


@values_configmap_shows_switches_and_no_secret.counterexample("lightspeed+sidecars")
def it_shows_the_defaults(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: values["sidecars"].update(enabled=False))


@values_configmap_shows_switches_and_no_secret.counterexample("spec_step_3")
def an_enabled_plugin_looks_disabled(rendering: Rendering) -> Rendering:
    change = {"disabled": True}
    return change_values(rendering, lambda values: plugins_in(lookup(values, VALUES))[1].content.update(change))


@values_configmap_shows_switches_and_no_secret.counterexample("off")
def the_last_plugin_is_cut_off(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: lookup(values, VALUES).pop())


@values_configmap_shows_switches_and_no_secret.counterexample("literals")
def it_shows_the_api_key(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: show(rendering, values, "lightspeed.vllmApiKey"))


@values_configmap_shows_switches_and_no_secret.counterexample("literals")
def it_shows_the_password_in_quotes(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: show(rendering, values, "lightspeed.postgres.password"))


@values_configmap_shows_switches_and_no_secret.counterexample("np_hub")
def it_shows_the_placeholder_of_the_token(rendering: Rendering) -> Rendering:
    return change_values(rendering, lambda values: show(rendering, values, "lightspeed.mcpToken"))


@values_configmap_shows_switches_and_no_secret.counterexample("off")
def it_shows_the_hub_database_password(rendering: Rendering) -> Rendering:
    key = "redhat-developer-hub.upstream.postgresql.auth.password"
    return change_values(rendering, lambda values: values.update({"password": rendering.scenario.value(key)}))


def change_values(rendering: Rendering, change: Callable[[Values], object]) -> Rendering:
    """Change the values that the ConfigMap shows, for a counterexample."""
    config = values_configmap(rendering)
    document = yaml_inside(config, KEY)
    change(document)
    config.manifest["data"]["values.yaml"] = go_yaml.dump(document)
    return rendering


def show(rendering: Rendering, values: Values, key: str) -> None:
    """Put a value into those that the ConfigMap shows, for a counterexample."""
    *above, last = steps(key)
    lookup(values, join(*above))[last] = rendering.scenario.value(key)
