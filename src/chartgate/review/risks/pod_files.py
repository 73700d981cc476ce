"""Files that a pod finds in its ConfigMaps and Secrets, and no longer finds, or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.shapes import is_whole, map_of, maps_in, texts_in
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.volume_mounts import mounts, volumes
from chartgate.kubernetes.pods.workloads import (
    WORKLOAD_KINDS,
    Container,
    containers_if_any,
    containers_of_both,
    pod_if_any,
)
from chartgate.model import Resource
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_MOST = 4
_MODE, _RUN, _READ = 0o644, 0o111, 0o044
"""What a file has where nothing is said, and the bits by which others than its owner run and read it."""
_FORMS = {"configMap": "name", "secret": "secretName"}


def lost_files(pair: Pair) -> Iterator[Hit]:
    """Say which files a container no longer finds, or at another path."""
    if not pair.both or pair.resource.kind not in WORKLOAD_KINDS:
        return
    had, has = (volumes(resource) for resource in pair.both)
    for old, new in containers_of_both(*pair.both):
        yield from _moved(old, new, (had, has))
    yield from _left_out(pair.both[1], had, has)
    yield from _of_modes(pair.both[1], had, has)


def _moved(old: Container, new: Container, sides: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[Hit]:
    """Compare where the files of an object are; a program that is told of the new place may find them there."""
    places: list[dict[tuple[str, str], str]] = []
    for container, side in zip((old, new), sides, strict=True):
        found = ((_source(side.get(mount.volume, {})), mount) for mount in mounts(container))
        places.append({(source, mount.part): mount.path.rstrip("/") for source, mount in found if source})
    told = " ".join(texts_in(new.at("command")) + texts_in(new.at("args")) + _values(new))
    for (source, part), path in places[0].items():
        now = places[1].get((source, part)) or _of_parts(places[1], source, part, path)
        if now not in ("", path) and path not in places[1].values() and now not in told:
            yield Hit(f"{new.address}.volumeMounts", f"the files of the {source} are at {now}, and were at {path}")
    for (source, part), path in places[1].items():
        shown = [at for (of, file), at in places[0].items() if of == source and file]
        if not part and path not in places[0].values() and any(at.startswith(f"{path}/") for at in shown):
            yield Hit(f"{new.address}.volumeMounts", f"the {source} hides what else the image has in {path}")


def _of_parts(places: Mapping[tuple[str, str], str], source: str, part: str, path: str) -> str:
    """Give where files are that were shown as a whole and now one by one, or the reverse; empty for the same place."""
    if part:
        whole = places.get((source, ""), "")
        return f"{whole}/{part}" if whole else ""
    elsewhere = [at for (of, _), at in places.items() if of == source]
    return "" if any(at.startswith(f"{path}/") for at in elsewhere) else listed(elsewhere, _MOST) if elsewhere else ""


def _values(container: Container) -> list[str]:
    return [str(variable.get("value") or "") for variable in maps_in(container.at("env"))]


def _left_out(after: Resource, had: dict[str, Any], has: dict[str, Any]) -> Iterator[Hit]:
    """Compare which keys of an object are shown as files."""
    for name in (name for name in has if name in had and _source(has[name]) == _source(had[name])):
        form = next((form for form in _FORMS if form in has[name]), "")
        sides = [
            [str(item.get("path")) for item in maps_in(map_of(v.get(form)).get("items"))]
            for v in (had[name], has[name])
        ]
        address = f"{_pod_address(after)}.volumes[{name}].{form}.items"
        if form and sides[1] and not sides[0]:
            yield Hit(
                address, f"of its files there {'is' if len(sides[1]) == 1 else 'are'} only {listed(sides[1], _MOST)}"
            )
        elif form and sides[1] and (lost := [path for path in sides[0] if path not in sides[1]]):
            yield Hit(address, f"there is no longer {listed(lost, _MOST)}")


def _of_modes(after: Resource, had: dict[str, Any], has: dict[str, Any]) -> Iterator[Hit]:
    """Compare who may read and run the files of an object; a group of the volume may always read them."""
    is_grouped = isinstance(pod_if_any(after).at("securityContext.fsGroup"), int)
    for name in (name for name in has if name in had and _source(has[name]) == _source(had[name])):
        form = next((form for form in _FORMS if form in has[name]), "")
        was, now = (_mode(map_of(volume.get(form))) for volume in (had[name], has[name]))
        lost = was & ~now
        words = (
            "nobody may run them" if lost & _RUN else "only root reads them" if lost & _READ and not is_grouped else ""
        )
        if form and words:
            address = f"{_pod_address(after)}.volumes[{name}].{form}.defaultMode"
            yield Hit(
                address, f"the files of the {_source(has[name])} have the mode {now:04o}, and had {was:04o}: {words}"
            )


def _mode(source: Mapping[str, Any]) -> int:
    found = source.get("defaultMode")
    return found if is_whole(found) else _MODE


def _pod_address(workload: Resource) -> str:
    found = next(iter(containers_if_any(workload)), None)
    return found.address.rpartition(".")[0] if found else "spec"


def _source(volume: Any) -> str:
    """Name the object whose files a volume shows; empty for what keeps data."""
    for form, field in _FORMS.items():
        if form in map_of(volume):
            return f"{'ConfigMap' if form == 'configMap' else 'Secret'} {map_of(volume[form]).get(field)}"
    return ""
