"""The commands of a script whose failure nobody sees: the script goes on, and ends well.

Source: https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html, `-e` and `-o pipefail`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from chartgate.documents.shell.shell_facts import set_options
from chartgate.documents.shell.shell_words import read_word
from chartgate.documents.shell.syntax import all_nodes, conditions, is_forgiven, line_number, parsed, text_of

_HARMLESS = frozenset(
    """
    : [ [[ alias break cat cd chgrp chmod chown clear continue date declare echo env exec exit export false find hash
    hostname id kill ln local ls mkdir nproc printenv printf ps pwd read readonly return rm set shift shopt sleep
    source sync test touch trap true tty type typeset ulimit umask uname unset wait whoami which command . let
    getopts
    """.split()  # noqa: SIM905 - a list to read
)
"""Which hardly fail, which only tell something, or without which the next command fails."""
_TAKING_NOTHING = frozenset(
    """
    aws awk base64 bash bzip2 cat cut gpg gsutil gzip jq lz4 mail mc mysql openssl pigz psql rclone sed sh sort split
    tail tee tr uniq wc xargs xz zstd
    """.split()  # noqa: SIM905 - a list to read
)
"""Which end well where they get no input at all."""
_MEANT_TO_FAIL = frozenset(
    "create createdb createuser delete del drop get grep kill mb pkill rm rmdir stop uninstall unset".split()  # noqa: SIM905 - a list to read
)
"""What is there, or gone, already: the usual reason to go on."""
_DEALS = re.compile(r"\$\?|PIPESTATUS|(?<![\w-])trap\s")
_IGNORING = frozenset([":", "true", "yes", "echo", "printf"])
_LEAVING = frozenset(["break", "continue", "exit", "return"])
_LOOPS = ("while_statement", "for_statement", "c_style_for_statement")


@dataclass(frozen=True)
class LostFailure:
    """A command whose failure is lost, and how."""

    command: str
    line: int
    how: str


@functools.lru_cache(maxsize=1024)
def lost_failure(script: str, options: frozenset[str]) -> LostFailure | None:
    """Give the first failure that a script loses; None for none, and for a script that is not understood.

    Args:
        script: its text.
        options: what its shell is started with, of `errexit` and `pipefail`.
    """
    root = parsed(script)
    # Whoever looks at `$?` or sets a trap deals with failures in ways that are not followed here.
    if root is None or _DEALS.search(script):
        return None
    settings = [text_of(node) for node in all_nodes(root) if _name(node) == "set"]
    if any(" +e" in text or "+o errexit" in text for text in settings):
        return None
    on = options | frozenset(option for text in settings for option in set_options(text.split()[1:]))
    found = _ignored(root)
    if found is None and "pipefail" not in on:
        found = next(_lost_in_pipes(root), None)
    if found is None and "errexit" not in on:
        found = next(_run_over(root, is_last=True, functions=_functions(root)), None)
    return found


def _ignored(root: Node) -> LostFailure | None:
    """Give the last command that does anything, where it is followed by `|| true`."""
    statements = [node for node in _statements(root) if not _is_harmless(node)]
    last = statements[-1] if statements else None
    if last is not None and last.type == "if_statement":
        return next(filter(None, map(_ignored, _branches(last))), None)
    if last is None or last.type != "list" or text_of(last.children[1]) != "||":
        return None
    command, instead = last.children[0], _core(last.children[2])
    if _name(instead) in _IGNORING and not _is_harmless(command) and not _may_fail(command):
        return _lost(command, f"`|| {text_of(instead)}` makes a success of its failure")
    return None


def _lost_in_pipes(root: Node) -> Iterator[LostFailure]:
    for node in all_nodes(root):
        is_inside = any(above.type in ("process_substitution", "command_substitution") for above in _above(node))
        if node.type != "pipeline" or is_inside or is_forgiven(node):
            continue
        first, last = node.named_children[0], node.named_children[-1]
        if _name(_core(last)) in _TAKING_NOTHING and not _is_harmless(first) and not _may_fail(first):
            yield _lost(first, f"the pipe into {_name(_core(last))} ends well when it fails, without `set -o pipefail`")


def _run_over(node: Node, *, is_last: bool, functions: frozenset[str]) -> Iterator[LostFailure]:
    """Give the commands of a sequence, and of those in it, that are not its last and that nobody asks about."""
    statements = list(_statements(node))
    for number, statement in enumerate(statements):
        if any(map(_is_failure, statements[number + 1 :])):
            continue
        ends = is_last and number == len(statements) - 1
        inner = _core(statement)
        body = inner.child_by_field_name("body") or inner
        if inner.type in ("if_statement", "case_statement"):
            for branch in _branches(inner):
                yield from _run_over(branch, is_last=ends, functions=functions)
        elif inner.type in _LOOPS:
            yield from _run_over(body, is_last=False, functions=functions) if not _is_retried(inner) else ()
        elif inner.type == "function_definition":
            yield from _run_over(body, is_last=True, functions=functions)
        elif inner.type in ("compound_statement", "subshell"):
            yield from _run_over(inner, is_last=ends, functions=functions)
        elif not ends and not _is_in_background(statement):
            lost = _lost_of(inner, functions)
            if lost is not None:
                yield lost


def _is_failure(node: Node) -> bool:
    """Tell whether a statement ends the script in failure, whatever happened before."""
    words = text_of(node).split()
    return words[:1] in (["exit"], ["return"]) and words[1:2] not in ([], ["0"])


def _lost_of(node: Node, functions: frozenset[str]) -> LostFailure | None:
    if node.type == "list":
        if text_of(node.children[1]) != "&&":
            return None
        left, right = _core(node.children[0]), _core(node.children[2])
        is_condition = _name(right) in _LEAVING
        return (None if is_condition else _lost_of(left, functions)) or _lost_of(right, functions)
    if node.type not in ("command", "pipeline"):
        return None
    command = _core(node.named_children[-1]) if node.type == "pipeline" else node
    if _is_harmless(command) or _may_fail(command) or not _name(command) or _name(command) in functions:
        return None
    return _lost(node, "what follows runs all the same, without `set -e`")


def _is_retried(node: Node) -> bool:
    """Tell whether a loop goes on until something succeeds: it reads nothing, and counts nothing."""
    return node.type == "while_statement" and all(_name(_core(asked)) != "read" for asked in conditions(node))


def _lost(node: Node, how: str) -> LostFailure:
    text = " ".join(text_of(node).split())
    return LostFailure(text if len(text) <= 60 else f"{text[:57]}...", line_number(node), how)


def _statements(node: Node) -> Iterator[Node]:
    decided_by = {condition.id for condition in conditions(node)}
    for child in node.named_children:
        if child.type not in ("comment", "elif_clause", "else_clause", "word") and child.id not in decided_by:
            yield child


def _branches(node: Node) -> Iterator[Node]:
    if node.type == "if_statement":
        yield node
    yield from (child for child in node.named_children if child.type in ("elif_clause", "else_clause", "case_item"))


def _core(node: Node) -> Node:
    """Give a statement without its redirections."""
    while node.type == "redirected_statement":
        node = node.child_by_field_name("body") or node.children[0]
    return node


def _above(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _is_in_background(node: Node) -> bool:
    after = node.next_sibling
    return after is not None and after.type == "&"


def _name(node: Node) -> str:
    if node.type == "test_command":
        return "["
    if node.type in ("declaration_command", "unset_command"):
        return text_of(node.children[0])
    name = node.child_by_field_name("name") if node.type == "command" else None
    return (read_word(name).resolved({}) or "").rpartition("/")[2] if name is not None else ""


def _is_harmless(node: Node) -> bool:
    inner = _core(node)
    return inner.type in ("variable_assignment", "variable_assignments") or _name(inner) in _HARMLESS


def _may_fail(node: Node) -> bool:
    """Tell whether a command says of itself that it may find its work done."""
    inner = _core(node)
    if any(read_word(word).has_pattern for word in inner.named_children):  # perhaps there is no such file
        return True
    words = text_of(inner).split()
    return any(word.lower() in _MEANT_TO_FAIL or word.startswith(("--ignore-", "--if-exists")) for word in words)


def _functions(root: Node) -> frozenset[str]:
    found = (node for node in all_nodes(root) if node.type == "function_definition")
    return frozenset(text_of(node.child_by_field_name("name")) for node in found)
