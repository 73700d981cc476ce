"""Which objects Helm or Argo CD creates again, keeps or leaves alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chartgate.model import Resource

_HELM, _ARGO = "helm.sh/", "argocd.argoproj.io/"
KEEPING = (f"{_HELM}resource-policy", f"{_ARGO}sync-options")
"""The annotations that may keep an object in the cluster once the chart no longer renders it."""

_CRDS = re.compile(r"(?:[^/]++/charts/)*+[^/]++/crds/")
"""A file in the folder crds/ of a chart: one below templates/, or a subchart of this name, is like any other."""

HOOK_EVENTS = frozenset(
    (
        *(f"{when}-{what}" for when in ("pre", "post") for what in ("install", "delete", "upgrade", "rollback")),
        *("test", "test-success"),
    )
)
"""Those that helm knows: https://github.com/helm/helm/blob/v4.2.3/pkg/release/v1/util/manifest_sorter.go"""


OF_WORDS = frozenset(
    [f"{_HELM}hook", f"{_HELM}hook-delete-policy", f"{_ARGO}hook", f"{_ARGO}hook-delete-policy", f"{_ARGO}sync-options"]
)
"""The annotations that are lists of words, in any order."""

TAKEN_FOR_GRANTED: Mapping[str, str] = {
    f"{_HELM}hook-weight": "0",
    f"{_HELM}hook-delete-policy": "before-hook-creation",
    f"{_ARGO}sync-wave": "0",
}
"""What Helm and Argo CD take where there is no such annotation.

Sources: https://helm.sh/docs/topics/charts_hooks/ and
https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
"""


def words_in(text: Any) -> tuple[str, ...]:
    """Give the words of such an annotation, as Helm and Argo CD read it: in any case, with blanks."""
    words = (word.strip().lower() for word in str(text or "").split(","))
    return tuple(filter(None, words))


def annotations_of(resource: Resource) -> Mapping[str, Any]:
    """Give the annotations, none where there is no map of them."""
    found = resource.at("metadata.annotations")
    return found if isinstance(found, dict) else {}


def is_hook(resource: Resource) -> bool:
    """Tell whether it is a hook, which Helm or Argo CD creates again each time that it runs."""
    return bool({f"{_HELM}hook", f"{_ARGO}hook"} & set(annotations_of(resource)))


def annotation_words(resource: Resource, annotation: str) -> tuple[str, ...]:
    """Give the words of an annotation that is a list of them."""
    return words_in(annotations_of(resource).get(annotation))


def is_test(resource: Resource) -> bool:
    """Tell whether `helm test` makes a resource, and nothing else does: https://helm.sh/docs/topics/chart_tests/."""
    events = set(annotation_words(resource, f"{_HELM}hook"))
    return bool(events) and events <= {"test", "test-success", "test-failure"}


def is_left_alone(resource: Resource) -> bool:
    """Tell whether a definition is one that Helm only installs, and never upgrades or deletes.

    Source: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
    """
    return resource.kind == "CustomResourceDefinition" and _CRDS.match(resource.template) is not None


def is_replaced(resource: Resource) -> bool:
    """Tell whether Argo CD deletes the object and creates it again."""
    options = str(annotations_of(resource).get(f"{_ARGO}sync-options", "")).replace(" ", "").split(",")
    return {"Replace=true", "Force=true"} <= set(options)


def is_kept(resource: Resource) -> bool:
    """Tell whether Helm or Argo CD leaves the object in the cluster once the chart no longer renders it."""
    options = str(annotations_of(resource).get(f"{_ARGO}sync-options", "")).replace(" ", "").split(",")
    return annotations_of(resource).get(f"{_HELM}resource-policy") == "keep" or "Prune=false" in options
