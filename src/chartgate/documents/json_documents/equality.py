"""When two values are the same, as JSON has it and not as Python has it, and where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join


def same(one: Any, two: Any) -> bool:
    """Compare without Python's `1 == True == 1.0`, at any depth."""
    if one is two:
        return True
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in two)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and bool(one == two)


def unequal(before: Any, after: Any, *above: str) -> Iterator[tuple[str, Any, Any]]:
    """Give the address and both values wherever two documents differ; lists of unequal length differ as a whole."""
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from unequal(before.get(key, ABSENT), after.get(key, ABSENT), *above, str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from unequal(old, new, *above, str(index))
    elif not same(before, after):
        yield join(*above), before, after


def canonical(document: Any) -> str:
    """Write a document so that equal ones, and no others, give the same text: `1` is not `true`, keys are sorted."""
    return json.dumps(document, sort_keys=True, default=str)
