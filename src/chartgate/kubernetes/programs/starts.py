"""What a container is told to start: its own program, its probes, the hooks of its life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.documents.shell.shell_facts import set_options
from chartgate.kubernetes.pods.expansions import expanded
from chartgate.kubernetes.pods.kubelet_requests import PROBES
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resource

SHELLS = ("sh", "bash", "dash", "ash", "ksh")
Role = Literal["program", "probe", "hook"]
_HOOKS = ("lifecycle.postStart", "lifecycle.preStop")
_IN_FRONT = ("tini", "dumb-init", "catatonit", "env", "exec", "nice", "nohup", "setsid")


@dataclass(frozen=True)
class StartWord:
    """One word of what is started: where it is written, and what the program gets of it."""

    place: Place[Resource]
    text: str


@dataclass(frozen=True)
class ShellCall:
    """A call of a shell in its parts."""

    shell: str
    options: frozenset[str]
    """Of errexit, nounset and pipefail."""
    inline: int
    """Which of the words is the script itself; -1 for none."""
    file: int
    """Which of the words is the file with the script; -1 for none."""


def literal_variables(container: Container) -> dict[str, str]:
    """Give the variables of a container whose text its own manifest has."""
    return {
        str(entry.get("name")): entry["value"]
        for entry in maps_in(container.at("env"))
        if isinstance(entry.get("value"), str) and "$(" not in entry["value"]
    }


@dataclass(frozen=True)
class Start:
    """Something that a container starts."""

    role: Role
    words: tuple[StartWord, ...]
    is_whole: bool
    """Whether the first word is the program; else that is the image's, and all words are its arguments."""


def starts(container: Container) -> Iterator[Start]:
    """Give all that a container starts."""
    known = literal_variables(container)
    lists: list[tuple[Role, list[Place[Resource]]]] = [("program", [container / "command", container / "args"])]
    lists += [("probe", [container.place(f"{probe}.exec.command")]) for probe in PROBES]
    lists += [("hook", [container.place(f"{hook}.exec.command")]) for hook in _HOOKS]
    for role, places in lists:
        words = tuple(StartWord(place, expanded(place.text, known)) for listed in places for place in listed.texts())
        if words:
            yield Start(role, words, role != "program" or bool((container / "command").value))


def without_wrappers(words: tuple[StartWord, ...]) -> tuple[StartWord, ...]:
    """Give what programs like tini start, which begin another one: `tini -- /run.sh`."""
    while words and PurePosixPath(words[0].text).name in _IN_FRONT:
        words = words[1:]
        while words and (words[0].text.startswith("-") or "=" in words[0].text):
            words = words[1:]
    return words


def shell_call(texts: list[str]) -> ShellCall | None:
    """Take a call of a shell apart; None where it is another program."""
    shell = PurePosixPath(texts[0]).name if texts else ""
    if shell not in SHELLS:
        return None
    flags: list[str] = []
    takes_text = False
    position = 1
    while position < len(texts) and (texts[position][:1] in ("-", "+") or (flags and flags[-1][-1:] == "o")):
        word = texts[position]
        position += 1
        if word in ("-", "--"):
            break
        flags.append(word)
        takes_text = takes_text or (word[:1] == "-" and word[:2] != "--" and "c" in word)
    place = position if position < len(texts) else -1
    return ShellCall(shell, set_options(flags), place if takes_text else -1, -1 if takes_text else place)
