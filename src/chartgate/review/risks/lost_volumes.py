"""What of its data a pod no longer finds: another volume at the path, another path, another part of the volume."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.addresses import steps
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.kubernetes.pods.volume_mounts import Mount, mounts, volumes
from chartgate.kubernetes.pods.workloads import (
    WORKLOAD_KINDS,
    Container,
    containers_if_any,
    containers_of_both,
    pod_if_any,
)
from chartgate.kubernetes.programs.flags import flags
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_OF_NODES = ("/var/run", "/run", "/sys", "/proc", "/dev", "/etc", "/lib", "/usr", "/var/log", "/var/lib/docker")
"""What of a node is no data of the pod's."""
_OF_DATA = re.compile(r"DATA|STORAGE")
"""In the names of what says where a program keeps its data."""
_PATH = re.compile(r"/\S++")
_SETTING = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]*+)["']?+(?:[ \t]*+[:=>][ \t]*+|[ \t]++)["']?+(?P<path>/[\w./-]++)"""
)
"""`data_dir = /a`, `dir /a`, `"dataPath": "/a"`, `<path>/a</path>`."""
_OTHER = re.compile(
    r"log|pid|sock|tmp|temp|cache|lock|run|conf|cert|key|password|include|script|bin|plugin|lib$", re.IGNORECASE
)
"""What is no data: nothing is lost with it."""


class VolumeAt(NamedTuple):
    """What a container has at one path: the volume, by what it is, and the part of it."""

    sort: str
    name: str
    part: str
    address: str


def lost_volumes(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say what of its persistent data a pod no longer finds where it was."""
    for container, other in containers_of_both(before, after):
        had, has = volumes_at(container), volumes_at(other)
        yield from _moved(had, has)
        yield from _moved_directories(container, other, had)


def is_persistent_pod(resource: Resource) -> bool:
    """Tell whether a container of a workload writes to a volume that outlives the pod."""
    return any(place.sort for container in containers_if_any(resource) for place in volumes_at(container).values())


def volumes_at(container: Container) -> dict[str, VolumeAt]:
    """Give what is mounted at each path; the sort of a volume that does not outlive the pod is empty."""
    sources = _sources(container.resource)
    found = {}
    for mount in mounts(container):
        sort, name = sources.get(mount.volume, ("", "nothing"))
        found[mount.path.rstrip("/") or "/"] = VolumeAt(
            "" if mount.read_only else sort, name, mount.part.rstrip("/"), _address(mount)
        )
    return found


def _address(mount: Mount) -> str:
    return f"{mount.place.address.rpartition('[')[0]}[{mount.path}]"


def _sources(resource: Resource) -> Mapping[str, tuple[str, str]]:
    """Give for each volume of a pod what it is, and which one."""
    found = {}
    for volume in maps_in(pod_if_any(resource).at("volumes")):
        found[str(volume.get("name"))] = _source(volume)
    for claim in maps_in(resource.at("spec.volumeClaimTemplates")):
        name = str(map_of(claim.get("metadata")).get("name"))
        found[name] = ("template", name)
    return found


def _source(volume: Mapping[str, Any]) -> tuple[str, str]:
    for sort in ("persistentVolumeClaim", "nfs", "hostPath", "csi", "iscsi", "rbd", "cephfs", "azureFile", "azureDisk"):
        if (content := volume.get(sort)) is None:
            continue
        inside = map_of(content)
        path = str(inside.get("path", ""))
        if sort == "hostPath" and (path.startswith(_OF_NODES) or path == "/"):
            return "", path
        name = inside.get("claimName") or path or inside.get("driver") or inside.get("shareName") or ""
        return sort, str(name)
    return "", next((key for key in volume if key != "name"), "nothing")


def _moved(had: Mapping[str, VolumeAt], has: Mapping[str, VolumeAt]) -> Iterator[Hit]:
    for path, old in had.items():
        if not old.sort:
            continue
        new = has.get(path)
        what = f"what is on {words_of(old)}"
        if new is None:
            other = next((p for p, place in has.items() if (place.sort, place.name) == (old.sort, old.name)), "")
            where = f"is at {other} now" if other else "is no longer mounted"
            yield Hit(old.address, f"{what} {where}: at {path}, the pod finds nothing of it")
        elif not new.sort:
            if new.name != old.name:
                yield Hit(new.address, f"{what} is no longer at {path}: the pod now writes to {_article(new.name)}")
        elif new.sort != old.sort or (new.name != old.name and old.sort != "persistentVolumeClaim"):
            yield Hit(new.address, f"{what} is no longer at {path}: {words_of(new)} is there now")
        elif new.part != old.part:
            parts = [part or "the whole volume" for part in (old.part, new.part)]
            yield Hit(
                f"{new.address}.subPath", f"at {path}, the pod finds {parts[1]} of its volume instead of {parts[0]}"
            )


def words_of(place: VolumeAt) -> str:
    """Say which volume it is."""
    names = {"persistentVolumeClaim": "the claim", "template": "the claim", "hostPath": "the node's"}
    return f"{names.get(place.sort, place.sort)} {place.name}".rstrip()


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def _moved_directories(old: Container, new: Container, had: Mapping[str, VolumeAt]) -> Iterator[Hit]:
    """Compare the directories inside of persistent volumes that variables and arguments name."""
    was, now = _directories(old), _directories(new)
    for name, (path, address) in was.items():
        volume = persistent_path(path, had)
        other = now.get(name, ("", address))
        if volume and not other[0] and _OF_DATA.search(name.upper()):
            yield Hit(
                address, f"{name} was {path} on {words_of(had[volume])}, and is no longer set: it may begin empty"
            )
        elif volume and other[0] and other[0].rstrip("/") != path.rstrip("/"):
            yield Hit(other[1], f"{name} was {path} on {words_of(had[volume])}, and is {other[0]} now: it begins empty")


def persistent_path(path: str, volumes: Mapping[str, VolumeAt]) -> str:
    """Give where the volume is mounted that a path is on, if it outlives the pod; else an empty text."""
    around = [at for at in volumes if path == at or path.startswith(f"{at.rstrip('/')}/")]
    innermost = max(around, key=len, default="")
    return innermost if innermost and volumes[innermost].sort else ""


def _directories(container: Container) -> dict[str, tuple[str, str]]:
    """Give the absolute paths that variables and arguments hold, each with its address."""
    found = {}
    for variable in (container / "env").maps():
        value = variable.at("value")
        if isinstance(value, str) and value.startswith("/"):
            found[str(variable.at("name"))] = value, f"{container.address}.env[{variable.at('name')}].value"
    for key in ("command", "args"):
        for flag in flags(texts_in(container.at(key))):
            if _PATH.fullmatch(flag.value):
                found[flag.name] = flag.value, f"{container.address}.{key}"
    return found


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
