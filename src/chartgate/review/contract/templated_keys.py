"""Values in which users could write templates, and that are printed as they are now."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_reads import (
    Path,
    actions_and_variables,
    at_the_top,
    dot_meant,
    paths_in,
)
from chartgate.model import Chart

_TPL = re.compile(r"(?<![\w.$\"-])tpl\s++\(?\s*+(?:(?:toYaml|toString|toJson|print)\s++)?+(?P<value>[$.][\w.]*+)")
_CALLS_TPL = re.compile(r"(?<![\w.$\"-])tpl\b")
_CALLED = re.compile(r"\b(?:tpl|include|template)\b")


def untemplated_keys(before: Chart, after: Chart) -> list[Path]:
    """Give the keys whose texts BASE ran as templates (`tpl`), and that HEAD only prints.

    Nothing where a named template may do it, or a variable that may hold the key is put through `tpl`.
    """
    were = dict.fromkeys(_templated(before))
    if not were:
        return []
    may_be = set(_maybe_templated(after))
    printed = {use.path for use in all_uses(after) if use.action.word not in ("if", "with", "range", "else")}
    return [path for path in were if path in printed and not may_be & {path, path[:-1]}]


def _templated(chart: Chart) -> Iterator[Path]:
    for names, together, variables in _groups(chart):
        for action, found in ((one, found) for one in together for found in _TPL.finditer(one.text)):
            for path in paths_in(dot_meant(found["value"], action), variables):
                yield at_the_top(names, path)


def _maybe_templated(chart: Chart) -> Iterator[Path]:
    """Give what is put through `tpl` or handed on, and all that is read beside a `tpl` of nobody knows what."""
    for names, together, variables in _groups(chart):
        is_unknown = any(_CALLS_TPL.search(one.text) and not [*paths_in(one.text, variables)] for one in together)
        for action in together:
            if is_unknown or _CALLED.search(action.text):
                yield from (at_the_top(names, path) for path in paths_in(action.text, variables))


def _groups(chart: Chart) -> Iterator[tuple[tuple[str, ...], list[Action], dict[str, Path]]]:
    for names, part in chart.with_subcharts():
        for name, text in part.templates.items():
            if not name.endswith("NOTES.txt"):
                yield from ((names, together, variables) for together, variables in actions_and_variables(text))
