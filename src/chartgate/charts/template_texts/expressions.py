"""Expressions of templates, taken apart: their words, and whether values make a condition of them true.

Source: https://pkg.go.dev/text/template#hdr-Functions
"""

from __future__ import annotations

import re
from functools import lru_cache

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.model import Values

_DEEPEST = 8
"""Brackets around an expression, and conditions in each other."""
_LONGEST = 1000
"""Characters of an expression: what has more is not taken apart."""
_VALUE = re.compile(r"\$?\.Values\.([\w.]++)")
_TEXT = re.compile(r'"([^"\\]*+)"')
_BLOCK = re.compile(r"(?P<not>not\s++)?+(?:if|with)\s++(?P<condition>.++)", re.DOTALL)


def is_true(block: str, values: Values) -> bool | None:
    """Tell whether what is in a block is rendered, by its condition; None where the values alone do not say.

    The condition is as an action has it: `if and .Values.a (not .Values.b)`, behind a `not` in an `else`.
    """
    found = _BLOCK.fullmatch(block.strip())
    truth = _truth(found["condition"], values, _DEEPEST) if found else None
    return truth if truth is None or not found or not found["not"] else not truth


def _truth(expression: str, values: Values, depth: int) -> bool | None:
    text = without_brackets(expression.strip())
    words = words_in(text) if depth and len(text) <= _LONGEST else ()
    value = _VALUE.fullmatch(text)
    if value:
        found = lookup(values, value[1])
        return found is not ABSENT and bool(found)
    word, *rest = words or [""]
    if "|" in words:
        return None
    if word in ("not", "empty") and len(rest) == 1:
        truth = _truth(rest[0], values, depth - 1)
        return None if truth is None else not truth
    if word in ("and", "or"):
        parts = [_truth(part, values, depth - 1) for part in rest]
        decided = word == "or"
        return decided if decided in parts else None if None in parts else not decided
    if word in ("eq", "ne") and len(rest) == 2:
        first, second = sorted(rest, key=lambda one: one.startswith('"'))
        value, text_of = _VALUE.fullmatch(first), _TEXT.fullmatch(second)
        return (lookup(values, value[1]) == text_of[1]) == (word == "eq") if value and text_of else None
    return None


def without_brackets(text: str) -> str:
    """Give an expression without the brackets around it, as far as it is not too long to be taken apart."""
    for _ in range(_DEEPEST if len(text) <= _LONGEST else 0):
        if not (text.startswith("(") and text.endswith(")") and words_in(text) == (text,)):
            break
        text = text[1:-1].strip()
    return text


@lru_cache(maxsize=1024)
def words_in(text: str) -> tuple[str, ...]:
    """Take an expression apart at its blanks, but for those in brackets and quotes."""
    words, depth, quoted = [""], 0, False
    for letter in text.strip():
        quoted ^= letter == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            break
        if letter.isspace() and depth == 0 and not quoted:
            words.append("")
        else:
            words[-1] += letter
    return tuple(filter(None, words))
