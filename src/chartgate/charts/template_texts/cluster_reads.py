"""What templates read of the cluster and of the release's history, neither of which `helm template` knows.

Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.model import Chart

_READ = re.compile(r"""(?<![\w.$"-])(?P<lookup>lookup)\s++["$.(]|\.Release\.(?P<of>Revision|IsUpgrade|IsInstall)\b""")


def cluster_reads(chart: Chart) -> Iterator[tuple[str, str, int]]:
    """Give each template of a chart and its subcharts that asks, what it asks for, and the first line that does.

    Notes do not count.
    """
    for name, text in sorted(chart.templates.items()):
        if not name.endswith("NOTES.txt"):
            plain = without_comments(text)
            found: dict[str, int] = {}
            for read in _READ.finditer(plain):
                found.setdefault(read["lookup"] or f".Release.{read['of']}", plain.count("\n", 0, read.start()) + 1)
            yield from ((f"{chart.name}/{name}", what, line) for what, line in found.items())
    for subchart in chart.subcharts:
        yield from cluster_reads(subchart)
