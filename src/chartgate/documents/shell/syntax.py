"""The syntax tree of a shell script, as a parser of Bash reads it; Bash's grammar holds POSIX's."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

_BASH = Language(tree_sitter_bash.language())
_LONGEST = 256 * 1024
"""Bytes; nobody writes a longer script by hand."""
_DEEPEST = 100
"""Levels of the tree, so that whoever walks it by calling itself comes to an end."""
_BRANCHES = ("if_statement", "elif_clause", "while_statement")


def parsed(script: str) -> Node | None:
    """Give the tree of a script; None for one that is not understood, of which nothing is to be said then."""
    text = script.encode("utf-8", "replace")
    if len(text) > _LONGEST or "\0" in script:
        return None
    # A parser belongs to one thread.
    root = Parser(_BASH).parse(text).root_node
    return None if root.has_error or _is_deep(root) else root


def all_nodes(node: Node) -> Iterator[Node]:
    """Give a node and all that is below it, in the order of the text."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(found.children))


def text_of(node: Node | None) -> str:
    """Give the text of a node, empty for none."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def line_number(node: Node) -> int:
    """Give the line that a node begins in, counted from 1."""
    return int(node.start_point[0]) + 1


def conditions(node: Node) -> list[Node]:
    """Give the statements by which a branch or a loop decides; none for any other node."""
    found: list[Node] = []
    if node.type in _BRANCHES:
        for child in node.children:
            if child.type in ("then", "do_group"):
                break
            found += [child] if child.is_named else []
    return found


def is_forgiven(node: Node) -> bool:
    """Tell whether somebody looks at how a command ends: a condition, `!`, or what follows after `||`."""
    below, above = node, node.parent
    while above is not None:
        if above.type == "negated_command" or any(below.id == condition.id for condition in conditions(above)):
            return True
        if above.type == "list" and below.id == above.children[0].id and text_of(above.children[1]) == "||":
            return True
        below, above = above, above.parent
    return False


def _is_deep(root: Node) -> bool:
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.children]
        if not level:
            return False
    return True
