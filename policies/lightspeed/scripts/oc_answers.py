"""The runbook's `oc` commands, answered from resources as a cluster would that has just received them.

Only what the runbook uses: `get` with its filters, and which container `logs`, `exec` and `rollout` reach.
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.contents import secret_text
from chartgate.kubernetes.links.label_selectors import matches_labels, template_labels
from chartgate.kubernetes.pods.environment import values
from chartgate.kubernetes.pods.workloads import containers, pod_template, workloads
from chartgate.model import Manifest, Missing, Resource, Resources

KINDS = {
    "configmap": ("ConfigMap",),
    "deployment": ("Deployment",),
    "job": ("Job",),
    "namespace": ("Namespace",),
    "pvc": ("PersistentVolumeClaim",),
    "secret": ("Secret",),
    "secrets": ("Secret",),
    # What has the category `all`, in Kubernetes and in OpenShift; pods come with the workloads.
    "all": (
        *("CronJob", "DaemonSet", "Deployment", "HorizontalPodAutoscaler", "Job", "ReplicaSet", "Service"),
        *("ReplicationController", "StatefulSet", "BuildConfig", "DeploymentConfig", "ImageStream", "Route"),
    ),
}
_WITH_VALUE = {"-n": "namespace", "-l": "selector", "-o": "output", "-c": "container"}


class Line(NamedTuple):
    """A line that a command prints, and the resource that it is from."""

    text: str
    resource: Resource


@dataclass(frozen=True)
class OcCommand:
    """An `oc` command in its parts: `oc VERB OBJECTS... [-n NAMESPACE] ... [-- INSIDE...] | FILTERS...`."""

    verb: str
    objects: list[str]
    options: dict[str, str]
    inside: list[str]
    filters: list[list[str]]

    @property
    def namespace(self) -> str:
        """Where it looks."""
        return self.options.get("namespace", "")


def parse(command: str) -> OcCommand:
    """Take a command apart.

    Raises:
        ValueError: it does not call oc.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        parts = [*parts, []] if word == "|" else [*parts[:-1], [*parts[-1], word]]
    words, filters = parts[0], parts[1:]
    inside = words[words.index("--") + 1 :] if "--" in words else []
    rest = iter(words[: words.index("--")] if "--" in words else words)
    if next(rest) != "oc":
        raise ValueError(f"{command!r} does not call oc")
    options: dict[str, str] = {}
    plain: list[str] = []
    for word in rest:
        if word in _WITH_VALUE:
            options[_WITH_VALUE[word]] = next(rest)
        elif word.startswith("-"):
            options[word.lstrip("-")] = ""
        else:
            plain.append(word)
    return OcCommand(plain[0], plain[1:], options, inside, filters)


def printed(command: OcCommand, resources: Resources) -> list[Line]:
    """Give what `oc get` prints, or `oc exec ... -- env`, after its filters; nothing where oc finds nothing.

    Raises:
        Missing: it enters a container that is not there.
    """
    if command.verb == "get":
        lines = _get(command, resources)
    elif command.verb == "exec" and command.inside == ["env"]:
        (reached,) = reach(command, resources)
        container = next(c for c in containers(reached.resource) if c.name == reached.text)
        lines = [Line(f"{k}={v}", reached.resource) for k, v in values(container, resources).items()]
    else:
        raise ValueError(f"no rendering says what oc {command.verb} prints")
    for program, *arguments in command.filters:
        lines = _FILTERS[program](lines, arguments)
    return lines


def reach(command: OcCommand, resources: Resources) -> list[Line]:
    """Give the container that a command reads or enters (or all of them), or the workload that it restarts.

    Raises:
        Missing: there is no such workload or container.
    """
    target = command.objects[-1] if "/" in command.objects[-1] else "/".join(command.objects[-2:])
    kind, _, name = target.partition("/")
    workload = resources.one(KINDS[kind][0], name, command.namespace)
    present = [c.name for c in containers(workload, init=False)]
    wanted = command.options.get("container", "")
    if wanted and wanted not in present:
        subject = str(workload.identity)
        raise Missing(subject, f"containers[{wanted}]", "a container", f"only {', '.join(present)}", workload.template)
    if command.verb in ("rollout", "delete"):
        return [Line(workload.name, workload)]
    # Without -c, oc takes the first one.
    default = present if "all-containers" in command.options else present[:1]
    return [Line(container, workload) for container in ([wanted] if wanted else default)]


