"""Whether the helm of a run reads a chart as it is read here, which is as helm 4 does.

Values are what policies compare the rendering with: where helm 3 has other ones, each of their verdicts would be about
a chart that nobody has.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_encodings import yaml_text
from chartgate.errors import InputError
from chartgate.model import Chart


def check_one_reading(chart: Chart, helm_version: str) -> None:
    """Refuse a chart of which this helm reads other values than helm 4: helm 3 takes the first document of a file only.

    Not refused is a null for a default of a subchart, which many charts have: see `coalescing`.

    Args:
        chart: what is to be rendered.
        helm_version: of the helm that does it: `3.17.3`, and anything behind it.

    Raises:
        InputError: a file of values of the chart, of a subchart or in ci/ has other documents that change something.
    """
    if not helm_version.startswith("3."):
        return
    for where, content in _values_files(chart):
        text = yaml_text(content, where)
        if go_yaml.load_values(content, where, []) != (go_yaml.load(text, where, []) or {}):
            raise InputError(
                f"{where} has several documents: helm {helm_version.partition(' ')[0].rstrip(',')} reads the first one"
                " only, and helm 4 all of them; put them into one"
            )


def _values_files(chart: Chart) -> Iterator[tuple[str, bytes]]:
    if "values.yaml" in chart.files:
        yield f"{chart.source}/values.yaml", chart.files["values.yaml"]
    for name, content in chart.ci_values.items():
        yield posixpath.join(chart.source, "ci", name), content
    for subchart in chart.subcharts:
        yield from _values_files(subchart)
