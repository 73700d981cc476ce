"""When two values are the same, as JSON has it and not as Python has it, and where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chartgate.documents.addresses import ABSENT, join


def differences(before: Any, after: Any, *above: str) -> Iterator[tuple[str, Any, Any]]:
    """Give address, old and new value wherever two documents differ; lists of unequal length differ as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), *above, str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, *above, str(index))
    elif type(before) is not type(after) or before != after:
        yield join(*above), before, after


def canonical(document: Any) -> str:
    """Write a document so that equal ones, and no others, give the same text: `1` is not `true`, keys are sorted."""
    return json.dumps(document, sort_keys=True, default=str)
