"""Quantities of Kubernetes (`500m`, `2Gi`), and durations as programs write them (`1h30m`), as numbers to compare.

Sources: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/,
https://pkg.go.dev/time#ParseDuration and, for days and longer,
https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++))(?:([eE][+-]?[0-9]{1,3})|([numkMGTPE]|[KMGTPE]i)?)")
_LONGEST = 100
"""Characters: what is longer, or has an exponent of more than three digits, no cluster has."""
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: Fraction(1000) ** power for power, letter in enumerate(["n", "u", "m", "", *"kMGTPE"], -3)}
_SUFFIXES = {**_BINARY, **_DECIMAL}
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


def quantity(value: Any) -> Fraction | None:
    """Give the number that a quantity stands for; None for what is not one."""
    text = str(value).strip() if isinstance(value, str | float) or _is_small(value) else ""
    found = _QUANTITY.fullmatch(text)
    if found is None or isinstance(value, bool) or len(text) > _LONGEST:
        return None
    if found[2]:
        return Fraction(found[1]) * Fraction(10) ** int(found[2][1:])
    return Fraction(found[1]) * _SUFFIXES[found[3] or ""]


def _is_small(value: Any) -> bool:
    """Tell whether it is a number that can be written out."""
    return isinstance(value, int) and value.bit_length() < 300


def seconds(duration: Any) -> Fraction | None:
    """Give how long a duration is; None for what is not one, a number without a unit among these."""
    text = duration.strip() if isinstance(duration, str) else ""
    if not _WHOLE.fullmatch(text):
        return None
    return sum((Fraction(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Fraction(0))
