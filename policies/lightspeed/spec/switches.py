"""What a scenario says of each feature: whether it is on, by which policies choose their scenarios, and where it is.

`lightspeed.enabled` is the master switch: without it, no other one has an effect.
"""

from __future__ import annotations

from chartgate.model import Scenario


def nothing_overridden(scenario: Scenario) -> bool:
    """The values are the chart's own: what values.yaml says is judged here, and only once."""
    return not scenario.overrides


def master_on(scenario: Scenario) -> bool:
    """Lightspeed is on."""
    return scenario.value("lightspeed.enabled") is True


def master_off(scenario: Scenario) -> bool:
    """Lightspeed is off, whatever the other switches say."""
    return not master_on(scenario)


def postgres_on(scenario: Scenario) -> bool:
    """The database is deployed."""
    return master_on(scenario) and scenario.value("lightspeed.postgres.enabled") is True


def catalog_on(scenario: Scenario) -> bool:
    """The model catalog's permissions are made."""
    return master_on(scenario) and scenario.value("modelCatalog.enabled") is True


def reader_on(scenario: Scenario) -> bool:
    """The Backstage pod may read the cluster."""
    return master_on(scenario) and scenario.value("kubernetes.clusterReaderEnabled") is True


def sidecars_on(scenario: Scenario) -> bool:
    """The six sidecars are injected."""
    return master_on(scenario) and scenario.value("sidecars.enabled") is True


def sidecars_off(scenario: Scenario) -> bool:
    """No sidecar is injected."""
    return not sidecars_on(scenario)


def database_namespace(scenario: Scenario) -> str:
    """Give the namespace that the database has to itself."""
    return str(scenario.value("lightspeed.postgres.namespace"))
