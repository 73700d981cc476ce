"""Where a program's configuration says that its data is, in a file of whatever form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import steps
from chartgate.documents.shapes import map_of, maps_in
from chartgate.kubernetes.pods.volume_mounts import volumes
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers_if_any
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.lost_volumes import VolumeAt, persistent_path, volumes_at, words_of
from chartgate.review.risks.risk_class import Hit

_SETTING = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]*+)["']?+(?:[ \t]*+[:=>][ \t]*+|[ \t]++)["']?+(?P<path>/[\w./-]++)"""
)
"""`data_dir = /a`, `dir /a`, `"dataPath": "/a"`, `<path>/a</path>`."""
_OTHER = re.compile(
    r"log|pid|sock|tmp|temp|cache|lock|run|conf|cert|key|password|include|script|bin|plugin|lib$", re.IGNORECASE
)
"""What is no data: nothing is lost with it."""


def moved_directories(pair: Pair) -> Iterator[Hit]:
    """Compare the paths on persistent volumes that a ConfigMap names, of the pods that it is mounted into."""
    if not pair.both or pair.resource.kind != "ConfigMap":
        return
    places = _volumes_of_readers(pair.both[0], pair.beside[0])
    for difference in pair.differences if places else ():
        was, now = (_paths(difference.address, side) for side in (difference.before, difference.after))
        for name, path in was.items():
            at = persistent_path(path, places)
            other = now.get(name, path)
            if at and other.rstrip("/") != path.rstrip("/") and not _OTHER.search(name):
                reason = f"{name} was {path} on {words_of(places[at])}, and is {other} now: it begins empty"
                yield Hit(difference.address, reason)


def _volumes_of_readers(config: Resource, beside: Resources) -> Mapping[str, VolumeAt]:
    """Give what is mounted where in the containers of the pods that have a ConfigMap among their volumes."""
    found: dict[str, VolumeAt] = {}
    for workload in beside.of_kind(*WORKLOAD_KINDS):
        if workload.namespace == config.namespace and config.name in _configurations(workload):
            for container in containers_if_any(workload):
                found |= volumes_at(container)
    return found


def _configurations(workload: Resource) -> Iterator[str]:
    for volume in volumes(workload).values():
        for source in (volume, *maps_in(map_of(volume.get("projected")).get("sources"))):
            yield str(map_of(source.get("configMap")).get("name"))


def _paths(address: str, value: Any) -> dict[str, str]:
    """Give the absolute paths that a text names, each by the word in front of it; a value's by its key."""
    if not isinstance(value, str):
        return {}
    if value.startswith("/") and "\n" not in value.strip():
        return {steps(address)[-1]: value.strip()}
    return {found["name"]: found["path"] for found in _SETTING.finditer(value)}
