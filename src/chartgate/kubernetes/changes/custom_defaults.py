"""What is filled in where Kubernetes has no definition: in the Gateway API, in Routes, in monitors.

Sources: https://gateway-api.sigs.k8s.io/reference/spec/, https://prometheus-operator.dev/docs/api-reference/api/,
https://github.com/openshift/api/blob/master/route/v1/types.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chartgate.documents.shapes import map_of
from chartgate.model import Manifest

_GATEWAYS = "gateway.networking.k8s.io"
_SERVICE = {"kind": "Service", "weight": 100}
_DEFAULTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    _GATEWAYS: {
        "parentRefs": {"group": _GATEWAYS, "kind": "Gateway"},
        "backendRefs": {"group": "", "kind": "Service", "weight": 1},
        "certificateRefs": {"group": "", "kind": "Secret"},
    },
    "route.openshift.io": {"spec": {"wildcardPolicy": "None"}, "to": _SERVICE, "alternateBackends": _SERVICE},
    "monitoring.coreos.com": {"spec": {"namespaceSelector": {}}},
}
"""By API group, and by the field or the list that they are in."""


def without_custom_defaults(manifest: Manifest) -> Manifest:
    """Give an object of a group above without what goes without saying in it; any other as it is."""
    group = str(manifest.get("apiVersion", "")).partition("/")[0]
    known = _DEFAULTS.get(group)
    if known is None:
        return manifest
    namespace = str(map_of(manifest.get("metadata")).get("namespace") or "")
    if namespace and group == _GATEWAYS:  # a reference is to something in the namespace of who refers to it
        known = {field: {**defaults, "namespace": namespace} for field, defaults in known.items()}
    return {key: _without(value, key, known) if key == "spec" else value for key, value in manifest.items()}


def _without(value: Any, field: str, known: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_without(item, field, known) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = known.get(field, {})
    return {
        key: _without(item, str(key), known)
        for key, item in value.items()
        if not (key in defaults and item == defaults[key] and type(item) is type(defaults[key]))
    }
