"""JSON as Go's encoding/json reads it, which is how helm and the API machinery do, and errors that say where."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from chartgate.documents.limits import DEEPEST, LONGEST, TOO_DEEP, TOO_LONG
from chartgate.documents.walking import replaced
from chartgate.errors import InputError

_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"
"""Exactly what `json` takes for one: whatever is written right behind it."""
_TEXT_OR_NUMBER = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"?|{_NUMBER}', re.DOTALL)
_TOO_LARGE = f"a number is too large: at most {sys.float_info.max:.1e}, as for Go"  # not its digits: it may be a secret
_HALF = re.compile("[\ud800-\udfff]")
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_DIGITS = 40
"""More than a number of 64 bits has; Python refuses to convert some thousands of them."""

Pairs = Callable[[list[tuple[str, Any]]], Any]


class BrokenJson(InputError):
    """A text is not JSON, or not as Go reads it; `line` and `column` count from 1, and are 0 if unknown."""

    def __init__(self, where: str, problem: str, line: int = 0, column: int = 0) -> None:
        self.problem = problem
        self.line = line
        self.column = column
        super().__init__(f"{where}: {f'line {line}, column {column}: ' if line else ''}{problem}")


def load_json(text: str, where: str, pairs: Pairs | None = None) -> Any:
    """Read a JSON document; of a key that is there twice, the last one counts.

    Whole numbers are read exactly up to 64 bits, as the API machinery does; larger ones are floats.

    Args:
        text: the document.
        where: what messages call it.
        pairs: makes the value of an object from its keys and values, as they are written; a map where nothing is said.

    Raises:
        BrokenJson: it is not JSON, a number is too large for Go, or the document is too large or too deep.
    """
    _check_size(text, where)

    def number(digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            raise BrokenJson(where, _TOO_LARGE, *_place(text, digits))
        return value

    def whole(digits: str) -> int | float:
        value = int(digits) if len(digits) < _DIGITS else 2**64
        return value if -(2**63) <= value < 2**64 else number(digits)

    def refused(name: str) -> NoReturn:
        raise BrokenJson(where, f"{name} is not JSON")

    try:
        document = json.loads(
            text, parse_float=number, parse_int=whole, parse_constant=refused, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        raise BrokenJson(where, error.msg, error.lineno, error.colno) from error
    return replaced(document, whole_characters, keys=True) if _MAY_BE_HALF.search(text) else document


def json_text(content: bytes) -> str:
    """Decode a JSON file as Go does: each byte that is not UTF-8 is U+FFFD, which is no JSON outside of its texts."""
    return whole_characters(content.decode("utf-8", "surrogateescape"))


def plain_form(value: Any) -> Any:
    """Give a value as JSON has it; what is not there is the text `(absent)`."""
    if isinstance(value, Mapping):
        return {str(key): plain_form(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_form(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, str | bool | int | float | None) else str(value)


def _place(text: str, digits: str) -> tuple[int, int]:
    """Give the line and the column of a number."""
    found = next(found for found in _TEXT_OR_NUMBER.finditer(text) if found[0] == digits)
    return text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())


def _check_size(text: str, where: str) -> None:
    if len(text) > LONGEST:
        raise BrokenJson(where, TOO_LONG)
    if text.startswith("\ufeff"):
        raise BrokenJson(where, "it begins with a byte order mark (U+FEFF): save it without one", 1, 1)
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                before = text[: found.start()]
                raise BrokenJson(where, TOO_DEEP, before.count("\n") + 1, len(before) - before.rfind("\n"))
        elif found[0] in "]}":
            depth -= 1


def whole_characters(text: str) -> str:
    """Put U+FFFD in place of half of a surrogate pair, as Go does."""
    return _HALF.sub("\ufffd", text)
