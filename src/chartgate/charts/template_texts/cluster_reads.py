"""What templates read of the cluster and of the release's history, neither of which `helm template` knows.

Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import actions, without_comments
from chartgate.model import Chart

_READ = re.compile(r"""(?<![\w.$"-])(?P<lookup>lookup)\s++["$.(]|\.Release\.(?P<of>Revision|IsUpgrade|IsInstall)\b""")
_SECRET = re.compile(r"""-?\s*+(\$\w++)\s*+:?=[^{}\n]*?\blookup\s++"[^"]*+"\s++"Secret"([^{}\n]*+)""")
_DATA = re.compile(r"""\.data\b|"data\"""")
_READ_OF = re.compile(r"(\$\w++)(\.data\b)?+")
"""A variable, perhaps its data."""
_TOKEN = re.compile(r"""("[^"]*+"|`[^`]*+`|[()|])""")
_HANDS_ON = re.compile(r"(?:default|toString|trim|quote)\b")
_OTHERS = re.compile(r"\b(?:include|tpl)\b")
"""What a named template makes of the data is not known here."""
_LONGEST = 2000
"""Characters of an action: what has more is not taken apart."""


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


def encoded_again(chart: Chart) -> Iterator[tuple[str, int, str]]:
    """Give the actions that encode what they look up in the data of a Secret: template, line, and text."""
    for name, text in sorted(chart.templates.items()):
        found = actions(text)
        # Of each variable, whether it is the data of a Secret already, or the whole Secret.
        kept = {
            it[1]: _DATA.search(action.text) is not None
            for action in found
            if "b64dec" not in action.text and (it := _SECRET.match(action.text))
        }
        for action in found:
            encoded = (it for stage in _encoded_stages(action.text) for it in _READ_OF.findall(stage) if it[0] in kept)
            if any(data or kept[variable] for variable, data in encoded) and "b64dec" not in action.text:
                yield f"{chart.name}/{name}", action.line, action.text
    for subchart in chart.subcharts:
        yield from encoded_again(subchart)


def _encoded_stages(action: str) -> Iterator[str]:
    """Give what an action pipes into `b64enc`, through a `default` as well."""
    for pipeline in _pipelines(action):
        stages = [stage.strip() for stage in pipeline]
        for place, stage in enumerate(stages):
            if stage.startswith("b64enc"):
                for before in reversed(stages[:place]):
                    if not _OTHERS.search(before):
                        yield before
                    if not _HANDS_ON.match(before):
                        break


def _pipelines(action: str) -> list[list[str]]:
    """Give the stages of an action, and of each expression in brackets in it."""
    found: list[list[str]] = []
    inside = [[""]]
    for part in _TOKEN.split(action) if len(action) <= _LONGEST else ():
        if part == "(":
            inside.append([""])
        elif part == ")" and len(inside) > 1:
            found.append(inside.pop())
            inside[-1][-1] += f"({'|'.join(found[-1])})"
        elif part == "|":
            inside[-1].append("")
        else:
            inside[-1][-1] += part
    return found + inside
