"""Scenarios whose values are marked, to see which key comes out where; and what is left where helm refuses them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.template_texts.key_readers import all_uses, paths_behind
from chartgate.charts.template_texts.marks import guessed, mark_of, marked, marks_in, scalars_of, unmarked
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.secret_texts.secret_names import is_secret_name
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import Keys
from chartgate.matrix.derivations.derived import changes_at, chart_of, fullest, with_values
from chartgate.model import Case, Chart, Check, Rendering, Scenario, Values

MARKED, FILLED, GUESSED = "marked", "filled", "guessed"
"""How scenarios end in which what has a value is marked, what is empty, and all else that can have a mark."""

_MOST_STARTS = 12
"""Renderings of one set of marks, where helm refuses some: it is halved no further then."""
_COUNTING = re.compile(r"\b(?:until|untilStep|seq|repeat)\b|\brange\b[^{}]{0,200}\bint(?:64)?\b")
"""A template that counts: with millions, it would never end."""
_COUNTS = re.compile(r"replica|(?<!ac)count|shard|partition|instance|node|num|parallel|completions", re.IGNORECASE)
_NAMES_A_THING = re.compile(
    r"existing|external|override|^use|name$|ref$|class$|tag$|digest$|version$|namespace$|type$|kind$|ip$|ips$|mode$"
    r"|secret$|key$|registry$|repository$|policy$",
    re.IGNORECASE,
)
"""Keys that are empty because something else decides then: a name that is given turns that off."""
_TEXTS_BY_NAME = re.compile(r"env|vars?$|variables$|data$|settings$|properties$|parameters$", re.IGNORECASE)
"""Maps of texts by name; in other empty ones, templates expect more maps, or keys of their own."""
_PATH = re.compile(r"(?<![\w-])[\w-]{1,80}+(?:\.[\w-]{1,80}+){1,20}+")


def marked_cases(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give a case for the scenario that sets most, and for another one that sets what it does not.

    Each has the scenario itself, the same with marks in what has a value, and with marks in what is empty.
    """
    for base in _widest(scenarios):
        yield Case(
            f"{base.name}.{MARKED}", (base, *surely_marked(base)), f"in {base.name}, where its values are marked"
        )


def surely_marked(base: Scenario) -> list[Scenario]:
    """Derive the scenarios in which the keys of one are marked of which nothing is guessed."""
    return [scenario for scenario in all_marked(base) if not scenario.name.endswith(GUESSED)]


@once_for(16)
def all_marked(base: Scenario) -> tuple[Scenario, ...]:
    """Derive the scenarios in which the keys of one are marked, each key in one of them at most.

    Of what is guessed, a chart may make anything: that serves to see whether a key does something, and nothing else.
    """
    chart = chart_of(base)
    rules = Rules(chart)
    sure = {MARKED: _of_values(chart, base.values), FILLED: _of_blanks(base.values)}
    marks = {**sure, GUESSED: _of_the_rest(base.values, {keys for found in sure.values() for keys in found})}
    accepted = {suffix: _accepted(base, found, rules) for suffix, found in marks.items()}
    return tuple(with_values(base, suffix, changes_at(base.values, new)) for suffix, new in accepted.items() if new)


def _widest(scenarios: Sequence[Scenario]) -> list[Scenario]:
    first = fullest(scenarios)
    if first is None:
        return []
    if any(scenario.switched is not None for scenario in scenarios):
        return [first]  # all toggles are on
    set_by_first = {keys for keys, _ in scalars_of(first.overrides)}
    others = [scenario for scenario in scenarios if scenario is not first]
    more = {s.name: len({keys for keys, _ in scalars_of(s.overrides)} - set_by_first) for s in others}
    second = max(others, key=lambda scenario: more[scenario.name], default=None)
    return [first, second] if second is not None and more[second.name] else [first]


