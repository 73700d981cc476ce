"""The actions of a template, `{{ ... }}`, each with its line and the conditions it stands under; found in its text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_pieces import ACTION, COMMENT_BEGIN, COMMENT_END

_WORD = re.compile(r"\s*+(if|with|range|define|block|else|end)\b")
TEXT = re.compile(r""" "(?:\\.|[^"\\\n])*+"?+ | `[^`]*+`?+ """, re.VERBOSE)
"""A text in an action, which may say anything."""
_OPENS = ("if", "with", "range", "define", "block")


class Action(NamedTuple):
    """What stands between `{{` and `}}`."""

    text: str
    line: int
    """In the template's file, counted from 1."""
    conditions: tuple[str, ...] = ()
    """The `if`, `with` and `range` it is under, from the outside in; of an `else` branch, `not` and what failed."""
    definition: int = 0
    """How many `define` come before it in its file, its own included: variables of one are unknown in another."""

    @property
    def word(self) -> str:
        """`if`, `with`, `range`, `define`, `block`, `else` or `end`; empty for all else."""
        found = _WORD.match(self.text)
        return found[1] if found else ""


@functools.lru_cache(maxsize=1024)
def actions(text: str) -> tuple[Action, ...]:
    """Give the actions of a template's text in their order, as far as each has an end; comments do not count.

    Policies ask for the same texts again and again.
    """
    return tuple(_read(without_comments(text)))


def _read(text: str) -> Iterator[Action]:
    open_blocks: list[tuple[str, str]] = []
    line, counted, definitions = 1, 0, 0
    position = text.find("{{")
    while position >= 0 and (found := ACTION.match(text, position)):
        line += text.count("\n", counted, position)
        counted = position
        content = found[1].removesuffix("-")
        action = Action(content, line)
        definitions += action.word == "define"
        if action.word in ("else", "end") and open_blocks:
            kind, condition = open_blocks.pop()
            if action.word == "else":
                rest = content.partition("else")[2].strip()
                open_blocks.append((kind, rest or (f"not {condition}" if condition else "")))
        conditions = tuple(condition for _, condition in open_blocks if condition)
        yield Action(content, line, conditions, definitions)
        if action.word in _OPENS:
            is_condition = action.word in ("if", "with", "range")
            open_blocks.append((action.word, content.strip() if is_condition else ""))
        position = text.find("{{", found.end())


def texts_of_actions(text: str) -> list[str]:
    """Give what is between `{{` and `}}` in a template's text, as far as each action has an end."""
    return [action.text for action in actions(text)]


def without_comments(text: str) -> str:
    """Give a template's text without its comments; what is left stays in its line."""
    kept, position = [], 0
    for begin in COMMENT_BEGIN.finditer(text):
        if begin.start() >= position:
            kept.append(text[position : begin.start()])
            end = COMMENT_END.match(text, text.find("*/", begin.end()))
            if end is None:  # it never ends, and helm refuses it
                return "".join(kept)
            kept.append("\n" * text.count("\n", begin.start(), end.end()))
            position = end.end()
    return "".join([*kept, text[position:]])
