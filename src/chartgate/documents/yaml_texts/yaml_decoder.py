"""From the events of libyaml to the values that JSON can hold, by the rules of go-yaml 2 and sigs.k8s.io/yaml.

It takes one event after another and calls nothing for what is inside of what, so no document is too deep for it; and it
counts what aliases stand for before it copies that.
Sources: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/goyaml.v2/decode.go and
https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/yaml.go
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from chartgate.documents.addresses import join
from chartgate.documents.limits import DEEPEST, LONGEST, TOO_DEEP, TOO_LONG, TOO_MANY_ALIASES, allowed_aliasing
from chartgate.documents.yaml_texts.yaml_scalars import Scalar, key_text, resolved, tagged

_MERGE_TAG = "tag:yaml.org,2002:merge"
_BARE_TAG = re.compile(r"!\s")
"""A `!` alone makes a scalar a text; libyaml keeps no trace of it, but for where the scalar begins."""
_SLASH = re.compile(r"(?:[^\\]|\\[^/])*+\\/", re.DOTALL)
"""A text in double quotes with an escaped `/`, as JSON may have it: libyaml reads that, go-yaml does not."""
_BARE_TAG_OF_A_SCALAR = re.compile(r"(?:&\S+\s+)?!\s")


_Event = Any
"""An event of libyaml; each that is parsed has its marks, which the types of PyYAML leave open."""


class RepeatedKey(NamedTuple):
    """A key that is in its map already; the last one counts. `line` and `column` count from 1."""

    address: str
    """Of the key, in its document."""
    key: str
    line: int
    column: int


class _Next:
    """What the next node of a map is, where it is not the value of a key that is already read."""


_A_KEY = _Next()
_A_MERGED_MAP = _Next()


@dataclass(slots=True)
class _Anchored:
    """What an alias stands for: the value, and how many nodes and characters it takes to write it out again."""

    value: Any
    nodes: int
    characters: int


@dataclass(slots=True)
class _Frame:
    """A map or a list that is not yet closed."""

    value: Any
    anchored: _Anchored | None
    key: str | _Next = _A_KEY
    own: set[str] | None = None
    """The keys that are the map's, once others were merged into it."""


def documents(
    text: str, repeats: list[RepeatedKey] | None, *, minus_zero: bool = True
) -> Iterator[tuple[Any, yaml.Mark]]:
    """Give each document of a stream, and where it begins; an empty one is None.

    Args:
        text: the stream.
        repeats: gets every key that is in its map already; without it, such a key is an error.
        minus_zero: whether `-0.0` is one, as in helm's values: JSON has `-0`, and they are floats. Kubernetes,
            which tries a whole number first, reads 0.

    Raises:
        yaml.YAMLError: it is not YAML, or go-yaml or JSON refuse it, or it is too large.
    """
    if len(text) > LONGEST:
        raise yaml.YAMLError(TOO_LONG)
    text = text.removeprefix("\ufeff")  # as libyaml does, whose marks do not count it
    try:
        parser = yaml.CSafeLoader(text.encode())
    except UnicodeEncodeError as error:
        raise yaml.YAMLError(f"the character at position {error.start + 1} is half of one") from error
    bare_tags = text if _BARE_TAG.search(text) else ""
    slashes = text if "\\/" in text else ""
    event: _Event = parser.get_event()
    while type(event) is not yaml.StreamEndEvent:
        if type(event) is yaml.DocumentStartEvent:
            start: yaml.Mark = event.start_mark  # type: ignore[assignment] # the stubs have two of them, and None
            yield _Document(parser, bare_tags, slashes, repeats, minus_zero).read(), start
        event = parser.get_event()


