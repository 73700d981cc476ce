"""Which templates only print objects that values give as a whole (`extraObjects`), found in their text."""

from __future__ import annotations

import re

from chartgate.model import Chart

_EXTRA = re.compile(r"\.Values\.(\w++\.){0,9}extra")


def gives_objects(chart: Chart, template: str) -> bool:
    """Tell whether what a template of this chart renders is not the chart's to name and to label.

    Args:
        chart: the chart that was rendered; its subcharts' templates are not looked at.
        template: as helm names it: `web/templates/extra.yaml`.
    """
    text = chart.own_template(template)
    return bool(text) and "kind:" not in text and _EXTRA.search(text) is not None
