"""The words of a command: what is text in them, and what a variable gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from chartgate.documents.shell.syntax import text_of

_ESCAPED = re.compile(r"\\(?:\n|(.))", re.DOTALL)
_OF_QUOTES = re.compile(r"\\(?:\n|([$`\"\\]))")


@dataclass(frozen=True)
class Word:
    """One word of a command in its parts."""

    text: str
    """As it is written."""
    parts: tuple[tuple[str, bool], ...] | None
    """Each a text, or (True) the name of a variable; None where nobody knows before it runs."""
    has_pattern: bool = False
    """Whether it stands for names of files: `*.sql`."""

    def resolved(self, values: Mapping[str, str]) -> str | None:
        """Give what the program gets; None where that depends on what is not known here."""
        known = []
        for text, is_variable in self.parts if self.parts is not None else (("", True),):
            if is_variable and text not in values:
                return None
            known.append(values[text] if is_variable else text)
        return None if self.has_pattern else "".join(known)


def read_word(node: Node) -> Word:
    """Give the word that a node is."""
    parts = list(_parts(node))
    known = tuple(part for part in parts if part is not None)
    return Word(text_of(node), known if len(known) == len(parts) else None, _has_pattern(node))


def _parts(node: Node) -> Iterator[tuple[str, bool] | None]:
    text = text_of(node)
    if node.type in ("command_name", "concatenation"):
        for child in node.children:
            yield from _parts(child)
    elif node.type in ("word", "number", "variable_name") and not node.named_children:
        yield _ESCAPED.sub(r"\1", text), False
    elif node.type == "raw_string":
        yield text[1:-1], False
    elif node.type == "string":
        yield from _of_string(node)
    elif node.type in ("simple_expansion", "expansion") and (name := plain_name(node)):
        # In quotes, the parser counts the blanks in front of it as a part of it.
        yield text[: len(text) - len(text.lstrip())], False
        yield name, True
    else:
        yield None


def _of_string(node: Node) -> Iterator[tuple[str, bool] | None]:
    whole, begins = node.text or b"", node.start_byte
    position = begins + 1
    for child in node.children[1:-1]:
        if child.start_byte > position:
            yield _unquoted(whole[position - begins : child.start_byte - begins])
        if child.type == "string_content":
            yield _unquoted(child.text or b"")
        else:
            yield from _parts(child)
        position = child.end_byte
    if position < node.end_byte - 1:
        yield _unquoted(whole[position - begins : -1])


def _unquoted(text: bytes) -> tuple[str, bool]:
    return _OF_QUOTES.sub(r"\1", text.decode("utf-8", "replace")), False


def plain_name(node: Node) -> str:
    """Give the variable that an expansion gives as it is, `$NAME` or `${NAME}`; empty for any other expansion."""
    inside = node.named_children
    if len(inside) != 1 or inside[0].type != "variable_name":
        return ""
    marks = [text_of(child).strip() for child in node.children if not child.is_named]
    return text_of(inside[0]) if marks in (["$"], ["${", "}"]) else ""


def _has_pattern(node: Node) -> bool:
    if node.type in ("word", "command_name"):
        return any(mark in _ESCAPED.sub("", text_of(node)) for mark in "*?[{~")
    return node.type == "concatenation" and any(map(_has_pattern, node.children))
