"""The resources once the chart's hooks have run: a hook Job that patches a workload is played by kubectl itself.

A matrix names the Job; which ConfigMap, key and workload are meant is read from that Job's manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from chartgate import documents
from chartgate.errors import InputError
from chartgate.files import write_whole
from chartgate.model import Resource, Resources
from chartgate.processes import start
from chartgate.runs import Runs
from chartgate.workloads import containers, pod_spec


@dataclass(frozen=True)
class PatchHook:
    """A Job that patches a workload.

    `patch_file` and `target` are the names of two environment variables of the Job: the path of the mounted
    patch, and the label selector of the Deployment it is for.
    """

    job: str
    patch_file: str
    target: str


Patcher = Callable[[str, str], str]
"""From a manifest and a strategic merge patch, both YAML text, to the patched manifest."""


def run_hooks(resources: Resources, hooks: tuple[PatchHook, ...], patch: Patcher) -> Resources:
    """Give the resources as they are after these hooks; the same ones where no such Job is rendered.

    Raises:
        InputError: a Job does not say what it patches, or kubectl refuses the patch.
    """
    after = Resources(resources)
    for hook in hooks:
        for job in resources.of_kind("Job"):
            if job.name == hook.job:
                target = _target(job, hook, resources)
                patched = patch(documents.dump(target.manifest), _patch(job, hook, resources))
                manifest = documents.load(patched, f"{hook.job}'s patch")
                replacement = Resource(manifest, target.template, target.default_namespace)
                after = Resources(replacement if r.identity == target.identity else r for r in after)
    return after


def _environment(job: Resource, variable: str) -> str:
    for container in containers(job):
        value = container.at(f"env[{variable}].value")
        if isinstance(value, str):
            return value
    raise InputError(f"{job.identity}: no container sets {variable}, which after_hooks in the matrix names")


def _target(job: Resource, hook: PatchHook, resources: Resources) -> Resource:
    selector = _environment(job, hook.target)
    wanted = dict(part.split("=", 1) for part in selector.split(",") if "=" in part)
    found = [
        r
        for r in resources.of_kind("Deployment")
        if r.namespace == job.namespace and wanted and wanted.items() <= _labels(r).items()
    ]
    if len(found) != 1:
        names = ", ".join(r.name for r in found) or "none"
        raise InputError(f"{job.identity}: {hook.target}={selector!r} must find one Deployment, it finds {names}")
    return found[0]


def _labels(resource: Resource) -> dict[str, Any]:
    return dict(resource.manifest["metadata"].get("labels") or {})


def _patch(job: Resource, hook: PatchHook, resources: Resources) -> str:
    """Follow the path in the Job's environment through its mounts and volumes to a ConfigMap's key."""
    path = PurePosixPath(_environment(job, hook.patch_file))
    volumes = {volume["name"]: volume for volume in pod_spec(job)[1].get("volumes") or []}
    for container in containers(job):
        for mount in container.manifest.get("volumeMounts") or []:
            source = volumes.get(mount["name"], {}).get("configMap")
            place = PurePosixPath(mount["mountPath"])
            if source is None or not path.is_relative_to(place):
                continue
            key = mount.get("subPath") or str(path.relative_to(place))
            key = next((item["key"] for item in source.get("items") or [] if item["path"] == key), key)
            text = resources.one("ConfigMap", source["name"], job.namespace).manifest.get("data", {}).get(key)
            if isinstance(text, str):
                return text
    raise InputError(f"{job.identity}: {hook.patch_file}={path} leads to no key of a ConfigMap that the chart renders")


class KubectlPatch:
    """`kubectl patch --local`, once per distinct content."""

    def __init__(self, kubectl: Path, runs: Runs) -> None:
        self._kubectl = kubectl
        self._runs = runs

    def __call__(self, manifest: str, patch: str) -> str:
        """Apply a strategic merge patch.

        Raises:
            InputError: kubectl refuses it.
            ToolError: kubectl is missing or hangs.
        """
        key = hashlib.sha256(json.dumps([manifest, patch, str(self._kubectl)]).encode()).hexdigest()[:32]
        return self._runs.once(f"{key}.patched.yaml", lambda: self._run(manifest, patch, key)).decode("utf-8")

    def _run(self, manifest: str, patch: str, key: str) -> bytes:
        patch_file = self._runs.folder / f"{key}.patch.yaml"
        write_whole(patch_file, patch.encode())
        command: list[str | Path] = [
            self._kubectl,
            "patch",
            "--local",
            "--type=strategic",
            f"--patch-file={patch_file}",
        ]
        # Without a cluster and without the user's settings: HOME and KUBECONFIG lead nowhere.
        nowhere = {"HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/config"}
        output = start([*command, "--filename", "-", "--output", "yaml"], stdin=manifest.encode(), environment=nowhere)
        if output.exit_code:
            raise InputError(f"kubectl refuses the hook's patch: {output.errors.strip()}")
        return output.stdout
