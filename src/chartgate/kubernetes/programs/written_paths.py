"""Where scripts write to, and whether a container may write there."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from chartgate.documents.shapes import map_of
from chartgate.kubernetes.pods.volume_mounts import Mount, mount_at, mounts, volumes
from chartgate.kubernetes.pods.workloads import Container, containers_if_any
from chartgate.kubernetes.programs.carried_scripts import Script, is_asked_about, known_variables, resolved_words
from chartgate.kubernetes.programs.starts import shell_call, starts, without_wrappers

_READ_ONLY = ("configMap", "secret", "projected", "downwardAPI", "image")
"""Volumes that nobody in a pod may write to, whatever a mount says.

Source: https://kubernetes.io/docs/concepts/storage/volumes/#configmap, #secret, #projected, #downwardapi, #image
"""
_OF_IMAGES = ("bin", "etc", "home", "lib", "opt", "root", "run", "sbin", "srv", "tmp", "usr")
_OF_JOBS = ("backup", "backups", "dump", "dumps", "scratch", "work")
_OF_VAR = ("cache", "log", "run", "tmp")
"""Folders that an image hardly declares as its volumes, which the runtime would make writable; so those of Jobs."""
_OF_EACH = ("/tmp", "/var/tmp", "/run", "/var/run", "/var/log", "/var/cache", "/dev/shm")  # noqa: S108
"""Folders that each container may have of its own."""
_OF_THE_KUBELET = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/secrets")
_LAST = ("cp", "install", "ln", "mv")
_OF_OWNERS = ("chgrp", "chmod", "chown")
_ALL = ("mkdir", "mktemp", "tee", "touch", "truncate")
_AFTER = {
    "curl": ("-o", "--output"),
    "wget": ("-O", "--output-document"),
    "openssl": ("-out", "-keyout"),
    "pg_dump": ("-f", "--file"),
    "unzip": ("-d",),
}
"""Options that name a file to be written."""


@dataclass(frozen=True)
class WrittenPath:
    """A file or folder that a script makes or changes."""

    path: str
    line: int
    may_exist: bool = False
    """Whether nothing is written where it is there already: `mkdir -p`."""
    is_deep: bool = False
    """Whether all that is in it is changed: `chown -R`."""


def commands_of(container: Container) -> Iterator[Script]:
    """Give each command of a container that is started without a shell, as one would be given it."""
    for start in starts(container):
        words = without_wrappers(start.words) if start.is_whole else []
        texts = [word.text for word in words]
        if words and shell_call(texts) is None:
            yield Script(words[0].place, shlex.join(texts), "sh", frozenset(), start.role, container, is_inline=True)


def written_paths(script: Script) -> Iterator[WrittenPath]:
    """Give the absolute paths that a script writes to, as far as its text says."""
    facts = script.facts
    if facts is None:
        return
    known = known_variables(script)
    for redirection in facts.redirections:
        path = redirection.target.resolved(known)
        if path and redirection.is_output and not redirection.is_forgiven and path.startswith("/"):
            yield WrittenPath(path, redirection.line)
    for command in facts.commands:
        words = resolved_words(command, script)
        if not command.is_forgiven and not is_asked_about(command, facts):
            for path in _written_by(command.name, words):
                if path.startswith("/"):
                    is_deep = command.name in _OF_OWNERS and any(map(_is_recursive, words))
                    yield WrittenPath(path, command.line, command.name == "mkdir" and "-p" in words, is_deep)


def _written_by(name: str, words: list[str | None]) -> list[str]:
    plain = [word for word in words[1:] if word is None or not word.startswith("-")]
    if name in _ALL:
        return [word for word in plain if word]
    if name in _AFTER:
        pairs = itertools.pairwise([word or "" for word in words])
        return [word for option, word in pairs if option in _AFTER[name]]
    if name in _OF_OWNERS:
        return [word for word in plain[1:] if word]
    has_target = any(word and (word == "-t" or word.startswith("--target")) for word in words)
    is_in_place = name == "sed" and any(word and word.startswith(("-i", "--in-place")) for word in words)
    if (name in _LAST and len(plain) > 1 and not has_target) or is_in_place:
        return [word for word in plain[-1:] if word]
    return []


def _is_recursive(word: str | None) -> bool:
    return word == "--recursive" or bool(word and word[0] == "-" and word[1:2] != "-" and "R" in word)


def refusal(container: Container, written: WrittenPath) -> str:
    """Say why a container cannot write to a path; empty where it can, or where nobody knows."""
    inside = [m for m in mounts(container) if written.is_deep and PurePosixPath(m.path).is_relative_to(written.path)]
    if shown := next(((m.path, sort) for m in inside if (sort := _read_only(container, m))), None):
        return f"{shown[0]} is a mount of a {shown[1]} volume, which is read-only"
    mount = mount_at(container, written.path)
    if mount is None:
        is_closed = container.at("securityContext.readOnlyRootFilesystem") is True
        closed = "readOnlyRootFilesystem is true, and no volume is mounted there"
        return closed if is_closed and _is_of_the_image(written) else _lost(container, written.path)
    if written.may_exist and PurePosixPath(written.path) == PurePosixPath(mount.path):
        return ""
    volume = map_of(volumes(container.resource).get(mount.volume))
    if sort := _read_only(container, mount):
        return f"{mount.path} is a mount of a {sort} volume, which is read-only"
    is_read_only = mount.read_only or map_of(volume.get("persistentVolumeClaim")).get("readOnly") is True
    return f"{mount.path} is mounted read-only" if is_read_only and volume else ""


def _read_only(container: Container, mount: Mount) -> str:
    """Give the sort of the volume that is mounted, where nobody may write to it; else an empty text."""
    volume = map_of(volumes(container.resource).get(mount.volume))
    return next((field for field in _READ_ONLY if field in volume), "")


def _lost(container: Container, path: str) -> str:
    """Say who has a volume there, where what an init container writes is for a container after it."""
    for other in containers_if_any(container.resource) if container.is_init else ():
        mount = None if other.is_init else mount_at(other, path)
        kept = map_of(volumes(container.resource).get(mount.volume)) if mount else {}
        if mount and mount.path.rstrip("/") not in _OF_EACH and ("emptyDir" in kept or "persistentVolumeClaim" in kept):
            return f"{other.name} has {mount.volume} mounted at {mount.path}, and {container.name} has it not"
    return ""


def _is_of_the_image(written: WrittenPath) -> bool:
    if any(PurePosixPath(written.path).is_relative_to(path) for path in _OF_THE_KUBELET):
        return False
    parts = PurePosixPath(written.path).parts[1:]
    if written.may_exist and len(parts) < 3:
        return False
    is_new = written.path.endswith("XXX") and len(parts) == 2  # of mktemp: in the folder itself, which is no volume
    is_of_var = parts[:1] == ("var",) and len(parts) > 1 and (parts[1] in _OF_VAR or is_new)
    return bool(parts) and (parts[0] in _OF_IMAGES or (len(parts) > 1 and parts[0] in _OF_JOBS) or is_of_var)
