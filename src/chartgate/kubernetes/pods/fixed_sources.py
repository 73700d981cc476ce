"""What a running pod never reads again: variables, and files mounted by subPath, and what restarts it nevertheless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.links.object_references import Reference, sub_paths, variable_sources
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.model import Resource

KEEPING_PODS = ("Deployment", "StatefulSet", "DaemonSet")
"""What keeps its pods until their template changes; a Job's next run, or a hook's, reads everything anew."""
_RELOADER = "reloader.stakater.com"
_ALWAYS = (f"{_RELOADER}/auto", f"{_RELOADER}/search", "wave.pusher.com/update-on-config-change")
_PREFIXES = {"ConfigMap": "configmap", "Secret": "secret"}


def fixed_sources(workload: Resource) -> Iterator[Reference]:
    """Give the ConfigMaps and Secrets that a pod reads once, as it starts.

    Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
    """
    yield from variable_sources(workload)
    yield from sub_paths(workload)


def is_reloaded(workload: Resource, kind: str, name: str) -> bool:
    """Tell whether an annotation asks a controller to restart the pods when this object changes.

    Source: https://github.com/stakater/Reloader#how-to-use-reloader and https://github.com/wave-k8s/wave#readme
    """
    own: Mapping[str, Any] = annotations_of(workload)
    for noted in (own, map_of(template_if_any(workload).at("metadata.annotations"))):
        named = str(noted.get(f"{_PREFIXES[kind]}.{_RELOADER}/reload", ""))
        asked = (*_ALWAYS, f"{_PREFIXES[kind]}.{_RELOADER}/auto")
        if any(str(noted.get(key, "")).lower() == "true" for key in asked) or name in (
            part.strip() for part in named.split(",")
        ):
            return True
    return False
