"""Mounts: what containers mount is a volume of their pod, and holds what they look for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.walking import scalars
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.links.object_references import sub_paths
from chartgate.kubernetes.pods.mistaken_paths import mistaken_paths
from chartgate.kubernetes.pods.volume_mounts import volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, pod_if_any, workloads
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks
from chartgate.policy.subjects import CONTAINER

from ..filled import text_of

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
            - {name: secrets, mountPath: /etc/secrets}
            - {name: data, mountPath: /var/log, subPathExpr: $(POD_NAME)}
            - {name: data, mountPath: /var/lib/store, subPathExpr: store}
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
        - {name: secrets, secret: {secretName: web}}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {web.conf: "listen 80"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {token: t}}
"""
POD = "spec.template.spec"
WEB = f"{POD}.containers[web]"
# The lists in which a container names volumes, and where it has each of them.
_SHARED = re.compile(r"\bvolumes:\s*+\{\{-? *+(?:include|template)\b")
"""A list of volumes that a named template prints."""
_MOUNTED = (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath"))


@policy(
    judges=CONTAINER,
    severity="error",
    remediation="Add the volume to the pod, or mount another one; give each mount of a container a path of its own.",
)
def every_mount_has_its_volume(container: Container) -> Iterator[Check]:
    """Every volume that a container mounts is one of its pod, and no two are mounted at the same path.

    The API server refuses the pod otherwise; what a hook patches in, it has not even seen yet.
    https://kubernetes.io/docs/concepts/storage/volumes/#how-volumes-work
    """
    there = volumes(container.resource)
    for field, path_key in _MOUNTED:
        mounted = list((container / field).maps())
        paths = Counter(str(mount.at(path_key)) for mount in mounted)
        for mount in mounted:
            name, path = mount / "name", mount / path_key
            yield states(name, str(name.value) in there, expected=f"one of {', '.join(there) or 'no volumes'}")
            yield states(path, paths[str(path.value)] == 1, expected="mounted once")


every_mount_has_its_volume.breaks(
    manifests=HEALTHY,
    the_volume_is_left_out=gone("StatefulSet web", f"{POD}.volumes[config]"),
    the_claim_has_another_name=put("StatefulSet web", "spec.volumeClaimTemplates[0].metadata.name", "files"),
    the_disk_is_no_volume=put("StatefulSet web", f"{WEB}.volumeDevices[disk].name", "device"),
    two_volumes_at_one_path=append("StatefulSet web", f"{WEB}.volumeMounts", {"name": "config", "mountPath": "/data"}),
)


@policy(severity="error", remediation="Mount by `subPath` a key that the ConfigMap or Secret has; write it alike.")
def sub_paths_are_keys(rendering: Rendering) -> Iterator[Check]:
    """What a container mounts by `subPath` out of a ConfigMap or Secret is one of its keys.

    For any other name, the kubelet makes an empty folder where the program expects its file. A projected volume of
    several counts as well, and so does a `subPathExpr` without variables.
    https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
    """
    yield from reference_checks(rendering, sub_paths)


sub_paths_are_keys.breaks(
    manifests=HEALTHY,
    the_key_has_another_name=put("StatefulSet web", f"{WEB}.volumeMounts[/etc/web.conf].subPath", "nginx.conf"),
    the_items_path_is_another_one=put("StatefulSet web", f"{WEB}.volumeMounts[/etc/one.conf].subPath", "web.conf"),
    the_expression_names_no_file=put(
        "StatefulSet web", f"{WEB}.volumeMounts[/etc/again.conf].subPathExpr", "etc/two.conf"
    ),
    the_projected_item_is_no_key=put(
        "StatefulSet web", f"{POD}.volumes[all].projected.sources[1].secret.items[0].key", "password"
    ),
)


@policy(
    severity="warning",
    remediation="Mount the volume in a container, or render it under the condition under which it is mounted.",
)
def volumes_are_mounted(rendering: Rendering) -> Iterator[Check]:
    """Every volume of a pod, or claim of its own, is mounted by one of its containers, unless the values list it.

    A Secret that only a volume names is not there for anybody: most often the volume and its mount have different
    conditions, or the mount is in the list of another container. Pods of tests are left out, and an emptyDir that its
    template mounts under another condition: it costs nothing. So is one of a list that a named template prints for
    several workloads, of which another one mounts it. An emptyDir is there for somebody to write to: one container
    mounts it without readOnly, be it under another condition. Source: https://github.com/akuity/kargo/pull/781
    https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
    """
    listed_by_users = set(scalars(rendering.scenario.overrides))
    ends = tuple(end for text in listed_by_users for end in [text.rpartition("}}")[2]] if end != text and end)
    for resources in rendering.stages:
        for workload in (workload for workload in workloads(resources) if not is_test(workload)):
            mounted = {
                str(mount.at("name"))
                for container in containers_if_any(workload)
                for field, _ in _MOUNTED
                for mount in (container / field).maps()
            }
            claims = (claim / "metadata" for claim in (workload / "spec" / "volumeClaimTemplates").maps())
            for volume in (*(pod_if_any(workload) / "volumes").maps(), *claims):
                name = volume / "name"
                passed = str(name.value) in mounted | listed_by_users or name.text.endswith(ends)
                # `name: {{ ternary "configuration" "secret" .Values.isSecret }}`
                text = text_of(rendering, workload.template)
                passed |= f'"{name.value}"' in text
                passed |= (volume / "emptyDir").is_there and text.count(f"name: {name.text}") > 1
                passed = passed or (_SHARED.search(text) is not None and _is_mounted_elsewhere(volume, resources))
                others = f", as {', '.join(sorted(mounted))}" if mounted else ""
                check = states(name, passed, expected=f"mounted{others}")
                yield with_cause(check, f"volume {name.value}")
                if (volume / "emptyDir").is_there:
                    yield from _written(workload, name.text, text)


def _written(workload: Resource, name: str, template: str) -> Iterator[Check]:
    """Expect that a container may write to an empty folder, if one mounts it, or does under another condition."""
    every = [mount for c in containers_if_any(workload) for mount in (c / "volumeMounts").maps()]
    mounts = [mount for mount in every if mount.at("name") == name]
    is_closed = all(mount.at("readOnly") is True for mount in mounts) and (
        template.count(f"name: {name}") <= len(mounts) + 1
    )
    for mount in mounts[:1]:
        actual = "readOnly, in each container, of what is empty" if is_closed else "one does"
        expected = "an emptyDir that a container may write to"
        yield states(mount / "readOnly", not is_closed, expected=expected, actual=actual)


def _is_mounted_elsewhere(volume: Place[Resource], resources: Resources) -> bool:
    """Tell whether another workload has the same volume, and mounts it."""
    return any(
        mount.at("name") == volume.at("name")
        for workload in workloads(resources)
        if any(other.map == volume.map for other in (pod_if_any(workload) / "volumes").maps())
        for container in containers_if_any(workload)
        for mount in (container / "volumeMounts").maps()
    )


volumes_are_mounted.breaks(
    manifests=HEALTHY,
    nobody_mounts_it=append("StatefulSet web", f"{POD}.volumes", {"name": "tls", "secret": {"secretName": "web"}}),
    nobody_may_write_to_it=(
        append("StatefulSet web", f"{POD}.volumes", {"name": "tmp", "emptyDir": {}}),
        append("StatefulSet web", f"{WEB}.volumeMounts", {"name": "tmp", "mountPath": "/spare", "readOnly": True}),
    ),
    nobody_mounts_the_claim=append("StatefulSet web", "spec.volumeClaimTemplates", {"metadata": {"name": "spare"}}),
)


@policy(
    severity="error",
    remediation="Write the path as it is in `mountPath`, from one named template, in the configuration as well.",
)
def named_paths_are_those_of_mounts(rendering: Rendering) -> Iterator[Check]:
    """No file that a container or its configuration names is in a folder whose name is nearly that of a mount.

    A slip of one letter between `mountPath` and a configuration shows as a file that is not there. Judged are mounts
    of ConfigMaps and Secrets, and of claims whose own folder nothing names; and what only another container of the pod
    has there, of a volume that this one has elsewhere, unnamed. Source: https://github.com/nats-io/k8s/pull/290
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            for container in containers_if_any(workload):
                for slip in mistaken_paths(container, resources):
                    yield states(
                        slip.place, False, expected=f"a path below {slip.mount}, which is mounted", actual=slip.path
                    )
                yield states(container.place(""), True, expected="paths of its mounts")


named_paths_are_those_of_mounts.breaks(
    manifests=HEALTHY,
    the_folder_has_one_letter_more=put("StatefulSet web", f"{WEB}.args", ["--token=/etc/secret/token"]),
    the_data_goes_beside_its_claim=put("StatefulSet web", f"{WEB}.args", ["--data=/var/lib/stores"]),
    only_another_container_has_it_there=(
        put("StatefulSet web", "spec.template.spec.initContainers[prepare].volumeMounts[0].mountPath", "/srv/files"),
        put("StatefulSet web", f"{WEB}.args", ["--files=/srv/files/today"]),
    ),
)
