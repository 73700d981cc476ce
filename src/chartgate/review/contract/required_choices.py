"""Alternatives that only say which keys go together, of a schema that took fewer keys before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chartgate.documents.shapes import map_of, maps_in, texts_in

_WORDS = frozenset(["required", "not"])


def is_sure_to_fit(word: str, alternatives: Any, before: Mapping[str, Any]) -> bool:
    """Tell whether all that a schema took fits `anyOf` or `oneOf` of a newer one.

    Args:
        word: `anyOf` or `oneOf`.
        alternatives: what it says.
        before: the schema that there was.
    """
    found = [_fits(one, before) for one in maps_in(alternatives)]
    if len(found) != (len(alternatives) if isinstance(alternatives, Sequence) else -1):
        return False
    return any(found) if word == "anyOf" else None not in found and sum(map(bool, found)) == 1


def _fits(alternative: Mapping[str, Any], before: Mapping[str, Any]) -> bool | None:
    """Tell whether everything that the schema took fits, or nothing; None where nobody can say."""
    if {*alternative} - _WORDS or {*map_of(alternative.get("not"))} - {"required"}:
        return None
    named, refused = {*map_of(before.get("properties"))}, before.get("additionalProperties") is False
    demanded = texts_in(alternative.get("required"))
    unwanted = texts_in(map_of(alternative.get("not")).get("required"))
    if refused and any(key not in named for key in demanded):
        return False
    is_there = all(key in texts_in(before.get("required")) for key in demanded)
    is_kept_out = not unwanted or (refused and any(key not in named for key in unwanted))
    return True if is_there and is_kept_out else None
