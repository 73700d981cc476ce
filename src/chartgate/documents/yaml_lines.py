"""Where in a YAML document something is, by the keys and indexes that lead to it."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def line_at(node: yaml.Node | None, steps: Sequence[str | int]) -> int:
    """Follow the steps as far as they lead and give the line there, counted from 1; for a map's key, the key's own."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
