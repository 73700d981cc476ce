"""Where in a YAML document something is, by the keys and indexes that lead to it."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


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
