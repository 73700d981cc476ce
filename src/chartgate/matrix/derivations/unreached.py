"""Scenarios that come to what a template renders under several conditions, which no other scenario meets at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from chartgate.charts.chart_values.coalescing import nested, overlay
from chartgate.charts.chart_values.filled_values import FILLED, FILLINGS, TEXTS, fillings
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.chart_values.shown_examples import shown_examples, shown_keys
from chartgate.charts.template_texts.expressions import is_true, without_brackets, words_in
from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_reads import actions_and_variables, paths_in, uses
from chartgate.charts.template_texts.text_lists import text_lists, text_maps
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.very_objects import once_for
from chartgate.matrix.derivations.derived import chart_of, fullest, with_values
from chartgate.matrix.derivations.refusals import EXAMPLES, demanded
from chartgate.matrix.derivations.single_texts import plain_texts
from chartgate.matrix.derivations.switch_turns import all_on
from chartgate.model import Case, Chart, Scenario, Values

_MOST = 5
"""Of them; each is one more start of helm, and a second one for what its switches alone bring."""
_DEEPEST = 6
_KEY = re.compile(r"\$?\.Values\.([\w.]++)")
_TEXT = re.compile(r'"([^"\\]*+)"')
_OPENED = re.compile(r"(not\s++)?+(?:if|with|range)\s++(?:\$\w++\s*+(?:,\s*+\$\w++\s*+)?:=\s*+)?+(.++)", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{[^{}]*+\}\}")
_VARIABLE = re.compile(r"(?<![\w$])\$\w++")
_OF_USERS = re.compile(
    r"existing|external|deprecated|debug|psp|podsecuritypol|override|(?:ip|policy|type|digest|tag|version)\Z",
    re.IGNORECASE,
)
"""What names users' own objects, is tried elsewhere, one of a few words, or what nobody turns on any longer."""
_BY_NAME = (
    (re.compile(r"nodePort\Z", re.IGNORECASE), 30080),
    (re.compile(r"port\Z", re.IGNORECASE), 6443),
    (re.compile(r"cidr\Z", re.IGNORECASE), "10.7.0.0/16"),
    (re.compile(r"interval|timeout|period|duration", re.IGNORECASE), "30s"),
    (re.compile(r"(?:replicas|count|percentage|seconds|limit)\Z", re.IGNORECASE), 1),
)
"""What is given for a key of such a name; a word for others that are printed as they are."""
_OF_BUDGETS = re.compile(r"available\Z", re.IGNORECASE)
"""Of which there are two, and one is given: tried elsewhere."""
_OF_CLASSES = re.compile(r"class(?:name)?\Z", re.IGNORECASE)


