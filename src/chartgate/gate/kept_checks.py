"""What of a verdict is kept for later runs, and back: its findings as they are, and how much else it examined."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.model import AskedObject, Check


class NotPlainError(Exception):
    """Something is neither a text, a number, a switch, nothing, nor a list or map of such."""


def kept(checks: Sequence[Check]) -> bytes:
    """Give what counts of checks: each finding, and how many passed, those together that left the same unjudged.

    Raises:
        NotPlainError: a finding has a value that could not be read again as it is.
    """
    return json.dumps(list(_counting(checks))).encode()


def read_kept(content: bytes) -> tuple[Check, ...]:
    """Give as many checks again; of what passed only that it did.

    Raises:
        ValueError, KeyError, TypeError: it is something else.
    """
    return tuple(check for times, fields in json.loads(content) for check in [_check(fields)] * times)


def _counting(checks: Sequence[Check]) -> Iterator[tuple[int, dict[str, Any]]]:
    passed = Counter(check.unjudged for check in checks if check.passed)
    for check in checks:
        if not check.passed:
            yield 1, vars(check) | {"expected": _plain(check.expected), "actual": _plain(check.actual)}
        elif times := passed.pop(check.unjudged, 0):
            yield times, vars(Check("", "", None, None, passed=True, unjudged=check.unjudged))


def _check(fields: dict[str, Any]) -> Check:
    values = {"expected": _value(fields["expected"]), "actual": _value(fields["actual"])}
    return Check(**fields | values | {"asked": AskedObject(*fields["asked"]) if fields["asked"] else None})


def _plain(value: Any) -> Any:
    """Write a value so that it is read again with its very types; lists and maps carry a word in front."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if value is ABSENT:
        return ["absent"]
    if type(value) is dict:
        return ["map", *([_plain(key), _plain(below)] for key, below in value.items())]
    if type(value) in (list, tuple):
        return [type(value).__name__, *map(_plain, value)]
    raise NotPlainError(type(value).__name__)


def _value(plain: Any) -> Any:
    if not isinstance(plain, list):
        return plain
    kind, *rest = plain
    if kind == "absent":
        return ABSENT
    if kind == "map":
        return {_value(key): _value(below) for key, below in rest}
    values = [_value(item) for item in rest]
    return tuple(values) if kind == "tuple" else values
