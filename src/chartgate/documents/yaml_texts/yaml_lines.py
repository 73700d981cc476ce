"""Where in a YAML document something is, by what leads to it, and which lines of its text say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from chartgate.documents.addresses import ABSENT, child, position, steps
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError


def line_at(node: yaml.Node | None, steps: Sequence[str | int]) -> int:
    """Follow the steps as far as they lead and give the line there, counted from 1; for a map's key, the key's own."""
    line, _, _ = _followed(node, steps)
    return line


def written_at(node: yaml.Node | None, steps: Sequence[str | int]) -> str:
    """Give the plain word that is written where the steps lead to; empty for one in quotes, and for all else."""
    _, found, is_there = _followed(node, steps)
    return found.value if is_there and isinstance(found, yaml.ScalarNode) and not found.style else ""


def _followed(node: yaml.Node | None, steps: Sequence[str | int]) -> tuple[int, yaml.Node | None, bool]:
    """Give the line and the node as far as the steps lead, and whether they led to their end."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                return line, node, False
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line, node, False
    return line, node, True


class MarkedLines(NamedTuple):
    """Some lines of a text, counted from 1."""

    first: int
    last: int
    is_around: bool
    """Whether nothing is at the address, and this is the line of what is around it."""


def marked_lines(text: str, document: Any, address: str) -> MarkedLines | None:
    """Give the lines of what an address leads to; None where it leads nowhere, or is in words.

    Args:
        text: as `go_yaml.dump` writes a document.
        document: what the text means.
        address: in the document; empty for all of it.
    """
    try:
        node, left = go_yaml.tree(text, ""), steps(address)
    except (InputError, ValueError):
        return None
    key: yaml.Node | None = None
    way = 0
    for step in left:
        below = child(document, step)
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == step]
            if below is ABSENT or not found:
                break
            key, node = found[-1]
        elif isinstance(node, yaml.SequenceNode):
            index = position(document, step)
            if below is ABSENT or index is None:
                break
            node = node.value[index]
            key = None
        else:
            break
        document, way = below, way + 1
    if node is None or (not way and (left or not address)):
        return None
    start = (key or node).start_mark.line + 1
    if way < len(left):
        return MarkedLines(start, start, is_around=True)
    # What goes on in the lines below ends where the next thing begins.
    last = text.count("\n", 0, len(text[: node.end_mark.index].rstrip())) + 1
    return MarkedLines(start, max(start, last), is_around=False)
