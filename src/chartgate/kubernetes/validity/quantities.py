"""Quantities of Kubernetes (`500m`, `2Gi`) as numbers to compare.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)")
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: Fraction(1000) ** power for power, letter in enumerate(["n", "u", "m", "", *"kMGTPE"], -3)}
_SUFFIXES = {**_BINARY, **_DECIMAL}


def quantity(value: Any) -> Fraction | None:
    """Give the number that a quantity stands for; None for what is not one."""
    found = _QUANTITY.fullmatch(str(value).strip()) if isinstance(value, str | int | float) else None
    if found is None or isinstance(value, bool):
        return None
    if found[2]:
        return Fraction(found[1]) * Fraction(10) ** int(found[2][1:])
    return Fraction(found[1]) * _SUFFIXES[found[3] or ""]
