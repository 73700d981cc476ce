"""Regular expressions of schemas and of users, as Go reads them: another dialect than Python's, and linear in time.

Helm and the API server match with Go's `regexp`, which is RE2: https://github.com/google/re2/wiki/Syntax. A pattern
that it does not know (`(?!...)`, a backreference) makes helm refuse the whole schema, 3.17 and 4.2 alike.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from chartgate.errors import InputError

_MEMORY = 64 * 2**20
"""Bytes that one pattern may take: RE2 refuses one that needs more."""


class UnreadablePattern(InputError):
    """A pattern that Go does not know."""


def is_readable(pattern: object) -> bool:
    """Tell whether Go reads a pattern; what is not a text is for a type to refuse."""
    if not isinstance(pattern, str):
        return True
    try:
        _compiled(pattern)
    except UnreadablePattern:
        return False
    return True


def is_found(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches anywhere in a text.

    Raises:
        UnreadablePattern: Go does not know it.
    """
    return _compiled(pattern).search(_encodable(text)) is not None


def is_whole(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches the whole of a text.

    Raises:
        UnreadablePattern: Go does not know it.
    """
    return _compiled(pattern).fullmatch(_encodable(text)) is not None


def first_group(pattern: str, text: str) -> str:
    """Give what the first group of a pattern matches, where the pattern is first found; empty for nothing.

    Raises:
        UnreadablePattern: Go does not know it.
    """
    found = _compiled(pattern).search(_encodable(text))
    return (found[1] or "") if found else ""


def group_count(pattern: str) -> int:
    """Give how many groups a pattern has.

    Raises:
        UnreadablePattern: Go does not know it.
    """
    return int(_compiled(pattern).groups)


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(_encodable(pattern), options=options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else ""
        raise UnreadablePattern(f"the pattern {pattern[:100]!r} is not one that Go reads: {reason[:100]}") from error


def _encodable(text: str) -> str:
    """Give a text as Go has it: half a character, which JSON can write, is U+FFFD there."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