def unreached(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give cases of three: the fullest scenario, one that comes to what is below several conditions, and one between.

    `if and .Values.tls.enabled (eq .Values.tls.from "secret")`, or a loop below a switch and a word: with one value
    changed at a time, nobody comes there. One for each template, as far as its conditions go together; the one between
    has switches and words of the outermost condition alone, and not all of them. Values are those that comments show,
    and else what keys of that name take.
    """
    base = fullest(scenarios)
    if base is None or not base.declared.is_conventional:
        return
    rules, tried = Rules(chart_of(base)), list[Values]()
    for changes, met in _most_first(base, all_on(scenarios)):
        number = len(tried)
        name, met_too = f"reached-{number}", overlay(base.values, nested(changes))
        after = with_values(base, name, {**changes, **demanded(list(changes), chart_of(base), met_too)})
        is_new = not any(all(is_true(condition, values) for condition in met) for values in tried)
        if number < _MOST and is_new and rules.accept(after.values):
            tried.append(after.values)
            outermost = set(_KEY.findall(met[0]))
            chosen = {k: v for k, v in changes.items() if k in outermost and _is_choice(k, v, base)}
            chosen = chosen if len(chosen) < len(changes) else dict([*chosen.items()][:-1])
            between = with_values(base, f"chosen-{number}", chosen) if chosen else base
            yield Case(f"reached {number}", (base, after, between), "where values go together")


def _most_first(base: Scenario, on: Scenario | None) -> list[tuple[dict[str, Any], list[str]]]:
    """Give the changes that come to some of a template, and the conditions that they meet; those of most come first."""
    reached = _reached(base, on)
    of_each = (_sets(together, base, reached) for _, together in sorted(_conditions(chart_of(base)).items()))
    return sorted((one for sets in of_each for one in sets), key=lambda one: -len(one[1]))


def _is_choice(key: str, value: object, base: Scenario) -> bool:
    """Tell a switch that is turned, and a word in the place of another one, from what is filled in."""
    return isinstance(value, bool) or (isinstance(value, str) and bool(lookup(base.values, key)))


def _reached(base: Scenario, on: Scenario | None) -> list[Values]:
    """Give the values that others try: the defaults, all on, and either with everything filled in at once."""
    chart = chart_of(base)
    told, found = _told(chart), list[Values]()
    for scenario in (base, on or base):
        empty = {key: value for key, value in told.items() if not lookup(scenario.values, key)}
        for _, changes in fillings(chart, scenario.values):
            empty |= changes
        found += [scenario.values, overlay(scenario.values, nested(empty))]
    return found


@once_for(4)
def _told(chart: Chart) -> dict[str, Any]:
    """Give what comments show, with a word in the place of templates, which are of values that are somebody's own."""
    told = shown_keys(chart, {use.path for use in uses(chart)}) | shown_examples(chart)
    return {key: json.loads(_TEMPLATE.sub(FILLED, json.dumps(value))) for key, value in told.items()}


@once_for(4)
def _conditions(chart: Chart) -> dict[str, list[tuple[tuple[str, ...], frozenset[str]]]]:
    """Give the conditions around what each template prints, from the outside in, with the keys that it prints there."""
    found: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for name, text in chart.templates.items():
        if name.endswith((".tpl", "NOTES.txt")) or "/tests/" in name:
            continue
        for together, variables in actions_and_variables(text):
            plain = {key: f".Values.{'.'.join(path)}" for key, path in variables.items() if path}
            for action in together if together[0].definition == 0 else ():
                own = [action.text] if action.word in ("if", "with", "range") else []
                conditions = tuple(_plain(one, plain) for one in (*action.conditions, *own))
                keys = found.setdefault(name, {}).setdefault(conditions, set())
                keys |= set() if action.word else {join(*path) for path in _printed(action)}
    return {name: [(c, frozenset(keys)) for c, keys in one.items() if c] for name, one in found.items()}


def _printed(action: Action) -> Iterator[tuple[str, ...]]:
    return paths_in(action.text) if "default" not in action.text else iter(())


def _plain(condition: str, variables: Mapping[str, str]) -> str:
    """Write a condition as `if X` or `not if X`, with the values that its variables stand for."""
    opened = _OPENED.fullmatch(condition.strip("- "))
    if opened is None:
        return ""
    return f"{opened[1] or ''}if {_VARIABLE.sub(lambda name: variables.get(name[0], name[0]), opened[2])}"


def _sets(
    together: Sequence[tuple[tuple[str, ...], frozenset[str]]], base: Scenario, reached: Sequence[Values]
) -> list[tuple[dict[str, Any], list[str]]]:
    """Give the changes that come to what is not reached yet, as few as the conditions allow, with those they meet."""
    sets: list[tuple[dict[str, Any], list[str]]] = []
    for conditions, printed in together:
        told = [one for one in conditions if is_true(one, base.values) is not None]
        if not told or any(all(is_true(one, values) for one in told) for values in reached):
            continue
        alone = _meeting(told, printed, base.values, base)
        if not alone or (len(alone) == 1 and lookup(base.values, *alone) not in (ABSENT, None)):
            continue  # that one value is tried by itself
        for number, (changes, met) in enumerate(sets):
            wider = _meeting(told, printed, overlay(base.values, nested(changes)), base)
            joined = {**changes, **wider} if wider is not None else None
            if joined is not None and _are_met([*met, *told], base, joined):
                sets[number] = (joined, [*met, *told])
                break
        else:
            if _are_met(told, base, alone):
                sets.append((alone, told))
    return sets


def _are_met(conditions: Sequence[str], base: Scenario, changes: Mapping[str, Any]) -> bool:
    values = overlay(base.values, nested(changes))
    return all(is_true(condition, values) for condition in conditions)


def _meeting(
    conditions: Sequence[str], printed: frozenset[str], values: Values, base: Scenario
) -> dict[str, Any] | None:
    """Give what these values lack for conditions, and for what is printed below them; None where it cannot be told."""
    changes: dict[str, Any] = {}
    for condition in conditions:
        now = overlay(values, nested(changes))
        if not is_true(condition, now):
            is_not, _, text = condition.partition("if ")
            more = _wanted(text, not is_not, now, chart_of(base), _DEEPEST)
            if more is None or any(map(_is_of_users, more.items())):
                return None
            changes |= more
    now = overlay(values, nested(changes))
    given = {key: _sample(key, now, chart_of(base)) for key in sorted(printed) if lookup(now, key) in ("", None)}
    return changes | {k: v for k, v in given.items() if v is not None and not _is_of_users((k, v))}


def _is_of_users(change: tuple[str, object]) -> bool:
    """Tell whether a text is for users alone to give, or a switch to turn."""
    key, value = change
    return value in (FILLED, "given", True) and _OF_USERS.search(key) is not None


def _wanted(expression: str, wanted: bool, values: Values, chart: Chart, depth: int) -> dict[str, Any] | None:
    """Give what makes an expression true, or not, in these values; None where that cannot be told."""
    text = without_brackets(expression.strip())
    word, *rest = words_in(text) if depth else [""]
    if is_true(f"if {text}", values) is wanted:
        return {}
    if key := _KEY.fullmatch(text):
        value = _sample(key[1], values, chart) if wanted else _empty(lookup(values, key[1]))
        return None if value is None else {key[1]: value}
    if word in ("not", "empty") and len(rest) == 1:
        return _wanted(rest[0], not wanted, values, chart, depth - 1)
    if word in ("and", "or"):
        parts = [_wanted(part, wanted, values, chart, depth - 1) for part in rest]
        if (word == "and") is wanted:
            return None if None in parts else {key: value for part in parts for key, value in (part or {}).items()}
        return next((part for part in parts if part is not None and not any(map(_is_of_users, part.items()))), None)
    if word in ("eq", "ne") and len(rest) == 2:
        keys, texts = [m for m in map(_KEY.fullmatch, rest) if m], [m for m in map(_TEXT.fullmatch, rest) if m]
        if keys and texts:
            return {keys[0][1]: texts[0][1] if (word == "eq") is wanted else FILLED}
    return None


def _empty(value: object) -> object:
    return False if isinstance(value, bool) else type(value)() if isinstance(value, str | int | list | dict) else None


def _sample(key: str, values: Values, chart: Chart) -> Any:
    """Give a value for an empty key; None where nothing says what belongs there."""
    value, name = lookup(values, key), (steps(key) or [key])[-1]
    if value is False:
        return True
    if _OF_BUDGETS.search(name):
        return None
    told = _told(chart).get(key)
    if told and told != "-":
        return told
    known = next((filling.sample for filling in FILLINGS if name.lower() in filling.names), None)
    if known is not None and value in (ABSENT, None, type(known)()):
        return known
    if known is not None and value == "":  # `extraContainers: ""`, for `tpl`
        return known if isinstance(known, str | int) else yaml.safe_dump(known)
    if key in text_lists(chart):
        return TEXTS
    if key in text_maps(chart):
        return {FILLED: "chart"}
    is_plain = tuple(steps(key)) in plain_texts(chart) or _OF_CLASSES.search(name)
    by_name = (*_BY_NAME, *EXAMPLES)
    word = next((sample for pattern, sample in by_name if pattern.search(name)), FILLED if is_plain else None)
    return word if value in ("", 0) or (is_plain and told) else None
