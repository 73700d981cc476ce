"""Which objects Helm or Argo CD makes anew, keeps or leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chartgate.model import Resource

_HELM, _ARGO = "helm.sh/", "argocd.argoproj.io/"


def annotations_of(resource: Resource) -> Mapping[str, Any]:
    """Give the annotations, none where there is no map of them."""
    found = resource.at("metadata.annotations")
    return found if isinstance(found, dict) else {}


def is_hook(resource: Resource) -> bool:
    """Tell whether Helm or Argo CD runs it at a moment of its own, and so makes it anew each time."""
    return bool({f"{_HELM}hook", f"{_ARGO}hook"} & set(annotations_of(resource)))


def is_left_alone(resource: Resource) -> bool:
    """Tell whether a definition is one that Helm only installs, and never upgrades or deletes.

    Source: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
    """
    return resource.kind == "CustomResourceDefinition" and "/crds/" in f"/{resource.template}"


def is_replaced(resource: Resource) -> bool:
    """Tell whether Argo CD deletes the object and makes it anew."""
    options = str(annotations_of(resource).get(f"{_ARGO}sync-options", "")).replace(" ", "").split(",")
    return {"Replace=true", "Force=true"} <= set(options)


def is_kept(resource: Resource) -> bool:
    """Tell whether Helm or Argo CD leaves the object in the cluster once the chart renders it no more."""
    options = str(annotations_of(resource).get(f"{_ARGO}sync-options", "")).replace(" ", "").split(",")
    return annotations_of(resource).get(f"{_HELM}resource-policy") == "keep" or "Prune=false" in options
