"""What a shell script does, as far as its text says so: its commands, the files it writes, the variables it reads."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from chartgate.documents.shell.shell_words import Word, plain_name, read_word
from chartgate.documents.shell.syntax import all_nodes, is_forgiven, line_number, parsed, text_of

_WRITING = (">", ">>", ">|", "&>", "&>>")
_DEFAULTS = (":-", "-", ":+", "+", ":=", "=")
_DEMANDS = (":?", "?")
_LETTERS = {"e": "errexit", "u": "nounset"}
_OPTIONS = ("errexit", "nounset", "pipefail")
_SETTING = ("read", "mapfile", "readarray", "let")
_OF_ITSELF = frozenset(
    """
    BASH BASHOPTS BASHPID BASH_SOURCE BASH_VERSION BASH_VERSINFO BASH_REMATCH BASH_COMMAND COLUMNS COMP_WORDS DIRSTACK
    EPOCHSECONDS EPOCHREALTIME EUID FUNCNAME GROUPS HISTFILE HOME HOSTNAME HOSTTYPE IFS LANG LC_ALL LINENO LINES LOGNAME
    MACHTYPE MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS PPID PS1 PS2 PS4 PWD RANDOM REPLY SECONDS SHELL
    SHELLOPTS SHLVL SRANDOM TERM TMPDIR TZ UID USER
    """.split()  # noqa: SIM905 - a list to read
)
"""What a shell, or whatever starts the container, sets by itself.

Source: https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html
"""


@dataclass(frozen=True)
class ShellCommand:
    """One simple command of a script."""

    words: tuple[Word, ...]
    line: int
    is_forgiven: bool
    """Whether the script goes on, by its own will, where the command fails."""

    @property
    def name(self) -> str:
        """The program, without folders; empty where it is not known."""
        return (self.words[0].resolved({}) or "").rpartition("/")[2] if self.words else ""


@dataclass(frozen=True)
class Redirection:
    """A file that a command's input or output goes through."""

    target: Word
    line: int
    is_forgiven: bool
    is_output: bool


@dataclass(frozen=True)
class VariableRead:
    """A variable that a script asks for."""

    name: str
    line: int
    is_optional: bool
    """Whether the script says what counts where it is not set."""
    is_demanded: bool
    """Whether the script itself ends where it is not set: `${NAME:?}`."""


@dataclass(frozen=True)
class ShellFacts:
    """What one script does."""

    commands: tuple[ShellCommand, ...]
    redirections: tuple[Redirection, ...]
    reads: tuple[VariableRead, ...]
    sets: frozenset[str]
    """The variables that it sets anywhere, and those that any shell has."""
    constants: Mapping[str, Word]
    """The variables that it sets once."""
    functions: frozenset[str]
    is_strict: bool
    """Whether it ends at a variable that is not set: `set -u`."""
    is_open: bool
    """Whether it takes in text that is not in it, by `eval` or `.`: then it may set any variable."""
    tested: frozenset[str]
    """The words of its conditions: what it asks whether it is there."""


@functools.lru_cache(maxsize=1024)
def facts_of(script: str) -> ShellFacts | None:
    """Give what a script does; None where it is not understood."""
    root = parsed(script)
    if root is None:
        return None
    nodes = list(all_nodes(root))
    commands = tuple(_command(node) for node in nodes if node.type == "command")
    set_there = [name for node in nodes for name in _set_by(node)]
    times = Counter(set_there)
    assigned = {
        text_of(node.child_by_field_name("name")): value
        for node in nodes
        if node.type == "variable_assignment" and (value := node.child_by_field_name("value")) is not None
        if node.parent is None or node.parent.type != "command"
        if "+=" not in [child.type for child in node.children]
    }
    return ShellFacts(
        commands=commands,
        redirections=tuple(_redirections(nodes)),
        reads=tuple(_reads(nodes)),
        sets=_OF_ITSELF | set(set_there),
        constants={name: read_word(value) for name, value in assigned.items() if times[name] == 1},
        functions=frozenset(
            text_of(node.child_by_field_name("name")) for node in nodes if node.type == "function_definition"
        ),
        is_strict=any(
            "nounset" in set_options([word.text for word in command.words[1:]])
            for command in commands
            if command.name == "set"
        ),
        is_open=any(command.name in ("eval", "source", ".") for command in commands),
        tested=frozenset(filter(None, _tested(nodes))),
    )


