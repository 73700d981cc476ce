"""Namespaces: what the chart renders says itself where it belongs."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Check, Rendering
from chartgate.policy.checks import satisfies
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

from .spec.switches import database_namespace


@policy(
    severity="error",
    remediation="Write metadata.namespace: .Release.Namespace, or lightspeed.postgres.namespace for the database.",
    spec="Secrets Created (when enabled)",
)
def every_object_names_its_namespace(rendering: Rendering) -> Iterator[Check]:
    """Every namespaced object says in metadata.namespace that it belongs to the release, or to the database.

    Two namespaces are in play. What leaves its own to the deployer lands wherever the command is run that applies it;
    only the model registry's permission, which the values ask for, is in a third one.
    """
    scenario = rendering.scenario
    wanted = [scenario.namespace, database_namespace(scenario), scenario.value("modelCatalog.registryNamespace")]
    named = [str(namespace) for namespace in wanted if namespace]
    for resource in rendering.resources:
        if resource.default_namespace:
            expected = f"one of {', '.join(named)}"
            yield satisfies(resource.place("metadata.namespace"), lambda namespace: namespace in named, expected)


every_object_names_its_namespace.breaks(
    "lightspeed", a_secret_leaves_it_open=gone("Secret llama-stack-secrets", "metadata.namespace")
)
every_object_names_its_namespace.breaks(
    "mix_02", the_release_is_not_in_backstage=put("ConfigMap lightspeed-stack", "metadata.namespace", "backstage")
)
