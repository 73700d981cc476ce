"""A report as a person's terminal shows it best: its lines end between words, and what follows is indented.

A terminal breaks them anywhere. What is to be copied stays in one line, and so does every line of what goes elsewhere.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

_TO_COPY = re.compile(r" *+(?:see it again: |\$ )")
_NARROWEST = 20
"""Columns: in fewer, nothing can be read anyway."""
_FURTHER = 2
_PAINTED = re.compile(
    r"(?P<red>^  error(?=: )|^  Error(?=: ))|(?P<yellow>^  warning(?=: ))"
    r"|(?<![\w./-])(?P<bold>/?+(?:[\w.-]++/)++[\w.-]++(?:(?<=\.yaml)|(?<=\.yml)|(?<=\.tpl)):[0-9]++(?:-[0-9]++)?)"
)
_SIGNS = {"red": "31", "yellow": "33", "bold": "1"}


def fitted(text: str, columns: int, *, is_coloured: bool = False) -> str:
    """Give a text whose lines are no longer than a terminal is wide, as far as its words are not."""
    lines = (part for line in text.split("\n")[:-1] for part in fitted_line(line, columns))
    return "".join(f"{painted(line) if is_coloured else line}\n" for line in lines)


def painted(line: str) -> str:
    """Give a line in which severities have a colour, and places in files are bold; one to be copied stays as it is."""
    if _TO_COPY.match(line):
        return line
    return _PAINTED.sub(lambda found: f"\x1b[{_SIGNS[str(found.lastgroup)]}m{found[0]}\x1b[0m", line)


def fitted_line(line: str, columns: int) -> Iterator[str]:
    """Give a line in as many as it needs."""
    if len(line) <= columns or columns < _NARROWEST or _TO_COPY.match(line):
        yield line
        return
    words = line.lstrip(" ")
    indent = len(line) - len(words)
    yield from textwrap.wrap(
        words,
        columns,
        initial_indent=" " * indent,
        subsequent_indent=" " * min(indent + _FURTHER, columns // 2),
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
