"""What the Gateway API fills in, for which Kubernetes has no definition: references to Gateways and to Services.

Source: https://gateway-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chartgate.documents.shapes import map_of
from chartgate.model import Manifest

_GROUP = "gateway.networking.k8s.io/"
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "parentRefs": {"group": "gateway.networking.k8s.io", "kind": "Gateway"},
    "backendRefs": {"group": "", "kind": "Service", "weight": 1},
    "certificateRefs": {"group": "", "kind": "Secret"},
}
"""By the list that they are in."""


def without_gateway_defaults(manifest: Manifest) -> Manifest:
    """Give an object of the Gateway API without what goes without saying in its references; any other as it is."""
    if not str(manifest.get("apiVersion", "")).startswith(_GROUP):
        return manifest
    namespace = str(map_of(manifest.get("metadata")).get("namespace") or "")
    return {key: _without(value, "", namespace) if key == "spec" else value for key, value in manifest.items()}


def _without(value: Any, field: str, namespace: str) -> Any:
    if isinstance(value, list):
        return [_without(item, field, namespace) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = {**_DEFAULTS.get(field, {}), **({"namespace": namespace} if field in _DEFAULTS and namespace else {})}
    return {
        key: _without(item, str(key), namespace)
        for key, item in value.items()
        if not (key in defaults and item == defaults[key] and type(item) is type(defaults[key]))
    }
