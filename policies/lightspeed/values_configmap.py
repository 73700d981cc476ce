"""The ConfigMap with the release's values: what an operator looks at first."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.contents import yaml_inside
from chartgate.model import Check, Rendering
from chartgate.packs.kubernetes.access_and_secrets.secrets import shows_none_of
from chartgate.policy.checks import equals
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

from .disabled import SWITCHES
from .exposure import credentials_in
from .spec.plugin_list import SHOWN, SHOWN_FILE, VALUES, is_enabled, listed_once, plugins_of, shown_plugins


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
    config = rendering.resources.one("ConfigMap", f"{scenario.release}-values", scenario.namespace)
    values = yaml_inside(config.place(SHOWN_FILE))
    for switch in SWITCHES:
        yield equals(values.place(switch), scenario.value(switch))
    shown = shown_plugins(rendering)
    for name, plugin in plugins_of(scenario).entries():
        yield equals(listed_once(shown, name) / "disabled", not is_enabled(plugin))
    yield from shows_none_of(config, credentials_in(rendering), "credential")


values_configmap_shows_switches_and_no_secret.breaks(
    "lightspeed+sidecars",
    a_switch_is_left_out=gone(SHOWN, f"{SHOWN_FILE}.sidecars.enabled"),
    it_shows_the_defaults=put(SHOWN, f"{SHOWN_FILE}.sidecars.enabled", False),
)
values_configmap_shows_switches_and_no_secret.breaks(
    "spec_step_3", an_enabled_plugin_looks_disabled=put(SHOWN, f"{SHOWN_FILE}.{VALUES}[1].disabled", True)
)
values_configmap_shows_switches_and_no_secret.breaks(
    "off", the_last_plugin_is_cut_off=gone(SHOWN, f"{SHOWN_FILE}.{VALUES}[-1]")
)


@values_configmap_shows_switches_and_no_secret.counterexample("literals")
def it_shows_the_api_key(rendering: Rendering) -> Rendering:
    return _shown(rendering, "lightspeed.vllmApiKey")


@values_configmap_shows_switches_and_no_secret.counterexample("literals")
def it_shows_the_password_in_quotes(rendering: Rendering) -> Rendering:
    return _shown(rendering, "lightspeed.postgres.password")


@values_configmap_shows_switches_and_no_secret.counterexample("np_hub")
def it_shows_the_placeholder_of_the_token(rendering: Rendering) -> Rendering:
    return _shown(rendering, "lightspeed.mcpToken")


@values_configmap_shows_switches_and_no_secret.counterexample("off")
def it_shows_the_hub_database_password(rendering: Rendering) -> Rendering:
    return _shown(rendering, "redhat-developer-hub.upstream.postgresql.auth.password")


def _shown(rendering: Rendering, key: str) -> Rendering:
    """Put the scenario's own value into those that the ConfigMap shows."""
    return put(SHOWN, f"{SHOWN_FILE}.{key}", rendering.scenario.value(key)).apply(rendering)
