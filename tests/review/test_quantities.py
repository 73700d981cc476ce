"""Quantities of Kubernetes as numbers.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.validity.quantities import quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        (2, 2),
        (0.25, Fraction(1, 4)),
        ("500m", Fraction(1, 2)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("100n", Fraction(1, 10**7)),
        ("3u", Fraction(3, 10**6)),
        ("1k", 1000),
        ("1Ki", 1024),
        ("2M", 2 * 10**6),
        ("2Mi", 2 * 2**20),
        ("1.5Gi", 3 * 2**29),
        ("1T", 10**12),
        ("1Pi", 2**50),
        ("1E", 10**18),
        ("1Ei", 2**60),
        ("1e3", 1000),
        ("1E3", 1000),
        ("12e-1", Fraction(6, 5)),
        ("-1", -1),
        ("+2", 2),
        (" 2Gi ", 2 * 2**30),
    ],
)
def test_a_quantity(text: Any, expected: int | Fraction) -> None:
    assert quantity(text) == expected


@pytest.mark.parametrize(
    "text", ["", "Gi", "1 Gi", "1KB", "1K", "1ki", "1gi", "ten", "1.2.3", "1e", "\u0661", True, None, [], ABSENT]
)
def test_what_is_not_a_quantity(text: Any) -> None:
    assert quantity(text) is None
