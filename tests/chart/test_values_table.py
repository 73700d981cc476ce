"""The table of values in the chart's README is made from values.yaml."""

from __future__ import annotations

from pathlib import Path

from chartgate.catalogs.values_table import BEGIN, END, values_table
from chartgate.model import Chart

CHART = Path(__file__).parents[2] / "chart"


def test_the_readme_has_the_table_of_today() -> None:
    readme = (CHART / "README.md").read_text()
    table = readme.partition(BEGIN)[2].partition(END)[0].lstrip("\n")
    assert table == values_table((CHART / "values.yaml").read_text(), "values.yaml"), "run `chartgate document`"


def test_every_switch_of_the_chart_has_a_row(chart: Chart) -> None:
    table = values_table((chart.folder / "values.yaml").read_text(), "values.yaml")
    for key in ("lightspeed.enabled", "lightspeed.postgres.storageSize", "sidecars.ragContentImage"):
        assert f"| `{key}` |" in table
