"""Mounts: what containers mount is a volume of their pod, and holds what they look for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.links.object_references import sub_paths
from chartgate.kubernetes.pods.volume_mounts import volumes
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

from .every_pod import all_containers

HEALTHY = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: prepare, volumeMounts: [{name: data, mountPath: /data}]}]
      containers:
        - name: web
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: config, mountPath: /etc/web.conf, subPath: web.conf}
            - {name: some, mountPath: /etc/one.conf, subPath: etc/one.conf}
            - {name: some, mountPath: /etc/again.conf, subPathExpr: etc/one.conf}
            - {name: all, mountPath: /etc/token, subPath: token}
            - {name: data, mountPath: /var/log, subPathExpr: $(POD_NAME)}
          volumeDevices: [{name: disk, devicePath: /dev/xvda}]
      volumes:
        - {name: config, configMap: {name: web}}
        - {name: some, configMap: {name: web, items: [{key: web.conf, path: etc/one.conf}]}}
        - name: all
          projected:
            sources:
              - {configMap: {name: web}}
              - {secret: {name: web, items: [{key: token, path: token}]}}
              - {serviceAccountToken: {path: account}}
        - {name: disk, persistentVolumeClaim: {claimName: disk}}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "listen 80"}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: t}
"""
# The lists in which a container names volumes, and where it has each of them.
_MOUNTED = (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath"))


@policy(
    severity="error",
    remediation="Add the volume to the pod, or mount another one; give each mount of a container a path of its own.",
)
def every_mount_has_its_volume(rendering: Rendering) -> Iterator[Check]:
    """Every volume that a container mounts is one of its pod, and no two are mounted at the same path.

    The API server refuses the pod otherwise; what a hook patches in, it has not even seen yet.
    https://kubernetes.io/docs/concepts/storage/volumes/#how-volumes-work
    """
    for container in all_containers(rendering):
        there = volumes(container.resource)
        for field, path_key in _MOUNTED:
            mounted = maps_in(container.at(field))
            paths = Counter(str(mount.get(path_key)) for mount in mounted)
            for index, mount in enumerate(mounted):
                place = f"{container.address}.{field}[{index}]"
                name, path = str(mount.get("name")), str(mount.get(path_key))
                expected = f"one of {', '.join(there) or 'no volumes'}"
                yield states(container.resource, f"{place}.name", name in there, expected=expected, actual=name)
                alone = paths[path] == 1
                yield states(container.resource, f"{place}.{path_key}", alone, expected="mounted once", actual=path)


@every_mount_has_its_volume.counterexample(manifests=HEALTHY)
def the_volume_is_left_out(rendering: Rendering) -> Rendering:
    del rendering.resources.one("StatefulSet", "web").at("spec.template.spec.volumes")[0]
    return rendering


@every_mount_has_its_volume.counterexample(manifests=HEALTHY)
def the_claim_has_another_name(rendering: Rendering) -> Rendering:
    rendering.resources.one("StatefulSet", "web").at("spec.volumeClaimTemplates[0].metadata")["name"] = "files"
    return rendering


@every_mount_has_its_volume.counterexample(manifests=HEALTHY)
def the_disk_is_no_volume(rendering: Rendering) -> Rendering:
    _web(rendering)["volumeDevices"][0]["name"] = "device"
    return rendering


@every_mount_has_its_volume.counterexample(manifests=HEALTHY)
def two_volumes_at_one_path(rendering: Rendering) -> Rendering:
    _web(rendering)["volumeMounts"].append({"name": "config", "mountPath": "/data"})
    return rendering


@policy(severity="error", remediation="Mount by `subPath` a key that the ConfigMap or Secret has; write it alike.")
def sub_paths_are_keys(rendering: Rendering) -> Iterator[Check]:
    """What a container mounts by `subPath` out of a ConfigMap or Secret is one of its keys.

    For any other name, the kubelet makes an empty folder where the program expects its file. A projected volume of
    several counts as well, and so does a `subPathExpr` without variables.
    https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
    """
    yield from reference_checks(rendering, sub_paths)


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_key_has_another_name(rendering: Rendering) -> Rendering:
    _mount(rendering, "/etc/web.conf")["subPath"] = "nginx.conf"
    return rendering


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_items_path_is_another_one(rendering: Rendering) -> Rendering:
    _mount(rendering, "/etc/one.conf")["subPath"] = "web.conf"
    return rendering


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_expression_names_no_file(rendering: Rendering) -> Rendering:
    _mount(rendering, "/etc/again.conf")["subPathExpr"] = "etc/two.conf"
    return rendering


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_projected_item_is_no_key(rendering: Rendering) -> Rendering:
    projected = rendering.resources.one("StatefulSet", "web").at("spec.template.spec.volumes[all].projected.sources")
    projected[1]["secret"]["items"][0]["key"] = "password"
    return rendering


def _web(rendering: Rendering) -> dict[str, Any]:
    return _container(rendering).manifest


def _container(rendering: Rendering) -> Container:
    return next(found for found in all_containers(rendering) if found.name == "web")


def _mount(rendering: Rendering, path: str) -> dict[str, Any]:
    return next(mount for mount in maps_in(_container(rendering).at("volumeMounts")) if mount["mountPath"] == path)
