"""Keys that a map has more than once: which map, and in which lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml

from chartgate.documents.go_yaml import RepeatedKey
from chartgate.documents.walking import Keys


class Repetition(NamedTuple):
    """One key of one map, and the lines that have it, counted from 1; the last of them counts.

    An earlier line that writes the key otherwise (`yes` for `true`) is missing.
    """

    document: int
    """The index of the document in the stream."""
    keys: Keys
    """What leads to it, the key itself included."""
    lines: tuple[int, ...]


def repetitions(text: str, repeats: Sequence[RepeatedKey]) -> list[Repetition]:
    """Say where a stream of documents has the keys that its reader found there once more than once.

    Args:
        text: the stream, which was read before.
        repeats: what `go_yaml.load_all` wrote down.
    """
    marks = {(repeat.line, repeat.column): repeat.key for repeat in repeats}
    if not marks:
        return []
    return [
        Repetition(index, keys, lines)
        for index, root in enumerate(yaml.compose_all(text, yaml.CSafeLoader))
        for keys, lines in _of_document(root, marks)
    ]


def _of_document(
    root: yaml.Node | None, marks: Mapping[tuple[int, int], str]
) -> Iterator[tuple[Keys, tuple[int, ...]]]:
    """Walk one document without recursion; what an alias repeats is looked at once."""
    waiting = deque[tuple[Keys, yaml.Node]]([((), root)] if root is not None else [])
    seen: set[int] = set()
    while waiting:
        above, node = waiting.popleft()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(((*above, str(index)), item) for index, item in enumerate(node.value))
        elif isinstance(node, yaml.MappingNode):
            # By the key as the reader has it: `1` and `"1"` are one, as are `yes` and `true`.
            lines: dict[str, list[int]] = {}
            repeated: dict[str, None] = {}
            for key, value in node.value:
                known = marks.get((key.start_mark.line + 1, key.start_mark.column + 1))
                name = str(key.value) if known is None else known
                lines.setdefault(name, []).append(key.start_mark.line + 1)
                if known is not None:
                    repeated[name] = None
                waiting.append(((*above, name), value))
            yield from (((*above, name), tuple(lines[name])) for name in repeated)
