"""Switches that a starting matrix leaves out: what they lack, or make, the chart leaves to its users or to the past."""

from __future__ import annotations

from chartgate.documents.addresses import ABSENT
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Rendering, Resource
from chartgate.starting.trials import Effect

_BROUGHT = ("ServiceAccount", "ConfigMap", "Secret", "PersistentVolumeClaim")
"""What users bring in place of the chart's own."""


def why_left_out(effect: Effect, rendering: Rendering) -> str:
    """Give why a scenario with a switch turned would only be red: in words, empty where it would not.

    Args:
        effect: of the switch.
        rendering: with it turned.
    """
    gone = {(one.kind, one.name, one.namespace): one for one in effect.removed if one.kind in _BROUGHT}
    named = ((found.kind, found.name, found.namespace) for one in rendering.resources for found in references(one))
    if missed := next((this for this in named if this in gone), None):
        return f"users bring {missed[0]} {missed[1]} then; in a scenario of your own, declare it under `external`"
    for one in effect.added:
        version = one.identity.api_version
        if is_built_in(version) and not is_known(version, one.kind, bundled_versions()[-1]):
            return f"it makes a {one.kind} ({version}), which no Kubernetes of today has"
        if lacking := _lacking(one):
            return f"who turns it on gives {lacking}, too; put both into a scenario of your own"
    return ""


def _lacking(one: Resource) -> str:
    """Give what an object lacks that values.yaml leaves empty, as it mostly does."""
    rules = maps_in(one.at("spec.rules"))
    if one.kind == "Ingress" and one.at("spec.defaultBackend") is ABSENT:
        return "" if rules and all(map_of(rule.get("http")).get("paths") for rule in rules) else "hosts and paths"
    spec = map_of(one.at("spec"))
    is_idle = spec.get("minAvailable") is None and spec.get("maxUnavailable") is None
    return "minAvailable or maxUnavailable" if one.kind == "PodDisruptionBudget" and is_idle else ""
