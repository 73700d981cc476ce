"""Templates: what they read, somebody can set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.charts.chart_values.commented_keys import CommentedKeys, comments_of
from chartgate.charts.chart_values.samples import allows, leaves_keys_to_users
from chartgate.charts.template_texts.entry_keys import misspelt_entry_keys
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import (
    Path,
    Use,
    has_key,
    keys_set,
    known_values,
    paths_in,
    replaces_values,
    uses,
    values_below,
    words_of,
)
from chartgate.documents.addresses import join, lookup
from chartgate.documents.misspellings import lost_a_letter, nearly
from chartgate.documents.words import near
from chartgate.model import Chart, Check
from chartgate.policy.checks import with_cause
from chartgate.policy.edits import in_template, of_chart
from chartgate.policy.policy import THE_CHART, policy

from ..healthy.config_map import HEALTHY

_SWITCHES = {"enable", "enabled"}
_FAILS = re.compile(r"\bfail\b")
_COMPARES = re.compile(r"\b(?:eq|ne)\b")
_LONG = 6
"""Letters of a name in which one more or less is no other word."""
_AFFINITIES = ("podAffinity", "nodeAffinity", "podAntiAffinity")
"""What only looks like a slip of the hand: Kubernetes has all of them."""
_CUSTOMARY = ("nameOverride", "fullnameOverride", "namespaceOverride", "global")
"""What users of charts expect without being told."""


@policy(
    over=THE_CHART,
    severity="error",
    remediation="Name the key in values.yaml (empty, or in a comment) and in values.schema.json, or correct its name.",
)
def templates_read_known_values(chart: Chart) -> Iterator[Check]:
    """Every value that a template reads is known, and where there is a schema, allowed by it.

    A misspelt key gives an empty text and no error, one that only a template knows is found by nobody, and one that
    a closed schema refuses cannot be set at all. Known is what values.yaml has, or names in a comment, what is below
    a null or an empty map of it, what the schema names or leaves to the user, and `global`, `nameOverride`,
    `fullnameOverride` and `namespaceOverride`. Where a template asks whether a value is there (`if`, `with`,
    `default`, `hasKey`, `coalesce`, `range`), it is an option, unless its name is nearly that of a key that no template
    reads, or that of one in other capitals, or it lacks a letter and is compared with a text, or asked for once.
    Read from the templates' text, comments left out. All that a schema refuses is told once.
    Source: https://helm.sh/docs/chart_best_practices/values/
    """
    yield from _checks_of_chart(chart, {}, "")


class _Known(NamedTuple):
    """What is known of the values of one chart."""

    chart: Chart
    values: Mapping[str, Any]
    comments: CommentedKeys
    uses: tuple[Use, ...]
    asked: frozenset[Path]
    """What some template asks for, and goes on without."""
    read: frozenset[Path]
    words: frozenset[str]
    """Every word of the templates: what may read a key in a way that is not followed."""
    made: frozenset[str]
    """The keys that the templates add themselves."""
    raised: tuple[Any, ...]
    """The sections that a template may put in the place of all values."""

    @classmethod
    def of(cls, chart: Chart, values: Mapping[str, Any]) -> _Known:
        found = uses(chart)
        return cls(
            chart,
            values,
            comments_of(chart),
            found,
            frozenset(use.path for use in found if use.asks or use.action.word == "range"),
            frozenset(use.path for use in found),
            words_of(chart),
            keys_set(chart),
            tuple(section for section in values.values() if section) if replaces_values(chart) else (),
        )

    def names(self, path: Path) -> bool:
        """Tell whether somebody can know of a key."""
        return (
            path[0] in _CUSTOMARY
            or path[0] in self.made
            or any(has_key(values, path) for values in (self.values, *self.raised))
            or leaves_keys_to_users(self.chart.schema, path)
            or any(self.comments.name(path[:depth]) for depth in range(len(path), self._depth(path), -1))
        )

    def is_option(self, path: Path) -> bool:
        """Tell whether a template asks for a key, or for what is above it and not there either."""
        return any(path[:depth] in self.asked for depth in range(self._depth(path) + 1, len(path) + 1))

    def is_for_users(self, use: Use) -> bool:
        """Tell whether a template reads something only where users set an option that values.yaml does not have."""
        return any(not self.names(path) for condition in use.action.conditions for path in paths_in(condition))

    def near(self, path: Path) -> str:
        """Give the key of values.yaml that a key which is not there probably means; empty for none."""
        depth = self._depth(path)
        there = lookup(self.values, join(*path[:depth]))
        found = (
            near(path[depth], list(map(str, there)), most=1) if isinstance(there, dict) and depth < len(path) else []
        )
        return join(*path[:depth], *found) if found else ""

    def _depth(self, path: Path) -> int:
        """Give how many keys of a path values.yaml has."""
        return next(depth for depth in range(len(path), -1, -1) if has_key(self.values, path[:depth]))

    def meant(self, path: Path, *, is_compared: bool = False, is_asked_once: bool = False) -> str:
        """Give the key of values.yaml that is meant by one whose name is nearly the same; empty where none is.

        One that no template reads, or a switch of the same section, by its other usual name; of a key that is compared
        with a text, any other of the section that has one letter more, or less: nil is equal to none. So it is with a
        long name that one template alone asks for, once.
        """
        depth = self._depth(path)
        siblings = lookup(self.values, join(*path[:depth])) if depth else self.values
        if depth == len(path) or not isinstance(siblings, Mapping):
            return ""
        name = path[depth]
        others = map(str, siblings if depth == len(path) - 1 else ())
        alike = (other for other in others if lost_a_letter(name, other))
        lost = [join(*path[:depth], one) for one in alike if not isinstance(siblings.get(one), dict | list)]
        if lost and is_compared:
            return lost[0]
        for other in nearly(name, siblings) if name not in _AFFINITIES else ():
            beside = (*path[:depth], other)
            is_read = any(read[: len(beside)] == beside for read in self.read)
            if not is_read and (other not in self.words or other.lower() == name.lower()):
                return f"{join(*beside)}, which no template reads"
            if {name, other} == _SWITCHES:
                return join(*beside)
        lost = lost if is_asked_once and len(name) >= _LONG else []
        capitals = [join(*path[:depth], other) for other in map(str, siblings) if _is_in_other_capitals(name, other)]
        return next(iter([*lost, *capitals]), "")


def _is_in_other_capitals(name: str, other: str) -> bool:
    """Tell whether two names differ in their capitals, and in their number at most: `configmap`, `configMaps`.

    A name that begins with a capital is one of older charts, which a template may still ask for to refuse it.
    """
    one, two = name.removesuffix("s"), other.removesuffix("s")
    return one != two and one.lower() == two.lower() and name[0] == other[0]


def _checks_of_chart(chart: Chart, above: Mapping[str, Any], folder: str) -> Iterator[Check]:
    values = known_values(chart, above)
    known = _Known.of(chart, values)
    helpers = [_Known.of(below, known_values(below, values_below(below, values))) for below in chart.subcharts]
    found: dict[Path, list[Use]] = {}
    for use in known.uses:
        found.setdefault(use.path, []).append(use)
    for path, places in found.items():
        # A named template may run with the values of a subchart.
        is_elsewhere = all(map(_is_helper, places)) and any(other.names(path) for other in helpers)
        check = _check_of_read(known, path, places, folder, is_elsewhere=is_elsewhere)
        yield check
        # What a template names to refuse it, in words of its own, the schema may refuse before.
        is_refused = any(_FAILS.search(use.action.text) for use in places) or _is_refused(chart, places)
        if check.passed and chart.schema and not is_refused and (has_key(values, path) or path[0] not in _CUSTOMARY):
            template = f"{folder}{places[0].template}"
            passed = allows(chart.schema, path)
            actual = "allowed" if passed else f"refused, but {template}:{places[0].action.line} reads it"
            check = Check("values.schema.json", f"{folder}{join(*path)}", "allowed", actual, passed, template)
            yield with_cause(check, f"keys that the schema refuses {folder}".strip())
    for item in misspelt_entry_keys(chart):
        place, template = f"{folder}{item.section}.*.{item.key}", f"{folder}{item.template}"
        actual = f"not in values.yaml, but {template}:{item.line} reads it; its entries have {item.meant}"
        yield Check("templates", place, "in values.yaml", actual, False, template)
    for subchart in chart.subcharts:
        yield from _checks_of_chart(subchart, values_below(subchart, values), f"{folder}charts/{subchart.name}/")


def _check_of_read(known: _Known, path: Path, places: list[Use], folder: str, *, is_elsewhere: bool) -> Check:
    passed, actual = True, "in values.yaml"
    if not is_elsewhere and not known.names(path) and not _is_refused(known.chart, places):
        is_compared = all(_COMPARES.search(use.action.text) for use in places)
        meant = known.meant(path, is_compared=is_compared, is_asked_once=len(places) == 1)
        passed = not meant and (known.is_option(path) or all(map(known.is_for_users, places)))
        passed = passed or all(_is_commented(known.chart, use) for use in places)
        where = f"{folder}{places[0].template}:{places[0].action.line} reads it"
        alike = known.near(path)
        hint = f"; values.yaml has {meant}" if meant else f"; near: {alike}" if alike else ""
        actual = "an option" if passed else f"not in values.yaml, but {where}{hint}"
    template = f"{folder}{places[0].template}"
    check = Check("templates", f"{folder}{join(*path)}", "in values.yaml", actual, passed, template)
    # Keys of a section that were forgotten together; a misspelt one is another matter.
    section = f"{folder}{join(*path[:-1])}" if path[1:] else f"{folder}sections of values.yaml"
    return check if "; values.yaml has" in actual else with_cause(check, section)


def _is_refused(chart: Chart, places: list[Use]) -> bool:
    """Tell whether templates ask for a key to refuse it, and for nothing else: `{{ if hasKey ... }}{{ fail ... }}`.

    Or hand it over with its own name, `".Values.old"`, to a named template that says what became of it.
    """
    return all(
        f'".Values.{join(*use.path)}"' in use.action.text
        or (
            use.action.word == "if"
            and any(
                _FAILS.match(other.text.strip("- ")) and other.conditions[-1:] == (use.action.text.strip("- "),)
                for other in actions(chart.templates[use.template])
            )
        )
        for use in places
    )


def _is_commented(chart: Chart, use: Use) -> bool:
    """Tell whether what a template reads comes out in a comment of its YAML."""
    line = chart.templates[use.template].splitlines()[use.action.line - 1 : use.action.line]
    return "".join(line).lstrip().startswith("#")


def _is_helper(use: Use) -> bool:
    return use.template.rpartition("/")[2].startswith("_")


_PAINT = {"own_values": {"paint": ""}, "defaults": {"paint": ""}}
"""A chart that has one value."""

templates_read_known_values.breaks(
    manifests=HEALTHY,
    a_misspelt_key=in_template("{{/* the colour */}}\ncolour: {{ .Values.no.such.colour | quote }}", **_PAINT),
    a_key_by_index=in_template('colour: {{ index $.Values "no-such-colour" "shade" }}', **_PAINT),
    a_key_by_variable=in_template("{{ $known := .Values }}colour: {{ $known.noSuchColour | quote }}", **_PAINT),
    a_key_that_the_schema_refuses=(
        in_template("colour: {{ .Values.colour }}"),
        of_chart(
            own_values={"colour": "red", "paint": ""},
            defaults={"colour": "red", "paint": ""},
            schema={"properties": {"paint": {"type": "string"}}, "additionalProperties": False},
        ),
    ),
    a_misspelt_key_that_the_template_asks_for=in_template(
        "{{ with .Values.Paint }}colour: {{ . | quote }}{{ end }}", **_PAINT
    ),
    a_letter_is_missing_where_it_is_compared=in_template(
        '{{ if eq .Values.pant "blue" }}colour: {{ .Values.paint | quote }}{{ end }}', **_PAINT
    ),
    a_letter_is_missing_where_one_template_asks_once=(
        in_template("{{ with .Values.palete }}shade: {{ . | quote }}{{ end }}colour: {{ .Values.palette }}"),
        of_chart(own_values={"palette": "red"}, defaults={"palette": "red"}),
    ),
    a_misspelt_key_of_each_entry=(
        in_template("{{ range $part, $it := .Values.parts }}{{ if $it.needstore }}a: b{{ end }}{{ end }}"),
        of_chart(own_values={"parts": {"web": {"needsStore": True}}}, defaults={"parts": {}}),
    ),
    a_key_in_other_capitals=(
        in_template("{{ with .Values.configmap }}colour: {{ . | quote }}{{ end }}"),
        of_chart(
            own_values={"configMaps": {"web": {"colour": "red"}}}, defaults={"configMaps": {"web": {"colour": "red"}}}
        ),
    ),
)
