"""From who printed a place to who printed what of it matters: its key, a line of a text, the text it was made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache

from chartgate.charts.template_texts.stamps import StampedText, TemplateLine, Writer
from chartgate.documents.addresses import join
from chartgate.documents.yaml_texts.written_places import WrittenNode, nearest, written_documents
from chartgate.gate.telling.printed_places import PrintedPlace, who_wrote

_UNKNOWN_FIELDS = re.compile(r"fields that the schema does not have: (.+?)(?:, with .*)?+$")
"""As kubernetes/validity/bundled_schemas.py says it of several, and after that policies what they have filled."""


def of_key(place: PrintedPlace) -> PrintedPlace:
    """Give who printed the key of a place, instead of its value; the place itself for an item of a list."""
    key = place.node.key
    writer = place.text.writer(place.node.start + key.start_mark.index) if key else None
    return _of_one(place, writer) if writer else place


def _of_one(place: PrintedPlace, writer: Writer) -> PrintedPlace:
    return place._replace(first=writer, last=writer.line.line, is_block=False, is_around=False, writers=(writer,))


def begin_of_text(place: PrintedPlace) -> TemplateLine | None:
    """Give the line that begins a text in front of a key, where that text has nothing in it: the key was meant for it.

    `config.yaml: |` with the lines behind it as far in as its key.
    """
    key = place.node.key
    before = place.text.text[: place.node.start + key.start_mark.index].rstrip() if key else ""
    writer = place.text.writer(len(before) - 1) if before.endswith((": |", ": |-", ": >", ": >-")) else None
    return writer.line if writer else None


def of_too_much(place: PrintedPlace, expected: object, actual: object) -> PrintedPlace:
    """Give who printed the keys that a schema does not have, or the one that a list of those in a place has too much.

    The latter may be a value as well: a port. The place itself where that is not sure.
    """
    if unknown := _UNKNOWN_FIELDS.match(str(actual)):
        return _of_keys(place, unknown[1].split(", "))
    if not (place.is_block and isinstance(expected, list) and isinstance(actual, list)):
        return place
    extra = [str(one) for one in actual if one not in expected]
    # A list that a patch adds to has more than the patch.
    if not extra and len(actual) == len(expected):
        extra = [str(one) for one, other in zip(actual, expected, strict=True) if one != other][:1]
    nodes = [node for node in place.node.scalars() if [node.value] == extra]
    writer = place.text.writer(place.node.start + nodes[0].start_mark.index) if len(nodes) == 1 else None
    return _of_one(place, writer) if writer else place


def _of_keys(place: PrintedPlace, names: Collection[str]) -> PrintedPlace:
    """Give who printed these keys of a map, from the first to the last; the map itself where one file did not."""
    keys = [found.key for name in names if (found := place.node.below(name)) and found.key]
    places = [place.node.start + key.start_mark.index for key in keys]
    writers = [writer for at in sorted(places) if (writer := place.text.writer(at))]
    if not writers or len(writers) < len(names) or len({(one.line.file, one.calls) for one in writers}) > 1:
        return place
    lines = [one.line.line for one in writers]
    return place._replace(first=writers[0], last=max(lines), is_block=False, writers=tuple(writers))


def of_one_call(place: PrintedPlace) -> PrintedPlace:
    """Give the lines of a named template that printed all of a place but its key; the place itself for all else."""
    depth = len(place.first.calls)
    ways = [(writer.line, *writer.calls) for writer in place.writers]
    frames = {way[-depth - 1 :] for way in ways}
    inner = sorted({way[-depth - 2] for way in ways if len(way) > depth + 1})
    [call, *others] = sorted(frames - {(place.first.line, *place.first.calls)}) or [()]
    if others or not inner or inner[0].file != inner[-1].file or call[1:] != place.first.calls:
        return place
    writers = tuple(writer for writer in place.writers if len(writer.calls) > depth)
    return place._replace(first=Writer(inner[0], call), last=inner[-1].line, is_block=False, writers=writers)


def line_of_text(place: PrintedPlace, number: int) -> PrintedPlace:
    """Give who printed a line of a text, counted from 1; the place itself where it has none of that number."""
    text = place.text.text
    lines = text[: place.node.end + 1].split("\n")
    first = text.count("\n", 0, place.node.start + place.node.node.start_mark.index) + 1
    if not place.is_text or number < 1 or first + number > len(lines):
        return place
    # What is quoted may be printed by a named template, and the quotes by its call.
    line = lines[first + number - 1]
    at = sum(len(line) + 1 for line in lines[: first + number - 1]) + len(line.rstrip("'\" ") or line) - 1
    writer = place.text.writer(at)
    return place._replace(first=writer, last=writer.line.line, writers=(writer,)) if writer else place


def made_of_text(place: PrintedPlace, is_read: Callable[[TemplateLine], bool]) -> PrintedPlace:
    """Give who printed the text that printed data were made of; the place itself where that is not sure.

    `$labels := include "shop.labels" . | fromYaml` and `toYaml $labels`: a value at the end of the same steps, as far
    as these lead in a text, is the one there. The line that printed it is among the calls.

    Args:
        place: which was printed.
        is_read: tells whether what a line made data of is read where the place is printed.
    """
    taken, data = place.steps, place.node.data
    documents = [
        (line, aside, document) for line, aside in place.text.asides if is_read(line) for document in _documents(aside)
    ]
    # Without a step, only what has several values is the same by more than chance.
    shortest = 0 if isinstance(data, dict | list) and data else 1
    for first in range(len(taken) + 1 - shortest):
        origins = {}
        for line, aside, document in documents:
            node, left = nearest(document, join(*taken[first:]))
            for origin in (
                who_wrote(aside, node, (), is_around=place.is_around) if node.data == data and not left else ()
            ):
                outer = (line, *place.first.calls)
                if origin.first.calls[-len(outer) :] == outer:
                    calls = (*origin.first.calls[: -len(outer)], line, place.parts[-1], *place.first.calls)
                    writer = Writer(origin.first.line, tuple(dict.fromkeys(calls)))
                    origins[writer] = origin._replace(first=writer)
        if origins:
            return next(iter(origins.values())) if len(origins) == 1 else place
    return place


@lru_cache(maxsize=64)
def _documents(text: StampedText) -> list[WrittenNode]:
    return list(written_documents(text.text))


def printing_line(place: PrintedPlace) -> TemplateLine | None:
    """Give the line that printed all of a place, but for the key of a map or a list; None for several."""
    if not (place.is_around or place.is_block):
        return None if place.is_text or place.last > place.first.line.line else place.first.line
    lines = [line for line in place.parts if line != place.first.line] or [place.first.line]
    return lines[0] if len(lines) == 1 else None
