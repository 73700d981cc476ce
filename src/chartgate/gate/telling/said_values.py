"""Who printed the values that a finding's words name: the other end of a path, a variable, a hook's event.

Only to look at: a value counts where it is in the printed text once, and not as the name of the object itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

import yaml

from chartgate.charts.template_texts.stamps import StampedText, Writer
from chartgate.documents.yaml_texts.written_places import written_documents

_WORD = re.compile(r"[\w./:@-]{4,200}+")
_MARKED = re.compile(r"[/_]|[a-z][A-Z]|\w-\w|^[A-Z_]{4,}+$")
"""What is no plain word: paths, names of variables, `PreSync`, `pre-install`."""
_QUOTED = re.compile(r"'([^'\s]{2,200}+)'")
_SILENT_KEYS = frozenset(("kind", "apiVersion", "name", "namespace", "labels"))
"""Of `metadata` and of the object."""
MOST_VALUES = 2


def writers_of_values(said: str, text: StampedText) -> Iterator[Writer]:
    """Give who printed them, the first few.

    Args:
        said: the words of a finding.
        text: what the template printed that the finding is about.
    """
    values = _values(text.text)
    quoted = _QUOTED.findall(said)
    words = dict.fromkeys([*quoted, *(word.rstrip(".:-") for word in _WORD.findall(said))])
    found = 0
    for word in words:
        places: Sequence[int] = values.get(word, ()) if word in quoted or _MARKED.search(word) else ()
        if word.startswith("/") and not places:
            # The folder of a file that is mounted.
            places = next(filter(None, (values.get(str(folder)) for folder in PurePosixPath(word).parents[:-1])), ())
        if word in quoted and not places:
            # In a document that is a text itself, a patch say, which is no value here.
            places = [place.start() for place in re.finditer(rf"(?<=: ){re.escape(word)}$", text.text, re.MULTILINE)]
        if len(places) == 1 and found < MOST_VALUES and (writer := text.writer(places[0])):
            found += 1
            yield writer


@lru_cache(maxsize=64)
def _values(text: str) -> dict[str, list[int]]:
    """Give where each value of a text of YAML documents is, and each part of one that has commas."""
    found: dict[str, list[int]] = {}
    for document in written_documents(text):
        for node in _scalars(document.node):
            for value in node.value.split(",") if len(node.value) < 1000 else ():
                found.setdefault(value.strip(), []).append(document.start + node.start_mark.index)
    return found


def _scalars(node: yaml.Node, *, is_named: bool = True) -> Iterator[yaml.ScalarNode]:
    """Give the values in a node, without what names an object; `is_named`: it is an object, or its metadata."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, is_named=False)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not (is_named and key.value in _SILENT_KEYS):
                yield from _scalars(value, is_named=is_named and key.value == "metadata")
