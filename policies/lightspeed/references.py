"""What the Backstage pod refers to: it is there, or the pod starts without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.links.existence import find, has_key
from chartgate.kubernetes.pods.volume_mounts import mounts
from chartgate.kubernetes.pods.workloads import container, containers, pod_spec
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .spec.backstage import BACKSTAGE, POD, RAG_DATA, SIDECARS, after_hooks

# Where a container and a volume name a Secret or a ConfigMap, under which key the name stands, and which kind it is.
_ENV = (("secretKeyRef", "name", "Secret"), ("configMapKeyRef", "name", "ConfigMap"))
_ENV_FROM = (("secretRef", "name", "Secret"), ("configMapRef", "name", "ConfigMap"))
_VOLUME = (("secret", "secretName", "Secret"), ("configMap", "name", "ConfigMap"))
_PROJECTED = (("secret", "name", "Secret"), ("configMap", "name", "ConfigMap"))


@dataclass(frozen=True)
class Reference:
    """One reference of a pod to a Secret or a ConfigMap, or to keys of it."""

    owner: str
    """The container that reads it, or the first one that mounts it."""
    address: str
    kind: str
    name: str
    keys: tuple[str, ...]
    optional: bool

    def resolves(self, resources: Resources, namespace: str) -> bool:
        """Tell whether the object and every key of it are rendered."""
        found = find(resources, self.kind, self.name, namespace)
        return found is not None and all(has_key(found, key) for key in self.keys)

    def __str__(self) -> str:
        return f"{', '.join(self.keys)} of {self.kind} {self.name}" if self.keys else f"{self.kind} {self.name}"


def references(resource: Resource) -> Iterator[Reference]:
    """Give every reference of a pod to a Secret or a ConfigMap."""
    mounted: dict[str, str] = {}
    for found in containers(resource):
        for index, entry in enumerate(maps_in(found.at("env"))):
            yield from _at(entry.get("valueFrom"), _ENV, found.name, f"{found.address}.env[{index}].valueFrom")
        for index, entry in enumerate(maps_in(found.at("envFrom"))):
            yield from _at(entry, _ENV_FROM, found.name, f"{found.address}.envFrom[{index}]")
        for mount in mounts(found):
            mounted.setdefault(mount.volume, found.name)
    address, spec = pod_spec(resource)
    for volume in maps_in(spec.get("volumes")):
        owner, place = mounted.get(str(volume.get("name")), ""), f"{address}.volumes[{volume.get('name')}]"
        yield from _at(volume, _VOLUME, owner, place)
        for index, part in enumerate(maps_in(lookup(volume, "projected.sources"))):
            yield from _at(part, _PROJECTED, owner, f"{place}.projected.sources[{index}]")


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
    backstage = after_hooks(rendering)
    for reference in references(backstage):
        there = reference.resolves(rendering.resources, rendering.scenario.namespace)
        is_injected = reference.owner in (*SIDECARS, RAG_DATA)
        yield states(
            backstage,
            reference.address,
            not reference.optional or not is_injected if there else reference.optional,
            expected=f"{reference} is rendered, so not optional" if there else f"{reference} is rendered, or optional",
            actual=f"{'optional' if reference.optional else 'not optional'}, {'' if there else 'not '}rendered",
        )


@references_are_optional_exactly_when_off.counterexample("lightspeed+sidecars")
def the_catalog_is_off_but_its_token_is_required(rendering: Rendering) -> Rendering:
    container(after_hooks(rendering), "location").at("envFrom")[0]["secretRef"]["optional"] = False
    return rendering


@references_are_optional_exactly_when_off.counterexample("all_on")
def the_catalog_is_on_but_its_token_is_optional(rendering: Rendering) -> Rendering:
    container(after_hooks(rendering), "rhoai-normalizer").at("envFrom")[0]["secretRef"]["optional"] = True
    return rendering


@references_are_optional_exactly_when_off.counterexample("all_on")
def a_key_that_the_secret_does_not_have(rendering: Rendering) -> Rendering:
    core = container(after_hooks(rendering), "lightspeed-core")
    core.at("env[PGDATABASE].valueFrom.secretKeyRef")["key"] = "database"
    return rendering


@references_are_optional_exactly_when_off.counterexample("all_on")
def a_config_map_that_nobody_renders(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{POD}.volumes[lightspeed-stack].configMap")["name"] = "lightspeed-stack-config"
    return rendering


@references_are_optional_exactly_when_off.counterexample("off")
def the_base_chart_requires_the_mcp_token(rendering: Rendering) -> Rendering:
    backend: Any = container(after_hooks(rendering), BACKSTAGE).at("env[MCP_TOKEN].valueFrom.secretKeyRef")
    del backend["optional"]
    return rendering


def _at(value: Any, forms: tuple[tuple[str, str, str], ...], owner: str, address: str) -> Iterator[Reference]:
    for field, key_of_name, kind in forms:
        source = lookup(value, field)
        if isinstance(source, dict):
            keys = [source["key"]] if "key" in source else [item.get("key") for item in maps_in(source.get("items"))]
            name, optional = str(source.get(key_of_name, "")), source.get("optional") is True
            yield Reference(owner, f"{address}.{field}", kind, name, tuple(map(str, keys)), optional)
