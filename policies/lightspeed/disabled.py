"""Disabled by default, and disabled means nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.model import Check, Identity, Rendering, Scenario
from chartgate.policy.checks import chart_states, same_identities
from chartgate.policy.edits import added, gone, in_values
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


disabled_zero_resources.breaks(
    "off",
    a_secret_survives=added(
        "{apiVersion: v1, kind: Secret, metadata: {name: llama-stack-secrets}}",
        "rhdh-helm/templates/llama-stack-secrets.yaml",
    ),
)
disabled_zero_resources.breaks("postgres+sidecars", the_route_goes_missing=gone("Route backstage"))


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


default_is_disabled.breaks(
    "defaults",
    postgres_is_on_by_default=in_values("lightspeed.postgres.enabled", True),
)
