"""The resources once the chart's hooks have run: a hook Job that patches a workload is played by kubectl itself.

A matrix names the Job; which ConfigMap, key and workload are meant is read from that Job's manifest.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chartgate.documents.addresses import join
from chartgate.documents.shapes import map_of
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.kubernetes.links.label_selectors import matches_labels
from chartgate.kubernetes.pods.volume_mounts import config_key
from chartgate.kubernetes.pods.workloads import Container, containers
from chartgate.matrix.matrix import PatchHook
from chartgate.model import Resource, Resources
from chartgate.system.cache import OutputCache
from chartgate.system.files import write_private
from chartgate.system.store import key_of
from chartgate.system.tool_digests import program_digest
from chartgate.system.toolchain import start_tool

_EQUALS = re.compile(r"(?<![^=!\s()])(?P<key>[^=!\s()]++)\s*+==?+\s*+(?P<value>[^=!\s()]*+)")


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
                target = _target(job, hook, after)
                patched = patch(go_yaml.dump(target.manifest), _patch(job, hook, resources))
                manifest = go_yaml.load(patched, f"{hook.job}'s patch")
                if not isinstance(manifest, dict):
                    raise InputError(f"kubectl wrote something that is not a manifest: {patched!r}")
                templates = f"{target.template}, patched by {job.template}"
                replacement = Resource(manifest, templates, target.default_namespace)
                after = Resources(replacement if r.identity == target.identity else r for r in after)
    return after


def _named(job: Resource) -> str:
    return f"{job.identity} from {job.template}"


def _environment(job: Resource, variable: str) -> tuple[Container, str]:
    """Give the container that sets a variable, and its literal value."""
    for container in containers(job):
        value = container.at(f"env[{variable}].value")
        if isinstance(value, str):
            return container, value
    raise InputError(f"{_named(job)}: no container sets {variable}, which after_hooks in the matrix names")


def _target(job: Resource, hook: PatchHook, resources: Resources) -> Resource:
    _, selector = _environment(job, hook.target)
    parts = [_EQUALS.fullmatch(part.strip()) for part in selector.split(",")]
    wanted = {part["key"]: part["value"] for part in parts if part is not None}
    if None in parts:
        raise InputError(f"{_named(job)}: {hook.target}={selector!r} is not a label selector of the form key=value,...")
    deployments = [r for r in resources.of_kind("Deployment") if r.namespace == job.namespace]
    found = [r for r in deployments if matches_labels(wanted, r.at("metadata.labels"))]
    if len(found) != 1:
        names = ", ".join(r.name for r in found) or f"none{_nearest(wanted, deployments)}"
        raise InputError(f"{_named(job)}: {hook.target}={selector!r} must find one Deployment, it finds {names}")
    return found[0]


def _nearest(wanted: Mapping[str, str], deployments: Sequence[Resource]) -> str:
    """Say what the labels of the Deployment are that has most of those that are wanted; nothing where it has none."""
    having = [(sum(matches_labels({k: v}, r.at("metadata.labels")) for k, v in wanted.items()), r) for r in deployments]
    most, nearest = max(having, key=lambda each: each[0], default=(0, None))
    if nearest is None or not most:
        return ""
    labels = map_of(nearest.at("metadata.labels"))
    others = [
        f"{key}={labels[key]!r}" if key in labels else f"no {key}"
        for key, value in wanted.items()
        if labels.get(key) != value
    ]
    return f"; Deployment {nearest.name} from {nearest.template} has {' and '.join(others)}"


def _patch(job: Resource, hook: PatchHook, resources: Resources) -> str:
    """Follow the path in the Job's environment through its mounts and volumes to a ConfigMap's key."""
    container, path = _environment(job, hook.patch_file)
    name, key = config_key(container, path)
    for configmap in resources.of_kind("ConfigMap"):
        patch = configmap.at(join("data", key))
        if (configmap.name, configmap.namespace) == (name, job.namespace) and isinstance(patch, str):
            return patch
    raise InputError(f"{_named(job)}: {hook.patch_file}={path} leads to no key of a ConfigMap that the chart renders")


class KubectlPatch:
    """`kubectl patch --local`, once per distinct content."""

    def __init__(self, kubectl: Path, cache: OutputCache) -> None:
        self._kubectl = kubectl
        self._cache = cache

    def __call__(self, manifest: str, patch: str) -> str:
        """Apply a strategic merge patch.

        Raises:
            InputError: kubectl refuses it.
            ToolError: kubectl is missing or damaged, hangs, or is ended by a signal.
        """
        key = key_of(manifest, patch, str(self._kubectl))
        lasting = key_of("kubectl", manifest, patch, self.digest) if self.digest else ""
        patched = self._cache.once(f"{key}.patched.yaml", lambda: self._run(manifest, patch, key), lasting)
        return patched.decode("utf-8")

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of kubectl; empty where nothing that it gives may be kept."""
        return program_digest(self._kubectl, self._cache.store) if self._cache.store.is_used else ""

    def _run(self, manifest: str, patch: str, key: str) -> bytes:
        patch_file = self._cache.folder / f"{key}.patch.yaml"
        write_private(patch_file, patch.encode())
        arguments = ["patch", "--local", "--type=strategic", "--output=yaml"]
        arguments += [f"--patch-file={patch_file}", "--filename=-"]
        # Without a cluster and without the user's settings: HOME and KUBECONFIG lead nowhere.
        nowhere = {"HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/config"}
        output = start_tool(self._kubectl, arguments, stdin=manifest.encode(), environment=nowhere)
        if output.exit_code:
            raise InputError(f"kubectl refuses the hook's patch: {output.errors.strip()}")
        return output.stdout
