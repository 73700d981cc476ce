"""The files that a container finds in the ConfigMaps and Secrets that it mounts, with their modes.

Source: https://kubernetes.io/docs/concepts/storage/projected-volumes/ and the fields of ConfigMapVolumeSource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.places import Place
from chartgate.documents.shapes import is_whole, map_of, maps_in
from chartgate.kubernetes.pods.volume_mounts import Mount, mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resource, Resources

_DEFAULT_MODE = 0o644
_KINDS = {"configMap": ("ConfigMap", "name"), "secret": ("Secret", "secretName")}
_STORED = ("data", "stringData", "binaryData")


@dataclass(frozen=True)
class MountedFile:
    """A key of a ConfigMap or a Secret as a file."""

    place: Place[Resource]
    """The key."""
    mode: int


@dataclass(frozen=True)
class PathInMount:
    """What a container finds at a path in a volume of which all files are known."""

    mount: Mount
    file: MountedFile | None
    is_folder: bool
    names: tuple[str, ...]
    """Of all files in the mount, below its path."""


def path_in_mount(container: Container, path: str, resources: Resources) -> PathInMount | None:
    """Give what is at a path; None where it is in no mount, or nobody knows what that holds."""
    mount = mount_at(container, path)
    if mount is None or "$" in mount.part:
        return None
    files = files_of(map_of(volumes(container.resource).get(mount.volume)), container.resource.namespace, resources)
    if files is None:
        return None
    inside = PurePosixPath(mount.part) / PurePosixPath(path).relative_to(mount.path)
    wanted = str(inside) if inside.parts else ""
    below = f"{mount.part.rstrip('/')}/" if mount.part else ""
    names = tuple(name.removeprefix(below) for name in files if name.startswith(below)) or tuple(
        name for name in files if name == mount.part
    )
    if mount.part and not names:  # what is mounted is no key: no file is to be expected below it
        return None
    is_folder = not wanted or any(name.startswith(f"{wanted}/") for name in files)
    return PathInMount(mount, files.get(wanted), is_folder, names)


def files_in_mounts(container: Container, resources: Resources) -> Iterator[MountedFile]:
    """Give the keys that a container sees as files, of the volumes whose files are all known."""
    known = volumes(container.resource)
    for mount in mounts(container):
        files = files_of(map_of(known.get(mount.volume)), container.resource.namespace, resources) or {}
        for path, file in files.items():
            if not mount.part or PurePosixPath(path).is_relative_to(mount.part):
                yield file


def files_of(volume: Mapping[str, Any], namespace: str, resources: Resources) -> dict[str, MountedFile] | None:
    """Give the files of a volume by their paths; None where not all of it is rendered, or it holds other things."""
    found: dict[str, MountedFile] = {}
    for source, default in _sources(volume):
        keys = _keys_of(source, namespace, resources)
        if keys is None:
            return None
        found |= dict(_selected(source, keys, default))
    return found or None


def _sources(volume: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], int]]:
    projected = volume.get("projected")
    if isinstance(projected, dict):
        mode = _mode(projected.get("defaultMode"), _DEFAULT_MODE)
        yield from ((source, mode) for source in maps_in(projected.get("sources")))
        return
    inner = next((map_of(volume.get(field)) for field in _KINDS if isinstance(volume.get(field), dict)), {})
    yield volume, _mode(inner.get("defaultMode"), _DEFAULT_MODE)


def _keys_of(source: Mapping[str, Any], namespace: str, resources: Resources) -> dict[str, Place[Resource]] | None:
    for field, (kind, name_key) in _KINDS.items():
        inner = source.get(field)
        if isinstance(inner, dict):
            name = inner.get(name_key) or inner.get("name")
            found = resources.named(kind, name, namespace) if isinstance(name, str) else []
            if len(found) != 1:
                return None
            keys = {key: place for stored in _STORED for key, place in (found[0] / stored).entries()}
            return keys or None  # what is empty is filled by somebody else
    return None


def _selected(
    source: Mapping[str, Any], keys: Mapping[str, Place[Resource]], default: int
) -> Iterator[tuple[str, MountedFile]]:
    inner: Mapping[str, Any] = next((source[field] for field in _KINDS if isinstance(source.get(field), dict)), {})
    if not inner.get("items"):
        yield from ((key, MountedFile(place, default)) for key, place in keys.items())
        return
    for item in maps_in(inner["items"]):
        key, path = item.get("key"), item.get("path")
        if isinstance(key, str) and isinstance(path, str) and key in keys:
            yield str(PurePosixPath(path)), MountedFile(keys[key], _mode(item.get("mode"), default))


def _mode(value: object, default: int) -> int:
    """Give a mode; YAML has it in octal or decimal, and a text is none."""
    return value if is_whole(value) and 0 <= value <= 0o777 else default
