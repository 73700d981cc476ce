"""Keys that a map has more than once: which map, and in which lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from chartgate.documents.walking import Keys
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey


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
    return list(_found(text, marks)) if marks else []


@dataclass
class _Level:
    """A map or a list that is being read, and where in it the reading is."""

    keys: Keys
    is_map: bool
    step: str | None = None
    """The key of a map whose value is read next; None where a key is."""
    index: int = 0
    lines: dict[str, list[int]] = field(default_factory=dict)
    """By the key as the reader has it: `1` and `"1"` are one, as are `yes` and `true`."""
    repeated: dict[str, None] = field(default_factory=dict)

    def next(self) -> str:
        """Give the step that leads to what comes next."""
        return ("?" if self.step is None else self.step) if self.is_map else str(self.index)

    def done(self) -> None:
        """Go on behind a value, or behind a key that is no text."""
        self.index += 1
        self.step = None if self.step is not None or not self.is_map else "?"


def _found(text: str, marks: Mapping[tuple[int, int], str]) -> Iterator[Repetition]:
    """Go through the events of a stream, which are flat however deep it is."""
    document, levels = -1, list[_Level]()
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            document, levels = document + 1, []
        elif isinstance(event, yaml.CollectionStartEvent):
            keys = (*levels[-1].keys, levels[-1].next()) if levels else ()
            levels.append(_Level(keys, isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = levels.pop()
            for name in ended.repeated:
                yield Repetition(document, (*ended.keys, name), tuple(ended.lines[name]))
            if levels:
                levels[-1].done()
        elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent) and levels:
            level, mark = levels[-1], event.start_mark
            if not level.is_map or level.step is not None or isinstance(event, yaml.AliasEvent) or mark is None:
                level.done()
                continue
            line = mark.line + 1
            known = marks.get((line, mark.column + 1))
            level.step = event.value if known is None else known
            level.lines.setdefault(level.step, []).append(line)
            if known is not None:
                level.repeated[known] = None
