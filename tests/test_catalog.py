"""docs/catalog.md is what the policies say of themselves."""

from __future__ import annotations

from pathlib import Path

from chartgate.policy import load_policies
from chartgate.reports.policy_table import policy_table

ROOT = Path(__file__).parents[1]


def test_the_catalog_is_of_today() -> None:
    today = policy_table(load_policies(ROOT / "policies"))
    assert (ROOT / "docs" / "catalog.md").read_text() == today, "run `chartgate policies > docs/catalog.md`"
    assert "| `disabled_zero_resources` | error | With the master switch off, exactly the base chart" in today
