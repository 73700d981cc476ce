"""docs/catalog.md and docs/risks.md are what policies and classes of risk say of themselves."""

from __future__ import annotations

from pathlib import Path

from chartgate.catalogs.policy_catalog import policy_table
from chartgate.catalogs.risk_catalog import risk_table
from chartgate.policy.loading import load_policies
from chartgate.review.risks.risk_classes import CLASSES

ROOT = Path(__file__).parents[1]


def test_the_catalog_is_of_today() -> None:
    today = policy_table(load_policies(["kubernetes", str(ROOT / "policies")]))
    assert (ROOT / "docs" / "catalog.md").read_text() == today, "run `chartgate policies > docs/catalog.md`"
    assert "| `disabled_zero_resources` | error | With the master switch off, exactly the base chart" in today


def test_the_table_of_risks_is_of_today() -> None:
    today = risk_table(CLASSES.values())
    assert (ROOT / "docs" / "risks.md").read_text() == today, "run `chartgate risks > docs/risks.md`"
    assert "| `immutable` | major | A field changes that the API server never lets change." in today
