"""The pieces of a template's text, one behind the other: text, comments and actions, as Go's lexer cuts it.

Source: https://github.com/golang/go/blob/go1.26.0/src/text/template/parse/lex.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

# Nothing here goes back into what it has read (`++`), and a template that Go cannot parse is read as far as it can be.
COMMENT_BEGIN = re.compile(r"\{\{-?\s*+/\*")
COMMENT_END = re.compile(r"\*/\s*+(?:-?\}\})?+")
ACTION = re.compile(
    r"""\{\{ -? ( (?: "(?:\\.|[^"\\\n])*+" | `[^`]*+` | '(?:\\.|[^'\\\n])*+' | [^{}"`'] | \}(?!\}) )*+ ) \}\} """,
    re.VERBOSE,
)
_CONDITION = re.compile(r"\s*+\{\{-?\s*+(?:(?:if|else|with|range)\b|/\*|\$).*\}\}\s*+$")
_DEFINE = re.compile(r"\{\{-?\s*+define\b")
_TRIMS_LEFT = re.compile(r"\{\{-\s")
_TRIMS_RIGHT = re.compile(r"\s-\}\}\Z")


class Piece(NamedTuple):
    """A piece of a template's text."""

    kind: Literal["text", "comment", "action"]
    text: str
    """As it is written, with the braces of an action."""
    line: int
    """In the template's file, counted from 1."""

    @property
    def trims_left(self) -> bool:
        """Whether it takes the white space in front of it away."""
        return bool(_TRIMS_LEFT.match(self.text))

    @property
    def trims_right(self) -> bool:
        """Whether it takes the white space behind it away."""
        return bool(_TRIMS_RIGHT.search(self.text, max(0, len(self.text) - 4)))

    @property
    def inside(self) -> str:
        """What is between the braces of an action, and the signs that trim."""
        return self.text[2 + self.trims_left : len(self.text) - 2 - self.trims_right]


def pieces(text: str) -> Iterator[Piece]:
    """Cut a template's text; put together again, the pieces are that text.

    What follows an action or a comment without an end is text: helm refuses such a template.
    """
    begin, line = 0, 1
    position = text.find("{{")
    while position >= 0:
        comment = COMMENT_BEGIN.match(text, position)
        found = COMMENT_END.match(text, text.find("*/", comment.end())) if comment else ACTION.match(text, position)
        if found is None:
            break
        if position > begin:
            yield Piece("text", text[begin:position], line)
            line += text.count("\n", begin, position)
        yield Piece("comment" if comment else "action", text[position : found.end()], line)
        line += text.count("\n", position, found.end())
        begin = found.end()
        position = text.find("{{", begin)
    if begin < len(text):
        yield Piece("text", text[begin:], line)


def end_of_block(text: str, first: int, last: int) -> int:
    """Give the last line of a map or a list in a template's text, with what conditions left out of it at its end.

    Args:
        text: of the template.
        first: the line that it begins in, counted from 1.
        last: the last line of it that printed something.
    """
    lines = text.split("\n")
    indent = indent_of(lines[first - 1])
    is_item = lines[first - 1].lstrip().startswith("- ")
    end = last
    for number, line in enumerate(lines[last:], last + 1):
        bare = line.strip()
        if _DEFINE.match(bare):
            break
        if bare and not bare.startswith(("{{", "#")):
            if indent_of(line) < indent or (indent_of(line) == indent and (is_item or not bare.startswith("- "))):
                break
            end = number
    return end


def begin_of_conditions(text: str, first: int) -> int:
    """Give the first of the conditions and variables right above a line of a template's text, comments between them."""
    lines = text.split("\n")
    for number in range(first - 1, 0, -1):
        line = lines[number - 1]
        if _CONDITION.match(line):
            first = number
        elif not line.startswith(("---", "#")):
            break
    return first


def indent_of(line: str) -> int:
    """Give how far in a line is, in characters."""
    return len(line) - len(line.lstrip())
