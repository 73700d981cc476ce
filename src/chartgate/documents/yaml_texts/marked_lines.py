"""Which lines of a YAML text say what is at an address of its document."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from chartgate.documents.addresses import ABSENT, child, position, steps
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError


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
