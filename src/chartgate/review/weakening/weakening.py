"""One thing that the gate demanded of a chart, and no longer does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from chartgate.documents.addresses import ABSENT

Source = Literal["settings", "matrix", "baseline", "policies"]
"""Where the gate is written down; of `policies`, the file is named."""


@dataclass(frozen=True)
class Weakening:
    """What became weaker, and why it is."""

    source: Source
    address: str
    reason: str
    before: Any = ABSENT
    after: Any = ABSENT
    file: str = ""
    """The file of a policy."""


Weakenings = Iterator[Weakening]
Knows = Callable[[str], bool]
"""Tells whether a policy judged before: what is said of a new one takes nothing away."""
