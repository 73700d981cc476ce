"""A chart's kubeVersion admits the minor versions that helm would let it be installed on."""

from __future__ import annotations

import pytest

from chartgate.charts.metadata.version_constraints import admitted

MINORS = tuple(f"1.{minor}" for minor in range(25, 32))


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (">=1.27.0-0", "1.27 1.28 1.29 1.30 1.31"),
        (">=1.27", "1.27 1.28 1.29 1.30 1.31"),
        (">= 1.26.0 < 1.28.0", "1.26 1.27"),
        (">=1.19.0-0, <1.27-0", "1.25 1.26"),
        ("<1.26.0-0 || >=1.31.2", "1.25 1.31"),
        ("1.26 - 1.28", "1.26 1.27 1.28"),
        ("^1.30.0", "1.30 1.31"),
        ("~1.29.3", "1.29"),
        ("~>1.29", "1.29"),
        ("1.30.x", "1.30"),
        ("=1.29.4", "1.29"),
        ("v1.30.1", "1.30"),
        (">1.30", "1.31"),
        ("<=1.26", "1.25 1.26"),
        ("!=1.26 <1.28", "1.25 1.27"),
        ("*", "1.25 1.26 1.27 1.28 1.29 1.30 1.31"),
        (">=2", ""),
    ],
)
def test_admitted_minor_versions(constraint: str, expected: str) -> None:
    assert admitted(constraint, MINORS) == tuple(expected.split())


@pytest.mark.parametrize("constraint", ["at least 1.27", "", ">=1.27 ||", "1.27 and more"])
def test_what_is_no_constraint(constraint: str) -> None:
    with pytest.raises(ValueError, match="constraint of versions"):
        admitted(constraint, MINORS)
