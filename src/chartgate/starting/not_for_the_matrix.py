"""Switches that a starting matrix leaves out: what they lack, or make, the chart leaves to its users or to the past."""

from __future__ import annotations

from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Rendering
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
    return ""
