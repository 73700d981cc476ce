"""What templates read of the cluster and of the release's history, neither of which `helm template` knows.

Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_actions import without_comments
from chartgate.model import Chart

_READ = re.compile(r"""(?<![\w.$"-])(?P<lookup>lookup)\s++["$.(]|\.Release\.(?P<of>Revision|IsUpgrade|IsInstall)\b""")


def cluster_reads(chart: Chart) -> Iterator[tuple[str, str]]:
    """Give each template of a chart and its subcharts that asks, with what it asks for; notes do not count."""
    for name, text in sorted(chart.templates.items()):
        if not name.endswith("NOTES.txt"):
            found = (read["lookup"] or f".Release.{read['of']}" for read in _READ.finditer(without_comments(text)))
            yield from ((f"{chart.name}/{name}", what) for what in dict.fromkeys(found))
    for subchart in chart.subcharts:
        yield from cluster_reads(subchart)
