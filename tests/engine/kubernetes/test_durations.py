"""Durations as programs write them, in seconds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from chartgate.kubernetes.validity.quantities import seconds


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("30s", 30),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("250ms", Fraction(1, 4)),
        ("15d", 1_296_000),
        ("2w", 1_209_600),
        ("1y", 31_536_000),
        (" 10s ", 10),
        ("0s", 0),
        ("10", None),
        ("", None),
        ("m", None),
        ("10 s", None),
        ("10S", None),
        ("1h-30m", None),
        (60, None),
        (None, None),
        (["10s"], None),
        ("9" * 16 + "s", None),
    ],
)
def test_how_long_it_is(duration: Any, expected: Fraction | int | None) -> None:
    assert seconds(duration) == expected
