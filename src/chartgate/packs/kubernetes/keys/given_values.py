"""Given values: what a file in ci/ sets, the chart knows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.charts.chart_values.commented_keys import CommentedKeys, comments_of
from chartgate.charts.chart_values.samples import leaves_keys_to_users
from chartgate.charts.template_texts.template_reads import Path, has_key, known_values, uses, values_below, words_of
from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.misspellings import nearly
from chartgate.documents.walking import leaves, strings
from chartgate.model import Case, Chart, Check, Rendering, Scenario
from chartgate.policy.checks import chart_states, with_cause
from chartgate.policy.edits import Edit, in_first, in_template, of_scenario, remade
from chartgate.policy.policy import policy

from ..healthy.config_map import HEALTHY

_ALL_VALUES = re.compile(r"\.Values\b(?!\.\w)")
"""All values at once, of which any key may be read: `index .Values $name`, `range .Values`."""


def installations(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give one case for the files in ci/ together; a matrix names its keys itself."""
    if scenarios and scenarios[0].declared.is_conventional:
        yield Case("ci", tuple(scenarios), "where all files in ci/ are compared")


@policy(
    over=installations,
    severity="warning",
    remediation="Correct the key, or name it in values.yaml (empty, or in a comment).",
)
def given_values_are_known(*renderings: Rendering) -> Iterator[Check]:
    """Each key that a file in ci/ sets is one of values.yaml, or read by a template.

    Helm takes any key: a misspelt one does nothing, and what the file was written to try is never tried. Nor does one
    that values.yaml sets for a subchart, and that is nearly one of the subchart's. Left out is what a text of the
    values asks for, what is below a map that a template reads as a whole, and what the text of the templates cannot
    tell.
    Source: https://helm.sh/docs/chart_best_practices/values/
    """
    told: set[str] = set()
    known = _GivenKeys.of(renderings[0].chart, {})
    in_texts = "".join(
        text for r in renderings for _, text in strings(r.scenario.values) if "{{" in text and "Values" in text
    )
    for scenario in (rendering.scenario for rendering in renderings):
        for key, value in leaves(scenario.overrides) if not scenario.is_trial else ():
            if key not in told and value != scenario.name:  # which says whose file it is
                told.add(key)
                where = f"set for {scenario.name}, and neither values.yaml nor a template has it"
                path = tuple(steps(key))
                problem = "" if any(name in in_texts for name in path) else known.problem(path)
                actual = f"{where}{problem}" if problem else "known"
                yield with_cause(chart_states("values.yaml", key, expected="known", actual=actual), "files in ci/")
    for name, key, near in known.misspelt_below():
        actual = f"set for the subchart {name}, and neither its values.yaml nor its templates have it{near}"
        yield chart_states("values.yaml", key, expected="known", actual=actual)


class _GivenKeys(NamedTuple):
    """What the values of a chart may be, as its values.yaml and its templates tell."""

    chart: Chart
    values: Mapping[str, Any]
    comments: CommentedKeys
    read: frozenset[Path]
    words: frozenset[str]
    """Where these are all that can be told of what is read: any word of the templates may be a key."""

    @classmethod
    def of(cls, chart: Chart, above: Mapping[str, Any]) -> _GivenKeys:
        libraries = [below for below in chart.subcharts if below.metadata.get("type") == "library"]
        is_open = libraries or any(_ALL_VALUES.search(template) for template in chart.templates.values())
        words = frozenset[str]().union(*map(words_of, (chart, *libraries))) if is_open else frozenset()
        read = frozenset(use.path for use in uses(chart))
        return cls(chart, known_values(chart, above), comments_of(chart), read, words)

    def misspelt_below(self) -> Iterator[tuple[str, str, str]]:
        """Give what values.yaml sets for a subchart that is nearly a key of it, and that is no key of any template."""
        for below in self.chart.subcharts:
            section, alone = self.chart.own_values.get(below.name), _GivenKeys.of(below, {})
            for key, _ in leaves(section) if isinstance(section, dict) else ():
                path = tuple(steps(key))
                near = alone.problem(path)
                is_read = any(read == (below.name, *path)[: len(read)] for read in self.read if len(read) > 1)
                if "near is" in near and not is_read:
                    yield below.name, join(below.name, *path), near

    def problem(self, path: Path) -> str:
        """Say what is near to a key that is not known; nothing where it is, or may be."""
        for below in self.chart.subcharts:
            if path[0] == below.name:
                inner = path[1:]
                return _GivenKeys.of(below, values_below(below, self.values)).problem(inner) if inner else ""
        if path[0] in ("global", "tags") or has_key(self.values, path) or leaves_keys_to_users(self.chart.schema, path):
            return ""
        depth = next(depth for depth in range(len(path), -1, -1) if has_key(self.values, path[:depth]))
        new = path[: depth + 1]
        is_read = any(read[: len(new)] == new or (read and read == new[: len(read)]) for read in self.read)
        if (
            is_read
            or new[-1] in self.words
            or any(self.comments.name(path[:n]) for n in range(depth + 1, len(path) + 1))
        ):
            return ""
        siblings = lookup(self.values, join(*path[:depth])) if depth else self.values
        there = [join(*path[:depth], name) for name in nearly(new[-1], siblings)] if isinstance(siblings, dict) else []
        return f"; near is {there[0]}" if there else ", nor what is near"


_PAINTED: dict[str, Any] = {"paint": {"colour": "red", "coats": 2}, "extra": {}}


def _given(**overrides: Any) -> tuple[Edit, ...]:
    """Give the chart a few values, in a scenario that sets these."""
    text = "{{ .Values.paint.colour }} {{ .Values.paint.coats }} {{ .Values.more }}"
    chart = in_template(text, own_values=_PAINTED, defaults=_PAINTED)
    return in_first(chart), in_first(of_scenario(overrides=overrides))


def _with_a_brush(rendering: Rendering) -> Rendering:
    """Give the chart a subchart, and the subchart a value that it does not have."""
    templates = {"templates/colour.yaml": "{{ .Values.colour }}"}
    brush = dataclasses.replace(rendering.chart, name="brush", own_values={"colour": ""}, templates=templates)
    given = {"brush": {"color": "red"}}
    chart = dataclasses.replace(rendering.chart, own_values=given, defaults=given, subcharts=(brush,))
    return dataclasses.replace(rendering, chart=chart)


given_values_are_known.breaks(
    manifests=HEALTHY,
    a_section_is_misspelt=_given(piant={"colour": "blue"}),
    a_key_is_one_level_too_high=_given(extra={"a": 1}, more=1, coats=3),
    a_key_of_a_section_is_misspelt=_given(paint={"color": "blue"}),
    a_key_of_a_subchart_is_misspelt=in_first(remade(_with_a_brush)),
)
