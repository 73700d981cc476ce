"""Changed folders: where a user changes a path of the values, mounts and all that name them follow."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.volume_mounts import Mount, mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, containers_of_both, variable_values
from chartgate.matrix.derivations.other_folders import with_other_folders
from chartgate.model import Check, Rendering, Resource, Resources, in_both
from chartgate.policy.checks import chart_states, states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [--data=/data/shop, --temporary=/tmp]
          env: [{name: CONFIG, value: /etc/shop/shop.yaml}]
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: config, mountPath: /etc/shop/shop.yaml, subPath: shop.yaml}
      volumes: [{name: data, emptyDir: {}}, {name: config, configMap: {name: web}}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {shop.yaml: "files: /data/files"}}
"""
_PATH = re.compile(r"(?<![\w./}-])(?:/[A-Za-z0-9._-]++)++")
_WEB = "spec.template.spec.containers[web]"


class _Text(NamedTuple):
    """A text that a container, or what it reads, has, and the paths in it."""

    place: Place[Resource]
    paths: tuple[str, ...]


@policy(
    over=with_other_folders,
    severity="error",
    remediation="Write the key of the path there as well: in `mountPath`, and in all that names the folder.",
)
def changed_folders_reach_all_that_name_them(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With every path of the values changed, what containers name is still where their volumes are mounted.

    A path that is a value in one place and written out in another is right until somebody sets it: the volume is
    mounted at the new one, and the program writes to the old one, beside the volume; or it looks for its file where
    nothing is mounted. Folders of the node are left alone. Source: https://github.com/bitnami/charts/issues/21757
    """
    if before.error or after.error:
        return
    for key in after.scenario.changes:
        yield chart_states("values.yaml", key, expected="rendered", actual="rendered")
    changed = [str(lookup(before.scenario.values, key)) for key in after.scenario.changes]
    for was, resource in in_both(before.resources, after.resources):
        news = containers_if_any(resource)
        for old, new in containers_of_both(was, resource):
            texts = _texts(old, before.resources), _texts(new, after.resources)
            checks = [*_left_behind(old, new, *texts, news), *_not_followed(old, new, *texts, changed, news)]
            yield from (_with_key(check, after) for check in checks)


_Texts = dict[tuple[object, str], _Text]


def _with_key(check: Check, after: Rendering) -> Check:
    """Say in a check by which key the paths changed."""
    told = str(check.expected)
    keys = [key for key, value in after.scenario.changes.items() if isinstance(value, str) and value in told]
    return dataclasses.replace(check, expected=f"{told}, with {' and '.join(keys) or 'every path'} changed")


def _left_behind(
    old: Container, new: Container, olds: _Texts, texts: _Texts, all_of: list[Container]
) -> Iterator[Check]:
    """Check the paths that were in a mount which moved: they are in some mount still."""
    moved = {was.path: now for was, now in _pairs(old, new) if was.path != now.path}
    for where, text in texts.items() if moved else ():
        for path in text.paths:
            was = mount_at(old, path)
            if was is None or was.path not in moved or path not in olds.get(where, text).paths:
                continue
            passed = any(mount_at(container, path) is not None for container in all_of)
            now = moved[was.path]
            below = PurePosixPath(now.path) / PurePosixPath(path).relative_to(was.path)
            expected = f"{below} in place of {path}, as {was} is mounted at {now.path}"
            yield with_cause(states(text.place, passed, expected=expected), f"{now.volume} at {was.path}")


def _not_followed(
    old: Container, new: Container, olds: _Texts, texts: _Texts, changed: list[str], all_of: list[Container]
) -> Iterator[Check]:
    """Check the mounts at a path that a text follows and the mount does not: another one is there for it.

    A script that all may read may be that of a container which has it there.
    """
    kept = {was.path: now for was, now in _pairs(old, new) if was.path == now.path}
    still = {path for text in texts.values() for path in text.paths}
    for where, text in texts.items() if kept else ():
        before = olds.get(where, text).paths
        for path, moved in zip(before, text.paths, strict=True) if len(before) == len(text.paths) else ():
            was = mount_at(old, path) if path != moved else None
            if was is None or was.path not in kept or path in still:
                continue
            if was.path == path or any(PurePosixPath(was.path).is_relative_to(folder) for folder in changed):
                expected = f"a mount with {moved} in it, which {text.place.owner.name} names at {text.place.address}"
                readers = [new] if text.place.owner.identity == new.resource.identity else all_of
                is_there = any(mount_at(container, moved) is not None for container in readers)
                told = states(kept[was.path].place / "mountPath", is_there, expected=expected)
                yield with_cause(told, f"{was.volume} at {was.path}")


def _pairs(old: Container, new: Container) -> Iterator[tuple[Mount, Mount]]:
    """Give each mount as it was and as it is, but for those of folders of the node."""
    there = volumes(new.resource)
    before, after = mounts(old), mounts(new)
    for was, now in zip(before, after, strict=True) if len(before) == len(after) else ():
        if was.volume == now.volume and "hostPath" not in there.get(now.volume, {}):
            yield was, now


def _texts(container: Container, resources: Resources) -> _Texts:
    """Give what a container is told, by where it is written: words, variables, and keys of what it reads."""
    places = variable_values(container)
    commands = (container / probe / "exec" / "command" for probe in PROBES)
    for words in (container / "command", container / "args", *commands):
        places += words.texts()
    for reference in references(container.resource):
        for found in resources.named(reference.kind, reference.name, reference.namespace):
            fields = {"ConfigMap": "data", "Secret": "stringData"}
            places += [place for _, place in (found / fields.get(found.kind, "data")).entries() if found.kind in fields]
    told = (place for place in places if isinstance(place.value, str) and "/" in place.value)
    texts = [_Text(place, tuple(_paths(place.text))) for place in told]
    return {(text.place.owner.identity, text.place.address): text for text in texts}


def _paths(text: str) -> Iterator[str]:
    return (path.rstrip(".") for path in _PATH.findall(text))


_MOVED = (
    put("Deployment web", f"{_WEB}.volumeMounts[0].mountPath", "/data-x7"),
    put("Deployment web", f"{_WEB}.args[0]", "--data=/data-x7/shop"),
    put("ConfigMap web", "data[shop.yaml]", "files: /data-x7/files"),
)
changed_folders_reach_all_that_name_them.breaks(
    manifests=HEALTHY,
    the_argument_names_the_old_folder=(*_MOVED, put("Deployment web", f"{_WEB}.args[0]", "--data=/data/shop")),
    the_configuration_names_the_old_folder=(
        *_MOVED,
        put("ConfigMap web", "data[shop.yaml]", "in: {files: /data/files}"),
    ),
    the_file_is_mounted_where_it_was=put("Deployment web", f"{_WEB}.env[CONFIG].value", "/etc/shop/shop-x7.yaml"),
)