def _of_values(chart: Chart, values: Values) -> dict[Keys, Any]:
    """Give the marks for what has a value."""
    counting = _counting(chart)
    found: dict[Keys, Any] = {}
    for keys, value in scalars_of(values):
        new = None if _is_handed_down(keys, values) or _tells_items_apart(keys) else marked(join(*keys), value)
        if new is not None and not (_is_number(new) and _may_count(keys, counting)):
            found[keys] = new
    return found


def _is_number(mark: Any) -> bool:
    return isinstance(mark, int) or (isinstance(mark, str) and mark[:7].isdecimal())


def _of_blanks(values: Values) -> dict[Keys, Any]:
    """Give the marks for empty texts and maps that are no choice of something else."""
    found: dict[Keys, Any] = {}
    for keys, value in scalars_of(values):
        name = next((key for key in reversed(keys) if not key.isdecimal()), "")
        if _is_handed_down(keys, values) or (_NAMES_A_THING.search(name) and not is_secret_name(name)):
            continue
        if isinstance(value, str) and not value:
            found[keys] = mark_of(join(*keys))
        elif value == {} and isinstance(value, Mapping) and _TEXTS_BY_NAME.search(name):
            found[keys] = {"marked": mark_of(join(*keys))}
    return found


def _of_the_rest(values: Values, others: Collection[Keys]) -> dict[Keys, Any]:
    """Give the marks for what is empty and may be a choice of something else, and for what tells items apart."""
    found: dict[Keys, Any] = {}
    for keys, value in scalars_of(values):
        if keys not in others and not _is_handed_down(keys, values):
            address = join(*keys)
            new = guessed(address, value)
            if isinstance(value, str) and value.strip():
                new = marked(address, value)
            if new is not None and not _is_number(new):
                found[keys] = new
    return found


def _is_handed_down(keys: Keys, values: Values) -> bool:
    """Tell whether helm handed a value down from `global` of the chart above: it is marked there."""
    if "global" not in keys[1:]:
        return False
    place = keys.index("global", 1)
    return lookup(values, join(*keys[: place - 1], *keys[place:])) is not ABSENT


def _tells_items_apart(keys: Keys) -> bool:
    """Tell whether a value is the name of a list's item, or of an object that one refers to: others ask for it."""
    return (keys[-1:] == ("name",) and any(key.isdecimal() for key in keys)) or "valueFrom" in keys


@once_for(4)
def _counting(chart: Chart) -> list[str]:
    own = [text for text in chart.templates.values() if _COUNTING.search(text)]
    return [*own, *(text for subchart in chart.subcharts for text in _counting(subchart))]


def counts(chart: Chart, keys: Keys, *, by_name: bool) -> bool:
    """Tell whether a template may count up to the number under these keys: with millions, it would never end.

    By what the template says, or by the name alone as well.
    """
    return _may_count(keys, _counting(chart), by_name=by_name)


def _may_count(keys: Keys, counting: Sequence[str], *, by_name: bool = True) -> bool:
    name = next((key for key in reversed(keys) if not key.isdecimal()), "")
    named = by_name and bool(_COUNTS.search(name))
    return named or any(f".{name}" in text or f'"{name}"' in text for text in counting)


def _accepted(scenario: Scenario, marks: Mapping[Keys, Any], rules: Rules) -> dict[Keys, Any]:
    """Leave out the marks that the schemas refuse."""
    rest = dict(marks)
    while rest:
        refused = rules.refused_in(with_values(scenario, "", changes_at(scenario.values, rest)).values)
        left = {keys: mark for keys, mark in rest.items() if not any(_overlap(keys, place) for place in refused)}
        if len(left) == len(rest):
            return rest  # what else is wrong was so before
        rest = left
    return rest


def _overlap(keys: Keys, place: Keys) -> bool:
    return bool(place) and (keys[: len(place)] == place or place[: len(keys)] == keys)


def marks_of(rendering: Rendering) -> dict[str, str]:
    """Give the marks in the values of a scenario, each with the address of its key."""
    return marks_in(rendering.scenario.values)


