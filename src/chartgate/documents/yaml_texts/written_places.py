"""Where in a text of YAML documents a place of one of them is written, as a number of characters from its begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import yaml

from chartgate.documents.addresses import ABSENT, child, position, steps
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError

_NEXT_DOCUMENT = re.compile(r"^(?=---)", re.MULTILINE)
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
"""What YAML takes for the end of a line, and not everybody."""


@dataclass(frozen=True)
class WrittenNode:
    """A node of a document, in its text."""

    text: str
    """The text of the documents around it."""
    start: int
    """Where in it the document begins."""
    node: yaml.Node
    data: Any
    """What the node means."""
    key: yaml.Node | None = None
    """Where it is the value of a key: that one."""
    _below: dict[str, WrittenNode | None] = field(default_factory=dict, repr=False, compare=False)
    """What was asked for: of a large file, thousands of places are, one by one."""

    def below(self, step: str) -> WrittenNode | None:
        """Give what one step of an address leads to; None where that is nowhere, or written by an alias elsewhere."""
        if step not in self._below:
            self._below[step] = self._at(step)
        return self._below[step]

    @cached_property
    def _pairs(self) -> dict[Any, tuple[yaml.Node, yaml.Node]]:
        """The keys and values of a map, by the text of the key; of a key that is there twice the last one."""
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else ()
        return {key.value: (key, value) for key, value in pairs if isinstance(key.value, str)}

    def _at(self, step: str) -> WrittenNode | None:
        data = child(self.data, step)
        if data is ABSENT:
            return None
        if isinstance(self.node, yaml.MappingNode):
            key, value = self._pairs.get(step, (None, None))
            return WrittenNode(self.text, self.start, value, data, key) if value is not None else None
        if isinstance(self.node, yaml.SequenceNode):
            index = position(self.data, step)
            return None if index is None else WrittenNode(self.text, self.start, self.node.value[index], data)
        return None

    def inside(self) -> WrittenNode | None:
        """Give the document that a text of several lines is itself; None for all else."""
        node = self.node
        if not isinstance(node, yaml.ScalarNode) or node.style != "|" or not isinstance(self.data, str):
            return None
        first = self.text.find("\n", self.start + node.start_mark.index) + 1
        # Blanks in front of each line make another text, of which no place is known.
        lines = self.text[first : self.start + node.end_mark.index]
        indent = len(lines) - len(lines.lstrip(" "))
        try:
            inner = go_yaml.tree(lines, "")
            data = go_yaml.load(self.data, "", repeats=[])
        except InputError:
            return None
        return WrittenNode(self.text, first, inner, data) if inner and indent and lines.strip() else None

    def scalars(self) -> Iterator[yaml.ScalarNode]:
        """Give the keys and values in it."""
        waiting = [self.node]
        while waiting:
            node = waiting.pop()
            if isinstance(node, yaml.ScalarNode):
                yield node
            else:
                waiting += chain.from_iterable(one if isinstance(one, tuple) else (one,) for one in node.value)

    def line_of(self, node: yaml.Node) -> int:
        """Give the line in which a node in it begins, counted from 1."""
        return self.text.count("\n", 0, self.start) + node.start_mark.line + 1

    @property
    def place(self) -> int:
        """Where it is written: a value, or the key of what is empty or goes on in the lines below."""
        is_short = isinstance(self.node, yaml.ScalarNode) and self.node.end_mark.index > self.node.start_mark.index
        node = self.node if is_short or self.key is None else self.key
        return self.start + node.start_mark.index

    @property
    def end(self) -> int:
        """Where the last character of it is that is no white space."""
        last = self.start + self.node.end_mark.index
        return max(self.place, len(self.text[:last].rstrip()) - 1)


def written_documents(text: str) -> Iterator[WrittenNode]:
    """Give the documents of a text, as far as they can be read."""
    start = 0
    if _OTHER_BREAKS.search(text):
        return
    for part in _NEXT_DOCUMENT.split(text):
        try:
            node, data = go_yaml.tree(part, ""), go_yaml.load(part, "", repeats=[])
        except InputError:
            node = data = None
        if node is not None:
            yield WrittenNode(text, start, node, data)
        start += len(part)


def nearest(document: WrittenNode, address: str) -> tuple[WrittenNode, list[str]]:
    """Follow an address as far as it leads, into texts too; give the last node, and the steps that are left.

    Raises:
        ValueError: it is no address.
    """
    found, left = document, steps(address)
    while left:
        below = found.below(left[0])
        if below is None and (inner := found.inside()):
            below = inner.below(left[0])
        if below is None:
            break
        found, left = below, left[1:]
    return found, left