class _Document:
    """One document while it is read."""

    def __init__(
        self,
        parser: yaml.CSafeLoader,
        bare_tags: str,
        slashes: str,
        repeats: list[RepeatedKey] | None,
        minus_zero: bool,
    ) -> None:
        self._parser = parser
        self._bare_tags = bare_tags
        self._slashes = slashes
        self._repeats = repeats
        self._minus_zero = minus_zero
        self._frames: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        # As go-yaml counts: the document is a node, so is a key, and so is an alias beside what it stands for.
        self._nodes = 1
        self._of_aliases = 0
        self._characters = 0

    def read(self) -> Any:
        get_event, frames = self._parser.get_event, self._frames
        root: Any = None
        while True:
            event: _Event = get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                frame = frames[-1] if frames else None
                if frame and frame.key is _A_KEY and type(frame.value) is dict and _is_merge(event):
                    frame.key = _A_MERGED_MAP
                    continue
                value: Any = self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, {} if kind is yaml.MappingStartEvent else [])
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                value = self._closed(event)
            elif kind is yaml.AliasEvent:
                value = self._alias(event)
            else:
                return root
            if frames:
                self._put(frames[-1], value, event)
            else:
                root = self._of_json(value, event)

    def _scalar(self, event: _Event) -> Scalar:
        text: str = event.value
        self._nodes += 1
        self._characters += len(text)
        if self._slashes and event.style == '"':
            written = self._slashes[event.start_mark.index : event.end_mark.index]
            if _SLASH.match(written):
                raise _error(event, "found unknown escape character")
        if event.implicit[0]:
            value = text if self._bare_tags and self._has_bare_tag(event) else resolved(text)
        elif event.tag is None:
            value = text
        else:
            try:
                value = tagged(event.tag, text)
            except ValueError as error:
                raise _error(event, str(error)) from error
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, 1, len(text))
        return value

    def _has_bare_tag(self, event: _Event) -> bool:
        return _BARE_TAG_OF_A_SCALAR.match(self._bare_tags, event.start_mark.index) is not None

    def _open(self, event: _Event, value: Any) -> None:
        frames = self._frames
        if frames and frames[-1].key is _A_KEY and type(frames[-1].value) is dict:
            raise _error(event, "a key must be text")
        if len(frames) == DEEPEST:
            raise _error(event, TOO_DEEP)
        anchored = None
        if event.anchor:
            # Until it is closed, it holds what was counted before it, and no alias may stand for it.
            anchored = _Anchored(None, -self._nodes, -self._characters)
            self._anchors[event.anchor] = anchored
        self._nodes += 1
        frames.append(_Frame(value, anchored))

    def _closed(self, event: _Event) -> Any:
        frame = self._frames.pop()
        if frame.anchored:
            frame.anchored.value = frame.value
            frame.anchored.nodes += self._nodes
            frame.anchored.characters += self._characters
        self._check_size(event)
        return frame.value

    def _alias(self, event: _Event) -> Any:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise _error(event, "an alias of an anchor that is not there")  # unnamed: `*secret` looks like one
        if anchored.nodes < 0:
            raise _error(event, "the value of an anchor contains itself")
        self._nodes += 1 + anchored.nodes
        self._of_aliases += anchored.nodes
        self._characters += anchored.characters
        self._check_size(event)
        return _copied(anchored.value, DEEPEST - len(self._frames), event)

    def _check_size(self, event: _Event) -> None:
        if self._characters > LONGEST:
            raise _error(event, TOO_LONG)
        nodes, aliased = self._nodes, self._of_aliases
        if aliased > 100 and nodes > 1000 and aliased / nodes > allowed_aliasing(nodes):
            raise _error(event, TOO_MANY_ALIASES)

    def _put(self, frame: _Frame, value: Any, event: _Event) -> None:
        """Put what is read in its place: an item, a key, the value of a key, or what is merged here."""
        holder, key = frame.value, frame.key
        if type(holder) is list:
            holder.append(value if type(value) is not float else self._of_json(value, event))
        elif key is _A_KEY:
            frame.key = self._key(frame, value, event)
        elif key is _A_MERGED_MAP:
            frame.key = _A_KEY
            if frame.own is None:
                frame.own = set(holder)
            for merged in _merged(value, event):
                holder.update(merged)
        else:
            holder[key] = value if type(value) is not float else self._of_json(value, event)
            frame.key = _A_KEY

    def _key(self, frame: _Frame, value: Any, event: _Event) -> str:
        key = value if type(value) is str else None if isinstance(value, dict | list) else key_text(value)
        if key is None:
            raise _error(event, "a key must be text")
        if key in (frame.value if frame.own is None else frame.own):
            if self._repeats is None:
                raise _error(event, f"key {key!r} is there twice")
            mark = event.start_mark
            self._repeats.append(RepeatedKey(self._address(key), key, mark.line + 1, mark.column + 1))
        elif frame.own is not None:
            frame.own.add(key)
        return key

    def _of_json(self, value: Any, event: _Event) -> Any:
        """Give a value as JSON has it: without infinities, and `1.0` is 1."""
        if type(value) is not float:
            return value
        if not math.isfinite(value):
            raise _error(event, "not a number or infinite, which JSON cannot hold")
        if value == 0 and self._minus_zero and math.copysign(1, value) < 0:
            return value
        return int(value) if value.is_integer() and -(2**63) <= value < 2**63 else value

    def _address(self, key: str) -> str:
        above = self._frames[:-1]
        return join(*(str(len(f.value)) if type(f.value) is list else str(f.key) for f in above), key)


def _is_merge(event: _Event) -> bool:
    return bool(event.value == "<<" and (event.implicit[0] or event.tag == _MERGE_TAG))


def _merged(value: Any, event: _Event) -> list[dict[str, Any]]:
    """Give the maps that a `<<` merges, in the order in which go-yaml does: over what is before it in its map."""
    is_list = type(value) is list and not isinstance(event, yaml.AliasEvent)
    maps = value[::-1] if is_list else [value]
    if not all(type(merged) is dict for merged in maps):
        raise _error(event, "map merge requires map or sequence of maps as the value")
    return list(maps)


def _copied(value: Any, levels: int, event: _Event) -> Any:
    """Copy what an alias stands for, so that a change of one is none of the other."""
    if type(value) is dict:
        return {key: _copied(inside, _one_less(levels, event), event) for key, inside in value.items()}
    if type(value) is list:
        return [_copied(inside, _one_less(levels, event), event) for inside in value]
    return value


def _one_less(levels: int, event: _Event) -> int:
    if levels == 0:
        raise _error(event, TOO_DEEP)
    return levels - 1


def _error(event: _Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
