"""Which files the arguments and variables of containers name, and whether ConfigMaps and Secrets show them there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.pods.volume_mounts import mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, variable_values, words_of, workloads
from chartgate.model import Resource, Resources

_PATH = re.compile(r"(?:-{1,2}[A-Za-z0-9._-]++=)?+(?P<path>(?:/[A-Za-z0-9._+-]++)++)")
_SOURCES = (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"))
_WRITTEN_BY_OTHERS = ("kubernetes.io/service-account-token",)


class NamedFile(NamedTuple):
    """A file that a container names, and what is wrong with it; nothing where it is there."""

    place: Place[Resource]
    path: str
    problem: str


@dataclass(frozen=True)
class _Shown:
    """The files that a volume shows, all of which are known, and what they come from."""

    source: Resource
    files: frozenset[str]


def named_files(workload: Resource, resources: Resources) -> Iterator[NamedFile]:
    """Give the files that containers name in the mount of a rendered ConfigMap or Secret, or that such a one has.

    And those that another pod names as well, in the mount of one, and this container nowhere.
    """
    shown = {
        name: found for name, volume in volumes(workload).items() if (found := _shown(volume, workload, resources))
    }
    of_others = resources.indexed(_in_mounts)
    for container in containers_if_any(workload):
        texts = [*_texts(container)]
        named = {path for _, path in texts}
        for place, path in texts:
            mount = mount_at(container, path)
            if mount is not None and mount.volume in shown:
                inside = PurePosixPath(path).relative_to(mount.path).as_posix()
                if not mount.part and inside != ".":
                    yield NamedFile(place, path, _problem_inside(inside, shown[mount.volume]))
                elif mount.part in shown[mount.volume].files and inside != ".":
                    source = shown[mount.volume].source.identity.label
                    yield NamedFile(place, path, f"{mount.path} is itself the file {mount.part} of {source}")
            elif mount is None:
                own = [*_elsewhere(container, place, path, shown, named)]
                having = of_others.get((workload.namespace, path), "")
                yield from own or ([NamedFile(place, path, f"nothing is mounted there; {having}")] if having else ())


def _in_mounts(resources: Resources) -> dict[tuple[str, str], str]:
    """Say of the files that containers name in the mount of a ConfigMap or Secret who has them of which."""
    found: dict[tuple[str, str], str] = {}
    for workload in workloads(resources):
        sources = {
            name: f"{kind} {source.get(key)}"
            for name, volume in volumes(workload).items()
            for field, key, kind in _SOURCES
            if isinstance(source := volume.get(field), dict) and source.get("optional") is not True
        }
        for container in containers_if_any(workload) if sources else ():
            for _, path in _texts(container):
                mount = mount_at(container, path)
                if mount is not None and mount.volume in sources and (mount.part or mount.path != path):
                    said = f"{workload.identity.label} has it of {sources[mount.volume]}"
                    found.setdefault((workload.namespace, path), said)
    return found


def _elsewhere(
    container: Container, place: Place[Resource], path: str, shown: dict[str, _Shown], named: set[str]
) -> Iterator[NamedFile]:
    """Give a file outside of all mounts that has the name of one that some volume shows."""
    name = PurePosixPath(path).name
    having = {volume: found for volume, found in shown.items() if name in found.files and "." in name}
    where = [
        f"{mount.path.rstrip('/')}/{name}" for mount in mounts(container) if mount.volume in having and not mount.part
    ]
    whole = [mount.path for mount in mounts(container) if mount.volume in having and mount.part == name]
    if having and not {*where, *whole} & named:
        source = next(iter(having.values())).source.identity.label
        there = " or ".join([*where, *whole])
        yield NamedFile(
            place, path, f"{name} of {source} is at {there}" if there else f"{source}, which has {name}, is not mounted"
        )


def _problem_inside(file: str, shown: _Shown) -> str:
    is_there = any(PurePosixPath(known).is_relative_to(file) for known in shown.files) or file.startswith("..")
    files = ", ".join(sorted(shown.files)) or "nothing"
    return "" if is_there else f"{shown.source.identity.label} shows {files} there, not {file}"


def _texts(container: Container) -> Iterator[tuple[Place[Resource], str]]:
    for place in [*variable_values(container), *words_of(container)]:
        if found := _PATH.fullmatch(place.text):
            yield place, found["path"]


def _shown(volume: dict[str, Any], workload: Resource, resources: Resources) -> _Shown | None:
    for field, key_of_name, kind in _SOURCES:
        source = volume.get(field)
        if isinstance(source, dict) and source.get("optional") is not True:
            for found in resources.named(kind, str(source.get(key_of_name)), workload.namespace):
                if found.at("type") in _WRITTEN_BY_OTHERS or _is_filled(found):
                    return None
                items = [str(item.get("path")) for item in maps_in(source.get("items"))]
                keys = [key for data in ("data", "stringData", "binaryData") for key, _ in (found / data).entries()]
                if not keys:  # what is empty is filled by a program
                    return None
                return _Shown(found, frozenset(items if source.get("items") else keys))
    return None


def _is_filled(resource: Resource) -> bool:
    """Tell whether an annotation or a label asks somebody to write into it, as OpenShift and cert-manager do."""
    given = (resource / "metadata" / field for field in ("annotations", "labels"))
    return any("inject" in key for place in given for key, _ in place.entries())
