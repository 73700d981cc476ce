"""What a running pod never reads again: variables, files copied or mounted by subPath; and what restarts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import steps
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import annotations_of
from chartgate.kubernetes.links.object_references import Reference, sub_paths, variable_sources, volume_sources
from chartgate.kubernetes.pods.workloads import pod_if_any, template_if_any
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
    yield from fixed_files(workload)


def fixed_files(workload: Resource) -> Iterator[Reference]:
    """Give those of which it has files: mounted by subPath, or in a volume that only init containers look into."""
    yield from sub_paths(workload)
    pod = pod_if_any(workload)
    inits = list((pod / "initContainers").maps())
    running = [*(pod / "containers").maps(), *(it for it in inits if it.at("restartPolicy") == "Always")]
    looked = {str(mount.at("name")) for container in running for mount in (container / "volumeMounts").maps()}
    copied = {str(mount.at("name")) for container in inits for mount in (container / "volumeMounts").maps()} - looked
    for reference in volume_sources(workload) if copied else ():
        path = steps(reference.place.address)
        if path[path.index("volumes") + 1] in copied:
            yield reference


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
