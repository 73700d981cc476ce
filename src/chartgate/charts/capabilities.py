"""Which templates choose what they render by the cluster, found in their text, not by running them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chartgate.model import Chart

_DEFINE = re.compile(r"\{\{-?\s*+define\s++\"([^\"]++)\"")
_INCLUDE = re.compile(r"\b(?:include|template)\s++\"([^\"]++)\"")
_ASKS = re.compile(r"\.Capabilities\b")


def asks_the_cluster(chart: Chart, template: str) -> bool:
    """Tell whether a template, or a named one that it includes, reads `.Capabilities`.

    Args:
        chart: the chart that was rendered.
        template: as helm names it: `web/charts/db/templates/ingress.yaml`.
    """
    return any(_ASKS.search(text) for text in _reached(chart, template))


def may_write(chart: Chart, template: str, words: Iterable[str]) -> bool:
    """Tell whether one of these words stands in a template, or in a named one that it includes."""
    wanted = list(words)
    return any(word in text for text in _reached(chart, template) for word in wanted)


def _reached(chart: Chart, template: str) -> Iterator[str]:
    """Give the text of a template, and of the named ones that it includes."""
    texts = dict(_texts(chart, chart.name))
    named = dict(_named(texts.values()))
    seen: set[str] = set()
    left = [texts.get(template, "")]
    while left:
        text = left.pop()
        yield text
        new = set(_INCLUDE.findall(text)) - seen
        seen |= new
        left += [named.get(name, "") for name in new]


def _texts(chart: Chart, path: str) -> Iterator[tuple[str, str]]:
    """Give every template of a chart and its subcharts, by the name that helm gives it."""
    for name, text in chart.templates.items():
        yield f"{path}/{name}", text
    for subchart in chart.subcharts:
        yield from _texts(subchart, f"{path}/charts/{subchart.name}")


def _named(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the named templates, each as far as the next one: what follows its end may be taken for a part of it."""
    for text in texts:
        found = list(_DEFINE.finditer(text))
        ends = [*(define.start() for define in found[1:]), len(text)]
        # Of a file that defines nothing, the end of its text is left over.
        yield from ((define[1], text[define.end() : end]) for define, end in zip(found, ends, strict=False))
