"""Scenarios whose values are marked, to see which key comes out where; and what is left where helm refuses them."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.marks import mark_of, marked, marks_in, scalars_of, unmarked
from chartgate.charts.samples import Rules
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.secret_names import is_secret_name
from chartgate.documents.walking import Keys
from chartgate.matrix.derived import changes_at, chart_of, fullest, with_values
from chartgate.model import Case, Chart, Check, Rendering, Scenario, Values

MARKED, FILLED = "marked", "filled"
"""How scenarios end in which what has a value is marked, and what is empty."""

_MOST_STARTS = 12
"""Renderings of one set of marks, where helm refuses some: it is halved no further then."""
_COUNTING = re.compile(r"\b(?:until|untilStep|seq|repeat)\b|\brange\b[^{}]{0,200}\bint(?:64)?\b")
"""A template that counts: with millions, it would never end."""
_COUNTS = re.compile(r"replica|count|shard|partition|instance|node|num|parallel|completions", re.IGNORECASE)
_NAMES_A_THING = re.compile(
    r"existing|external|override|^use|name$|ref$|class$|tag$|digest$|version$|namespace$|type$|kind$|ip$|ips$|mode$"
    r"|secret$|key$|registry$|repository$|policy$",
    re.IGNORECASE,
)
"""Keys that are empty because something else decides then: a name that is given turns that off."""
_TEXTS_BY_NAME = re.compile(r"env|vars?$|variables$|data$|settings$|properties$|parameters$", re.IGNORECASE)
"""Maps of texts by name; in other empty ones, templates expect more maps, or keys of their own."""
_PATH = re.compile(r"[\w-]{1,80}+(?:\.[\w-]{1,80}+){1,20}+")


def marked_cases(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give a case for the scenario that sets most, and for another one that sets what it does not.

    Each has the scenario itself, the same with marks in what has a value, and with marks in what is empty.
    """
    for base in _widest(scenarios):
        yield _marked_case(_TheVery(base))


class _TheVery:
    """A scenario as a key: the very object, since several policies ask for what is made of it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TheVery) and other.scenario is self.scenario


@functools.lru_cache(maxsize=16)
def _marked_case(key: _TheVery) -> Case:
    base = key.scenario
    chart = chart_of(base)
    rules = Rules(chart)
    found = [base]
    for suffix, values in ((MARKED, _of_values(chart, base.values)), (FILLED, _of_blanks(base.values))):
        if accepted := _accepted(base, values, rules):
            found.append(with_values(base, suffix, changes_at(base.values, accepted)))
    return Case(f"{base.name}.{MARKED}", tuple(found))


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
        is_number = isinstance(new, int) or (isinstance(new, str) and new[:7].isdecimal())
        if new is not None and not (is_number and _may_count(keys, counting)):
            found[keys] = new
    return found


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
            found[keys] = {"marked": mark_of(join(*keys, "marked"))}
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


def _counting(chart: Chart) -> list[str]:
    own = [text for text in chart.templates.values() if _COUNTING.search(text)]
    return [*own, *(text for subchart in chart.subcharts for text in _counting(subchart))]


def _may_count(keys: Keys, counting: Sequence[str]) -> bool:
    name = next((key for key in reversed(keys) if not key.isdecimal()), "")
    return bool(_COUNTS.search(name)) or any(f".{name}" in text or f'"{name}"' in text for text in counting)


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
    return keys[: len(place)] == place if place else False


def marks_of(rendering: Rendering) -> dict[str, str]:
    """Give the marks in the values of a scenario, each with the address of its key."""
    return marks_in(rendering.scenario.values)


def told_of(base: Rendering, check: Check) -> Check:
    """Give a check of a marked rendering as one of the scenario that it came from, with the names that are there."""
    subject, path = unmarked(check.subject), unmarked(check.path)
    return dataclasses.replace(check, subject=subject, path=path, scenario=base.scenario.name)


def narrowed(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what is to be rendered in the place of marked scenarios that helm refuses: the same with fewer marks.

    Without what helm's message names, where it names any; else in two halves. Of a case that `marked_cases` gives, or
    with what was rendered since.
    """
    base = renderings[0].scenario
    names = {rendering.scenario.name for rendering in renderings}
    found: list[Scenario] = []
    for rendering in renderings[1:]:
        scenario = rendering.scenario
        suffix = scenario.name.removeprefix(f"{base.name}.")
        if not rendering.error or suffix.partition("-")[0] not in (MARKED, FILLED):
            continue
        root = f"{base.name}.{suffix.partition('-')[0]}"
        starts = sum(name == root or name.startswith(f"{root}-") for name in names)
        for number, part in enumerate(_parts(base, rendering), 1) if starts < _MOST_STARTS else ():
            changes = changes_at(base.values, {_keys(base, a): _value(scenario, a) for a in part})
            new = with_values(base, f"{suffix}-{number}", changes)
            if new.name not in names:
                names.add(new.name)
                found.append(new)
    return found


def _parts(base: Scenario, refused: Rendering) -> list[list[str]]:
    marks = marks_of(refused)
    addresses = sorted(set(marks.values()))
    named = {address for mark, address in marks.items() if mark in refused.error.lower()}
    for path in _PATH.findall(refused.error.replace(".Values.", " ")):
        read = tuple(path.split("."))
        named |= {address for address in addresses if _are_read(_keys(base, address), read)}
    if named:
        rest = [address for address in addresses if address not in named]
        return [rest] if rest else []
    if len(addresses) < 2:
        return []
    half = len(addresses) // 2
    return [addresses[:half], addresses[half:]]


def _are_read(keys: Keys, read: Keys) -> bool:
    """Tell whether a template that reads this reads these keys, or into them; a subchart's begins below its name."""
    return (
        any(
            keys[start : start + len(read)] == read[: len(keys) - start] for start in (0, 1, 2) if len(keys) - start > 1
        )
        or keys == read
    )


def _keys(base: Scenario, address: str) -> Keys:
    """Give the keys of an address whose last step may be in a map that was empty before."""
    keys = tuple(steps(address))
    return keys[:-1] if lookup(base.values, join(*keys[:-1])) == {} and keys[-1:] == ("marked",) else keys


def _value(scenario: Scenario, address: str) -> Any:
    keys = tuple(steps(address))
    found = lookup(scenario.values, address)
    return {"marked": found} if keys[-1:] == ("marked",) and found is not ABSENT else found


def only(base: Scenario, suffix: str, marks: Mapping[str, Scenario]) -> Scenario:
    """Derive a scenario with only some of the marks that others of the same base have, by their keys' addresses."""
    changes = changes_at(base.values, {_keys(base, a): _value(given, a) for a, given in marks.items()})
    return with_values(base, suffix, changes)
