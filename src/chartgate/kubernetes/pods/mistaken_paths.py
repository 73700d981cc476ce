"""Paths that a container, or a ConfigMap that it mounts, names and that are nearly those of a mount."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from chartgate.documents.misspellings import nearly
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.environment import variable_places
from chartgate.kubernetes.pods.mounted_files import files_in_mounts
from chartgate.kubernetes.pods.volume_mounts import mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, variable_values, words_of
from chartgate.model import Resource, Resources

_PATH = re.compile(r"(?<![\w./}-])(?:/[A-Za-z0-9._-]++){3,}+")
_FOLDER = re.compile(r"(?<![\w./}-])(?:/[A-Za-z0-9._-]++){2,}+")
_OF_ALL = ("/", "/tmp")  # noqa: S108 - folders that every image has
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
    yield from _beside_claims(container, resources)
    yield from _of_others(container, resources)
    for place in _texts(container, resources) if folders else ():
        for path in dict.fromkeys(_PATH.findall(place.text)):
            above = PurePosixPath(path).parents
            around = mount_at(container, path)
            if around is None or "emptyDir" in there.get(around.volume, {}):
                for folder in folders:
                    if any(_beside(other, str(folder)) for other in above):
                        yield MistakenPath(place, path, str(folder))


def _beside_claims(container: Container, resources: Resources) -> Iterator[MistakenPath]:
    """Give the folders that are nearly that of a claim, where nothing names that one: the data goes elsewhere."""
    claims = {"persistentVolumeClaim", "ephemeral"}
    there = volumes(container.resource)
    of_claims = [mount.path for mount in mounts(container) if there.get(mount.volume, {}).keys() & claims]
    texts = list(_texts(container, resources)) if of_claims else []
    folders = (path.rstrip("/") for path in of_claims)
    for folder in (path for path in folders if path and not any(_names(place.text, path) for place in texts)):
        for place in texts:
            for path in dict.fromkeys(_PATH.findall(place.text)):
                named = next(
                    (a for a in (PurePosixPath(path), *PurePosixPath(path).parents) if _beside(a, folder)), None
                )
                if named and mount_at(container, path) is None:
                    yield MistakenPath(place, path, folder)


def _of_others(container: Container, resources: Resources) -> Iterator[MistakenPath]:
    """Give the folders in which only other containers of the pod have a volume that this one has elsewhere, unnamed."""
    own = [mount for mount in mounts(container) if not mount.part]
    others = (it for it in containers_if_any(container.resource) if it.address != container.address)
    theirs = [mount for other in others for mount in mounts(other) if not mount.part and mount.path not in _OF_ALL]
    shared = {mount.volume for mount in own} & {mount.volume for mount in theirs}
    places = _told(container, resources) if shared else ()
    told = [(place, path) for place in places for path in dict.fromkeys(_FOLDER.findall(place.text))]
    words = {word for place, _ in told for word in place.text.split()}
    words |= {word.text for field in ("command", "args") for word in (container / field).texts()}
    for volume in sorted(shared):
        here = [mount.path for mount in own if mount.volume == volume]
        # `cp -r /etc/shop /opt` fills what is mounted at /opt/shop with what the image has.
        above = {str(PurePosixPath(folder).parent) for folder in here}
        if not any(_is_in(path, here) for _, path in told):
            there = [mount.path for mount in theirs if mount.volume == volume and mount.path not in here]
            for place, path in told:
                if _is_in(path, there) and mount_at(container, path) is None and above.isdisjoint(words):
                    yield MistakenPath(place, path, here[0])


def _is_in(path: str, folders: list[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)


def _told(container: Container, resources: Resources) -> Iterator[Place[Resource]]:
    """Give what a container alone is told: its words, its variables, and the files of ConfigMaps that it mounts."""
    yield from (place for _, place in variable_places(container, resources))
    yield from words_of(container)
    yield from (file.place for file in files_in_mounts(container, resources) if isinstance(file.place.value, str))


def _names(text: str, folder: str) -> bool:
    return any(not (rest[:1].isalnum() or rest[:1] in ("-", "_", ".")) for rest in text.split(folder)[1:])


def _beside(path: PurePosixPath, folder: str) -> bool:
    """Tell whether a path is in the same folder as another, under nearly the same name."""
    mounted = PurePosixPath(folder)
    is_sibling = path.parent == mounted.parent and len(mounted.name) >= _SHORTEST
    return is_sibling and bool(nearly(path.name, [mounted.name]))


def _texts(container: Container, resources: Resources) -> Iterator[Place[Resource]]:
    yield from (place for place in variable_values(container) if isinstance(place.value, str))
    yield from words_of(container)
    for volume in volumes(container.resource).values():
        source = volume.get("configMap")
        if isinstance(source, dict):
            for found in resources.named("ConfigMap", str(source.get("name")), container.resource.namespace):
                yield from (place for _, place in (found / "data").entries() if isinstance(place.value, str))
