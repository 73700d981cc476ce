"""Scenarios in which a value is another of the words by which templates decide: `mode: standalone`, `distributed`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.commented_keys import comments_of
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.compared_texts import comparisons
from chartgate.charts.template_texts.key_readers import Printed, printed_lines
from chartgate.documents.addresses import join, lookup
from chartgate.documents.shapes import map_of
from chartgate.documents.walking import Keys
from chartgate.matrix.derivations.derived import chart_of, fullest, is_set, with_values
from chartgate.matrix.derivations.switch_turns import SERVICE_TYPES, WORKLOADS, with_all_above
from chartgate.model import Chart, Scenario

_LISTED = re.compile(r"(?<![\w-])[\w-]++(?:[\"'`]?+\s?+(?:[,|/]|\bor\b)(?:\s?+or\b)?+\s?+[\"'`]?+[\w-]++)++")
"""Words that a comment lists: `local, s3 or gcs`."""
_WORD = re.compile(r"[\w-]++")
_MOST = 8
"""Words that are tried; each is one more start of helm."""
_OF_OTHERS = (*SERVICE_TYPES, *WORKLOADS)
"""What is tried for all values of its sort at once."""


def of_other_words(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair a scenario with ones in which a value is another word that templates of the chart compare it with.

    Words that the comment of the value lists count as well, and both strategies of a Deployment. What a file in ci/
    sets is left alone, and so is an empty value, which a user fills in together with others.
    """
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    chart, left = chart_of(base), _MOST
    rules, comments = Rules(chart), comments_of(chart)
    for keys, words in sorted((_strategies(chart) | _words(chart)).items()):
        address = join(*keys)
        value = lookup(base.values, address)
        before = with_all_above(keys, base, scenarios) if value and isinstance(value, str) else None
        if before is None or is_set(address, (before, *scenarios)):
            continue
        for word in sorted((words | _listed(comments.said_at(keys), str(value))) - {value}):
            after = with_values(before, f"word.{address}.{word}", {address: word})
            if left and rules.accept(after.values):
                left -= 1
                yield before, after


def _words(chart: Chart) -> dict[Keys, set[str]]:
    """Give the words that the templates of a chart compare each of its values with."""
    found: dict[Keys, set[str]] = {}
    for one in comparisons(chart):
        if one.text and one.text not in _OF_OTHERS and not one.template.endswith("NOTES.txt"):
            found.setdefault(one.path, set()).add(one.text)
    return found


def _strategies(chart: Chart) -> dict[Keys, set[str]]:
    """Give the keys that templates print as the strategy of a Deployment, which is one of two.

    Of a whole section, where an empty `rollingUpdate` beside it stays.
    """
    texts = chart.templates
    of_deployments = {n for n in texts if "\nkind: Deployment\n" in texts[n] and "StatefulSet" not in texts[n]}
    printed = [one for one in printed_lines(chart) if one.template in of_deployments]
    found = [one.path for one in printed if one.above == "strategy:" and one.line.startswith("type:")]
    found += [(*one.path, "type") for one in printed if _is_a_strategy(one, chart)]
    return {path: {"Recreate", "RollingUpdate"} for path in found}


def _is_a_strategy(printed: Printed, chart: Chart) -> bool:
    section = map_of(lookup(chart.own_values, join(*printed.path)))
    is_printed = printed.line.startswith("strategy:") or printed.above == "strategy:"
    return is_printed and section.get("rollingUpdate") == {}


def _listed(comment: str, value: str) -> set[str]:
    """Give the words that a comment lists together with a value."""
    lists = (set(_WORD.findall(found.group())) - {"or"} for found in _LISTED.finditer(comment))
    return next((words for words in lists if value in words), set())
