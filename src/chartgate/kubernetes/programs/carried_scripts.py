"""The scripts of a release: those in the commands of containers, and those in mounted ConfigMaps and Secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from chartgate.documents.places import Place
from chartgate.documents.shell.shell_facts import ShellCommand, ShellFacts, facts_of, set_options
from chartgate.kubernetes.contents import decoded
from chartgate.kubernetes.pods.mounted_files import PathInMount, path_in_mount
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.kubernetes.programs.starts import (
    SHELLS,
    Role,
    Start,
    literal_variables,
    shell_call,
    starts,
    without_wrappers,
)
from chartgate.model import Resource, Resources

_SHEBANG = re.compile(r"#![ \t]*+(?P<program>[^\s]++)[ \t]*+(?P<rest>[^\r\n]*+)")
_PATH = re.compile(r"/[\w.@+/-]++")
_ASSIGNED_PATH = re.compile(r"(?:-{0,2}[\w.-]++=)?(?P<path>/[\w.@+/-]++)")
_MOST_SCRIPTS = 64
"""That one container may run; scripts that call each other in circles come to an end before."""

How = Literal["started", "executed", "interpreted", "sourced", "entered", "named"]
"""Started by the kubelet, executed or interpreted by a shell, sourced, or only named among the arguments.

Entered is what the text of a command sources as the last thing that it does: the rest of the program is there.
"""


@dataclass(frozen=True)
class Script:
    """A script that somebody runs."""

    place: Place[Resource]
    text: str
    shell: str
    options: frozenset[str]
    """What its shell is started with, of errexit, nounset and pipefail."""
    role: Role
    container: Container | None = None
    """Which runs it; None for one that nobody in the release does."""
    is_inline: bool = False
    is_sourced: bool = False

    @property
    def key(self) -> tuple[int, str, str, bool]:
        """What makes two scripts of a container the same."""
        return id(self.place.owner), self.place.address, self.shell, self.is_sourced

    @property
    def facts(self) -> ShellFacts | None:
        """What it does; None where it is not understood."""
        return facts_of(self.text)


@dataclass(frozen=True)
class FileUse:
    """A file that is run or named, and what is done with it."""

    place: Place[Resource]
    """Where it is named."""
    line: int
    """In the script that is there; 0 for a word of a command."""
    path: str
    how: How
    found: PathInMount | None
    """What is there; None where it is in no mount that is known."""

    @property
    def is_run(self) -> bool:
        """Whether it is a program."""
        return self.how != "named"


@dataclass(frozen=True)
class Runs:
    """All that a container runs."""

    scripts: tuple[Script, ...]
    uses: tuple[FileUse, ...]


def runs_of(container: Container, resources: Resources) -> Runs:
    """Give the scripts that a container runs, those that they call in turn, and the files that they name."""
    follower = _Follower(container, resources)
    for start in starts(container):
        follower.start(start)
    return Runs(tuple(follower.scripts), tuple(follower.uses))


def shebang_of(text: str) -> tuple[str, frozenset[str]] | None:
    """Give the program that a script names in its first line, and its options; None where there is no such line."""
    found = _SHEBANG.match(text)
    if found is None:
        return None
    words = [found["program"], *found["rest"].split()]
    if words[0].endswith("/env"):
        words = [word for word in words[1:] if word != "-S"] or [""]
    return words[0].rpartition("/")[2], set_options(words[1:])


def resolved_words(command: ShellCommand, script: Script) -> list[str | None]:
    """Give the words of a command as the program gets them; None for one that is not known."""
    known = known_variables(script)
    return [word.resolved(known) for word in command.words]


def known_variables(script: Script) -> dict[str, str]:
    """Give the variables whose text is known while a script runs: those it sets once, and literals of its container."""
    facts = script.facts
    given = literal_variables(script.container) if script.container is not None else {}
    if facts is None or facts.is_open:
        return {}
    known = {name: text for name, text in given.items() if name not in facts.sets}
    for name, word in facts.constants.items():
        text = word.resolved(known)
        if text is not None:
            known[name] = text
    return known


def text_of_key(place: Place[Resource]) -> str | None:
    """Give the text of a key of a ConfigMap or a Secret; None where it is none."""
    if not isinstance(place.value, str):
        return None
    is_encoded = place.owner.kind == "Secret" and place.address.startswith("data")
    try:
        return decoded(place.value).decode("utf-8") if is_encoded else place.value
    except ValueError:
        return None


class _Follower:
    """Follows what a container starts from script to script."""

    def __init__(self, container: Container, resources: Resources) -> None:
        self.container = container
        self.resources = resources
        self.folder = (container / "workingDir").text or None
        self.scripts: list[Script] = []
        self.uses: list[FileUse] = []

    def start(self, start: Start) -> None:
        role, words = start.role, without_wrappers(start.words)
        texts = [_from(self.folder, word.text) or "" for word in words]
        if not words:
            return
        call = shell_call(texts)
        ran = (0 if start.is_whole else -1) if call is None else call.file
        if call is None:
            if start.is_whole:
                self._file(words[0].place, 0, texts[0], "started", role, "sh", frozenset())
        elif call.inline >= 0:
            script = words[call.inline]
            self._add(Script(script.place, script.text, call.shell, call.options, role, self.container, is_inline=True))
            return
        elif call.file >= 0:
            self._file(words[call.file].place, 0, texts[call.file], "interpreted", role, call.shell, call.options)
        for word in words[ran + 1 :]:
            self._named(word.place, 0, word.text)

    def _add(self, script: Script) -> None:
        if len(self.scripts) >= _MOST_SCRIPTS or script.key in [other.key for other in self.scripts]:
            return
        self.scripts.append(script)
        facts = script.facts
        if facts is None:
            return
        moves = [command for command in facts.commands if command.name == "cd"]
        folder = self.folder
        for command in facts.commands:
            if command.name == "cd":
                # Where there are several, some may be in parts that do not run.
                folder = (resolved_words(command, script)[1:2] or [None])[0] if len(moves) == 1 else None
            self._command(command, script, facts, folder)
        known = known_variables(script)
        for redirection in facts.redirections:
            path = redirection.target.resolved(known)
            is_asked_about = redirection.is_forgiven or not facts.tested.isdisjoint(
                [redirection.target.text, path or ""]
            )
            if path and not redirection.is_output and not is_asked_about:
                self._named(script.place, redirection.line, path)

    def _command(self, command: ShellCommand, script: Script, facts: ShellFacts, folder: str | None) -> None:
        words = [_from(folder, word) for word in resolved_words(command, script)]
        if words[:1] == ["exec"]:
            words = words[1:]
        if not words or words[0] is None or is_asked_about(command, facts):
            return
        texts = ["" if word is None else word for word in words]
        at, line = script.place, command.line
        call = shell_call(texts)
        ran = 0
        if texts[0] in (".", "source") and len(texts) > 1:
            ran = 1
            how: How = "entered" if script.is_inline and command is facts.commands[-1] else "sourced"
            self._file(at, line, texts[1], how, script.role, script.shell, script.options | _set_by(facts))
        elif call is not None:
            ran = max(call.file, call.inline, 0)
            if call.file >= 0:
                self._file(at, line, texts[call.file], "interpreted", script.role, call.shell, call.options)
        else:
            self._file(at, line, texts[0], "executed", script.role, script.shell, frozenset())
        if command.is_forgiven or command.name in ("rm", "mkdir", "touch", "echo", "printf", "test", "["):
            return
        for text in texts[ran + 1 :]:
            self._named(at, line, text)

    def _file(
        self,
        place: Place[Resource],
        line: int,
        path: str,
        how: How,
        role: Role,
        shell: str,
        options: frozenset[str],
    ) -> None:
        """Note a file that is run, and go on with the script that is in it."""
        if not _PATH.fullmatch(path):
            return
        found = path_in_mount(self.container, path, self.resources)
        self.uses.append(FileUse(place, line, path, how, found))
        text = text_of_key(found.file.place) if found is not None and found.file is not None else None
        if found is None or found.file is None or text is None:
            return
        named = shebang_of(text)
        if how in ("started", "executed") and named is not None:
            shell, options = named
        if shell in SHELLS:
            is_sourced = how == "sourced"
            container = self.container
            self._add(Script(found.file.place, text, shell, options, role, container, is_sourced=is_sourced))

    def _named(self, place: Place[Resource], line: int, text: str) -> None:
        named = _ASSIGNED_PATH.fullmatch(text)
        found = path_in_mount(self.container, named["path"], self.resources) if named else None
        if named and found is not None:
            self.uses.append(FileUse(place, line, named["path"], "named", found))


def _set_by(facts: ShellFacts) -> frozenset[str]:
    """Give the options that a script sets itself, of errexit, nounset and pipefail."""
    settings = [[word.text for word in command.words[1:]] for command in facts.commands if command.name == "set"]
    return frozenset(option for words in settings for option in set_options(words))


def _from(folder: str | None, word: str | None) -> str | None:
    """Give a word, and one like `./run.sh` as the path that it is in a folder."""
    if folder and word and folder.startswith("/") and word.startswith("./"):
        return str(PurePosixPath(folder) / word)
    return word


def is_asked_about(command: ShellCommand, facts: ShellFacts) -> bool:
    """Tell whether a script asks first whether something that a command names is there."""
    return any(
        word.text.strip("\"'") in facts.tested
        or any(is_variable and text in facts.tested for text, is_variable in word.parts or ())
        for word in command.words
    )


def runs_in(resources: Resources) -> list[tuple[Container, Runs]]:
    """Give what each container of a release runs."""
    return [(c, runs_of(c, resources)) for workload in workloads(resources) for c in containers_if_any(workload)]


def scripts_in(resources: Resources) -> list[Script]:
    """Give all scripts of a release, once each: those that containers run, and those that begin like one."""
    found = {script.key: script for _, runs in resources.indexed(runs_in) for script in runs.scripts}
    run = {(owner, address) for owner, address, _, _ in found}
    unrun = (script for config in resources.of_kind("ConfigMap") for script in unrun_scripts(config, run))
    return [*found.values(), *unrun]


def unrun_scripts(resource: Resource, run: set[tuple[int, str]]) -> Iterator[Script]:
    """Give the scripts of a ConfigMap by their first line, but for those that somebody is known to run.

    Args:
        resource: the ConfigMap.
        run: the identity (`id`) of the owner and the address of each key that is run.
    """
    for _, place in (resource / "data").entries():
        named = shebang_of(place.text)
        if named is not None and named[0] in SHELLS and (id(resource), place.address) not in run:
            yield Script(place, place.text, named[0], named[1], "program")
