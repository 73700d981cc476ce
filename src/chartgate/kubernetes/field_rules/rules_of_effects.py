"""Rules over fields that the API server takes without a word, and that do not do then what they are there for.

Source: the address in each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.misspellings import nearly
from chartgate.documents.shapes import is_whole, map_of, texts_in
from chartgate.kubernetes.contents import decoded_text
from chartgate.kubernetes.field_rules.field_rule import Breach, FieldRule, Part, listed
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.workloads import variable_values, words_of
from chartgate.kubernetes.programs.starts import SHELLS, shell_call
from chartgate.kubernetes.validity.quantities import quantity

_LEAST_DEADLINE = 10
"""Seconds between two looks of the controller: what must start sooner is missed."""
_GRACE = 30
"""Seconds that a pod has to end, where it does not say."""
_SLEEP = re.compile(r"(?:^|[\s;&|/])sleep\s++(\d{1,6}+)s?+(?=$|[\s;&|])")
_LINES = re.compile(r"\n|\s(?:&&|\|\|?+|>)\s|;\s|\s--?[a-z]")
"""What no name of a file has, and a script does."""
_HEAP = re.compile(r"(?<![\w-])-Xmx(\d{1,9}+)([kKmMgG])(?!\w)")
_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3}
_PEM, _KEY = "-----BEGIN CERTIFICATE", "PRIVATE KEY-----"
_WITHOUT_BASH = ("busybox", "alpine")
_WITHOUT_SHELL = re.compile(
    r"(?:^|/)distroless/(?!.*debug)|-distroless\b|^registry\.k8s\.io/kubectl\b|^rancher/kubectl\b"
)
"""Images that hold their program alone."""
_SIDES = ("initContainers", "containers")
_CLASSES = ("system-cluster-critical", "system-node-critical")
"""What every cluster has, and the only ones that may begin with `system-`."""
_NODE_LABELS = (
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/instance-type",
)
_LABELS = "https://kubernetes.io/docs/reference/labels-annotations-taints/"


def _deadline(part: Part) -> Iterator[Breach]:
    deadline = part.place("spec.startingDeadlineSeconds")
    if is_whole(deadline.value) and 0 <= deadline.value < _LEAST_DEADLINE:
        yield Breach(deadline, str(deadline.value))


def _drain(part: Part) -> Iterator[Breach]:
    given = part / "terminationGracePeriodSeconds"
    grace = given.value if is_whole(given.value) else _GRACE
    for container in (part / "containers").maps():
        command = container.place("lifecycle.preStop.exec.command")
        text = " ".join(texts_in(command.value))
        slept = [int(found) for found in _SLEEP.findall(text)]
        if slept and sum(slept) >= grace:
            yield Breach(command, f"sleep {sum(slept)}, and terminationGracePeriodSeconds {grace}")


def _known_label(place: Part) -> Iterator[Breach]:
    label = place.text
    if label and label not in _NODE_LABELS and label.partition("/")[0].endswith("kubernetes.io"):
        held = [known for known in _NODE_LABELS if f"{known}s" == label or (known.startswith(label) and "/" in label)]
        meant = held or [known for known in nearly(label, _NODE_LABELS) if label.count(".") == known.count(".")]
        if meant:
            yield Breach(place, f"{label}, which no node has; there is {meant[0]}")


def _topology(part: Part) -> Iterator[Breach]:
    yield from _known_label(part / "topologyKey")


def _node_key(part: Part) -> Iterator[Breach]:
    yield from _known_label(part / "key")


def _read_only(part: Part) -> Iterator[Breach]:
    pod = part.place("spec.template.spec")
    mounts = [mount for side in _SIDES for it in (pod / side).maps() for mount in (it / "volumeMounts").maps()]
    for claim in part.place("spec.volumeClaimTemplates").maps():
        of_claim = [mount for mount in mounts if mount.at("name") == claim.at("metadata.name")]
        if of_claim and all(mount.at("readOnly") is True for mount in of_claim):
            yield Breach(of_claim[0] / "readOnly", "readOnly, in each container")


def _target(part: Part) -> Iterator[Breach]:
    wanted = "averageUtilization" if part.at("type") == "Utilization" else "averageValue"
    for other in listed(part, ("averageUtilization", "averageValue")):
        if other != wanted and (part / "type").text:
            yield Breach(part / other, f"{other}, and type {part.at('type')}")


def _class(part: Part) -> Iterator[Breach]:
    name = part / "priorityClassName"
    if name.text.startswith("system-") and name.text not in _CLASSES and nearly(name.text, _CLASSES):
        yield Breach(name, f"{name.text}, which no cluster has; there is {nearly(name.text, _CLASSES)[0]}")


def _option(part: Part) -> Iterator[Breach]:
    first = next(iter((part / "command").texts()), None)
    if first is not None and first.text.startswith("-"):
        yield Breach(first, f"{first.text}, an option: it belongs to args")


def _bash(part: Part) -> Iterator[Breach]:
    image = str(part.at("image")).partition("@")[0].rpartition("/")[2].partition(":")[0]
    first = next(iter((part / "command").texts()), None)
    if image in _WITHOUT_BASH and first is not None and first.text.rpartition("/")[2] == "bash":
        yield Breach(first, f"{first.text}, which {image} does not have; there is sh")


def _shell(part: Part) -> Iterator[Breach]:
    image = str(part.at("image"))
    if _WITHOUT_SHELL.search(image):
        for command in (part / "command", *(part.place(f"{probe}.exec.command") for probe in PROBES)):
            first = next(iter(command.texts()), None)
            if first is not None and first.text.rpartition("/")[2] in SHELLS:
                yield Breach(first, f"{first.text}, and {image} has no shell")


def _script(part: Part) -> Iterator[Breach]:
    image = str(part.at("image")).partition("@")[0].rpartition("/")[2].partition(":")[0]
    # Of another image, the program may be a shell; of a command, another policy tells.
    first = next(iter((part / "args").texts()), None) if not (part / "command").is_set else None
    if first is not None and image in _WITHOUT_BASH and _LINES.search(first.text.strip()):
        yield Breach(first, f"a script, which {image} takes for the name of a program: no shell reads it")


def _without_c(part: Part) -> Iterator[Breach]:
    words = words_of(part)
    call = shell_call([word.text for word in words])
    if call is not None and call.file >= 0 and _LINES.search(words[call.file].text.strip()):
        yield Breach(words[call.file], f"a script, which {call.shell} takes for the name of a file")


def _heap(part: Part) -> Iterator[Breach]:
    limit = quantity(part.at("resources.limits.memory"))
    for place in [*variable_values(part), *words_of(part)]:
        for number, unit in _HEAP.findall(place.text):
            if limit and int(number) * _BYTES[unit.lower()] >= limit:
                yield Breach(place, f"-Xmx{number}{unit}, and a limit of {part.at('resources.limits.memory')}")


def _checksum(part: Part) -> Iterator[Breach]:
    own, of_pods = part.place("metadata.annotations"), map_of(part.at("spec.template.metadata.annotations"))
    for name, place in own.entries() if own.is_map else ():
        if name.startswith("checksum/") and name not in of_pods:
            yield Breach(place, "an annotation of the object itself, whose pods stay as they are")


def _authority(part: Part) -> Iterator[Breach]:
    bundle = part.place("clientConfig.caBundle")
    once = decoded_text(bundle.text)
    if once and _PEM not in once and _PEM in decoded_text(once):
        yield Breach(bundle, "a certificate that is encoded twice")
    elif _KEY in once:
        yield Breach(bundle, "a private key")


def _everybody(part: Part) -> Iterator[Breach]:
    for direction, side in (("ingress", "from"), ("egress", "to")):
        rules = [*part.place(f"spec.{direction}").maps()]
        limited = [rule.at("ports") for rule in rules if rule.at(side) and rule.at("ports")]
        for rule in rules:
            peers, ports = rule / side, rule / "ports"
            if peers.is_there and not peers.is_set:
                yield Breach(peers, "none, which is everybody")
            elif not peers.value and ports.value in limited:
                yield Breach(ports, "everybody at ports that another rule is for peers at")


RULES_OF_EFFECTS = (
    FieldRule(
        "NetworkPolicy",
        "peers where a rule begins a list of them, or where another rule has them for the same ports",
        "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
        _everybody,
    ),
    FieldRule(
        "webhook",
        "a certificate in base64, once",
        "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook",
        _authority,
    ),
    *(
        FieldRule(
            kind,
            "a checksum in spec.template.metadata.annotations",
            "https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments",
            _checksum,
        )
        for kind in ("Deployment", "StatefulSet", "DaemonSet")
    ),
    *(
        rule
        for sort in ("container", "init container")
        for rule in (
            FieldRule(
                sort,
                "a program as the first word of command",
                "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
                _option,
            ),
            FieldRule(
                sort,
                "a shell that the image has",
                "https://busybox.net/downloads/BusyBox.html",
                _bash,
            ),
            FieldRule(
                sort,
                "an image that has a shell",
                "https://github.com/GoogleContainerTools/distroless#why-should-i-use-distroless-images",
                _shell,
            ),
            FieldRule(
                sort,
                "a program, or a shell in front of a script",
                "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
                _script,
            ),
            FieldRule(
                sort,
                "`-c` in front of a script",
                "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html",
                _without_c,
            ),
            FieldRule(
                sort,
                "a heap below the limit of memory",
                "https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html",
                _heap,
            ),
        )
    ),
    FieldRule(
        "CronJob",
        "10 seconds or more",
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
        _deadline,
    ),
    FieldRule(
        "pod",
        "a terminationGracePeriodSeconds above what a preStop hook sleeps",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        _drain,
    ),
    FieldRule("spread constraint", "a topologyKey that nodes have", _LABELS, _topology),
    FieldRule("affinity to pods", "a topologyKey that nodes have", _LABELS, _topology),
    FieldRule("node expression", "a key that nodes have", _LABELS, _node_key),
    FieldRule(
        "pod",
        "a priority class that there is",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass",
        _class,
    ),
    FieldRule(
        "resource metric",
        "the field that its type names: averageUtilization of a request, or averageValue",
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/",
        _target,
    ),
    FieldRule(
        "StatefulSet",
        "a claim for each pod that a container of it may write to",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage",
        _read_only,
    ),
)
