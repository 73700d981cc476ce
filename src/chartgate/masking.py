"""Secret values never leave the process in a message."""

from __future__ import annotations

from collections.abc import Sequence

MASK = "<secret>"


def mask(text: str, secrets: Sequence[str]) -> str:
    """Put a mask in place of every secret value; give the longest first, so that none hides inside another."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text
