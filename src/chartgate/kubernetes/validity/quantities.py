"""Quantities of Kubernetes (`500m`, `2Gi`) as numbers to compare.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
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
