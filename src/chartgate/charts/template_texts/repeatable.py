"""Whether helm gives the same for the same input, as far as the texts of a chart and of values can tell.

What is told to be repeatable is kept for later runs, so that a doubt counts: a word for chance or the clock anywhere
that is a template, or may become one by `tpl`, is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.model import Chart

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


@dataclass(frozen=True)
class Repeatability:
    """What a chart and its subcharts call."""

    calls_chance: bool
    """Whether anything in it may give another result each time."""
    expands: bool
    """Whether it makes templates of texts, which may be values."""

    def holds_with(self, values: str) -> bool:
        """Tell whether helm gives the same each time with these values, as text."""
        return not self.calls_chance and not (self.expands and _may_differ(values))


def repeatability(chart: Chart) -> Repeatability:
    """Read the templates of a chart and its subcharts, and their other files where these may become templates."""
    charts = [one for _, one in chart.with_subcharts()]
    templates = [without_comments(text) for one in charts for text in one.templates.values()]
    expands = any(_TPL.search(action) for text in templates for action in _actions(text))
    files = (content.decode("utf-8", "replace") for one in charts for content in one.files.values())
    texts = [*templates, *(files if expands else ())]
    return Repeatability(any(map(_may_differ, texts)), expands)


def _may_differ(text: str) -> bool:
    found = (_ANY_ORDER.sub("", _TEXT.sub('""', action)) for action in _actions(text))
    return any(map(_CHANCE.search, found))


def _actions(text: str) -> Iterator[str]:
    """Give what is between braces, up to the first that close, and up to those outside of all quotes."""
    for pattern in (_SHORT_ACTION, _WHOLE_ACTION):
        yield from (found[1] for found in pattern.finditer(text))
