"""Data folders: what a program is told to keep its data in is on the volume that it has for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.environment import variable_places
from chartgate.kubernetes.pods.volume_mounts import mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, words_of, workloads
from chartgate.kubernetes.programs.flags import flags
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [--storage-path=/data/files]
          env: [{name: DATA_DIR, value: /data/shop}, {name: CACHE_DIR, value: /cache}]
          volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates: [{metadata: {name: data}}]
"""
READ_ONLY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [--spool-dir=/spool]
          securityContext: {readOnlyRootFilesystem: true}
          volumeMounts: [{name: spool, mountPath: /spool}, {name: tmp, mountPath: /tmp}]
      volumes: [{name: spool, emptyDir: {}}, {name: tmp, emptyDir: {}}]
"""
_OF_DATA = re.compile(
    r"(?:\A|[._-])(?P<what>data|storage|spool|uploads?|state|work(?:ing)?)[._-]?(?:dir|directory|path|folder|home|root)\Z",
    re.IGNORECASE,
)
_KEPT = ("data", "storage")
_PATH = re.compile(r"(?:/[A-Za-z0-9._-]++)++/?")
_ANY_PATH = re.compile(r"(?<![\w./}-])(?:/[A-Za-z0-9._-]++)++")
_CLAIMS = ("persistentVolumeClaim", "ephemeral")
_PASSING = re.compile(r"/(?:tmp|run|var/(?:tmp|run|cache)|dev/shm)(?:/|\Z)")
"""Where any program may write something by the way."""
_WEB = "spec.template.spec.containers[web]"


@policy(
    severity="warning",
    remediation="Mount the claim at the folder that the program is told, or tell it the folder of the mount.",
)
def data_is_kept_on_its_claim(rendering: Rendering) -> Iterator[Check]:
    """A program that is told a folder for its data, and has a volume for them, is told one in a volume.

    Beside all mounts, the folder is in the container alone: what is written there is gone with it, and the claim stays
    empty; under a root that nobody may write to, nothing is written, and an empty volume counts as well. Judged are
    variables and flags by such a name (`DATA_DIR`, `--storage-path`), where nothing else that the container is told is
    in its claim; a Job only passes by. Source: https://github.com/adnoctem/charts/issues/24
    """
    for resources in rendering.stages:
        for workload in (one for one in workloads(resources) if one.kind not in ("Job", "CronJob")):
            there = volumes(workload)
            for container in containers_if_any(workload):
                of_claims = [m for m in mounts(container) if not there.get(m.volume, {}).keys().isdisjoint(_CLAIMS)]
                empty = [m for m in mounts(container) if "emptyDir" in there.get(m.volume, {})]
                # Of all others, a root that nobody may write to is the only one that matters.
                is_read_only = (container / "securityContext" / "readOnlyRootFilesystem").value is True
                written = [*of_claims, *(m for m in empty if is_read_only and not _PASSING.match(m.path))]
                for place, path, what in _told_folders(container, resources) if written else ():
                    claimed = written if is_read_only else of_claims if what in _KEPT else []
                    if not claimed:
                        continue
                    used = any(mount_at(container, other) in claimed for other in _all_paths(container, resources))
                    passed = mount_at(container, path) is not None or used
                    expected = f"a folder in {claimed[0].path}, where {claimed[0]} is mounted"
                    yield with_cause(states(place, passed, expected=expected, actual=path), f"data of {container.name}")


def _told_folders(container: Container, resources: Resources) -> Iterator[tuple[Place[Resource], str, str]]:
    for name, place in variable_places(container, resources):
        if (found := _OF_DATA.search(name)) and _PATH.fullmatch(place.text):
            yield place, place.text, found["what"].lower()
    places = words_of(container)
    for flag in flags([place.text for place in places]):
        if (found := _OF_DATA.search(flag.name.lstrip("-"))) and _PATH.fullmatch(flag.value):
            yield places[flag.place], flag.value, found["what"].lower()


def _all_paths(container: Container, resources: Resources) -> Iterator[str]:
    for place in [*(place for _, place in variable_places(container, resources)), *words_of(container)]:
        yield from _ANY_PATH.findall(place.text)


data_is_kept_on_its_claim.breaks(
    manifests=HEALTHY.replace("          args: [--storage-path=/data/files]\n", ""),
    a_variable_names_another_folder=put("StatefulSet web", f"{_WEB}.env[DATA_DIR].value", "/app/data"),
)
data_is_kept_on_its_claim.breaks(
    manifests=HEALTHY.replace("{name: DATA_DIR, value: /data/shop}, ", ""),
    a_flag_names_another_folder=put("StatefulSet web", f"{_WEB}.args[0]", "--storage-path=/var/lib/web"),
)
data_is_kept_on_its_claim.breaks(
    manifests=READ_ONLY,
    nobody_may_write_beside_the_volume=put("Deployment web", f"{_WEB}.args[0]", "--spool-dir=/var/spool/web"),
)
