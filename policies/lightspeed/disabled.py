"""Disabled by default, and disabled means nothing at all."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.model import Check, Identity, Rendering, Resource, Scenario
from chartgate.policy.checks import chart_states, same_identities
from chartgate.policy.policy import policy

from .spec.switches import master_off, nothing_overridden

SWITCHES = (
    "lightspeed.enabled",
    "lightspeed.postgres.enabled",
    "modelCatalog.enabled",
    "kubernetes.clusterReaderEnabled",
    "sidecars.enabled",
)


def base_resources(scenario: Scenario) -> list[Identity]:
    """Everything that Developer Hub is made of without Lightspeed, named as this scenario names it."""
    release, namespace = scenario.release, scenario.namespace
    return [
        Identity("apps/v1", "Deployment", namespace, "backstage-backend"),
        Identity("apps/v1", "StatefulSet", namespace, "backstage-postgresql"),
        Identity("route.openshift.io/v1", "Route", namespace, "backstage"),
        Identity("v1", "ConfigMap", namespace, f"{release}-developer-hub-app-config"),
        Identity("v1", "ConfigMap", namespace, f"{release}-dynamic-plugins"),
        Identity("v1", "ConfigMap", namespace, f"{release}-values"),
        Identity("v1", "Secret", namespace, "backstage-auth"),
        Identity("v1", "Secret", namespace, "backstage-postgresql"),
        Identity("v1", "Service", namespace, "backstage-backend"),
        Identity("v1", "Service", namespace, "backstage-postgresql"),
    ]


@policy(
    where=master_off,
    severity="error",
    remediation="Guard the template with `.Values.lightspeed.enabled`, the master switch.",
    spec="Template Conditions",
)
def disabled_zero_resources(rendering: Rendering) -> Iterator[Check]:
    """With the master switch off, exactly the base chart is rendered, and nothing of Lightspeed.

    Whatever the other switches say: a resource that slips through costs something that nobody asked for, and one
    that goes missing breaks Developer Hub for those who never wanted Lightspeed.
    """
    yield from same_identities(base_resources(rendering.scenario), rendering.resources)


@disabled_zero_resources.counterexample("off")
def a_secret_survives(rendering: Rendering) -> Rendering:
    model = rendering.resources.of_kind("Secret")[0]
    survivor = copy.deepcopy(model.manifest)
    survivor["metadata"]["name"] = "llama-stack-secrets"
    template = "rhdh-helm/templates/llama-stack-secrets.yaml"
    rendering.resources.append(Resource(survivor, template, model.default_namespace))
    return rendering


@disabled_zero_resources.counterexample("postgres+sidecars")
def the_route_goes_missing(rendering: Rendering) -> Rendering:
    rendering.resources.remove(rendering.resources.one("Route", "backstage"))
    return rendering


@policy(
    where=nothing_overridden,
    severity="error",
    remediation="Set the switch to false in values.yaml: every Lightspeed feature is opt-in.",
    spec="Overview",
)
def default_is_disabled(rendering: Rendering) -> Iterator[Check]:
    """Every switch of Lightspeed is off in values.yaml."""
    for switch in SWITCHES:
        actual = lookup(rendering.chart.defaults, switch)
        yield chart_states("values.yaml", switch, expected=False, actual=actual)


@default_is_disabled.counterexample("defaults")
def postgres_is_on_by_default(rendering: Rendering) -> Rendering:
    rendering.chart.defaults["lightspeed"]["postgres"]["enabled"] = True
    return rendering
