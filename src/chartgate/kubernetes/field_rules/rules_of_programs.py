"""Rules over what the program of a container is given, and does not get as it is meant.

Source: the address in each row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from chartgate.documents.shapes import texts_in
from chartgate.kubernetes.field_rules.field_rule import Breach, FieldRule, Part
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.workloads import words_of
from chartgate.kubernetes.programs.starts import SHELLS

_NAMED = re.compile(r"(?<![\\$\w])\$(?:\{([A-Za-z_]\w*+)\}|([A-Z_][A-Z0-9_]*+)(?![\w({]))")
"""A variable as a shell asks for it."""
_REPLACED = re.compile(r"(?<!\$)\$\(([A-Za-z_]\w*+)\)")
_REPLACE = ("envsubst", "eval", "java", "spring", "quarkus", "gomplate")
"""What replaces such variables itself, by a word of the command, the image or the name of the variable."""
_OF_A_SHELL = re.compile(r"(?:OPTS|OPTIONS|ARGS|ARGUMENTS|FLAGS|COMMAND|CMD|SCRIPT)\Z")
_LISTENING = {"postgres": 5432, "mysql": 3306, "mongodb": 27017, "redis": 6379, "amqp": 5672}
"""The port of each database, and what its addresses begin with."""
_ALIKE = {"postgresql": "postgres", "mariadb": "mysql", "rediss": "redis", "valkey": "redis", "amqps": "amqp"}
_NO_DASH = re.compile(r"[elux]{0,3}c\Z")
_ADDRESS = re.compile(r"(?<![\w.-])([a-z]{3,12})(?:\+\w++)?+://(?:[^\s/?#,@]*+@)?+[^\s/?#,:@]*+:(\d{4,5})(?![\w.:@-])")

_NGINX = re.compile(r"(?:^|(?<!bitnami)(?<!bitnamilegacy)/)nginx(-unprivileged)?(?=[:@]|\Z)")
_OWN = ("/etc/nginx", "/etc/nginx/nginx.conf")
"""A configuration of its own, which may have it write elsewhere."""
_WRITTEN = (("/var/cache/nginx", "/var", "/run", "/tmp"), ("/tmp",))  # noqa: S108 (where nginx writes)


def _dollar(part: Part) -> Iterator[Breach]:
    variables = {str(variable.at("name")): variable for variable in (part / "env").maps()}
    started = [*texts_in(part.at("command")), *texts_in(part.at("args")), str(part.at("image"))]
    if not variables or any(word in text.lower() for text in started for word in _REPLACE):
        return
    command = "Kubernetes replaces $({name})"
    for word in _words(part / "command", part / "args"):
        yield from _asking(_NAMED, word, variables, command)
    # Of what a probe runs, Kubernetes replaces variables of a fixed value only.
    fixed = {name for name, variable in variables.items() if isinstance(variable.at("value"), str)}
    for probe in PROBES:
        for word in _words(part.place(f"{probe}.exec.command")):
            yield from _asking(_NAMED, word, variables, "run it by sh -c")
            yield from _asking(_REPLACED, word, variables.keys() - fixed, "run it by sh -c, with ${name}")
    for name, variable in variables.items():
        value = variable / "value"
        is_script = any(mark in value.text for mark in " \n;") or _OF_A_SHELL.search(name)
        if not is_script and not any(word in name.lower() for word in _REPLACE) and "jdbc:" not in value.text:
            yield from _asking(_NAMED, value, variables, command)


def _dash(part: Part) -> Iterator[Breach]:
    words = words_of(part)
    for shell, option, script in zip(words, words[1:], words[2:], strict=False):
        if shell.text.rpartition("/")[2] in SHELLS and _NO_DASH.match(option.text) and " " in script.text:
            yield Breach(option, f"{option.text}, which {shell.text} takes for a file")


def _words(*lists: Part) -> list[Part]:
    """Give the words that a program is started with, but for those of a shell."""
    words = [word for listed in lists for word in listed.texts()]
    known = (*SHELLS, "shell")  # what images call the one that they bring
    is_of_a_shell = any(word.text.rpartition("/")[2] in known or word.text.startswith("-c") for word in words)
    return [] if is_of_a_shell else words


def _asking(pattern: re.Pattern[str], place: Part, names: Collection[str], instead: str) -> Iterator[Breach]:
    asked = {found[found.lastindex or 0]: found[0] for found in pattern.finditer(place.text)}
    for name, text in asked.items():
        if name in names:
            yield Breach(place, f"{text}, and no shell reads it: {instead.format(name=name)}")


def _port(part: Part) -> Iterator[Breach]:
    places = [*(it / "value" for it in (part / "env").maps()), *(part / "command").texts(), *(part / "args").texts()]
    for place in places:
        for scheme, port in _ADDRESS.findall(place.text) if "://" in place.text else ():
            own = _ALIKE.get(scheme, scheme)
            other = next((name for name, number in _LISTENING.items() if number == int(port)), own)
            if own in _LISTENING and other != own:
                yield Breach(place, f"{scheme}:// at {port}, the port of {other}; its own is {_LISTENING[own]}")


def _user(container: Part, of_pod: Part) -> int:
    """Give the user that a container is told to run as, 0 also where nobody says."""
    users = (container.at("securityContext.runAsUser"), of_pod.at("runAsUser"))
    return next((user for user in users if isinstance(user, int)), 0)


def _group(part: Part) -> Iterator[Breach]:
    of_pod = part / "securityContext"
    has_a_group = (of_pod / "fsGroup").is_set or (of_pod / "supplementalGroups").is_set
    # An init container may run as root, and change the owner.
    if has_a_group or any(_user(container, of_pod) == 0 for container in (part / "initContainers").maps()):
        return
    volumes = {volume.at("name"): volume for volume in (part / "volumes").maps()}
    for container in (part / "containers").maps():
        user = _user(container, of_pod)
        for mount in (container / "volumeMounts").maps() if user else ():
            volume = volumes.get(mount.at("name"))
            # What no volume of the pod is comes from a claim template.
            is_claim = volume is None or (volume / "persistentVolumeClaim").is_set
            if is_claim and mount.at("readOnly") is not True:
                yield Breach(of_pod, f"no fsGroup, and user {user} writes to {mount.at('mountPath')}")
                return


def _closed(part: Part) -> Iterator[Breach]:
    found, closed = _NGINX.search(str(part.at("image"))), part.place("securityContext.readOnlyRootFilesystem")
    if found and closed.value is True:
        folders, *others = _WRITTEN[1 if found[1] else 0]
        mounts = [(mount / "mountPath").text for mount in (part / "volumeMounts").maps()]
        if not any(mount in _OWN or mount.startswith((folders, *others)) for mount in mounts):
            yield Breach(closed, f"true, and no volume at {folders}, where nginx writes as it starts")


RULES_OF_PROGRAMS = (
    FieldRule(
        "container",
        "a root that may be written to, or volumes where the program writes",
        "https://github.com/docker-library/docs/blob/master/nginx/README.md#running-nginx-in-read-only-mode",
        _closed,
    ),
    *(
        rule
        for sort in ("container", "init container")
        for rule in (
            FieldRule(
                sort,
                "variables as they are replaced: $(NAME), where no shell reads them",
                "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
                _dollar,
            ),
            FieldRule(
                sort,
                "a dash in front of the c by which a shell takes its script",
                "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html",
                _dash,
            ),
            FieldRule(
                sort,
                "the port of the database that the address names",
                "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.xhtml",
                _port,
            ),
        )
    ),
    FieldRule(
        "pod",
        "an fsGroup, where a user other than root writes to a claim",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod",
        _group,
    ),
)
