"""Told once: findings that have one cause are one, which names the other places."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator

from chartgate.documents.words import listed
from chartgate.model import Check

_MOST = 8


def told_once(
    checks: Iterable[Check], cause: Callable[[Check], Hashable], place: Callable[[Check], str], too: str
) -> Iterator[Check]:
    """Give the checks, those that did not pass once a cause.

    Args:
        checks: in the order in which they are told.
        cause: what those have in common that have one cause.
        place: how a check that is not told by itself is named.
        too: the words in front of these names: `so are`.
    """
    failed: dict[Hashable, list[Check]] = defaultdict(list)
    for check in checks:
        if check.passed:
            yield check
        else:
            failed[cause(check)].append(check)
    for first, *rest in failed.values():
        others = [name for name in dict.fromkeys(map(place, rest)) if name != place(first)]
        told = f"{first.actual}; {too} {listed(others, _MOST)}" if others else first.actual
        yield dataclasses.replace(first, actual=told)