def set_options(words: Iterable[str]) -> frozenset[str]:
    """Give those of errexit, nounset and pipefail that words like `-eu -o pipefail` switch on."""
    given = list(words)
    short = (letter for word in given if word[:1] == "-" and word[1:2] != "-" for letter in word[1:])
    return frozenset([*(_LETTERS[letter] for letter in short if letter in _LETTERS), *(set(given) & set(_OPTIONS))])


def _command(node: Node) -> ShellCommand:
    words = [child for child in node.named_children if not _is_beside(child)]
    around = node.parent
    # What follows a redirection is read as a second target of it.
    for redirect in around.named_children if around is not None and around.type == "redirected_statement" else ():
        words += redirect.children_by_field_name("destination")[1:]
    return ShellCommand(tuple(map(read_word, words)), line_number(node), is_forgiven(node))


def _is_beside(node: Node) -> bool:
    return node.type == "variable_assignment" or node.type.endswith("_redirect")


def _redirections(nodes: list[Node]) -> Iterator[Redirection]:
    for node in nodes:
        target = node.child_by_field_name("destination") if node.type == "file_redirect" else None
        marks = [child.type for child in node.children if not child.is_named]
        if target is not None and marks[:1] in (["<"], *([mark] for mark in _WRITING)):
            yield Redirection(read_word(target), line_number(node), is_forgiven(node), marks[0] != "<")


def _reads(nodes: list[Node]) -> Iterator[VariableRead]:
    for node in nodes:
        name = next((child for child in node.named_children if child.type == "variable_name"), None)
        if node.type not in ("simple_expansion", "expansion") or name is None:
            continue
        marks = {child.type for child in node.children if not child.is_named}
        if "!" in marks or not text_of(name).isidentifier():  # the variable whose name is in this one, and `$1`
            continue
        is_optional = not marks.isdisjoint(_DEFAULTS)
        yield VariableRead(text_of(name), line_number(node), is_optional, not marks.isdisjoint(_DEMANDS))


def _set_by(node: Node) -> Iterator[str]:
    """Give the variables that a node sets."""
    if node.type == "variable_assignment":
        target = node.child_by_field_name("name")
        if target is not None and target.type == "subscript":
            target = target.child_by_field_name("name")
        yield text_of(target)
    elif node.type == "for_statement":
        yield text_of(node.child_by_field_name("variable"))
    elif node.type == "expansion" and {":=", "="} & {child.type for child in node.children}:
        yield from (text_of(child) for child in node.named_children[:1])
    elif node.type == "declaration_command" and text_of(node.children[0]) != "export":
        yield from (text_of(child) for child in node.named_children if child.type == "variable_name")
    elif node.type == "command":
        words = [text_of(child) for child in node.named_children if not _is_beside(child)]
        if words and words[0] in _SETTING:
            yield from (word for word in words[1:] if word.isidentifier())
        elif words[:1] == ["getopts"] or words[:2] == ["printf", "-v"]:
            yield from words[2:3]


def _tested(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        is_test = node.type == "test_command" or (
            node.type == "command" and text_of(node.child_by_field_name("name")) in ("test", "[", "stat", "ls")
        )
        asked = node.child_by_field_name("value") if node.type == "case_statement" else node if is_test else None
        for below in all_nodes(asked) if asked is not None else ():
            if below.type in ("word", "string", "raw_string", "concatenation"):
                yield text_of(below).strip("\"'")
            elif below.type in ("simple_expansion", "expansion"):
                yield plain_name(below)
