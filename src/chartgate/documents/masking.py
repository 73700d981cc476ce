"""Secret values never leave the process in a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents.writings import writings

MASK = "<secret>"
_SHORTEST_LINE = 8
"""Characters: a shorter line of a multi-line secret (`-----`, `}`) is no secret by itself."""


def mask(text: str, secrets: Sequence[str]) -> str:
    """Put a mask in place of every secret value, also where it is quoted, escaped or encoded."""
    forms = {form for secret in secrets for form in _forms(secret)}
    # The longest first, so that none hides inside another.
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        text = text.replace(form, MASK)
    return text


def masked(value: Any, secrets: Sequence[str]) -> Any:
    """Mask every text in a document of maps and lists; what is neither stays itself."""
    if isinstance(value, str):
        return mask(value, secrets)
    if isinstance(value, dict):
        return {masked(key, secrets): masked(item, secrets) for key, item in value.items()}
    if isinstance(value, list | set | frozenset) or type(value) is tuple:
        return type(value)(masked(item, secrets) for item in value)
    return value


def _forms(secret: str) -> Iterator[str]:
    """Give the ways in which manifests and messages write a text."""
    yield from writings(secret).values()
    yield repr(secret)[1:-1]
    if "\n" in secret:
        yield from (line.strip() for line in secret.splitlines() if len(line.strip()) >= _SHORTEST_LINE)
