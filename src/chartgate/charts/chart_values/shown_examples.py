"""What a values.yaml shows in its comments for a list or a map that it leaves empty."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

import yaml

from chartgate.charts.chart_values.filled_values import FILLED
from chartgate.documents.addresses import join, steps
from chartgate.documents.walking import Keys, nodes
from chartgate.documents.yaml_texts.go_yaml import BrokenYaml, load, tree
from chartgate.model import Chart

_FILE = "values.yaml"
_COMMENT = re.compile(r"( *+)#+( ?+.*+)\Z")
_SHOWN_KEY = re.compile(r"( *+)#+ ?([A-Za-z_][\w-]*+):(?: |\Z)")
_GAP = re.compile(r"<\w|\w\|\w|\.\.\.")
_URL, _NULL = "://", "tag:yaml.org,2002:null"
_SENTENCE = re.compile(r"[.,;:!?)] |[.!?]\Z")
_MOST_LINES = 60
"""Of an example: where it is no YAML, it is read once for each of its lines."""
_OF_A_SCHEMA = re.compile(r" *+#++ *+@schema *+")
"""A line before and behind what a comment says of a key's schema: https://github.com/dadav/helm-schema"""
_LIST_ITEM, _MAP_ENTRY = re.compile(r" *+- "), re.compile(r" *+[A-Za-z0-9][\w./-]*+:(?: |\Z)")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9][\w./-]*+\Z")


def shown_examples(chart: Chart) -> dict[str, Any]:
    """Give the examples of a chart's values.yaml, by the address of the empty list or map, or null, that they are for.

    The comment right behind a key, where it is a list or a map once the `#` is gone (as `helm create` shows `tls`),
    or one before or behind it that has the key itself. Words, and an empty line, may come before what is further
    in than the key.
    """
    return dict(_read(chart.files.get(_FILE, b"").decode("utf-8", "replace")))


@functools.lru_cache(maxsize=4)
def _tree(text: str) -> yaml.Node | None:
    """Read a values.yaml once for both; None for one that cannot be read."""
    try:
        return tree(text, _FILE)
    except BrokenYaml:
        return None


@functools.lru_cache(maxsize=16)
def _read(text: str) -> tuple[tuple[str, Any], ...]:
    root = _tree(text)
    lines = [*_without_schemas(text)]
    found = ((above, _example(lines, key, value)) for above, key, value in _empty(root))
    return tuple((address, example) for address, example in found if example)


def _without_schemas(text: str) -> Iterator[str]:
    """Give the lines of a values.yaml, with a comment of no words for each in which a schema is."""
    is_inside = False
    for line in text.splitlines():
        comment = _COMMENT.match(line)
        is_mark = _OF_A_SCHEMA.fullmatch(line) is not None
        is_inside = comment is not None and is_inside != is_mark
        yield f"{comment[1]}#" if comment and (is_inside or is_mark) else line


