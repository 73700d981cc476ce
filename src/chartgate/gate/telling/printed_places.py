"""Finds what a finding is about in what a scenario's templates printed, and the lines that printed it.

It is found only where the same object has the same value at the same place: in the object itself, or in the patch that
a hook lays over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from chartgate.charts.template_texts.stamps import StampedText, TemplateLine, Writer
from chartgate.documents.addresses import ABSENT, child, is_address, join, lookup, steps
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.written_places import WrittenNode, nearest, written_documents
from chartgate.errors import InputError
from chartgate.model import Resource

_PATCHED = ", patched by "
_NAMES = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


class PrintedPlace(NamedTuple):
    """Who printed what a finding is about."""

    first: Writer
    last: int
    """The last line of what is printed there; the first where it is printed by several files."""
    is_block: bool
    """Whether it is a map or a list, which may go on in lines that printed nothing."""
    is_around: bool
    """Whether the place itself is not there, and this is what is around it."""
    writers: tuple[Writer, ...]
    """Who printed something of a map, a list or a text."""
    text: StampedText
    steps: tuple[str, ...]
    """That lead to it from the begin of its document."""
    node: WrittenNode
    """What is printed there."""

    @property
    def is_text(self) -> bool:
        """Whether it is a text of several lines, written as one (`|`)."""
        return isinstance(self.node.node, yaml.ScalarNode) and self.node.node.style == "|"

    @property
    def parts(self) -> tuple[TemplateLine, ...]:
        """The lines that printed something of it."""
        return tuple(dict.fromkeys(writer.line for writer in self.writers))


def templates_of(template: str) -> list[str]:
    """Give the templates that an object is of: its own, and those of the hooks that patch it."""
    return template.split(_PATCHED)


def printed_place(
    resource: Resource, address: str, printed: Mapping[str, StampedText], *, by_chance: bool = False
) -> PrintedPlace | None:
    """Give who printed what is at an address of a resource; None where that is not sure.

    Args:
        resource: as it was judged.
        address: in it; words that are no address mean all of it.
        printed: what templates printed in the scenario that it was judged in.
        by_chance: whether its templates may print another text there each time.
    """
    own, *hooks = templates_of(resource.template)
    address = address if is_address(address) else ""
    found = list(_of_the_object(resource, address, printed, own, is_same=_by_chance if by_chance else _equal))
    if not any(not place.is_around for place in found):
        # What a patch adds to a list, or a map, is a part of what is there.
        patches = list(_of_patches(resource, address, printed, hooks, _equal)) or (
            [] if found else list(_of_patches(resource, address, printed, hooks, _added))
        )
        found = patches if len(patches) == 1 else [] if patches else found
    if not found and hooks:
        found = list(_inside_of_patches(resource, address, printed, own, hooks))
    # What the same lines print several times is at these lines, whichever it is.
    ways = {(place.first, place.last, place.is_around, place.writers) for place in found}
    return found[0] if len(ways) == 1 else None


_Comparison = Callable[[Any, Any], bool | None]
"""Of what was judged with what was printed: None for a part of it."""


def _equal(judged: Any, printed: Any) -> bool:
    return bool(judged == printed)


def _by_chance(judged: Any, printed: Any) -> bool:
    """Tell whether both are the same, apart from texts that may be others each time."""
    if isinstance(judged, dict) and isinstance(printed, dict):
        return judged.keys() == printed.keys() and all(_by_chance(judged[key], printed[key]) for key in judged)
    if isinstance(judged, list) and isinstance(printed, list):
        return len(judged) == len(printed) and all(map(_by_chance, judged, printed))
    return bool(judged == printed) or (isinstance(judged, str | int) and isinstance(printed, str | int))


def _added(judged: Any, printed: Any) -> bool | None:
    is_part = isinstance(printed, dict | list) and bool(printed) and type(judged) is type(printed)
    return None if is_part else False


def _of_the_object(
    resource: Resource, address: str, printed: Mapping[str, StampedText], template: str, is_same: _Comparison
) -> Iterator[PrintedPlace]:
    text = printed.get(template)
    if text is None:
        return
    objects, names = _objects_by_names(text.text), _names(resource.manifest)
    if names not in objects and is_same is _by_chance:
        # Its name is another one each time: it is what has all but that.
        alike = [other for other in objects if other[:2] == names[:2] and other[3] == names[3]]
        names = alike[0] if len(alike) == 1 else names
    for node in objects.get(names, ()):
        yield from _followed(text, node, resource.manifest, address, is_same)


def _names(manifest: Any) -> tuple[str, ...]:
    return tuple(canonical(lookup(manifest, name)) for name in _NAMES)


@lru_cache(maxsize=64)
def _objects_by_names(text: str) -> dict[tuple[str, ...], list[WrittenNode]]:
    """Read what a template printed once, for all findings about what is in it."""
    found: dict[tuple[str, ...], list[WrittenNode]] = {}
    for node in objects_in(text):
        if isinstance(node.data, dict):
            found.setdefault(_names(node.data), []).append(node)
    return found


def _of_patches(
    resource: Resource,
    address: str,
    printed: Mapping[str, StampedText],
    templates: Sequence[str],
    is_same: _Comparison,
) -> Iterator[PrintedPlace]:
    """Give where ConfigMaps of hooks have that value, or a part of it, at the same address of a document in them."""
    for text, document in _patches(printed, templates):
        yield from _followed(text, document, resource.manifest, address, is_same, is_whole=True)


def _inside_of_patches(
    resource: Resource, address: str, printed: Mapping[str, StampedText], own: str, templates: Sequence[str]
) -> Iterator[PrintedPlace]:
    """Give what is around a place that is missing in the item of a list which is in a patch alone: a container."""
    there = _objects_by_names(printed[own].text).get(_names(resource.manifest), []) if own in printed else []
    deepest = max((len(steps(address)) - len(nearest(node, address)[1]) for node in there), default=0)
    for text, document in _patches(printed, templates):
        for end in range(len(steps(address)) - 1, deepest, -1):
            taken = steps(address)[:end]
            node, left = nearest(document, join(*taken))
            if not left and isinstance(node.data, dict) and isinstance(_meant(resource.manifest, taken), dict):
                yield from who_wrote(text, node, taken, is_around=True)
                break


def _patches(printed: Mapping[str, StampedText], templates: Sequence[str]) -> Iterator[tuple[StampedText, WrittenNode]]:
    """Give the documents in ConfigMaps of hooks."""
    for text in [printed[template] for template in templates if template in printed]:
        for node in objects_in(text.text):
            data = node.below("data")
            for key in data.data if data and isinstance(data.data, dict) else ():
                value = data.below(str(key)) if data else None
                if document := value.inside() if value else None:
                    yield text, document


def _followed(
    text: StampedText,
    node: WrittenNode,
    manifest: Any,
    address: str,
    is_same: _Comparison,
    *,
    is_whole: bool = False,
) -> Iterator[PrintedPlace]:
    """Follow an address in what was printed and in what was judged, as far as it leads in the former.

    What is around a place does not count where it must lead to its end (`is_whole`), nor what differs from what was
    judged.
    """
    there, left = nearest(node, address)
    taken = steps(address)[: -len(left) or None]
    same = is_same(_meant(manifest, taken), there.data)
    if same is not False and not (is_whole and left):
        yield from who_wrote(text, there, taken, is_around=bool(left) or same is None)


def who_wrote(text: StampedText, node: WrittenNode, taken: Sequence[str], *, is_around: bool) -> Iterator[PrintedPlace]:
    """Give who printed a node, if that is known; `taken` are the steps that lead to it."""
    if writer := text.writer(node.place):
        is_block = is_around or isinstance(node.data, dict | list)
        last = _last_line(writer, text.writer(node.end))
        writers = tuple(dict.fromkeys(text.writers(node.place, node.end)))
        yield PrintedPlace(writer, last, is_block, is_around, writers, text, tuple(taken), node)


def _last_line(first: Writer, last: Writer | None) -> int:
    """Give the line of the first writer's template that printed the last character, itself or by what it called."""
    ways = [[*reversed(writer.calls), writer.line] for writer in (first, last) if writer]
    begin, end = ways[0], ways[-1][: len(ways[0])]
    is_one = begin[:-1] == end[:-1] and begin[-1].file == end[-1].file
    return max(begin[-1].line, end[-1].line) if is_one else begin[-1].line


def objects_in(text: str) -> Iterator[WrittenNode]:
    """Give the objects in a text, those in lists too."""
    for document in written_documents(text):
        yield document
        items = document.below("items")
        for number in range(len(items.data) if items and isinstance(items.data, list) else 0):
            if items and (inside := items.below(str(number))):
                yield inside


def _meant(document: Any, taken: Sequence[str]) -> Any:
    """Give what is at the end of some steps, into texts that are documents too."""
    for step in taken:
        try:
            inside = go_yaml.load(document, "", repeats=[]) if isinstance(document, str) else document
        except InputError:
            return ABSENT
        document = child(inside, step)
    return document