def told_of(base: Rendering, check: Check) -> Check:
    """Give a check of a marked rendering as one of the scenario that it came from, with the names that are there."""
    subject, path = unmarked(check.subject), unmarked(check.path)
    return dataclasses.replace(check, subject=subject, path=path, scenario=base.scenario.name)


def kind_of_marks(base: Scenario, scenario: Scenario) -> str:
    """Tell which marks of a scenario another one has, all or some of them; empty for none of them."""
    kind = scenario.name.removeprefix(f"{base.name}.").partition("-")[0]
    return kind if kind in (MARKED, FILLED, GUESSED) else ""


def narrowed(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what is to be rendered in the place of marked scenarios that helm refuses: the same with fewer marks.

    Without what helm's message names, where it names any; else what the template that failed does not read, and the
    rest, or two halves. Of what was guessed, nothing is rendered twice. The first rendering is the one without marks.
    """
    base = renderings[0].scenario
    names = {rendering.scenario.name for rendering in renderings}
    found: list[Scenario] = []
    for rendering in renderings[1:]:
        scenario = rendering.scenario
        if not rendering.error or not (kind := kind_of_marks(base, scenario)):
            continue
        suffix, root = scenario.name.removeprefix(f"{base.name}."), f"{base.name}.{kind}"
        starts = sum(name == root or name.startswith(f"{root}-") for name in names)
        parts = _parts(rendering) if starts < _MOST_STARTS else []
        for number, part in enumerate(parts[:1] if kind == GUESSED else parts, 1):
            if f"{base.name}.{suffix}-{number}" not in names:
                new = only(base, f"{suffix}-{number}", dict.fromkeys(part, scenario))
                names.add(new.name)
                found.append(new)
    return found


@once_for(64)
def _parts(refused: Rendering) -> list[list[str]]:
    marks = marks_of(refused)
    addresses = sorted(set(marks.values()))
    named = {address for mark, address in marks.items() if mark in refused.error.lower()}
    told = _ReadKeys(tuple(path.split(".")) for path in _PATH.findall(refused.error.replace(".Values.", " ")))
    named |= {address for address in addresses if told.hold(tuple(steps(address)))}
    if named:
        rest = [address for address in addresses if address not in named]
        return [rest] if rest else []
    if len(addresses) < 2:
        return []
    inside = _ReadKeys(_read_in(chart_of(refused.scenario), refused.error))
    others = [address for address in addresses if not inside.hold(tuple(steps(address)))]
    first = others if 0 < len(others) < len(addresses) else addresses[: len(addresses) // 2]
    return [first, [address for address in addresses if address not in first]]


def _read_in(chart: Chart, message: str) -> set[Keys]:
    """Give what the templates that a message names read of the values, and what they include."""
    files = {file for file in calls_of(chart).files if f"{file}:" in message}
    return paths_behind(files, all_uses(chart), chart)


class _ReadKeys:
    """What a template reads, as far as one can tell of other keys whether it reads them as well."""

    def __init__(self, read: Iterable[Keys]) -> None:
        self._read = frozenset(read)
        self._above = frozenset(keys[:depth] for keys in self._read for depth in range(1, len(keys) + 1))

    def hold(self, keys: Keys) -> bool:
        """Tell whether these keys, or what they are in or around, are read; a subchart's begin below its name."""
        below = (keys[start:] for start in (0, 1, 2) if len(keys) - start > 1)
        return keys in self._read or any(
            part in self._above or any(part[:depth] in self._read for depth in range(1, len(part))) for part in below
        )


def only(base: Scenario, suffix: str, marks: Mapping[str, Scenario]) -> Scenario:
    """Derive a scenario with only some of the marks that others of the same base have, by their keys' addresses."""
    changes = changes_at(base.values, {tuple(steps(a)): lookup(given.values, a) for a, given in marks.items()})
    return with_values(base, suffix, changes)
