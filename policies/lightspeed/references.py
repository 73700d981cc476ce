"""What the Backstage pod refers to: it is there, or the pod starts without it."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import is_inside
from chartgate.kubernetes.links.existence import find, has_key
from chartgate.kubernetes.links.object_references import Reference, variable_sources, volume_sources
from chartgate.kubernetes.pods.volume_mounts import mounts
from chartgate.kubernetes.pods.workloads import containers, pod_spec
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put
from chartgate.policy.policy import policy

from .spec.backstage import CORE, HUB, LOCATION, MAIN, NORMALIZER, POD, RAG_DATA, SIDECARS, after_hooks


def references(workload: Resource) -> Iterator[tuple[Reference, str]]:
    """Give every reference of a pod to a Secret or a ConfigMap, and the container that reads it, or mounts it first."""
    readers = {found.address: found.name for found in containers(workload)}
    mounted = [(found.name, [mount.volume for mount in mounts(found)]) for found in containers(workload)]
    for volume in (pod_spec(workload) / "volumes").maps():
        readers[volume.address] = next((name for name, volumes in mounted if volume.at("name") in volumes), "")
    for reference in (*variable_sources(workload), *volume_sources(workload)):
        address = reference.place.address
        yield reference, next(reader for place, reader in readers.items() if is_inside(address, place))


@policy(
    severity="error",
    remediation="Set optional to true exactly while the feature that renders the object is off.",
    spec="Secrets Created (when enabled)",
)
def references_are_optional_exactly_when_off(rendering: Rendering) -> Iterator[Check]:
    """What the Backstage pod reads is rendered or optional, and for a sidecar never both.

    A missing object that is not optional keeps the whole pod from starting, with Developer Hub in it; an optional one
    that is late lets a sidecar start without what it needs.
    """
    for reference, reader in references(after_hooks(rendering)):
        found = find(rendering.resources, reference.kind, reference.name, reference.namespace)
        is_there = found is not None and (not reference.key or has_key(found, reference.key))
        is_injected = reader in (*SIDECARS, RAG_DATA)
        yield states(
            reference.place,
            not (reference.optional and is_injected) if is_there else reference.optional,
            expected=f"{reference} is rendered{', so not optional' if is_there else ', or optional'}",
            actual=f"{'' if reference.optional else 'not '}optional, {'' if is_there else 'not '}rendered",
        )


references_are_optional_exactly_when_off.breaks(
    "lightspeed+sidecars",
    the_catalog_is_off_but_its_token_is_required=put(HUB, f"{LOCATION}.envFrom[0].secretRef.optional", False),
)
references_are_optional_exactly_when_off.breaks(
    "all_on",
    the_catalog_is_on_but_its_token_is_optional=put(HUB, f"{NORMALIZER}.envFrom[0].secretRef.optional", True),
    a_key_that_the_secret_does_not_have=put(HUB, f"{CORE}.env[PGDATABASE].valueFrom.secretKeyRef.key", "database"),
    a_config_map_that_nobody_renders=put(
        HUB, f"{POD}.volumes[lightspeed-stack].configMap.name", "lightspeed-stack-config"
    ),
)
references_are_optional_exactly_when_off.breaks(
    "off",
    the_base_chart_requires_the_mcp_token=gone(HUB, f"{MAIN}.env[MCP_TOKEN].valueFrom.secretKeyRef.optional"),
)