def _empty(node: yaml.Node | None, above: tuple[str, ...] = ()) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Give address, key and value of each list and map that is written as an empty one, or not at all."""
    pending = [(above, node)]
    while pending:
        keys, this = pending.pop()
        for key, value in this.value if isinstance(this, yaml.MappingNode) else ():
            path = (*keys, str(key.value))
            if not value.value and (isinstance(value, yaml.CollectionNode) or value.tag == _NULL):
                yield join(*path), key, value
            pending.append((path, value))


def _example(lines: list[str], key: yaml.Node, value: yaml.Node) -> Any:
    name = str(key.value)
    kind = list | dict if value.tag == _NULL else list if isinstance(value, yaml.SequenceNode) else dict
    end = value.end_mark.line + 1
    is_apart = end + 1 < len(lines) and not lines[end].strip() and lines[end + 1].find("#") > key.start_mark.column
    behind = _block(lines, end + is_apart, 1)
    before = _block(lines, key.start_mark.line - 1, -1)[::-1]
    for block in (behind, before):
        begins = (f"{name}:", f"{name}: {{", f"{name}: [")
        starts = [number for number, line in enumerate(block) if line.strip() in begins]
        if starts and isinstance(shown := _loaded(block[starts[0] :]), Mapping):
            example = _completed(shown.get(name))
            return example if isinstance(example, kind) and _is_data(example) else None
    # A map right behind it is told from words with a colon by being further in, or indented behind its `#`.
    is_further_in = bool(behind) and _indent(behind[0]) > key.start_mark.column
    example = _loaded(behind) if is_further_in or kind is not dict else None
    if is_further_in and not (isinstance(example, kind) and _is_data(example)):
        begins_there = _MAP_ENTRY.match if kind is dict else _LIST_ITEM.match
        example = _loaded(list(itertools.dropwhile(lambda line: not begins_there(line), behind)))
    example = _completed(example)
    is_meant = isinstance(example, kind) and (is_further_in or not isinstance(example, dict))
    return example if is_meant and _is_data(example) else None


def _block(lines: list[str], start: int, step: int) -> list[str]:
    """Give the comment lines from one on, in the direction of `step`, with blanks in place of their `#`."""
    found: list[str] = []
    number = start
    while len(found) < _MOST_LINES and 0 <= number < len(lines) and (comment := _COMMENT.match(lines[number])):
        found.append(f"{comment[1]} {comment[2]}")
        number += step
    return found


def _indent(line: str) -> int:
    # One blank is in place of the `#`, and one is usual behind it.
    return len(line) - len(line.lstrip()) - 2


def _loaded(block: list[str]) -> Any:
    """Read what a block begins with: words may follow it, and no key that is further in, which is out of line."""
    for end in range(len(block), 0, -1):
        try:
            found = load("\n".join(block[:end]), _FILE)
        except BrokenYaml:
            continue
        is_cut = any(":" in line and _indent(line) > _indent(block[0]) for line in block[end : end + 1])
        return None if is_cut else found
    return None


def _is_data(example: Any) -> bool:
    """Tell an example from words that happen to be YAML, and from one with gaps: `<name>`, `Equal|Exists`, `""`."""
    items = example if isinstance(example, list) else [example]
    is_plain = all(
        all(map(_PLAIN_KEY.match, one)) if isinstance(one, Mapping) else _is_a_text(one, example) for one in items
    )
    return is_plain and not any(
        value in (None, "", []) or (isinstance(value, str) and _GAP.search(value)) for _, value in nodes(example)
    )


def _completed(example: Any) -> Any:
    """Put a word in the place of empty texts among others in a map: a password beside the name of a user."""
    texts = list(example.values()) if isinstance(example, Mapping) else []
    is_begun = any(texts) and all(isinstance(text, str) for text in texts)
    return {key: text or FILLED for key, text in example.items()} if is_begun else example


def _is_a_text(item: object, example: object) -> bool:
    """Tell an item of a list of texts or numbers from a sentence."""
    is_word = isinstance(item, int) or (isinstance(item, str) and not _SENTENCE.search(item))
    return isinstance(example, list) and is_word


def shown_keys(chart: Chart, read: Set[Keys]) -> dict[str, Any]:
    """Give the keys that a values.yaml shows beside others in a comment, `# minAvailable: 1`, each with its value.

    A text, a number, true or false; or a map among maps, as one more item of them. A URL, a list and any other map only
    where templates read the key itself: it may be that of a file, or an address to read on at.
    """
    found = _read_keys(chart.files.get(_FILE, b"").decode("utf-8", "replace"))
    return {address: value for address, value, is_sure in found if is_sure or tuple(steps(address)) in read}


@functools.lru_cache(maxsize=16)
def _read_keys(text: str) -> tuple[tuple[str, Any, bool], ...]:
    root = _tree(text)
    lines = [*_without_schemas(text)]
    found: dict[str, tuple[Any, bool]] = {}
    for above, begin, section in _sections(root):
        there = {str(key.value): value for key, value in section.value}
        column = section.value[0][0].start_mark.column
        are_maps = all(isinstance(value, yaml.MappingNode) and value.value for value in there.values())
        inside = _lines_of_examples(lines, there.values())
        for number in range(begin, _end(lines, section.end_mark.line, column)):
            shown = _SHOWN_KEY.match(lines[number])
            if shown is None or len(shown[1]) != column or shown[2] in there or number in inside:
                continue
            value = _value(_block(lines, number, 1), shown[2])
            is_word = isinstance(value, int) or (isinstance(value, str) and value != "" and " " not in value)
            is_sure = are_maps if isinstance(value, Mapping) else is_word and _URL not in str(value)
            is_sure = is_sure and above != ()  # at the top, comments have headings as well
            if is_word or (isinstance(value, Mapping | list) and value and _is_data(value)):
                found.setdefault(join(*above, shown[2]), (value, is_sure))
    return tuple(
        (address, value, is_sure) for address, (value, is_sure) in found.items() if not _GAP.search(str(value))
    )


def _sections(node: yaml.Node | None) -> Iterator[tuple[tuple[str, ...], int, yaml.MappingNode]]:
    """Give the maps in blocks, the whole among them, each with the keys above it and the line where it begins."""
    pending: list[tuple[tuple[str, ...], yaml.Node | None]] = [((), node)]
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        yield (), 0, node
    while pending:
        above, this = pending.pop()
        for key, value in this.value if isinstance(this, yaml.MappingNode) else ():
            path = (*above, str(key.value))
            if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
                yield path, key.start_mark.line + 1, value
            pending.append((path, value))


def _lines_of_examples(lines: list[str], values: Iterable[yaml.Node]) -> set[int]:
    """Give the lines of comments right behind an empty list or map: what they show is for in there."""
    ends = [v.end_mark.line + 1 for v in values if isinstance(v, yaml.CollectionNode) and not v.value]
    return {line for end in ends for line in range(end, end + len(_block(lines, end, 1)))}


def _end(lines: list[str], end: int, column: int) -> int:
    """Give the line behind a section and the comments that follow it as far in as its keys are."""
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * column + "#")):
        end += 1
    return min(end, len(lines))


def _value(block: list[str], name: str) -> Any:
    """Give what a block has for the key that it begins with, as far as that goes: words or other keys follow."""
    depth = len(block[0]) - len(block[0].lstrip())
    own = list(itertools.takewhile(lambda line: len(line) - len(line.lstrip()) > depth and line.strip(), block[1:]))
    shown = _loaded([block[0], *own])
    return _completed(shown.get(name)) if isinstance(shown, Mapping) else None
