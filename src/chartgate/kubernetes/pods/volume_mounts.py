"""What a container finds at a path: its mounts, followed to the volumes of its pod."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.workloads import Container, pod_if_any
from chartgate.model import Resource

WRITABLE = ("emptyDir", "ephemeral", "persistentVolumeClaim")


@dataclass(frozen=True)
class Mount:
    """A volume, or a part of it, in a container."""

    place: Place[Resource]
    volume: str
    path: str
    part: str
    """The `subPath`, or the `subPathExpr`, in which `$(NAME)` stands for a variable; empty for the whole volume."""
    read_only: bool

    def __str__(self) -> str:
        return f"{self.part} of volume {self.volume}" if self.part else f"volume {self.volume}"


def mounts(container: Container) -> list[Mount]:
    """Give all mounts of a container, in their order."""
    return [
        Mount(
            place,
            str(place.map.get("name", "")),
            str(place.map.get("mountPath", "")),
            str(place.map.get("subPath") or place.map.get("subPathExpr") or ""),
            place.at("readOnly") is True,
        )
        for place in (container / "volumeMounts").maps()
    ]


def mount_at(container: Container, path: str) -> Mount | None:
    """Give the mount that a path lies in, the innermost one; None when it lies in the image."""
    around = [mount for mount in mounts(container) if PurePosixPath(path).is_relative_to(mount.path)]
    return max(around, key=lambda mount: len(PurePosixPath(mount.path).parts), default=None)


def volumes(resource: Resource) -> dict[str, dict[str, Any]]:
    """Give the volumes of a pod by name, those that a StatefulSet claims for each pod included."""
    found = {str(volume.get("name", "")): volume for volume in maps_in(pod_if_any(resource).at("volumes"))}
    for claim in maps_in(resource.at("spec.volumeClaimTemplates")):
        found[str(lookup(claim, "metadata.name"))] = {"persistentVolumeClaim": {}}
    return found


def is_writable(container: Container, path: str) -> bool:
    """Tell whether a path lies in a volume that the container may write to."""
    mount = mount_at(container, path)
    if mount is None or mount.read_only:
        return False
    return any(kind in volumes(container.resource).get(mount.volume, {}) for kind in WRITABLE)


def config_key(container: Container, path: str) -> tuple[str, str]:
    """Give the ConfigMap that a container reads at a path, and the key; both empty when it reads none there."""
    mount = mount_at(container, path)
    source = volumes(container.resource).get(mount.volume, {}).get("configMap") if mount else None
    if mount is None or not isinstance(source, dict):
        return "", ""
    key = str(PurePosixPath(mount.part) / PurePosixPath(path).relative_to(mount.path))
    if source.get("items"):  # which then are the only keys in the volume
        key = next((str(item.get("key", "")) for item in maps_in(source["items"]) if item.get("path") == key), "")
    return (str(source.get("name", "")), key) if key else ("", "")


def config_file(container: Container, path: str) -> str:
    """Say which key of which ConfigMap a container reads at a path: `key of name`, or empty for none."""
    name, key = config_key(container, path)
    return f"{key} of {name}" if key else ""
