"""Paths that a container, or a ConfigMap that it mounts, names and that are nearly those of a mount."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from chartgate.documents.misspellings import nearly
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.volume_mounts import mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resource, Resources

_PATH = re.compile(r"(?<![\w./}-])(?:/[A-Za-z0-9._-]++){3,}+")
_SHORTEST = 5
"""Letters of a folder's name; of shorter ones, many are nearly the same and mean something else."""


class MistakenPath(NamedTuple):
    """A path that nothing is mounted at, and the mount that is probably meant."""

    place: Place[Resource]
    path: str
    mount: str


def mistaken_paths(container: Container, resources: Resources) -> Iterator[MistakenPath]:
    """Give the files that are named in a folder beside a mount of a ConfigMap or a Secret, of nearly the same name."""
    there = volumes(container.resource)
    folders = {
        PurePosixPath(mount.path)
        for mount in mounts(container)
        if not mount.part and there.get(mount.volume, {}).keys() & {"configMap", "secret", "projected"}
    }
    for place in _texts(container, resources) if folders else ():
        for path in dict.fromkeys(_PATH.findall(place.text)):
            above = PurePosixPath(path).parents
            around = mount_at(container, path)
            if around is None or "emptyDir" in there.get(around.volume, {}):
                for folder in folders:
                    beside = [a for a in above if a.parent == folder.parent and len(folder.name) >= _SHORTEST]
                    if any(nearly(other.name, [folder.name]) for other in beside):
                        yield MistakenPath(place, path, str(folder))


def _texts(container: Container, resources: Resources) -> Iterator[Place[Resource]]:
    for place in (variable / "value" for variable in (container / "env").maps()):
        if isinstance(place.value, str):
            yield place
    for field in ("command", "args"):
        yield from (container / field).texts()
    for volume in volumes(container.resource).values():
        source = volume.get("configMap")
        if isinstance(source, dict):
            for found in resources.named("ConfigMap", str(source.get("name")), container.resource.namespace):
                yield from (place for _, place in (found / "data").entries() if isinstance(place.value, str))
