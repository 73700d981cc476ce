"""What is left of a secret where a text was cut short: by `trunc` or `substr` in a template, by a tool with `...`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from chartgate.documents.secret_texts.masks import MASK, with_masks
from chartgate.documents.secret_texts.text_search import TextSearch

_END = 8
"""Characters of a longer secret that are masked where `trunc 8` has left no more of it."""
_CHANCE = re.compile(r"[A-Za-z0-9+=_.!#$%&*?^~-]{8}")


class SecretEnd(NamedTuple):
    """The first or the last characters of a secret."""

    text: str
    rest: str
    """What may follow it, or be in front of it where it is the end."""
    is_last: bool


@lru_cache(maxsize=32)
def ends_of(secrets: frozenset[str]) -> TextSearch[SecretEnd] | None:
    """Make the search for the beginnings and ends of secrets; those that may be there by chance do not count."""
    ends = [
        end
        for secret in sorted(secrets)
        if len(secret) > _END and "\n" not in secret
        for end in (SecretEnd(secret[:_END], secret[_END:], False), SecretEnd(secret[-_END:], secret[:-_END], True))
        if _CHANCE.fullmatch(end.text) and len({*filter(str.isdigit, end.text)}) > 1 and re.search("[A-Za-z]", end.text)
    ]
    return TextSearch((end, end.text) for end in ends) if ends else None


def without_ends(text: str, search: TextSearch[SecretEnd] | None) -> str:
    """Mask a beginning or an end of a secret, as far as it goes."""
    if search is None:
        return text
    encoded = text.encode("utf-8", "surrogatepass")
    low = encoded.lower()
    spans = []
    for place in search.find_in(encoded):
        start, end = place.start, place.end
        rest = place.label.rest.encode("utf-8", "surrogatepass").lower()
        if place.label.is_last:
            start -= _alike(low[max(0, start - len(rest)) : start][::-1], rest[::-1])
        else:
            end += _alike(low[end : end + len(rest)], rest)
        spans.append((start, end))
    return with_masks(encoded, spans) if spans else text


def _alike(one: bytes, other: bytes) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


_CUT = "..."
_FEW = 4
"""Characters by which a stump is known."""


def without_stumps(text: str, secrets: Iterable[str]) -> str:
    """Mask what is left of a secret where a text was cut short: `hunt...` by pytest, for one."""
    if _CUT not in text:
        return text
    first, *rest = text.split(_CUT)
    pieces = [first]
    for piece in rest:
        left, right = pieces[-1], piece
        for secret in secrets:
            place = left.rfind(secret[:_FEW])
            if place >= 0 and secret.startswith(left[place:]):
                left = left[:place] + MASK
            place = right.find(secret[-_FEW:])
            if place >= 0 and secret.endswith(right[: place + _FEW]):
                right = MASK + right[place + _FEW :]
        pieces[-1:] = [left, right]
    return _CUT.join(pieces)
