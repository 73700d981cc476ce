"""Whether helm gives the same for the same input, as far as the texts of a chart and of values can tell.

What is told to be repeatable is kept for later runs, so that a doubt counts: a word for chance or the clock anywhere
that is a template, or may become one by `tpl`, is enough. Only where a plain condition of the values around it is off
(`if .Values.tls.enabled`) it says nothing, nor in NOTES.txt, which `helm template` does not print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chartgate.charts.template_texts.run_conditions import WayThere, ways_to_run
from chartgate.charts.template_texts.template_actions import actions, without_comments
from chartgate.model import Chart, Values

_SHORT_ACTION = re.compile(r"\{\{((?:[^}]|\}(?!\}))*+)")
_WHOLE_ACTION = re.compile(r"""\{\{((?:"(?:\\[^\n]|[^"\\\n])*+"|`[^`]*+`|[^"`}]|\}(?!\}))*+)""")
_TEXT = re.compile(r""""(?:\\[^\n]|[^"\\\n{])*+"|`[^`{]*+`""")
"""A text in an action that is no template itself."""
_ANY_ORDER = re.compile(
    r"""
    \b(?:keys|values)(?:\s{1,9}+[\w.$]++){1,4}+\s{0,9}+\|\s{0,9}+(?:sortAlpha|len)\b
    | \b(?:has\s{1,9}+[\w.$]++|sortAlpha|len)\s{1,9}+\((?:keys|values)(?:\s{1,9}+[\w.$]++){1,4}+\s{0,9}+\)
    """,
    re.VERBOSE,
)
"""Keys and values of a map, which come in another order each time, where their order does not count."""
_CHANCE = re.compile(
    r"(?<![\w.$])(?:rand\w++|uuidv4|now|ago|shuffle|keys|values|bcrypt|htpasswd|gen[A-Z]\w++|encryptAES|date\w*+"
    r"|htmlDate\w*+|(?:must)?[tT]oDate|mustDate\w*+|getHostByName)\b"
)
"""Functions of https://masterminds.github.io/sprig/ whose result depends on more than what they are given."""
_TPL = re.compile(r"(?<![\w.$])tpl\b")
_FILES = re.compile(r"\.Files\b")
"""https://helm.sh/docs/chart_template_guide/accessing_files/ says what it does not have."""


@dataclass(frozen=True)
class Repeatability:
    """What a chart and its subcharts call."""

    ways: tuple[WayThere, ...]
    """Under which conditions something is called that may give another result each time, for each way there."""
    expands: bool
    """Whether it makes templates of texts, which may be values."""

    def holds_with(self, written: str, values: Values) -> bool:
        """Tell whether helm gives the same each time with these values: as the text that is given, and in full."""
        is_called = any(way.may_hold(values) for way in self.ways)
        return not is_called and not (self.expands and _may_differ(written))


def repeatability(chart: Chart) -> Repeatability:
    """Read the templates of a chart and its subcharts, and their other files where these may become templates."""
    charts = [one for _, one in chart.with_subcharts()]
    templates = [without_comments(text) for text in chart.every_template()]
    expands = any(_TPL.search(action) for text in templates for action in _actions(text))
    has_files = any(_FILES.search(action) for text in templates for action in _actions(text))
    others = (file for one in charts for name, file in one.files.items() if _may_be_read(name, one, has_files))
    files = (content.decode("utf-8", "replace") for content in others)
    if (expands and any(map(_may_differ, files))) or not all(map(_is_all_read, templates)):
        return Repeatability((WayThere(),), expands)
    return Repeatability(tuple(ways_to_run(chart, _is_chance)), expands)


def _may_be_read(name: str, chart: Chart, has_files: bool) -> bool:
    """Tell whether a template may come to a file: the defaults, and by `.Files` what is neither template nor schema."""
    return name == "values.yaml" or (has_files and name not in {*chart.templates, "Chart.yaml", "values.schema.json"})


def _may_differ(text: str) -> bool:
    return any(map(_is_chance, _actions(text)))


def _is_chance(action: str) -> bool:
    return bool(_CHANCE.search(_without_texts(action)))


def _is_all_read(text: str) -> bool:
    """Tell whether each word for chance in a template is in an action that has an end."""
    words = {word for action in _actions(text) for word in _CHANCE.findall(_without_texts(action))}
    return words <= {word for action in actions(text) for word in _CHANCE.findall(_without_texts(action.text))}


def _without_texts(action: str) -> str:
    return _ANY_ORDER.sub("", _TEXT.sub('""', action))


def _actions(text: str) -> Iterator[str]:
    """Give what is between braces, up to the first that close, and up to those outside of all quotes."""
    for pattern in (_SHORT_ACTION, _WHOLE_ACTION):
        yield from (found[1] for found in pattern.finditer(text))
