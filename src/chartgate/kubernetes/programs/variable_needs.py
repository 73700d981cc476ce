"""The variables that the scripts of a container ask for and that its manifest does not set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chartgate.kubernetes.pods.expansions import is_of_a_service, names_from_whole_objects
from chartgate.kubernetes.pods.workloads import Container, variable_values, words_of
from chartgate.kubernetes.programs.carried_scripts import Runs, Script
from chartgate.model import Resources

_MEANT = re.compile(r"[A-Z_][A-Z0-9_]{2,}+")
_OWN = re.compile(r"(?!\w*_proxy$)[a-z_][a-z0-9_]{2,}+")
"""What a script calls its own variables: an environment hardly has such."""
_BEGINS = ("APP_", "CUDA_", "GEM_", "GO", "GPG_", "JAVA_", "LC_", "NODE_", "NPM_", "NVIDIA_", "PG_", "PGDATA", "PHP_")
_ENDS = ("_DIR", "_HOME", "_OPTS", "_PATH", "_ROOT", "_VERSION")
_SHORTEST = 5
"""Letters of a name that others may be near to: `HOST` and `PORT` are as near."""


@dataclass(frozen=True)
class VariableNeed:
    """A variable that a script asks for, which is neither set by it nor given to its container."""

    script: Script
    name: str
    line: int
    is_fatal: bool
    """Whether the script ends there: `${NAME:?}`, or `set -u`."""
    is_of_another: bool
    """Whether an image may well set it (`JAVA_HOME`), the program that it puts in front, or a Service (`DB_PORT`)."""
    near: tuple[str, ...]
    """What its container is given under a name almost like it, and that no script reads; of its own, what it sets."""


def variable_needs(container: Container, runs: Runs, resources: Resources) -> Iterator[VariableNeed]:
    """Give these variables; nothing where any may come from objects, or from texts, that are not rendered."""
    facts = [script.facts for script in runs.scripts]
    there, is_known = names_from_whole_objects(container, resources)
    own = [str(entry.at("name")) for entry in (container / "env").maps()]
    if not is_known or any(fact is None for fact in facts):
        return
    understood = [fact for fact in facts if fact is not None]
    # What is sourced and known here is among the scripts; what is not may set anything.
    taken = [use.found for use in runs.uses if use.how in ("sourced", "entered")]
    sourced = sum(found is not None and found.file is not None for found in taken)
    opened = sum(command.name in ("eval", "source", ".") for fact in understood for command in fact.commands)
    if opened > sourced:
        return
    given = {*there, *own}
    set_there = {name for fact in understood for name in fact.sets}
    read = {found.name for fact in understood for found in fact.reads}
    # Whoever sets `RESTORE`, about which a script asks first, sets `RESTORE_FROM` as well.
    asked = {f"{name}_" for fact in understood for name in fact.tested if name not in given and name not in set_there}
    unread = sorted(name for name in given - read if not _is_used(name, container))
    for script, fact in zip(runs.scripts, understood, strict=True):
        is_strict = fact.is_strict or "nounset" in script.options
        for name in dict.fromkeys(found.name for found in fact.reads):
            of_name = [found for found in fact.reads if found.name == name]
            if name in given or name in set_there or any(found.is_optional for found in of_name):
                continue
            if _OWN.fullmatch(name) and (near := tuple(sorted(o for o in fact.sets if is_near(name, o)))):
                yield VariableNeed(script, name, of_name[0].line, is_strict, is_of_another=False, near=near)
            is_meant = _MEANT.fullmatch(name) and name not in fact.tested and not name.startswith(tuple(asked))
            if is_meant and not name.startswith("KUBERNETES_"):
                is_fatal = is_strict or any(found.is_demanded for found in of_name)
                near = tuple(other for other in unread if is_near(name, other))
                is_behind_another = script.role == "program" and not (container / "command").value
                is_usual = name.startswith(_BEGINS) or name.endswith(_ENDS) or is_of_a_service(name)
                is_of_another = is_behind_another or is_usual
                yield VariableNeed(script, name, of_name[0].line, is_fatal, is_of_another, near)


def is_near(one: str, other: str) -> bool:
    """Tell whether two names of variables are probably meant to be the same one.

    They differ in underscores only, or in one letter: another one, one more, one less, or two that changed places.
    """
    if min(len(one), len(other)) < _SHORTEST:
        return False
    if one.replace("_", "") == other.replace("_", ""):
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    place = next((i for i, letter in enumerate(shorter) if letter != longer[i]), len(shorter))
    changed = {*shorter[place : place + 1], longer[place]}
    if not all(letter.isalpha() for letter in changed):  # `HOST_1` and `HOST_2` are two
        return False
    if len(shorter) < len(longer):
        return shorter[place:] == longer[place + 1 :]
    swapped = shorter[:place] + shorter[place + 1 : place + 2] + shorter[place] + shorter[place + 2 :]
    return swapped == longer or shorter[place + 1 :] == longer[place + 1 :]


def _is_used(name: str, container: Container) -> bool:
    """Tell whether Kubernetes itself puts a variable into another one, or into an argument."""
    return any(f"$({name})" in place.text for place in [*variable_values(container), *words_of(container)])
