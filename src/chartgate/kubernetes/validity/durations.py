"""Durations as programs write them (`30s`, `1h30m`, `15d`), as seconds to compare.

Sources: https://pkg.go.dev/time#ParseDuration and, for days and longer,
https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_PART = re.compile(r"([0-9]{1,15}+(?:\.[0-9]{1,15}+)?+)(ms|[smhdwy])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})++")
_SECONDS = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86_400),
    "w": Fraction(7 * 86_400),
    "y": Fraction(365 * 86_400),
}


def seconds(duration: Any) -> Fraction | None:
    """Give how long a duration is; None for what is not one, a number without a unit among these."""
    text = duration.strip() if isinstance(duration, str) else ""
    if not _WHOLE.fullmatch(text):
        return None
    return sum((Fraction(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Fraction(0))