def _get(command: OcCommand, resources: Resources) -> list[Line]:
    kind, *names = command.objects
    if kind != "pod" and kind not in KINDS:
        raise ValueError(f"oc get {kind}: known are pod, {', '.join(KINDS)}")
    objects = _pods(resources) if kind in ("pod", "all") else iter(())
    found = [
        (manifest, resource)
        for manifest, resource in [*objects, *((r.manifest, r) for r in resources.of_kind(*KINDS.get(kind, ())))]
        if command.namespace in ("", resource.namespace) and _selected(manifest, command.options.get("selector", ""))
        if not names or resource.name == names[0]
    ]
    found.sort(key=lambda pair: str(lookup(pair[0], "metadata.name")))
    output = command.options.get("output", "")
    if output == "yaml":
        return [Line(text, r) for m, r in found for text in go_yaml.dump(m, sort_keys=True).splitlines()]
    if output.startswith("jsonpath="):
        path = output.removeprefix("jsonpath=").strip("{}").lstrip(".")
        # `items[0]` is any of them: nobody promises an order.
        each = re.sub(r"^items\[0\]\.", "", path)
        lines = [Line(" ".join(_follow(_as_stored(m), each)), r) for m, r in found]
        return [line for line in lines if line.text]
    return [Line(f"{m['kind'].lower()}/{r.name}" if kind == "all" else _row(m, r), r) for m, r in found]


def _pods(resources: Resources) -> Iterator[tuple[Manifest, Resource]]:
    """Make a pod for each replica; that of a Job has come to its end."""
    for workload in workloads(resources):
        spec = pod_template(workload).map.get("spec")
        replicas = workload.at("spec.replicas") if workload.kind != "Job" else 1
        status = {"phase": "Completed" if workload.kind == "Job" else "Running"}
        for _ in range(1 if replicas is ABSENT else int(replicas)):
            metadata = {"name": workload.name, "labels": template_labels(workload)}
            yield {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status}, workload


def _row(manifest: Manifest, resource: Resource) -> str:
    """Give the columns of `oc get` that tell something: the name, and a Secret's type or a pod's status."""
    second = manifest.get("type", "Opaque") if resource.kind == "Secret" else lookup(manifest, "status.phase")
    return resource.name if second is ABSENT else f"{resource.name} {second}"


def _as_stored(manifest: Manifest) -> Manifest:
    """Write a Secret as the API gives it back: all in `data`, in base64."""
    if manifest.get("kind") != "Secret":
        return manifest
    content = secret_text(Resource(manifest, "", ""))
    return {**manifest, "data": {key: base64.b64encode(text.encode()).decode() for key, text in content.items()}}


def _follow(value: object, path: str) -> list[str]:
    """Follow a jsonpath of plain steps, with `[*]` for each item of a list."""
    head, star, tail = path.partition("[*].")
    found = lookup(value, head)
    if star:
        return [text for item in found or [] for text in _follow(item, tail)]
    return [] if found is ABSENT else [str(found)]


def _selected(manifest: Manifest, selector: str) -> bool:
    wanted = dict(part.split("=", 1) for part in selector.split(",") if part)
    return not wanted or matches_labels(wanted, lookup(manifest, "metadata.labels"))


def _grep(lines: list[Line], arguments: list[str]) -> list[Line]:
    pattern = arguments[-1] if "-E" in arguments else re.escape(arguments[-1])
    after = int(arguments[arguments.index("-A") + 1]) if "-A" in arguments else 0
    flags = re.IGNORECASE if "-i" in arguments else 0
    hits = [index for index, line in enumerate(lines) if re.search(pattern, line.text, flags)]
    kept = {index for hit in hits for index in range(hit, hit + after + 1)}
    return [line for index, line in enumerate(lines) if index in kept]


def _base64(lines: list[Line], arguments: list[str]) -> list[Line]:
    assert arguments == ["-d"]
    return [Line(base64.b64decode(line.text).decode("utf-8"), line.resource) for line in lines]


_FILTERS: dict[str, Callable[[list[Line], list[str]], list[Line]]] = {"grep": _grep, "base64": _base64}
